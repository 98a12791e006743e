"""What speaks against a session at its time and place without forbidding it (rule 2, level *warn*). Pure.

Staff set a warning aside by saying why; a day off is a mere note, which needs no reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.events.domain.errors import NeedsReasonError
from outreach.events.domain.occupation import Span, most_at_once
from outreach.events.domain.parts import part_code, part_of
from outreach.events.domain.travel import TravelTimes, place_of
from outreach.shared.time import local, local_day

__all__ = [
    "Absence",
    "Giver",
    "Load",
    "Stint",
    "Warning",
    "absence_facts",
    "absence_on",
    "day_off",
    "facts_of",
    "is_available",
    "loads_of",
    "needing_reason",
    "other_year",
    "refuse_without_reason",
    "travel_trouble",
    "warnings_of_giver",
    "warnings_of_site",
    "week_of",
]

#: Who comes from another district should be there with so many minutes to spare.
SPARE_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning; ``facts`` are JSON-able and fill the words of ``events.wording.warning_text``.

    Codes: ``travel``, ``load-day``, ``load-week``, ``load-month``, ``absent``, ``unavailable``, ``day-off``,
    ``site-unmet``, ``audience``, ``other-year``.
    """

    code: str
    facts: dict[str, Any]

    @property
    def severity(self) -> str:
        """``warn``: a reason is asked for; ``note``: only said."""
        return "note" if self.code == "day-off" else "warn"


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a provider is away; ``until_on`` exclusive."""

    from_on: date
    until_on: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Giver:
    """What is asked of a lecturer or troupe before it is sent somewhere; no ``available_parts``: any time."""

    id: UUID
    name: str
    parallel_teams: int = 1
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_per_month: int | None = None
    available_parts: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Stint:
    """A time that a session ties those who give it, with its set-up before and take-down after.

    ``counts``: it is the one stint of its session that makes up the load (not a rain date, not the take-down of an
    exhibition).
    """

    session_id: UUID | None
    span: Span
    district: str
    address: str = ""
    setup_minutes: int = 0
    takedown_minutes: int = 0
    counts: bool = True
    title: str = ""

    @property
    def on(self) -> date:
        """The local day on which it begins."""
        return local_day(self.span.starts_at)


def needing_reason(warnings: Iterable[Warning]) -> list[Warning]:
    """Those that staff must set aside with a reason."""
    return [one for one in warnings if one.severity == "warn"]


def refuse_without_reason(warnings: Iterable[Warning], override_reason: str) -> None:
    """Ask why, when there is something to set aside.

    Raises:
        NeedsReasonError: names the warnings.
    """
    asking = needing_reason(warnings)
    if asking and not override_reason.strip():
        raise NeedsReasonError(warnings=facts_of(asking))


def facts_of(warnings: Iterable[Warning]) -> list[dict[str, Any]]:
    """Code and facts in one, as refusals and the journal carry them."""
    return [{"code": one.code, **one.facts} for one in warnings]


# --- the way ---------------------------------------------------------------------------------------------------------


def travel_trouble(giver: Giver, wanted: Stint, others: Sequence[Stint], times: TravelTimes) -> list[Warning]:
    """Which sessions of the same day lie too near for the way between them, counting set-up and take-down.

    A troupe with several teams sends another one, as long as not all of them are on the road or busy.
    """
    of_day = [one for one in others if one.on == wanted.on]
    in_the_way = [one for one in of_day if _spread(wanted, one, times).overlaps(wanted.span)]
    # So many teams do what is in the way among them; the next one comes from elsewhere.
    teams = max((most_at_once([two.span for two in in_the_way], one.span) for one in in_the_way), default=0)
    if teams < giver.parallel_teams:
        return []
    return [
        _travel_warning(giver, wanted, one, times)
        for one in sorted(in_the_way, key=lambda one: one.span)
        if not one.span.overlaps(wanted.span)
    ]


def _way(one: Stint, other: Stint, times: TravelTimes) -> int:
    """Minutes on the road; nothing where the place is the same or not known."""
    same_place = one.address and one.address == other.address and one.district == other.district
    return 0 if same_place else times.minutes(one.district, other.district) or 0


def _needed(first: Stint, second: Stint, times: TravelTimes) -> int:
    """Minutes that somebody needs from the end of one stint to the start of the next."""
    return first.takedown_minutes + _way(first, second, times) + second.setup_minutes


def _spare(first: Stint, second: Stint) -> int:
    """Roads between districts are not to be relied on to the minute."""
    here, there = place_of(first.district), place_of(second.district)
    return SPARE_MINUTES if here and there and here != there else 0


def _spread(wanted: Stint, other: Stint, times: TravelTimes) -> Span:
    """``other`` with the time around it in which ``wanted`` cannot be."""
    after = timedelta(minutes=_needed(other, wanted, times) + _spare(other, wanted))
    before = timedelta(minutes=_needed(wanted, other, times) + _spare(wanted, other))
    return Span(other.span.starts_at - before, other.span.ends_at + after)


def _travel_warning(giver: Giver, wanted: Stint, other: Stint, times: TravelTimes) -> Warning:
    other_first = other.span.ends_at <= wanted.span.starts_at
    first, second = (other, wanted) if other_first else (wanted, other)
    there = int((second.span.starts_at - first.span.ends_at).total_seconds() // 60)
    return Warning(
        "travel",
        {
            "provider": giver.name,
            "district": other.district,
            "starts_at": local(other.span.starts_at).isoformat(),
            "ends_at": local(other.span.ends_at).isoformat(),
            "is_before": other_first,
            "travel_minutes": _way(first, second, times),
            "minutes_needed": _needed(first, second, times),
            "minutes_there": there,
        },
    )


# --- how much --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """Sessions that a provider has in a day, week or month already; ``most`` is the limit set for it."""

    code: str
    number: int
    most: int

    @property
    def is_over(self) -> bool:
        """One more would break the limit."""
        return self.number >= self.most

    @property
    def fills_up(self) -> bool:
        """One more reaches the limit."""
        return self.number + 1 == self.most


def week_of(on: date) -> date:
    """The Monday of the week of a day (ISO)."""
    return on - timedelta(days=on.weekday())


def loads_of(giver: Giver, on: date, stints: Iterable[Stint]) -> list[Load]:
    """What the provider has on that day, in its week and in its month, where a limit is set."""
    days = [one.on for one in stints if one.counts]
    counted = (
        ("load-day", giver.max_per_day, sum(day == on for day in days)),
        ("load-week", giver.max_per_week, sum(week_of(day) == week_of(on) for day in days)),
        ("load-month", giver.max_per_month, sum((day.year, day.month) == (on.year, on.month) for day in days)),
    )
    return [Load(code, number, most) for code, most, number in counted if most is not None]


# --- when ------------------------------------------------------------------------------------------------------------


def absence_on(giver: Giver, first: date, last: date) -> Absence | None:
    """The first absence that touches the days ``first`` to ``last``, both included."""
    return next((one for one in giver.absences if one.from_on <= last and first < one.until_on), None)


def is_available(giver: Giver, moment: datetime) -> bool:
    """Whether the part of the week in which ``moment`` lies is one that the provider gave; none given: any."""
    return not giver.available_parts or part_code(local_day(moment), part_of(moment)) in giver.available_parts


def day_off(on: date, named: Mapping[date, tuple[str, str]]) -> Warning | None:
    """A holiday, or a weekend day that is not worked.

    Args:
        named: day → (``off`` or ``work``, name), as the table of holidays has it.
    """
    kind, name = named.get(on, ("off" if on.weekday() >= 5 else "work", ""))
    return Warning("day-off", {"on": on.isoformat(), "name": name}) if kind == "off" else None


def other_year(on: date, year: int) -> Warning | None:
    """A day outside the year of the session's programme: the start day decides the year, so neither would count it."""
    return None if on.year == year else Warning("other-year", {"on": on.isoformat(), "year": year})


def warnings_of_giver(
    giver: Giver, wanted: Sequence[Stint], stints: Sequence[Stint], times: TravelTimes
) -> list[Warning]:
    """Everything that speaks against sending one provider.

    Args:
        wanted: the times that the session would tie; those of the rain date too.
        stints: what ties the provider already, without the session itself.
    """
    found: list[Warning] = []
    for one in wanted:
        found += travel_trouble(giver, one, stints, times)
        found += [
            Warning(load.code, {"provider": giver.name, "most": load.most, "would_be": load.number + 1})
            for load in loads_of(giver, one.on, stints)
            if load.is_over and (one.counts or load.code == "load-day")
        ]
        away = absence_on(giver, one.on, local_day(one.span.ends_at - timedelta(microseconds=1)))
        if away is not None:
            found.append(Warning("absent", {"provider": giver.name, **absence_facts(away)}))
        elif not is_available(giver, one.span.starts_at):
            facts = {"provider": giver.name, "starts_at": local(one.span.starts_at).isoformat()}
            found.append(Warning("unavailable", facts))
    return found


def absence_facts(away: Absence) -> dict[str, Any]:
    """``from_on`` and ``last_on`` both included."""
    last_on = away.until_on - timedelta(days=1)
    return {"from_on": away.from_on.isoformat(), "last_on": last_on.isoformat(), "reason": away.reason}


def warnings_of_site(
    *, audience: int | None, least: int | None, most: int | None, site_lacks: str = ""
) -> list[Warning]:
    """What the place and the people there lack; ``least`` and ``most`` people as the menu says."""
    found = [Warning("site-unmet", {"lacks": site_lacks.strip()})] if site_lacks.strip() else []
    if audience is not None and ((least is not None and audience < least) or (most is not None and audience > most)):
        found.append(Warning("audience", {"audience": audience, "least": least, "most": most}))
    return found
