"""Which team or room a session gets, and for how long it ties people and places (rule 2). Pure.

A resource (a lecturer, a troupe that can split, a venue with several rooms) has slots numbered from 1. Spans are
half-open ``[starts_at, ends_at)``: a session may begin at the moment another one ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

__all__ = ["Span", "Taken", "arranged", "first_free", "most_at_once", "people_spans", "place_span"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open; never empty."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Taken:
    """One stored occupation of a resource."""

    id: UUID
    session_id: UUID
    slot: int
    span: Span


def people_spans(
    starts_at: datetime, ends_at: datetime, *, multi_day: bool, setup_minutes: int, takedown_minutes: int
) -> tuple[Span, ...]:
    """When a session ties those who give it.

    The session itself; a multi-day exhibition runs by itself and ties people at its set-up and take-down only, so one
    without either ties nobody.
    """
    if not multi_day:
        return (Span(starts_at, ends_at),)
    spans = (
        (starts_at - timedelta(minutes=setup_minutes), starts_at),
        (ends_at, ends_at + timedelta(minutes=takedown_minutes)),
    )
    return tuple(Span(start, end) for start, end in spans if start < end)


def place_span(starts_at: datetime, ends_at: datetime, *, setup_minutes: int, takedown_minutes: int) -> Span:
    """When a session ties a room: all the time, with set-up and take-down."""
    return Span(starts_at - timedelta(minutes=setup_minutes), ends_at + timedelta(minutes=takedown_minutes))


def first_free(slots: int, taken: Iterable[Taken], wanted: Span) -> int | None:
    """The lowest slot of ``1 … slots`` that nothing in ``taken`` holds during ``wanted``; ``None``: there is none."""
    held = {one.slot for one in taken if one.span.overlaps(wanted)}
    return next((slot for slot in range(1, slots + 1) if slot not in held), None)


def most_at_once(spans: Iterable[Span], within: Span) -> int:
    """How many of ``spans`` run at the same moment, at most, during ``within``."""
    overlapping = [span for span in spans if span.overlaps(within)]
    begins = [within.starts_at, *(max(span.starts_at, within.starts_at) for span in overlapping)]
    return max(sum(span.starts_at <= moment < span.ends_at for span in overlapping) for moment in begins)


def arranged(slots: int, taken: Sequence[Taken], wanted: Span) -> tuple[dict[UUID, int], int] | None:
    """Make room for ``wanted`` by moving others to other slots.

    After cancellations each slot may be busy for a part of ``wanted`` although at every moment one of them is free:
    teams and rooms of one resource are alike, so occupations may change places.

    Args:
        taken: every occupation of the resource.

    Returns:
        New slots of those that change, by id of the occupation, and the slot for ``wanted``; ``None`` when at some
        moment all slots are busy.
    """
    group = _connected(taken, wanted)
    if most_at_once([one.span for one in group], wanted) >= slots:
        return None
    ends: list[datetime] = []
    slot_of: dict[UUID | None, int] = {}
    everyone: list[tuple[Span, UUID | None]] = [(one.span, one.id) for one in group]
    for span, key in sorted([*everyone, (wanted, None)], key=lambda pair: (pair[0], str(pair[1]))):
        slot = next((number for number, end in enumerate(ends) if end <= span.starts_at), len(ends))
        if slot == len(ends):
            ends.append(span.ends_at)
        else:
            ends[slot] = span.ends_at
        slot_of[key] = slot + 1
    if len(ends) > slots:
        return None
    changed = {one.id: slot_of[one.id] for one in group if slot_of[one.id] != one.slot}
    return changed, slot_of[None]


def _connected(taken: Sequence[Taken], wanted: Span) -> list[Taken]:
    """Those that overlap ``wanted``, those that overlap them, and so on."""
    reach, group, rest = wanted, list[Taken](), list(taken)
    while found := [one for one in rest if one.span.overlaps(reach)]:
        group += found
        rest = [one for one in rest if not one.span.overlaps(reach)]
        reach = Span(
            min(reach.starts_at, *(one.span.starts_at for one in found)),
            max(reach.ends_at, *(one.span.ends_at for one in found)),
        )
    return group
