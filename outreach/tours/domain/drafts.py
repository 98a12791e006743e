"""What staff decide about a tour, and what is wrong with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from outreach.shared.errors import FieldProblem
from outreach.shared.time import implausible_day, local, local_day
from outreach.tours.domain.routing import Way

__all__ = [
    "MOST_DAYS",
    "StopDraft",
    "Tight",
    "Timed",
    "TourDraft",
    "minute_of",
    "stop_problems",
    "tight_ways",
    "tour_problems",
]

MOST_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class TourDraft:
    """A tour as staff describe it; hours as minutes since midnight, ``break_…`` None: no break."""

    event_id: UUID
    provider_id: UUID
    name: str
    first_on: date
    last_on: date
    minutes: int
    on_days_off: bool = False
    day_starts: int = 540
    day_ends: int = 1020
    break_starts: int | None = None
    break_ends: int | None = None
    most_per_day: int | None = None
    start_district: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDraft:
    """A stop as staff describe it; ``starts_at`` None: to be proposed."""

    address: str = ""
    district: str = ""
    needs: str = ""
    only_on: date | None = None
    earliest: int | None = None
    latest: int | None = None
    starts_at: datetime | None = None


def tour_problems(draft: TourDraft) -> list[FieldProblem]:
    """Days within the calendar and not too many, hours and break in order."""
    problems = [*implausible_day("first_on", draft.first_on), *implausible_day("last_on", draft.last_on)]
    if not problems and draft.last_on < draft.first_on:
        problems.append(FieldProblem("last_on", "before-first"))
    elif not problems and (draft.last_on - draft.first_on).days >= MOST_DAYS:
        problems.append(FieldProblem("last_on", "tour-too-long", {"most": MOST_DAYS}))
    if draft.day_ends <= draft.day_starts:
        problems.append(FieldProblem("day_ends", "ends-before-start"))
    elif draft.minutes > draft.day_ends - draft.day_starts:
        problems.append(FieldProblem("minutes", "longer-than-day"))
    if (draft.break_starts is None) != (draft.break_ends is None):
        problems.append(FieldProblem("break_ends" if draft.break_ends is None else "break_starts", "required"))
    elif draft.break_starts is not None and draft.break_ends is not None and draft.break_ends <= draft.break_starts:
        problems.append(FieldProblem("break_ends", "ends-before-start"))
    return problems


def stop_problems(stop: StopDraft, tour: TourDraft) -> list[FieldProblem]:
    """A day of the tour, and a window in which the stop fits."""
    problems = []
    if stop.only_on is not None and not tour.first_on <= stop.only_on <= tour.last_on:
        problems.append(FieldProblem("only_on", "not-of-tour"))
    if stop.starts_at is not None and not tour.first_on <= local_day(stop.starts_at) <= tour.last_on:
        problems.append(FieldProblem("starts_at", "not-of-tour"))
    if stop.earliest is not None and stop.latest is not None and stop.latest - stop.earliest < tour.minutes:
        problems.append(FieldProblem("latest", "window-too-short", {"minutes": tour.minutes}))
    return problems


def minute_of(moment: datetime) -> int:
    """Minutes since the local midnight."""
    clock = local(moment)
    return clock.hour * 60 + clock.minute


class Timed(NamedTuple):
    """A stop with its time, as ``tight_ways`` asks for it."""

    key: UUID
    starts_at: datetime
    ends_at: datetime
    district: str


class Tight(NamedTuple):
    """Two stops of one day with less time between them than the way takes; ``there`` below 0: they overlap."""

    first: UUID
    second: UUID
    there: int
    needed: int


def tight_ways(stops: Sequence[Timed], way: Way) -> list[Tight]:
    """Where the times that somebody typed leave too little time for the way, in their order."""
    found = []
    ordered = sorted(stops, key=lambda one: (one.starts_at, str(one.key)))
    for first, second in pairwise(ordered):
        if local_day(first.starts_at) != local_day(second.starts_at):
            continue
        there = int((second.starts_at - first.ends_at).total_seconds()) // 60
        needed = way(first.district, second.district)
        if there < needed:
            found.append(Tight(first.key, second.key, there, needed))
    return found
