"""Aware times inside, Asia/Shanghai at the edges.

The zone has no summer time since 1991, so a local day is always 24 hours; nothing here relies on it.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.shared.errors import FieldProblem

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "ZONE",
    "Clock",
    "day_bounds",
    "implausible",
    "implausible_day",
    "local",
    "local_day",
    "local_midnight",
    "year_bounds",
]

ZONE = ZoneInfo("Asia/Shanghai")

#: Years that a session, tally or target may lie in. Earlier or later is a typing slip.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Clock:
    """The time of an installation: the system's, or for a demo home the system's moved by a fixed offset."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def is_moved(self) -> bool:
        """Whether this is a demo clock."""
        return bool(self.offset)


def local(moment: datetime) -> datetime:
    """``moment`` on the wall clock of the installation.

    Raises:
        ValueError: ``moment`` is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive time: {moment!r}")
    return moment.astimezone(ZONE)


def local_day(moment: datetime) -> date:
    """The day on which ``moment`` falls in the installation's zone; it decides the year of a session."""
    return local(moment).date()


def local_midnight(day: date) -> datetime:
    """The first moment of ``day``, aware."""
    return datetime.combine(day, time(), ZONE)


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """``[start, end)`` of the days ``first`` to ``last``, both included."""
    return local_midnight(first), local_midnight(last + timedelta(days=1))


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """``[start, end)`` of a calendar year in the installation's zone."""
    return local_midnight(date(year, 1, 1)), local_midnight(date(year + 1, 1, 1))


def implausible(field: str, moment: datetime | None) -> list[FieldProblem]:
    """Return the problem of a moment outside the years this program plans for, or nothing."""
    return [] if moment is None else _out_of_range(field, moment.year)


def implausible_day(field: str, day: date | None) -> list[FieldProblem]:
    """Return the problem of a day outside the years this program plans for, or nothing."""
    return [] if day is None else _out_of_range(field, day.year)


def _out_of_range(field: str, year: int) -> list[FieldProblem]:
    if FIRST_YEAR <= year <= LAST_YEAR:
        return []
    return [FieldProblem(field, "year-out-of-range", {"first": FIRST_YEAR, "last": LAST_YEAR, "year": year})]
