"""Who is served when seats are free (rule 5), and until when things may be done. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

__all__ = ["Served", "WaitingGroup", "cancel_deadline", "offer_end", "served"]


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """A group in the queue; ``let_go``: it let an offer of these very seats go and is not asked again for them."""

    id: UUID
    seats: int
    let_go: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """A group that gets its seats, and those before it that did not fit, in the order of the queue."""

    id: UUID
    skipped: tuple[UUID, ...]


def served(queue: Sequence[WaitingGroup], free: int | None) -> list[Served]:
    """Give free seats to the first group that fits, and again until nobody fits.

    Args:
        queue: in its order.
        free: seats; ``None``: not limited.
    """
    found: list[Served] = []
    ahead: list[UUID] = []
    for group in queue:
        if group.let_go:
            continue
        if free is not None and group.seats > free:
            ahead.append(group.id)
            continue
        found.append(Served(group.id, tuple(ahead)))
        if free is not None:
            free -= group.seats
    return found


def offer_end(now: datetime, offer_hours: int, starts_at: datetime) -> datetime:
    """Until when (exclusive) an offered place is kept: never beyond the start."""
    return min(now + timedelta(hours=offer_hours), starts_at)


def cancel_deadline(starts_at: datetime, cancel_hours: int | None) -> datetime:
    """From when on a cancellation is late; without a deadline of the programme: when the session starts."""
    return starts_at - timedelta(hours=cancel_hours or 0)
