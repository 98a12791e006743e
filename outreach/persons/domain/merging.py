"""What a merge changed, so that it can be put back. Pure."""

from datetime import date
from uuid import UUID

import msgspec

__all__ = ["EndedRole", "Moved"]


class EndedRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role of who was merged, and until when it would have run."""

    id: UUID
    until_on: date | None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """``ways``: names of what went over (``phone``, ``login_name``); the values stand with the person and not here.

    Logins, one-time codes, API tokens and private feeds end for good: they are not in it.
    """

    ended: list[EndedRole] = []
    made: list[UUID] = []
    ways: list[str] = []
    providers: list[UUID] = []
    stands_in: list[UUID] = []
    leaves: list[UUID] = []
    was_disabled: bool = False
