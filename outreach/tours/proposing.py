"""What the rules of routing ask of the database: the days of a provider, the ways, and the stops."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

import anyio.to_thread

from outreach.events.domain.parts import DayPart, part_bounds, part_code
from outreach.events.domain.travel import UNKNOWN_MINUTES, TravelTimes
from outreach.events.domain.warnings import Giver, Stint, absence_on, day_off
from outreach.events.queries.givers import givers, stints_of, travel_times
from outreach.programmes.holidays import holidays_between
from outreach.shared.errors import NotFoundError
from outreach.shared.time import local_midnight
from outreach.tours.domain.drafts import minute_of
from outreach.tours.domain.routing import Day, Proposal, Way, Wish, proposed
from outreach.tours.queries import StopRow, TourRow

__all__ = ["moment_of", "proposal_of", "way_between"]

_DAY = 24 * 60


def way_between(times: TravelTimes) -> Way:
    """Minutes between two districts; where one is not known, what an unknown way takes."""

    def way(here: str, there: str) -> int:
        minutes = times.minutes(here, there)
        return UNKNOWN_MINUTES if minutes is None else minutes

    return way


def moment_of(on: date, minute: int) -> datetime:
    """A minute of a local day as a moment."""
    return local_midnight(on) + timedelta(minutes=minute)


async def proposal_of(tour: TourRow, stops: Sequence[StopRow]) -> Proposal:
    """The proposed order of the stops; keys are their places in ``stops``. Five statements.

    Worked out beside the event loop: many stops take a second.

    Raises:
        NotFoundError: the provider is gone.
    """
    times = await travel_times()
    found = await givers([tour.provider_id])
    if not found:
        raise NotFoundError
    stints = (await stints_of([tour.provider_id], tour.first_on, tour.last_on))[tour.provider_id]
    named = {on: (one.kind, one.name) for on, one in (await holidays_between(tour.first_on, tour.last_on)).items()}
    way = way_between(times)
    places = [one.district for one in stops]
    days = [
        _day(tour, on, found[0], [one for one in stints if one.on == on], way, places)
        for on in _dates(tour.first_on, tour.last_on)
        if (tour.on_days_off or day_off(on, named) is None) and absence_on(found[0], on, on) is None
    ]
    wishes = [
        Wish(number, one.district, tour.minutes, one.only_on, one.earliest, one.latest)
        for number, one in enumerate(stops)
    ]
    return await anyio.to_thread.run_sync(partial(proposed, wishes, days, way, tour.start_district))


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _day(tour: TourRow, on: date, giver: Giver, stints: Sequence[Stint], way: Way, places: Sequence[str]) -> Day:
    busy = [] if tour.break_starts is None or tour.break_ends is None else [(tour.break_starts, tour.break_ends)]
    busy += _closed_parts(on, giver)
    # One team is with this tour; those of a troupe that can split do not stand in its way.
    if giver.parallel_teams == 1:
        for one in stints:
            # Whichever stop comes before or after it: the longest way fits.
            around = max((way(one.district, place) for place in places), default=0)
            ends = minute_of(one.span.ends_at) or _DAY
            busy.append((max(minute_of(one.span.starts_at) - around, 0), min(ends + around, _DAY)))
    counted = len([one for one in stints if one.counts])
    limits = [most for most in (tour.most_per_day, giver.max_per_day) if most is not None]
    most = max(min(limits) - (counted if giver.max_per_day is not None else 0), 0) if limits else None
    return Day(on, tour.day_starts, tour.day_ends, tuple(sorted(busy)), most)


def _closed_parts(on: date, giver: Giver) -> list[tuple[int, int]]:
    """The parts of the day at which the provider cannot come; before the first and after the last belong to them."""
    if not giver.available_parts:
        return []
    closed = []
    for part in DayPart:
        if part_code(on, part) in giver.available_parts:
            continue
        start, end = part_bounds(on, part)
        first = 0 if part is DayPart.MORNING else minute_of(start)
        closed.append((first, _DAY if part is DayPart.EVENING else minute_of(end)))
    return closed
