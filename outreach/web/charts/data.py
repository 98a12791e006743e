"""What the charts show. Plain figures: who draws knows nothing of where they come from."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class BulletData:
    """One target on one bar.

    Attributes:
        label: the whole sentence (``wording.progress_sentence``).
        actual: what is done.
        goal: what was promised; ``None`` or 0: no promise, so no track and no upright.
        planned: what is published and not yet held.
        pace: what should be done by now; ``None``: not shown (met, or nothing to compare with).
        low_limit, high_limit: the limits of 左右, both or neither.
        forecast, forecast_low, forecast_high: at the end of the year, all or none.
    """

    label: str
    actual: float
    goal: float | None = None
    planned: float = 0
    pace: float | None = None
    low_limit: float | None = None
    high_limit: float | None = None
    forecast: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None


@dataclass(frozen=True, slots=True)
class SeatsData:
    """The seats of one session; ``confirmed`` and ``pending`` are seats, not bookings."""

    label: str
    capacity: int | None
    confirmed: int
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """A cumulative figure at the end of a day."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """A cumulative forecast at the end of a day, with its range."""

    on: date
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class BurnUpData:
    """A year of one target, cumulative.

    Attributes:
        label: the whole sentence (``burn_up_sentence``).
        year: the calendar year on the axis.
        actual: points up to ``today``, in order; the curve starts at zero on 1 January by itself.
        plan: the published plan or pace over the year; may be empty.
        forecast: points after ``today``, the last at the end of the year; may be that one alone, or none.
        goal: where the target line stands; for 左右 its lower limit. ``None`` or 0: no line.
        goal_label: the words on that line, ``超过150`` or ``50场左右，下限45``.
        unit: stands behind the figure of today.
        today: draws the upright; ``None`` when the year is over or has not begun.
    """

    label: str
    year: int
    actual: tuple[Point, ...] = ()
    plan: tuple[Point, ...] = ()
    forecast: tuple[ForecastPoint, ...] = ()
    goal: float | None = None
    goal_label: str = ""
    unit: str = ""
    today: date | None = None


def by_month(year: int, month_ends: Sequence[float], *last: Point) -> tuple[Point, ...]:
    """Points from cumulative figures at the ends of January, February, …, then ``last`` (today's, say)."""
    ends = (date(year, month, monthrange(year, month)[1]) for month in range(1, 13))
    return (*(Point(on, value) for on, value in zip(ends, month_ends, strict=False)), *last)
