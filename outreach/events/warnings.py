"""Warnings of a session, stored or only wished for: five statements, whatever it asks for."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from outreach.events.domain.occupation import people_spans
from outreach.events.domain.warnings import (
    Stint,
    Warning,
    day_off,
    facts_of,
    needing_reason,
    refuse_without_reason,
    warnings_of_giver,
    warnings_of_site,
    week_of,
)
from outreach.events.occupying import Wish, wish_of
from outreach.events.queries.givers import givers, stints_of, travel_times
from outreach.events.queries.rows import SessionRow
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
    wanted = wanted_stints(wish, district)
    days = [local_day(wish.starts_at), *([local_day(wish.rain_starts_at)] if wish.rain_starts_at else [])]
    first, last = load_bounds([*days, *(one.on for one in wanted)])
    event = await db.row("SELECT min_audience, max_audience FROM events_event WHERE id = $1", event_id)
    people = await givers(wish.provider_ids)
    stints = await stints_of(wish.provider_ids, first, last, but_session=wish.session_id, seen_by=actor)
    times = await travel_times()
    named = {on: (one.kind, one.name) for on, one in (await holidays_between(min(days), max(days))).items()}
    found = [warning for one in people for warning in warnings_of_giver(one, wanted, stints[one.id], times)]
    found += warnings_of_site(
        audience=audience,
        least=event["min_audience"] if event else None,
        most=event["max_audience"] if event else None,
        site_lacks=site_lacks,
    )
    return found + [off for on in dict.fromkeys(days) if (off := day_off(on, named)) is not None]


async def warnings_of_session(session: SessionRow, actor: Actor | None = None) -> list[Warning]:
    """``warnings_of`` for a session as it is stored."""
    wish = await wish_of(session.id)
    return await warnings_of(wish, district=session.district, event_id=session.event_id, actor=actor)


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
