"""Warnings of sessions, stored or only wished for: five statements, whatever they ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from outreach.events.domain.occupation import people_spans
from outreach.events.domain.travel import TravelTimes
from outreach.events.domain.warnings import (
    Giver,
    Stint,
    Warning,
    day_off,
    facts_of,
    needing_reason,
    other_year,
    refuse_without_reason,
    warnings_of_giver,
    warnings_of_site,
    week_of,
)
from outreach.events.queries.givers import givers, stints_of, travel_times
from outreach.events.queries.rows import SessionRow
from outreach.events.wishes import Wish, wish_of
from outreach.programmes.holidays import holidays_between
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day

__all__ = [
    "Warning",
    "facts_of",
    "load_bounds",
    "needing_reason",
    "refuse_without_reason",
    "warnings_of",
    "warnings_of_each",
    "warnings_of_session",
]


async def warnings_of(
    wish: Wish,
    *,
    district: str,
    event_id: UUID,
    audience: int | None = None,
    site_lacks: str = "",
    actor: Actor | None = None,
) -> list[Warning]:
    """What speaks against the session without forbidding it; overlaps are clashes and not named here.

    Args:
        district: of the place; empty: not known, so nothing is said of the way.
        audience: people expected; ``None``: not known.
        site_lacks: what the place cannot offer of the event's needs, in words.
        actor: who reads it; the places of sessions that the person may not see are left out. ``None``: all are told.
    """
    around = await _around([(wish, district)], actor, but_session=wish.session_id)
    event = await db.row(
        """SELECT e.min_audience, e.max_audience, p.year FROM events_event e
             JOIN programmes_programme p ON p.id = e.programme WHERE e.id = $1""",
        event_id,
    )
    wish = replace(wish, programme_year=event["year"] if event else None)
    of_site = warnings_of_site(
        audience=audience,
        least=event["min_audience"] if event else None,
        most=event["max_audience"] if event else None,
        site_lacks=site_lacks,
    )
    return around.of_givers(wish, wanted_stints(wish, district)) + of_site + around.of_days(wish)


async def warnings_of_each(wishes: Sequence[tuple[Wish, str]], actor: Actor | None = None) -> list[list[Warning]]:
    """``warnings_of_session`` of drafts that are published one after the other: a draft is held against those before.

    Args:
        wishes: what each ties, and the district of its place; ``actor`` sees them all.
    """
    if not wishes:
        return []
    around = await _around(wishes, actor)
    found = []
    for wish, district in wishes:
        wanted = wanted_stints(wish, district)
        found.append(around.of_givers(wish, wanted) + around.of_days(wish))
        for provider_id in dict.fromkeys(wish.provider_ids):
            around.tie(provider_id, wanted)
    return found


async def warnings_of_session(session: SessionRow, actor: Actor | None = None) -> list[Warning]:
    """``warnings_of`` for a session as it is stored."""
    wish = await wish_of(session.id)
    return await warnings_of(wish, district=session.district, event_id=session.event_id, actor=actor)


@dataclass(slots=True)
class _Around:
    """What sessions are held against; ``ties`` by provider, year and month of the day."""

    people: Sequence[Giver]
    times: TravelTimes
    named: Mapping[date, tuple[str, str]]
    ties: dict[tuple[UUID, int, int], list[Stint]] = field(default_factory=dict)

    def tie(self, provider_id: UUID, stints: Iterable[Stint]) -> None:
        for one in stints:
            self.ties.setdefault((provider_id, one.on.year, one.on.month), []).append(one)

    def of_givers(self, wish: Wish, wanted: Sequence[Stint]) -> list[Warning]:
        if not wanted:
            return []
        first, last = load_bounds([*_days(wish), *(one.on for one in wanted)])
        months = [(month // 12, month % 12 + 1) for month in range(_month(first), _month(last) + 1)]
        found: list[Warning] = []
        for one in self.people:
            if one.id in wish.provider_ids:
                stints = [stint for month in months for stint in self.ties.get((one.id, *month), ())]
                found += warnings_of_giver(one, wanted, stints, self.times)
        return found

    def of_days(self, wish: Wish) -> list[Warning]:
        days = dict.fromkeys(_days(wish))
        uncounted = [other_year(on, wish.programme_year) for on in days] if wish.programme_year is not None else []
        return [one for one in (*uncounted, *(day_off(on, self.named) for on in days)) if one is not None]


async def _around(wishes: Sequence[tuple[Wish, str]], actor: Actor | None, but_session: UUID | None = None) -> _Around:
    provider_ids = list(dict.fromkeys(id_ for wish, _district in wishes for id_ in wish.provider_ids))
    days = [on for wish, _district in wishes for on in _days(wish)]
    tied = [one.on for wish, district in wishes for one in wanted_stints(wish, district)]
    people = await givers(provider_ids)
    stints = await stints_of(provider_ids, *load_bounds([*days, *tied]), but_session=but_session, seen_by=actor)
    holidays = await holidays_between(min(days), max(days))
    named = {on: (one.kind, one.name) for on, one in holidays.items()}
    around = _Around(people, await travel_times(), named)
    for provider_id, of_provider in stints.items():
        around.tie(provider_id, of_provider)
    return around


def _days(wish: Wish) -> list[date]:
    """The day of the session, and that of its rain date."""
    return [local_day(wish.starts_at), *([local_day(wish.rain_starts_at)] if wish.rain_starts_at else [])]


def _month(on: date) -> int:
    return on.year * 12 + on.month - 1


def load_bounds(days: Sequence[date]) -> tuple[date, date]:
    """The days that count for the loads of ``days``: their whole weeks and months."""
    first, last = min(days), max(days)
    month_end = date(last.year + last.month // 12, last.month % 12 + 1, 1) - timedelta(days=1)
    return min(first.replace(day=1), week_of(first)), max(month_end, week_of(last) + timedelta(days=6))


def wanted_stints(wish: Wish, district: str) -> list[Stint]:
    """The times that the session would tie its people; those of the rain date do not count for the load."""
    dates = [(wish.starts_at, wish.ends_at, True)]
    if wish.rain_starts_at is not None and wish.rain_ends_at is not None:
        dates.append((wish.rain_starts_at, wish.rain_ends_at, False))
    place = str(wish.venue_id) if wish.venue_id else wish.address
    return [
        Stint(
            wish.session_id,
            span,
            district,
            place,
            0 if wish.multi_day else wish.setup_minutes,
            0 if wish.multi_day else wish.takedown_minutes,
            counts=counts and number == 0,
        )
        for starts_at, ends_at, counts in dates
        for number, span in enumerate(
            people_spans(
                starts_at,
                ends_at,
                multi_day=wish.multi_day,
                setup_minutes=wish.setup_minutes,
                takedown_minutes=wish.takedown_minutes,
            )
        )
    ]
