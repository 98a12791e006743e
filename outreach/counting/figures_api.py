"""JSON of the analysis of a year."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.counting.districts import Compared, DistrictRow
from outreach.counting.leaders import Leaders
from outreach.counting.months import MonthGrid, Sum
from outreach.counting.overview import Overview, overview_of
from outreach.counting.scope import scope_asked
from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.schemas import number
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["ROUTES"]

_UNSERVED_YEARS = 2


class OrganisationName(msgspec.Struct, kw_only=True):
    """Whose figures they are, with all below it."""

    id: UUID
    name: str


class LeadersOut(msgspec.Struct, kw_only=True):
    """The figures that leaders ask for. A share or mean that rests on nothing is `null`.

    `first_time`: units that had nothing in any earlier year, `null` where none is known. `unserved_units`: units below
    that had nothing in the last two years, of all `units_below`. Money is in 分. `budget_spent_fen` is what own
    programmes with a budget have spent of `budget_fen`. `delivery_days`: from order to session, the median.
    """

    sessions: int
    visits: int
    workers: int
    visits_per_session: int | float | None
    units: int
    first_time: int | None
    non_public: int
    ownership_known: int
    non_public_percent: int | float | None
    units_below: int
    unserved_units: int
    spent_fen: int
    budget_spent_fen: int
    budget_fen: int
    budget_percent: int | float | None
    orders_asked: int
    orders_served: int
    orders_scheduled: int
    orders_waiting: int
    orders_declined: int
    orders_withdrawn: int
    fulfilled_percent: int | float | None
    delivery_days: int | float | None


class QuarterOut(msgspec.Struct, kw_only=True):
    """One quarter (1 to 4) of a programme's first target; shares are hundredths of the promise."""

    programme_id: UUID
    target_id: UUID
    quarter: int
    actual: int | float
    percent: int | float
    planned_percent: int | float | None


class MonthCellOut(msgspec.Struct, kw_only=True):
    """What a month (1 to 12) brought in a district of the place; an empty one: not given. Others brought nothing."""

    district: str
    month: int
    sessions: int
    visits: int
    workers: int


class DistrictOut(msgspec.Struct, kw_only=True):
    """A district by place (`sessions`, `visits`) and by the units at home in it (`home_…`), and per 1,000 members.

    The one without a name holds what belongs to no district.
    """

    district: str
    members: int | None
    sessions: int
    visits: int
    visits_per_thousand: int | float | None
    home_sessions: int
    home_visits: int
    home_visits_per_thousand: int | float | None


class FiguresOut(msgspec.Struct, kw_only=True):
    """A year of an organisation and all below it at a day. `last_year`: at the same day of the year before."""

    organisation: OrganisationName
    year: int
    as_of: date
    leaders: LeadersOut
    quarters: list[QuarterOut]
    months: list[MonthCellOut]
    districts: list[DistrictOut]
    last_year: dict[str, int]


@get(
    "/api/v1/figures",
    operation_id="yearFigures",
    summary="The figures of a year that leaders ask for",
    tags=["progress"],
)
async def figures_of_year(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
) -> FiguresOut:
    """For staff and evaluators: of their own organisation and all below it, or of one of these."""
    with db.reading():
        scope = await scope_asked(actor, now, year=year, as_of=as_of, organisation=organisation)
        return _figures(await overview_of(scope, unserved_years=_UNSERVED_YEARS, most_units=0))


def _number(value: float | None) -> int | float | None:
    return None if value is None else number(round(value, 2))


def _figures(overview: Overview) -> FiguresOut:
    scope = overview.scope
    return FiguresOut(
        organisation=OrganisationName(id=scope.owner.id, name=scope.owner.name),
        year=scope.span.year,
        as_of=scope.span.as_of,
        leaders=_leaders(overview.leaders, overview),
        quarters=[
            QuarterOut(
                programme_id=line.programme.id,
                target_id=line.target.id,
                quarter=place,
                actual=number(quarter.actual),
                percent=number(round(quarter.percent, 2)),
                planned_percent=_number(quarter.planned_percent),
            )
            for line in overview.quarters
            for place, quarter in enumerate(line.quarters, 1)
        ],
        months=_months(overview.grid),
        districts=_districts(overview.compared),
        last_year={"sessions": overview.before.sessions, "visits": overview.before.visits},
    )


def _leaders(one: Leaders, overview: Overview) -> LeadersOut:
    orders = overview.demand.whole
    return LeadersOut(
        sessions=one.sums.sessions,
        visits=one.sums.visits,
        workers=one.sums.workers,
        visits_per_session=_number(one.visits_per_session),
        units=one.units,
        first_time=one.units_first_time,
        non_public=one.non_public,
        ownership_known=one.ownership_known,
        non_public_percent=_number(one.non_public_percent),
        units_below=overview.unserved.units,
        unserved_units=overview.unserved.total,
        spent_fen=one.spent_fen,
        budget_spent_fen=one.budgeted_fen,
        budget_fen=one.budget_fen,
        budget_percent=_number(one.budget_percent),
        orders_asked=orders.asked,
        orders_served=orders.served,
        orders_scheduled=orders.scheduled,
        orders_waiting=orders.waiting,
        orders_declined=orders.declined,
        orders_withdrawn=orders.withdrawn,
        fulfilled_percent=_number(one.fulfilled_percent),
        delivery_days=_number(one.delivery_days),
    )


def _months(grid: MonthGrid) -> list[MonthCellOut]:
    return [
        MonthCellOut(district=name, month=month, sessions=one.sessions, visits=one.visits, workers=one.workers)
        for name, row in grid.rows.items()
        for month, one in enumerate(row, 1)
        if one != Sum()
    ]


def _districts(compared: Compared) -> list[DistrictOut]:
    rows: list[DistrictRow] = [*compared.districts]
    # What belongs to no district stands in one row without a name: places that have none, and by home 市直属, what the
    # owner did at nobody's site, guests and units outside.
    theirs = [compared.direct.theirs, compared.own, compared.others]
    homeless = Sum(sum(one.sessions for one in theirs), sum(one.visits for one in theirs))
    rest = DistrictRow("", None, compared.nowhere, homeless)
    if rest.here != Sum() or rest.theirs != Sum():
        rows.append(rest)
    return [
        DistrictOut(
            district=row.name,
            members=row.members,
            sessions=row.here.sessions,
            visits=row.here.visits,
            visits_per_thousand=_number(row.here_per_thousand),
            home_sessions=row.theirs.sessions,
            home_visits=row.theirs.visits,
            home_visits_per_thousand=_number(row.theirs_per_thousand),
        )
        for row in rows
    ]


ROUTES = [figures_of_year]
