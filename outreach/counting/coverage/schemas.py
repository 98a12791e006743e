"""JSON of coverage."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.counting.coverage.figures import Coverage, CoverageRow, RampPoint
from outreach.programmes.coverage.goals import MOST_YEARS
from outreach.programmes.coverage.queries import GoalRow, OutsideRow
from outreach.programmes.schemas import Wording, Year, number
from outreach.shared.text import LINE_PATTERN, Line
from outreach.shared.time import local

__all__ = [
    "CoverageOut",
    "GoalIn",
    "GoalList",
    "GoalWording",
    "GoalsIn",
    "OutsideServiceIn",
    "OutsideServiceList",
    "OutsideServiceOut",
    "Percent",
    "RemovalIn",
    "Visits",
    "coverage_out",
    "goals_out",
    "outside_service_out",
]

#: Of collected members; above 100 where each is to be served more than once.
Percent = Annotated[float, Meta(gt=0, le=1000)]
Visits = Annotated[int, Meta(ge=0, le=10_000_000)]
GoalWording = Annotated[str, Meta(max_length=200, pattern=LINE_PATTERN)]


class GoalIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The goal of one year; `percent` null removes it."""

    year: Year
    percent: Percent | None
    wording: GoalWording = ""


class GoalsIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Goals of several years at once; years that are not named stay as they are."""

    organisation_id: UUID | None = None
    goals: Annotated[list[GoalIn], Meta(min_length=1, max_length=MOST_YEARS)]


class GoalOut(msgspec.Struct, kw_only=True):
    """A goal that holds; `organisation_id` is the organisation above where the caller's has none of its own."""

    year: int
    percent: int | float
    wording: str
    organisation_id: UUID
    organisation_name: str


class GoalList(msgspec.Struct, kw_only=True):
    items: list[GoalOut]


class RowOut(msgspec.Struct, kw_only=True):
    """One line. `part`: `whole`, `unit` one with units below, `direct` 市直属, `district`, `unmatched` no unit known,
    `others` no members: guests and units outside. Percentages are hundredths of `members`, null without them."""

    part: str
    organisation_id: UUID | None
    name: str
    members: int | None
    visits: int
    people: int
    outside_visits: int
    outside_people: int | None
    unnamed_visits: int
    visit_percent: int | float | None
    people_percent: int | float | None
    unnamed_percent: int | float | None
    visit_goal_percent: int | float | None
    people_goal_percent: int | float | None


class RampOut(msgspec.Struct, kw_only=True):
    year: int
    goal_percent: int | float | None
    visit_percent: int | float | None
    people_percent: int | float | None


class CoveredOrganisation(msgspec.Struct, kw_only=True):
    id: UUID
    name: str


class CoverageOut(msgspec.Struct, kw_only=True):
    """Coverage 覆盖率 of a year at a day. `only_this_system`: 仅本系统, nobody entered services of another one."""

    year: int
    as_of: dt.date
    organisation: CoveredOrganisation
    goal_percent: int | float | None
    only_this_system: bool
    whole: RowOut
    by_organisation: list[RowOut]
    by_district: list[RowOut]
    ramp: list[RampOut]


class OutsideServiceIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Real-name services that another system recorded; `people` null where only visits are known."""

    organisation_id: UUID
    on: dt.date
    name: Line
    visits: Visits
    people: Visits | None = None
    note: Wording = ""
    form_key: UUID | None = None


class OutsideServiceOut(msgspec.Struct, kw_only=True):
    id: UUID
    organisation_id: UUID
    organisation_name: str
    on: dt.date
    name: str
    visits: int
    people: int | None
    note: str
    entered_by: str
    created_at: dt.datetime
    removed: bool


class OutsideServiceList(msgspec.Struct, kw_only=True):
    items: list[OutsideServiceOut]
    next: str | None
    total: int


class RemovalIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    reason: Line


def _figure(value: float | None) -> int | float | None:
    return None if value is None else number(round(value, 1))


def _row(coverage: Coverage, row: CoverageRow) -> RowOut:
    return RowOut(
        part=row.part,
        organisation_id=row.organisation_id,
        name=row.name,
        members=row.members,
        visits=row.visits,
        people=row.people,
        outside_visits=row.outside_visits,
        outside_people=row.outside_people,
        unnamed_visits=row.unnamed_visits,
        visit_percent=_figure(row.visit_percent),
        people_percent=_figure(row.people_percent),
        unnamed_percent=_figure(row.unnamed_percent),
        visit_goal_percent=_figure(coverage.reached(row.visit_percent)),
        people_goal_percent=_figure(coverage.reached(row.people_percent)),
    )


def coverage_out(coverage: Coverage, ramp: Iterable[RampPoint]) -> CoverageOut:
    """Coverage as JSON, percentages with one decimal place."""
    return CoverageOut(
        year=coverage.year,
        as_of=coverage.as_of,
        organisation=CoveredOrganisation(id=coverage.owner_id, name=coverage.owner_name),
        goal_percent=_figure(coverage.goal_percent),
        only_this_system=coverage.only_this_system,
        whole=_row(coverage, coverage.whole),
        by_organisation=[_row(coverage, one) for one in coverage.by_organisation],
        by_district=[_row(coverage, one) for one in coverage.by_district],
        ramp=[
            RampOut(
                year=one.year,
                goal_percent=_figure(one.goal_percent),
                visit_percent=_figure(one.visit_percent),
                people_percent=_figure(one.people_percent),
            )
            for one in ramp
        ],
    )


def goals_out(goals: Iterable[GoalRow]) -> GoalList:
    """Goals as JSON."""
    return GoalList(
        items=[
            GoalOut(
                year=one.year,
                percent=number(one.percent),
                wording=one.wording,
                organisation_id=one.organisation_id,
                organisation_name=one.organisation_name,
            )
            for one in goals
        ]
    )


def outside_service_out(row: OutsideRow) -> OutsideServiceOut:
    """An entry as JSON."""
    return OutsideServiceOut(
        id=row.id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        on=row.on,
        name=row.name,
        visits=row.visits,
        people=row.people,
        note=row.note,
        entered_by=row.entered_by,
        created_at=local(row.created_at),
        removed=row.removed_at is not None,
    )
