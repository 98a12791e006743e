"""What a target promises, when it is met, and how far it is: the formulas of DESIGN, "How things are counted"."""

from enum import StrEnum

__all__ = ["Basis", "Bound", "Counting", "Metric", "Status", "is_met", "least_value", "limits", "percent", "status_of"]

#: Figures are compared at this many places, so that 50 × 0.9 is exactly 45.
_PLACES = 6


class Metric(StrEnum):
    """What a target measures."""

    SESSIONS = "sessions"
    VISITS = "visits"
    PEOPLE = "people"
    LECTURERS = "lecturers"
    COURSES = "courses"
    TALLY = "tally"

    @property
    def comes_from_sessions(self) -> bool:
        """Whether the figure grows with the sessions held, so that published sessions are its plan."""
        return self in (Metric.SESSIONS, Metric.VISITS, Metric.PEOPLE, Metric.COURSES)


class Bound(StrEnum):
    """How the notice binds itself: 不少于/以上, 超过, 左右, or a bare figure."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    ABOUT = "about"
    PLAIN = "plain"


class Counting(StrEnum):
    """``flow`` adds up over the year; of ``level`` the latest counts."""

    FLOW = "flow"
    LEVEL = "level"


class Basis(StrEnum):
    """Whose visits are measured: everybody's, or those of workers (其中职工)."""

    ALL = "all"
    WORKERS = "workers"


class Status(StrEnum):
    """How a target stands."""

    MET = "met"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BEHIND = "behind"


def limits(value: float, tolerance_percent: float) -> tuple[float, float]:
    """Lower and upper limit of 左右: ``(45, 55)`` for 50 ± 10 %."""
    margin = value * tolerance_percent / 100
    return round(value - margin, _PLACES), round(value + margin, _PLACES)


def least_value(bound: Bound, value: float, tolerance_percent: float | None) -> float:
    """The figure at which the promise begins to be kept; 超过 asks for more than it."""
    return limits(value, tolerance_percent or 0)[0] if bound is Bound.ABOUT else value


def is_met(bound: Bound, value: float, actual: float, tolerance_percent: float | None = None) -> bool:
    """Whether ``actual`` keeps the promise: 超过 150 is met by 151, 以上 50 by 50, 左右 50 ± 10 % by 45.

    More than the upper limit of 左右 is 超额 and no fault; a bare figure is met by itself.
    """
    reached, asked = round(actual, _PLACES), round(least_value(bound, value, tolerance_percent), _PLACES)
    return reached > asked if bound is Bound.MORE_THAN else reached >= asked


def percent(actual: float, value: float) -> float:
    """``actual`` in hundredths of ``value``, one place; a promise of nothing is kept at once."""
    return round(actual / value * 100, 1) if value > 0 else 100.0


def status_of(
    bound: Bound,
    value: float,
    tolerance_percent: float | None,
    *,
    actual: float,
    forecast: float,
    forecast_low: float,
) -> Status:
    """``met``; ``on_track`` if the low forecast keeps the promise, ``at_risk`` if the middle one does; ``behind``."""
    for figure, status in ((actual, Status.MET), (forecast_low, Status.ON_TRACK), (forecast, Status.AT_RISK)):
        if is_met(bound, value, figure, tolerance_percent):
            return status
    return Status.BEHIND
