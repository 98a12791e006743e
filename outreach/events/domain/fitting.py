"""Which providers fit a wished time and place, best first, each with its reasons; and which times are free. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.events.domain.occupation import Span, most_at_once
from outreach.events.domain.parts import DayPart, part_code, usual_start
from outreach.events.domain.travel import UNKNOWN_MINUTES, TravelTimes
from outreach.events.domain.warnings import (
    Giver,
    Stint,
    absence_on,
    loads_of,
    warnings_of_giver,
)
from outreach.shared.time import local

__all__ = ["Busy", "Candidate", "Fit", "FreeWindow", "Reason", "fit_of", "free_windows", "is_free", "ranked"]

#: Sessions of so many days before the wished one tell who has had his share lately.
RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a provider fits (``fits``), needs a thought (``mind``) or cannot be sent (``blocks``).

    ``facts`` are JSON-able and fill the words of ``events.wording.reason_text``.
    """

    level: str
    code: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Busy:
    """A session of the provider on the wished day; title and district empty where the asker may not see it."""

    starts_at: datetime
    ends_at: datetime
    title: str
    district: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could give the event.

    ``listed``: named for it on the menu, not only of the same topic; ``given_before``: sessions held under its title.
    ``score``: the rating as it ranks, with few answers near the mean of all; ``None``: nobody has answered anywhere.
    """

    giver: Giver
    kind: str
    title: str
    phone: str
    home_district: str
    listed: bool
    given_before: int
    rating: float | None
    stints: tuple[Stint, ...]
    answers: int = 0
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A candidate held against one time and place.

    ``level``: ``fits``; ``warn``: only with a reason why warnings are set aside; ``block``: tied at that time.
    ``rating``: mean of 1 to 5 of so many ``answers``; ``score``: the same as it ranks; ``travel_minutes``: from the
    home district; ``recent``: sessions of the 30 days before.
    """

    provider_id: UUID
    name: str
    kind: str
    title: str
    phone: str
    home_district: str
    month_sessions: int
    max_per_month: int | None
    given_before: int
    rating: float | None
    travel_minutes: int | None
    reasons: tuple[Reason, ...]
    level: str
    busy: tuple[Busy, ...]
    listed: bool = True
    recent: int = 0
    answers: int = 0
    score: float | None = None


def fit_of(one: Candidate, wanted: Stint, times: TravelTimes) -> Fit:
    """Everything for and against sending ``one``."""
    giver = one.giver
    on = wanted.on
    day = [stint for stint in one.stints if stint.on == on or stint.span.overlaps(wanted.span)]
    overlapping = [stint for stint in day if stint.span.overlaps(wanted.span)]
    is_blocked = most_at_once([stint.span for stint in overlapping], wanted.span) >= giver.parallel_teams
    travel_minutes = times.minutes(one.home_district, wanted.district)
    reasons = [_topic(one)]
    if is_blocked:
        reasons += [Reason("blocks", "overlap", _times(stint)) for stint in overlapping]
    else:
        troubles = [
            Reason("mind", warning.code, {**warning.facts, "kind": one.kind})
            for warning in warnings_of_giver(giver, [wanted], one.stints, times)
        ]
        # Who comes from another session that day does not come from home.
        if travel_minutes is not None and not any(reason.code == "travel" for reason in troubles):
            reasons.append(
                Reason("fits", "home", {"district": one.home_district, "minutes": travel_minutes, "kind": one.kind})
            )
        if not day and not any(reason.code == "absent" for reason in troubles):
            reasons.append(Reason("fits", "free-day", {}))
        reasons += troubles
        reasons += [
            Reason("mind", load.code.replace("load-", "last-of-"), {"number": load.number, "most": load.most})
            for load in loads_of(giver, on, one.stints)
            if load.fills_up and load.number
        ]
    level = "block" if is_blocked else "warn" if any(r.code in _ASKING for r in reasons) else "fits"
    counted = [stint.on for stint in one.stints if stint.counts]
    return Fit(
        giver.id,
        giver.name,
        one.kind,
        one.title,
        one.phone,
        one.home_district,
        sum((other.year, other.month) == (on.year, on.month) for other in counted),
        giver.max_per_month,
        one.given_before,
        one.rating,
        travel_minutes,
        tuple(reasons),
        level,
        tuple(Busy(s.span.starts_at, s.span.ends_at, s.title, s.district) for s in sorted(day, key=lambda s: s.span)),
        one.listed,
        sum(timedelta() < on - other <= timedelta(days=RECENT_DAYS) for other in counted),
        one.answers,
        one.score,
    )


#: Reasons that are warnings: somebody must say why they are set aside.
_ASKING = frozenset({"travel", "load-day", "load-week", "load-month", "absent", "unavailable"})


def _topic(one: Candidate) -> Reason:
    if one.given_before:
        facts = {"number": one.given_before, "rating": one.rating, "answers": one.answers, "kind": one.kind}
        return Reason("fits", "given-before", facts)
    return Reason("fits", "topic", {"kind": one.kind})


def _times(stint: Stint) -> dict[str, Any]:
    return {
        "starts_at": local(stint.span.starts_at).isoformat(),
        "ends_at": local(stint.span.ends_at).isoformat(),
        "district": stint.district,
    }


def ranked(fits: Iterable[Fit]) -> list[Fit]:
    """Best first: free, without warnings, named for the event, has given it, near, had few lately, rated well."""
    return sorted(
        fits,
        key=lambda fit: (
            ("fits", "warn", "block").index(fit.level),
            not (fit.listed or fit.given_before),
            not fit.given_before,
            UNKNOWN_MINUTES if fit.travel_minutes is None else fit.travel_minutes,
            fit.recent,
            -(fit.score or fit.rating or 0),
            fit.name,
            str(fit.provider_id),
        ),
    )


# --- free times ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FreeWindow:
    """A part of a day at which somebody could come; ``providers``: how many."""

    on: date
    part: DayPart
    providers: int


def free_windows(
    people: Sequence[tuple[Giver, Sequence[Stint]]],
    *,
    after: datetime,
    first: date,
    last: date,
    minutes: int,
    days_off: Collection[date],
    most: int,
) -> list[FreeWindow]:
    """The next parts of days, soonest first, at which at least one of ``people`` is free.

    Args:
        after: nothing that begins before it.
        minutes: how long the event takes.
        days_off: holidays and weekend days that are not worked; only who gave parts of the weekend comes then.
        most: so many at most.
    """
    found: list[FreeWindow] = []
    indexed = [(giver, _by_day(stints), stints) for giver, stints in people]
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        for part in DayPart:
            start = usual_start(on, part)
            if start <= after:
                continue
            wanted = Span(start, start + timedelta(minutes=minutes))
            free = sum(
                _takes_part(giver, on, part, on in days_off) and is_free(giver, wanted, on, by_day.get(on, []), stints)
                for giver, by_day, stints in indexed
            )
            if free:
                found.append(FreeWindow(on, part, free))
                if len(found) == most:
                    return found
    return found


def is_free(giver: Giver, wanted: Span, on: date, of_day: Sequence[Stint], stints: Sequence[Stint]) -> bool:
    """Whether a provider is there, not tied, and below its limits with one session more."""
    return (
        absence_on(giver, on, on) is None
        and most_at_once([stint.span for stint in of_day], wanted) < giver.parallel_teams
        and not any(load.is_over for load in loads_of(giver, on, stints))
    )


def _takes_part(giver: Giver, on: date, part: DayPart, is_off: bool) -> bool:
    """On a day off comes who named that part of the weekend; on other days who named it, or named nothing."""
    if not is_off:
        return not giver.available_parts or part_code(on, part) in giver.available_parts
    codes = {part_code(on, part)} if on.weekday() >= 5 else {f"6-{part.value}", f"7-{part.value}"}
    return not codes.isdisjoint(giver.available_parts)


def _by_day(stints: Sequence[Stint]) -> Mapping[date, list[Stint]]:
    days: dict[date, list[Stint]] = {}
    for stint in stints:
        last = local(stint.span.ends_at - timedelta(microseconds=1)).date()
        for number in range((last - stint.on).days + 1):
            days.setdefault(stint.on + timedelta(days=number), []).append(stint)
    return days
