"""The analysis of a year as pages of the desk: every figure leads to the sessions behind it."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from outreach.accounts.queries import root_organisation
from outreach.counting import overview_drawings as drawings
from outreach.counting.months import sources_of
from outreach.counting.overview import overview_of
from outreach.counting.scope import Scope, owners_of_years, scope_asked
from outreach.events.domain.districts import short_district
from outreach.programmes.asking import IdAsked, PageNumber, YearAsked
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.charts import shade_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}

#: Sessions on one page behind a figure; units and items of the menu that stand there at once, and at most.
PER_PAGE, SHOWN, MOST_UNITS = 100, 10, 200
#: How long a unit had nothing, without a wish.
UNSERVED_YEARS = 2

MonthAsked = Annotated[int | None, QueryParameter(ge=1, le=12)]
DistrictAsked = Annotated[str | None, QueryParameter(max_length=40)]
YearsBack = Annotated[int, QueryParameter(name="unserved", ge=1, le=10)]


def _address(path: str, scope: Scope, **further: object) -> str:
    """``path`` with the year, the day and the organisation, and what is not ``None`` of the rest."""
    given = {"year": scope.span.year, "as_of": scope.span.as_of.isoformat(), "organisation": scope.owner.id, **further}
    return f"{path}?{urlencode({name: value for name, value in given.items() if value is not None})}"


@get("/desk/figures", opt=STAFF, include_in_schema=False)
async def figures_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
    unserved_years: YearsBack = UNSERVED_YEARS,
) -> Response[Any]:
    """Months and districts, the year before, quarters, orders, units without a session."""
    if actor.is_administrator and await root_organisation() is None:
        return back_to("/desk/organisations/new", saying=_("还没有单位，也就没有数字。请先新建工会组织。"))
    with db.reading():
        scope = await scope_asked(actor, now, year=year, as_of=as_of, organisation=organisation)
        overview = await overview_of(scope, unserved_years=unserved_years, most_units=MOST_UNITS)
        owners = await owners_of_years(actor)
    return page(
        request,
        "counting/figures.html",
        overview=overview,
        scope=scope,
        drawings=drawings,
        shade_of=shade_of,
        short_district=short_district,
        years=sorted({one.year for one in owners} | {scope.span.year}, reverse=True),
        owners={scope.owner.id: scope.owner.name} | {one.id: one.name for one in owners},
        unserved_years=unserved_years,
        shown=SHOWN,
        is_today=scope.span.as_of == local_day(now),
        sources=lambda **cell: _address("/desk/figures/sessions", scope, **cell),
    )


@get("/desk/figures/sessions", opt=STAFF, include_in_schema=False)
async def sources_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
    month: MonthAsked = None,
    district: DistrictAsked = None,
    page_number: PageNumber = 1,
) -> Response[Any]:
    """The sessions behind one figure of months and districts; they add up to it."""
    if actor.is_administrator and await root_organisation() is None:
        return back_to("/desk/organisations/new", saying=_("还没有单位，也就没有数字。请先新建工会组织。"))
    skipped = (page_number - 1) * PER_PAGE
    with db.reading():
        scope = await scope_asked(actor, now, year=year, as_of=as_of, organisation=organisation)
        found, sums = await sources_of(
            scope.now, scope.span, month=month, district=district, limit=PER_PAGE, offset=skipped
        )
    here = {"month": month, "district": district}
    return page(
        request,
        "counting/figure_sources.html",
        scope=scope,
        found=found,
        sums=sums,
        month=month,
        district=district,
        first=skipped + 1,
        back=_address("/desk/figures", scope),
        before=_address("/desk/figures/sessions", scope, **here, page=page_number - 1) if page_number > 1 else None,
        after=_address("/desk/figures/sessions", scope, **here, page=page_number + 1)
        if skipped + len(found.items) < found.total
        else None,
    )


ROUTES = [figures_page, sources_page]
