"""The way between districts, and days on which providers are away: what warnings are made of."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.events import commands, menu
from outreach.events.domain.permissions import may_keep_travel
from outreach.events.domain.travel import default_minutes
from outreach.events.forms import (
    AbsenceForm,
    AbsenceKey,
    TravelForm,
    TravelPair,
    absence_order,
    provider_values,
    travel_order,
)
from outreach.events.pages.keeping import provider_page
from outreach.events.queries.givers import known_districts, travel_times
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@get("/desk/travel", opt=STAFF, include_in_schema=False)
async def travel_page(
    request: AnyRequest, actor: NamedDependency[Actor], district: FromQuery[str] = ""
) -> Response[Any]:
    """Minutes from one district to each other one, by distance or as staff wrote them down."""
    return await _page(request, actor, district, FormState())


@post("/desk/travel", opt=STAFF, include_in_schema=False, status_code=200)
async def set_time(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Write down a pair."""
    values = await read_form(request)
    try:
        form = parse_form(TravelForm, values)
        await commands.set_travel_time(
            actor, now, district_a=form.district_a, district_b=form.district_b, minutes=form.minutes
        )
    except InvalidError as error:
        state = FormState.refused(values, error, travel_order())
        return await _page(request, actor, str(values.get("district_a", "")), state, status=422)
    saying = _("已记下：%(one)s到%(other)s%(minutes)s分钟。")
    named = {"one": form.district_a, "other": form.district_b, "minutes": form.minutes}
    return back_to(_path(form.district_a), saying=saying % named)


@post("/desk/travel/remove", opt=STAFF, include_in_schema=False, status_code=200)
async def remove_time(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Back to the default by distance."""
    form = parse_form(TravelPair, await read_form(request))
    await commands.remove_travel_time(actor, now, district_a=form.district_a, district_b=form.district_b)
    return back_to(_path(form.district_a), saying=_("已改回按距离估算。"))


def _path(district: str) -> str:
    return f"/desk/travel?{urlencode({'district': district})}"


async def _page(
    request: AnyRequest, actor: Actor, district: str, form: FormState, *, status: int = 200
) -> Response[Any]:
    districts, times = await known_districts(), await travel_times()
    chosen = district if district in districts else next(iter(districts), "")
    return page(
        request,
        "events/travel.html",
        status=status,
        form=form if form.values else FormState({"district_a": chosen}),
        districts=districts,
        chosen=chosen,
        rows=[
            (other, times.minutes(chosen, other), default_minutes(chosen, other), times.is_own(chosen, other))
            for other in districts
        ],
        own=len(times.own),
        may_keep=may_keep_travel(actor),
    )


# --- absences --------------------------------------------------------------------------------------------------------


@post("/desk/providers/{provider_id:str}/absences", opt=STAFF, include_in_schema=False, status_code=200)
async def add_absence(
    request: AnyRequest, provider_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Days on which a provider is away."""
    row = await menu.provider_by_id(actor, id_in_path(provider_id))
    values = await read_form(request)
    try:
        absence = parse_form(AbsenceForm, values).absence()
        await commands.add_absence(actor, now, provider_id=row.id, absence=absence)
    except InvalidError as error:
        away, stored = FormState.refused(values, error, absence_order()), FormState(provider_values(row))
        return await provider_page(request, actor, now, stored, stored=row, away=away, status=422)
    return back_to(
        f"/desk/providers/{row.id}/edit#away", saying=_("已记下。那几天排%(name)s会提醒。") % {"name": row.name}
    )


@post("/desk/providers/{provider_id:str}/absences/remove", opt=STAFF, include_in_schema=False, status_code=200)
async def remove_absence(
    request: AnyRequest, provider_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The provider is there after all."""
    form, id_ = parse_form(AbsenceKey, await read_form(request)), id_in_path(provider_id)
    await commands.remove_absence(actor, now, provider_id=id_, from_on=form.from_on, until_on=form.until_on)
    return back_to(f"/desk/providers/{id_}/edit#away", saying=_("已删去这段。"))


ROUTES = [travel_page, set_time, remove_time, add_absence, remove_absence]
