"""Days off and weekend days worked, and what else stands over the calendars."""

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.programmes.asking import YearAsked
from outreach.programmes.forms import HolidayForm, SeedForm, holiday_order
from outreach.programmes.holidays import (
    add_holiday,
    holidays_between,
    remove_holiday,
    seed_holidays,
    years_without_holidays,
)
from outreach.programmes.labels import labels_of_year
from outreach.programmes.pages.browser import STAFF, AnyRequest
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

#: The month in which the State Council's notice of the next year's days off comes out.
_OUT_IN = 11


@get("/desk/holidays", opt=STAFF, include_in_schema=False)
async def holidays_page(request: AnyRequest, now: NamedDependency[datetime], year: YearAsked = None) -> Response[Any]:
    """The days of a year; a warning when there is none."""
    return await _page(request, now, year, FormState({"kind": "off"}, {}, holiday_order()))


@post("/desk/holidays", opt=STAFF, include_in_schema=False)
async def add(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
) -> Response[Any]:
    """Add a day, or change what is said of it."""
    values = await read_form(request)
    try:
        form = parse_form(HolidayForm, values)
        await add_holiday(actor, now, on=form.on, kind=form.kind, name=form.name)
    except InvalidError as error:
        state = FormState.refused(values, error, holiday_order())
        return await _page(request, now, year, state, status=422)
    return back_to(f"/desk/holidays?year={form.on.year}", saying=_("已记下这一天。"))


@post("/desk/holidays/seed", opt=STAFF, include_in_schema=False)
async def seed(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Fill a year from the official calendar."""
    year = parse_form(SeedForm, await read_form(request)).year
    added = await seed_holidays(actor, now, year)
    saying = (
        _("已填入%(count)s天。") % {"count": added}
        if added
        else _("没有新的日子可填。国务院一般在11月公布下一年的放假安排，可以先手工添加。")
    )
    return back_to(f"/desk/holidays?year={year}", saying=saying)


@post("/desk/holidays/{holiday_id:str}/remove", opt=STAFF, include_in_schema=False)
async def remove(
    holiday_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Make a day an ordinary one again."""
    await remove_holiday(actor, now, id_in_path(holiday_id))
    return back_to("/desk/holidays", saying=_("已改回平常的日子。"))


async def _page(
    request: AnyRequest, now: datetime, asked: int | None, form: FormState, *, status: int = 200
) -> Response[Any]:
    today = local_day(now)
    year = asked or today.year
    days = await holidays_between(date(year, 1, 1), date(year, 12, 31))
    # The list of the next year comes out in November: from then on somebody has to fill it in.
    due = [today.year, today.year + 1] if today.month >= _OUT_IN else [today.year]
    return page(
        request,
        "programmes/holidays.html",
        status=status,
        year=year,
        rows=list(days.values()),
        labels=await labels_of_year(year),
        missing=[one for one in await years_without_holidays(due) if one != year],
        form=form,
    )


ROUTES = [holidays_page, add, seed, remove]
