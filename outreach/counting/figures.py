"""Figures as every page, answer, document and table shows them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.programmes.domain.forecast import KEPT
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric, Status
from outreach.programmes.queries import ProgrammeRow

__all__ = [
    "BurnUp",
    "CountedSession",
    "Cumulative",
    "CumulativeForecast",
    "DistrictFigure",
    "MonthFigure",
    "ProgrammeProgress",
    "TargetProgress",
    "YearProgress",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetProgress:
    """One target at one day.

    Attributes:
        key: the id in the programme's file (``lectures``); ``id`` is the opaque one.
        label: what it is called, never empty: a word for the metric stands in where the notice gives none.
        wording: the notice's own words, perhaps empty.
        value: what was promised, in ``unit``.
        actual: what was reached by the day; for visits on the basis of workers only theirs.
        total: visits of everybody beside a basis of workers, else ``None``.
        planned: what published sessions after the day should add; 0 where no session yields the figure.
        percent: actual in hundredths of value.
        pace: what should be reached by the day (序时).
        forecast: at the end of the year, with its range (80 of 100 ends lie within).
        too_early: the forecast carries on the rate of a few days; sentences say so instead of the figure.
        kept: how likely a published session takes place, from 0 to 1.
        ramp: of a promise over several years its values by year; empty: of one year.
    """

    id: UUID
    key: str
    programme_id: UUID
    metric: Metric
    basis: Basis
    label: str
    wording: str
    unit: str
    bound: Bound
    counting: Counting
    value: float
    tolerance_percent: float | None
    kinds: tuple[str, ...] = ()
    actual: float
    total: float | None
    planned: float
    percent: float
    pace: float
    forecast: float
    forecast_low: float
    forecast_high: float
    too_early: bool = False
    kept: float = KEPT
    ramp: tuple[tuple[int, float], ...] = ()
    status: Status


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """What one month (1 to 12) brought and what is still planned in it; metric is ``sessions`` or ``visits``."""

    month: int
    metric: Metric
    actual: float
    planned: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeProgress:
    """A programme at one day. ``unrecorded``: sessions published, past, without a record; not in any figure."""

    programme: ProgrammeRow
    year: int
    as_of: date
    unrecorded: int
    targets: tuple[TargetProgress, ...]
    months: tuple[MonthFigure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearProgress:
    """All programmes of one year at one day; title and document are those of the notice, empty without one."""

    year: int
    as_of: date
    title: str
    document: str
    programmes: tuple[ProgrammeProgress, ...]
    unrecorded: int


@dataclass(frozen=True, slots=True)
class Cumulative:
    """What was, or should be, reached by the end of a day."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class CumulativeForecast:
    """What will be reached by the end of a day, with its range."""

    on: date
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnUp:
    """A year of one target, cumulative: ends of months, and ``as_of``. Draw it with ``drawings.burn_up_data``."""

    programme: ProgrammeRow
    target: TargetProgress
    year: int
    as_of: date
    actual: tuple[Cumulative, ...]
    plan: tuple[Cumulative, ...]
    forecast: tuple[CumulativeForecast, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictFigure:
    """Sessions and visits of one programme in one district (地点: of the place; empty when none was given)."""

    district: str
    programme_id: UUID
    programme_name: str
    sessions: int
    visits: int
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedSession:
    """A session that is in the figures.

    ``place`` and ``host`` are empty for a confidential programme; for a guest (barracks, care home, school) the place
    is its district only and the host is not named.
    """

    id: UUID
    starts_at: datetime
    ends_at: datetime
    programme_id: UUID
    programme_name: str
    programme_mark: str
    title: str
    kind: str
    place: str
    district: str
    host: str
    visits: int | None
    workers: int | None
    state: str
