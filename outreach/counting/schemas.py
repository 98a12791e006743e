"""JSON of progress (INTERFACE, ``progress`` of one programme)."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from outreach.counting.figures import ProgrammeProgress, TargetProgress, YearProgress
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric, Status
from outreach.programmes.schemas import number

__all__ = ["ProgrammeProgressOut", "YearProgressOut", "programme_progress_out", "year_progress_out"]


class ProgrammeName(msgspec.Struct, kw_only=True):
    """Which programme the figures are of."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    year: int
    position: int
    code: str
    name: str
    mark: str
    scheduled: bool
    confidential: bool


class TargetProgressOut(msgspec.Struct, kw_only=True):
    """One target. `actual` counts what was held by `as_of`; `planned` is what is published after it; `total` stands
    beside visits of workers, else it is `null`."""

    id: UUID
    key: str
    metric: Metric
    basis: Basis
    label: str
    wording: str
    unit: str
    bound: Bound
    tolerance_percent: float | None
    counting: Counting
    value: int | float
    actual: int | float
    total: int | float | None
    planned: int | float
    percent: int | float
    pace: int | float
    forecast: int | float
    forecast_low: int | float
    forecast_high: int | float
    status: Status


class MonthOut(msgspec.Struct, kw_only=True):
    """What a month (1 to 12) brought and what is planned in it; `metric` is `sessions` or `visits`."""

    month: int
    metric: Metric
    actual: int | float
    planned: int | float


class ProgrammeProgressOut(msgspec.Struct, kw_only=True):
    """Progress of one programme. `unrecorded`: sessions past without a record, in no figure."""

    programme: ProgrammeName
    year: int
    as_of: date
    unrecorded: int
    targets: list[TargetProgressOut]
    months: list[MonthOut]


class YearProgressOut(msgspec.Struct, kw_only=True):
    """Progress of every programme of a year that the caller reads, in the order of the notice."""

    year: int
    as_of: date
    title: str
    document: str
    unrecorded: int
    items: list[ProgrammeProgressOut]
    next: str | None
    total: int


_FIGURES = frozenset(
    ("value", "actual", "total", "planned", "percent", "pace", "forecast", "forecast_low", "forecast_high")
)


def _target(one: TargetProgress) -> TargetProgressOut:
    facts: dict[str, Any] = {name: getattr(one, name) for name in TargetProgressOut.__struct_fields__}
    for name in _FIGURES:
        facts[name] = None if facts[name] is None else number(facts[name])
    return TargetProgressOut(**facts)


def programme_progress_out(progress: ProgrammeProgress) -> ProgrammeProgressOut:
    """One programme as JSON."""
    return ProgrammeProgressOut(
        programme=ProgrammeName(
            **{name: getattr(progress.programme, name) for name in ProgrammeName.__struct_fields__}
        ),
        year=progress.year,
        as_of=progress.as_of,
        unrecorded=progress.unrecorded,
        targets=[_target(one) for one in progress.targets],
        months=[
            MonthOut(month=one.month, metric=one.metric, actual=number(one.actual), planned=number(one.planned))
            for one in progress.months
        ],
    )


def year_progress_out(progress: YearProgress) -> YearProgressOut:
    """A year as JSON; all of it at once, a year has few programmes."""
    items = [programme_progress_out(one) for one in progress.programmes]
    return YearProgressOut(
        year=progress.year,
        as_of=progress.as_of,
        title=progress.title,
        document=progress.document,
        unrecorded=progress.unrecorded,
        items=items,
        next=None,
        total=len(items),
    )
