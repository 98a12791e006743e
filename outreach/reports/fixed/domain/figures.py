"""What a snapshot keeps of every target and session, and what differs from it later. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

__all__ = [
    "COMPARED",
    "Difference",
    "FixedFigures",
    "FixedSession",
    "FixedTarget",
    "SessionChange",
    "changes",
    "differences",
]


class FixedTarget(msgspec.Struct, kw_only=True, frozen=True):
    """One target as the report showed it; ``id`` finds the same one later. ``added``: by the period reported."""

    id: UUID
    programme_id: UUID
    programme: str
    organisation: str
    key: str
    label: str
    wording: str
    unit: str
    bound: str
    tolerance_percent: float | None
    value: float
    actual: float
    added: float | None
    total: float | None
    planned: float
    pace: float
    percent: float
    forecast: float
    forecast_low: float
    forecast_high: float
    status: str


class FixedFigures(msgspec.Struct, kw_only=True, frozen=True):
    """All of a report: its targets in their order, and the totals of its sessions."""

    targets: tuple[FixedTarget, ...]
    programmes: int
    sessions: int
    visits: int
    workers: int
    unrecorded: int


class FixedSession(msgspec.Struct, kw_only=True, frozen=True, array_like=True):
    """A session that was counted, with its visits; ``None``: not reported."""

    id: UUID
    programme_id: UUID
    on: date
    visits: int | None
    workers: int | None


#: What is compared of a target, in this order. The status follows from these.
COMPARED = ("value", "actual", "total", "planned", "pace", "forecast")


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is another one today. ``before`` or ``now`` ``None``: there was, or is, none.

    ``name``: one of ``COMPARED``, or ``sessions``, ``visits``, ``workers``, ``unrecorded`` of the whole report.
    """

    target: FixedTarget | None
    name: str
    before: float | None
    now: float | None

    @property
    def by(self) -> float | None:
        """How much more it is today."""
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True, slots=True)
class SessionChange:
    """A session that is counted otherwise today. ``before`` ``None``: it came in; ``now`` ``None``: it went out."""

    id: UUID
    before: FixedSession | None
    now: FixedSession | None


def differences(before: FixedFigures, now: FixedFigures) -> list[Difference]:
    """Every figure that differs: those of the whole first, then target by target; equal reports give nothing."""
    found = [
        Difference(None, name, float(getattr(before, name)), float(getattr(now, name)))
        for name in ("sessions", "visits", "workers", "unrecorded")
        if getattr(before, name) != getattr(now, name)
    ]
    later = {one.id: one for one in now.targets}
    for one in before.targets:
        other = later.pop(one.id, None)
        found += [
            Difference(one, name, getattr(one, name), getattr(other, name) if other else None)
            for name in (COMPARED if other else ("value", "actual"))
            if other is None or getattr(one, name) != getattr(other, name)
        ]
    found += [Difference(one, name, None, getattr(one, name)) for one in later.values() for name in ("value", "actual")]
    return found


def changes(before: Sequence[FixedSession], now: Iterable[FixedSession]) -> list[SessionChange]:
    """Sessions that came in, went out or have other visits, by day."""
    old = {one.id: one for one in before}
    found: list[SessionChange] = []
    for one in now:
        known = old.pop(one.id, None)
        if known is None or (known.visits, known.workers) != (one.visits, one.workers):
            found.append(SessionChange(one.id, known, one))
    found += [SessionChange(one.id, one, None) for one in old.values()]

    def day(change: SessionChange) -> tuple[date, UUID]:
        known = change.now or change.before
        assert known is not None
        return known.on, change.id

    return sorted(found, key=day)
