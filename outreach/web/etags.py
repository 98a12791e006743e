"""ETag of single objects: the revision that a person edits, so that a booked seat makes no edit stale."""

from typing import Any

from litestar import Request

from outreach.shared.errors import StaleError

__all__ = ["expected_revision", "revision_tag"]


def revision_tag(revision: int) -> str:
    """The ``ETag`` of an object at ``revision``."""
    return f'"{revision}"'


def expected_revision(request: Request[Any, Any, Any]) -> int | None:
    """The revision that ``If-Match`` names; ``None`` when the header is absent or ``*``.

    Raises:
        StaleError: the header is no tag of ours, so nothing here ever had it.
    """
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise StaleError
    return int(text)
