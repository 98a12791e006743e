"""Speaking to somebody in their language, wherever the process stands."""

from collections.abc import Iterator
from contextlib import contextmanager

from outreach.shared.i18n import current_locale, use_locale

__all__ = ["in_language"]


@contextmanager
def in_language(locale: str) -> Iterator[None]:
    """Words made inside the block are of ``locale``; an unknown one means Chinese."""
    before = current_locale.get()
    use_locale(locale)
    try:
        yield
    finally:
        current_locale.set(before)
