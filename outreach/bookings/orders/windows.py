"""Times of an order against what its lecturers and troupes still have free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow
from outreach.events.domain.parts import DayPart
from outreach.events.domain.warnings import day_off
from outreach.events.fitting import FreeWindow, next_windows
from outreach.programmes.holidays import holidays_between
from outreach.shared.time import local_day

__all__ = [
    "UNDECIDED",
    "WEEKS_AHEAD",
    "FreeDay",
    "free_days",
    "free_weeks",
    "free_windows_of",
    "gone_orders",
    "names_of_days_off",
]

#: The unit may still choose other times.
UNDECIDED = frozenset({OrderState.SUBMITTED.value, OrderState.ENDORSED.value, OrderState.APPROVED.value})
#: How far ahead free times are looked for.
WEEKS_AHEAD = 8


async def free_windows_of(
    event_ids: Sequence[UUID], now: datetime, *, weeks: int = WEEKS_AHEAD
) -> dict[UUID, list[FreeWindow]]:
    """Every part of a day in the weeks ahead at which somebody can give the event; no statement without events."""
    return await next_windows(event_ids, now, weeks=weeks, most=weeks * 7 * 4) if event_ids else {}


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with the parts of it at which somebody can come."""

    on: date
    parts: tuple[DayPart, ...]

    def like(self, wished: Sequence[DayPart]) -> DayPart:
        """The part that was wished for, if it is free, else the first."""
        return next((part for part in wished if part in self.parts), self.parts[0])


def free_days(windows: Sequence[FreeWindow], most: int = 6) -> list[FreeDay]:
    """The next days with a free part, soonest first."""
    days = [FreeDay(on, tuple(one.part for one in same)) for on, same in groupby(windows, key=lambda one: one.on)]
    return days[:most]


def free_weeks(windows: Iterable[FreeWindow]) -> list[date]:
    """The first free day of every week that has one, soonest first."""
    firsts: dict[date, date] = {}
    for one in windows:
        firsts.setdefault(one.on - timedelta(days=one.on.weekday()), one.on)
    return list(firsts.values())


async def gone_orders(orders: Sequence[OrderRow], now: datetime) -> dict[UUID, list[FreeWindow]]:
    """The undecided among ``orders`` of which no time is left, with the times at which somebody could come instead.

    Times that are past are gone, and those ahead at which every lecturer or troupe is busy. A time beyond the weeks
    looked at, or on a day off, is not judged. A few statements whatever the number of orders, none without any.
    """
    undecided = [one for one in orders if one.state in UNDECIDED]
    if not undecided:
        return {}
    free = await free_windows_of(list(dict.fromkeys(one.event_id for one in undecided)), now)
    today, last = local_day(now), local_day(now) + timedelta(weeks=WEEKS_AHEAD)
    named = await names_of_days_off(today, last)
    return {
        one.id: free[one.event_id]
        for one in undecided
        if all(_is_gone(window.on, window.part, one, free[one.event_id], today, last, named) for window in one.windows)
    }


def _is_gone(
    on: date,
    part: str,
    order: OrderRow,
    free: Sequence[FreeWindow],
    today: date,
    last: date,
    named: dict[date, tuple[str, str]],
) -> bool:
    if on < today:
        return True
    judged = today + timedelta(days=order.lead_days) <= on <= last and day_off(on, named) is None
    return judged and not any((one.on, one.part) == (on, part) for one in free)


async def names_of_days_off(first: date, last: date) -> dict[date, tuple[str, str]]:
    """Kind and name of the days in the table of holidays, as ``day_off`` takes them."""
    return {on: (one.kind, one.name) for on, one in (await holidays_between(first, last)).items()}
