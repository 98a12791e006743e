"""Conditional requests (RFC 9110, 13). Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

__all__ = ["http_date", "is_unchanged"]

# Commas may stand inside a tag, so a list is not split at them.
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def http_date(moment: datetime) -> str:
    """``Sat, 12 Sep 2015 01:00:00 GMT``."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def is_unchanged(
    none_match: Sequence[str], modified_since: str | None, *, etag: str, last_modified: datetime, now: datetime
) -> bool:
    """Whether 304 is the answer: the reader has these very bytes.

    ``If-None-Match`` (all lines of it) decides alone when it is there, by weak comparison. A date decides otherwise,
    and only one that can be read and does not lie in the future: a client that sends such a date would never see a
    change again.
    """
    if none_match:
        return any(one.strip() in ("*", etag) or etag in _TAG.findall(one) for one in none_match)
    if not modified_since:
        return False
    try:
        since = parsedate_to_datetime(modified_since)
    except ValueError:
        return False
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    # Both are whole seconds on the wire.
    return last_modified.replace(microsecond=0) <= since <= now + timedelta(seconds=1)
