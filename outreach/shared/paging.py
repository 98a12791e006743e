"""Lists in pages: a cursor that says where to go on, and how many there are in all."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from outreach.shared.errors import invalid

__all__ = [
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "Page",
    "decode_cursor",
    "encode_cursor",
    "id_after",
    "moment_after",
    "page_of",
]

DEFAULT_LIMIT, MAX_LIMIT = 50, 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list: ``next`` is the cursor of the following part or ``None``; ``total`` counts the whole list."""

    items: Sequence[T]
    next: str | None
    total: int


def encode_cursor(*keys: str) -> str:
    """An opaque cursor from the sort keys of the last row shown."""
    return base64.urlsafe_b64encode(msgspec.json.encode(keys)).rstrip(b"=").decode()


def decode_cursor(cursor: str, length: int) -> tuple[str, ...]:
    """The ``length`` sort keys in a cursor.

    Raises:
        InvalidError: the cursor was not made by ``encode_cursor``; names ``after``.
    """
    try:
        keys = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=tuple[str, ...])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise invalid("after", "bad-cursor") from None
    if len(keys) != length or any("\x00" in key for key in keys):
        raise invalid("after", "bad-cursor")
    return keys


def id_after(after: str | None) -> UUID | None:
    """The id in a cursor that has nothing else; ``None`` for the beginning of a list.

    Raises:
        InvalidError: no such cursor; names ``after``.
    """
    if not after:
        return None
    try:
        return UUID(decode_cursor(after, 1)[0])
    except ValueError:
        raise invalid("after", "bad-cursor") from None


def moment_after(after: str) -> tuple[datetime, UUID]:
    """The moment and the id in a cursor of a list that is sorted by these two.

    Raises:
        InvalidError: no such cursor; names ``after``.
    """
    text, id_ = decode_cursor(after, 2)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment, UUID(id_)
    except ValueError:
        raise invalid("after", "bad-cursor") from None


def page_of(rows: Sequence[T], limit: int, total: int, keys: Callable[[T], tuple[str, ...]]) -> Page[T]:
    """Cut ``rows`` (asked with ``limit + 1``) to a page; ``keys`` gives a row's sort keys."""
    shown = rows[:limit]
    return Page(shown, encode_cursor(*keys(shown[-1])) if len(rows) > limit else None, total)
