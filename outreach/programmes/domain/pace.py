"""序时进度: what should be reached by a day.

What the published plan says, once it is large enough to keep the promise; until then the shares by quarter that the
programme sets; without either, the days elapsed. The chart and the table take the same figure.
"""

from calendar import isleap
from collections.abc import Sequence
from datetime import date, timedelta

from outreach.programmes.domain.targets import Bound, least_value

__all__ = ["EARLY_DAYS", "calendar_share", "is_early", "month_ends", "pace_of"]

#: Before so many days of a year are over, its rate says nothing of its end: one day's 3,500 books are no 1.28 million.
EARLY_DAYS = 30


def calendar_share(year: int, as_of: date, quarter_shares: Sequence[int] = ()) -> float:
    """The part of the year (0 to 1) that lies behind at the end of ``as_of``.

    ``quarter_shares`` are four percentages that sum to 100 and are reached evenly within each quarter; without them
    every day weighs the same.
    """
    if as_of < date(year, 1, 1):
        return 0.0
    if as_of >= date(year, 12, 31):
        return 1.0
    if len(quarter_shares) != 4:
        return as_of.timetuple().tm_yday / (366 if isleap(year) else 365)
    quarter = (as_of.month - 1) // 3
    first = date(year, quarter * 3 + 1, 1)
    following = date(year + quarter // 3, (quarter * 3 + 3) % 12 + 1, 1)
    within = ((as_of - first).days + 1) / (following - first).days
    return (sum(quarter_shares[:quarter]) + quarter_shares[quarter] * within) / 100


def is_early(year: int, as_of: date) -> bool:
    """Whether fewer than ``EARLY_DAYS`` days of the year are over at the end of ``as_of``."""
    return as_of < date(year, 1, EARLY_DAYS)


def pace_of(
    value: float,
    bound: Bound,
    tolerance_percent: float | None,
    *,
    share: float,
    plan_due: float = 0,
    plan_whole: float = 0,
    plan_in_units: bool = True,
) -> float:
    """The figure that should be reached by now.

    Args:
        share: ``calendar_share`` of the day.
        plan_due, plan_whole: what the published plan sets by the day and for the whole year, cancelled sessions
            included, since they were promised too.
        plan_in_units: the plan is in the target's own unit (sessions); else it gives only the rhythm of the year and
            the caller has seen that it is large enough.
    """
    if plan_whole > 0 and not plan_in_units:
        return round(value * plan_due / plan_whole, 1)
    if plan_whole > 0 and plan_whole >= least_value(bound, value, tolerance_percent):
        return round(plan_due, 1)
    return round(value * share, 1)


def month_ends(year: int) -> tuple[date, ...]:
    """The last days of January to December."""
    starts = [date(year, month, 1) for month in range(2, 13)] + [date(year + 1, 1, 1)]
    return tuple(start - timedelta(days=1) for start in starts)
