"""Chinese source strings, an English catalogue, one locale per request.

``_`` marks and translates; the locale travels in a context variable so that templates and Python agree.
"""

from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from pathlib import Path

__all__ = [
    "LOCALES",
    "SOURCE_LOCALE",
    "current_locale",
    "gettext",
    "language",
    "ngettext",
    "pgettext",
    "phrase",
    "use_locale",
]

SOURCE_LOCALE = "zh_CN"
LOCALES = ("zh_CN", "en")

current_locale: ContextVar[str] = ContextVar("current_locale", default=SOURCE_LOCALE)


def use_locale(locale: str) -> None:
    """Speak ``locale`` for the rest of this request; an unknown one means Chinese."""
    current_locale.set(locale if locale in LOCALES else SOURCE_LOCALE)


def language() -> str:
    """``zh`` or ``en``: the short form that wording functions take."""
    return "en" if current_locale.get() == "en" else "zh"


@cache
def _translations(locale: str) -> NullTranslations:
    if locale == SOURCE_LOCALE:
        return NullTranslations()
    # Slow import and only for readers of English: the catalogue is read from its source, so none can be stale.
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    path = Path(__file__).parent.parent / "locale" / locale / "LC_MESSAGES" / "outreach.po"
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str) -> str:
    """``message`` (Chinese) in the locale of the request."""
    return _translations(current_locale.get()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for ``n``; Chinese has one form, so both strings are usually the same."""
    return _translations(current_locale.get()).ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """``message`` (Chinese) in the locale of the request where one Chinese word needs two English ones."""
    return _translations(current_locale.get()).pgettext(context, message)


def phrase(message: str) -> str:
    """Mark a string for the catalogue without translating it now (module-level tables of phrases)."""
    return message
