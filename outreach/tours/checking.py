"""What stands in the way of a tour before its sessions are made: taken times, warnings, too short ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.events.domain.warnings import Warning, needing_reason
from outreach.events.occupying import Clash, Wish, clashes_of
from outreach.events.queries.givers import travel_times
from outreach.events.warnings import warnings_of
from outreach.shared.actors import Actor
from outreach.shared.time import local_day
from outreach.tours.domain.drafts import Tight, Timed, minute_of, tight_ways
from outreach.tours.domain.routing import Visit, way_of
from outreach.tours.proposing import way_between
from outreach.tours.queries import StopRow, TourRow

__all__ = ["Checked", "checked", "minutes_on_the_way"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One stop: ``clashes`` forbid it, ``warnings`` ask for a reason, ``tight``: the way from the stop before."""

    stop: StopRow
    clashes: tuple[Clash, ...] = ()
    warnings: tuple[Warning, ...] = ()
    tight: Tight | None = None
    is_past: bool = False


async def checked(actor: Actor, now: datetime, tour: TourRow, stops: Sequence[StopRow]) -> list[Checked]:
    """Each stop that has a time, in the order of time. Nine statements a stop."""
    timed = [one for one in stops if one.starts_at is not None and one.ends_at is not None]
    tight = {one.second: one for one in await _tight(timed)}
    return [await _checked(actor, now, tour, one, tight.get(one.id)) for one in timed]


async def _checked(actor: Actor, now: datetime, tour: TourRow, stop: StopRow, tight: Tight | None) -> Checked:
    assert stop.starts_at is not None, "the caller looked"
    assert stop.ends_at is not None, "it has a beginning"
    wish = Wish(stop.session_id, stop.starts_at, stop.ends_at, (tour.provider_id,), address=stop.address)
    clashes = await clashes_of(actor, wish)
    warnings = await warnings_of(wish, district=stop.district, event_id=tour.event_id, actor=actor)
    return Checked(stop, tuple(clashes), tuple(needing_reason(warnings)), tight, stop.starts_at <= now)


async def _tight(stops: Sequence[StopRow]) -> list[Tight]:
    way = way_between(await travel_times())
    return tight_ways(
        [
            Timed(one.id, one.starts_at, one.ends_at, one.district)
            for one in stops
            if one.starts_at is not None and one.ends_at is not None
        ],
        way,
    )


async def minutes_on_the_way(tour: TourRow, stops: Sequence[StopRow]) -> tuple[int, dict[UUID, int]]:
    """Minutes on the way of the whole tour, from its base and back each day, and those to each stop."""
    way = way_between(await travel_times())
    going = [one for one in stops if one.starts_at is not None and not one.is_off]
    visits, places = [], {}
    to_stop: dict[UUID, int] = {}
    before: StopRow | None = None
    for number, one in enumerate(sorted(going, key=lambda stop: (stop.starts_at, stop.number))):
        assert one.starts_at is not None, "the list holds no other"
        on = local_day(one.starts_at)
        visits.append(Visit(on, minute_of(one.starts_at), number))
        places[number] = one.district
        same_day = before is not None and before.starts_at is not None and local_day(before.starts_at) == on
        here = before.district if same_day and before is not None else tour.start_district
        to_stop[one.id] = way(here, one.district)
        before = one
    return way_of(visits, places, way, tour.start_district), to_stop
