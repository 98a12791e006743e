"""What somebody has in hand, as a hand-over lists and keeps it. Pure."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from outreach.shared.actors import Role

__all__ = ["HandedOver", "HandedRole", "Work", "WorkKind", "by_kind"]


class WorkKind(StrEnum):
    """In the order in which the paper lists them."""

    ORDER = "order"
    BOOKING = "booking"
    TABLE = "table"
    SESSION = "session"
    CLOSING = "closing"


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One open thing. ``moves``: its contact person is changed; the others go with the role and are listed only.

    ``on``: the day of a session, the first day of an order's windows, the day by which a table is due.
    """

    kind: WorkKind
    id: UUID
    title: str
    unit: str
    on: date | None
    state: str
    moves: bool


class HandedRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role that went over; ``keeps``: the giver has it, too, for the time being."""

    role: Role
    unit: str
    keeps: bool


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on one paper."""

    roles: list[HandedRole]
    work: list[Work]


def by_kind(work: Sequence[Work]) -> list[tuple[WorkKind, list[Work]]]:
    """Kind by kind, those that there are; each by day, then title."""
    found = []
    for kind in WorkKind:
        mine = [one for one in work if one.kind is kind]
        if mine:
            found.append((kind, sorted(mine, key=lambda one: (one.on or date.max, one.title))))
    return found
