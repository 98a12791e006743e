"""Services of another system: enter one, take a mistaken one out."""

from datetime import date, datetime
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.counting.coverage.forms import OutsideServiceForm, RemovalForm, service_order
from outreach.counting.coverage.pages.showing import AnyRequest, asked_of, show
from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.coverage.commands import record_outside_service, remove_outside_service
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to

__all__ = ["ROUTES"]

STAFF = {"staff": True}


@post("/desk/coverage/services", opt=STAFF, include_in_schema=False)
async def record(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """Enter services of another system."""
    asked = await asked_of(actor, now, organisation, year, as_of)
    values = await read_form(request)
    try:
        form = parse_form(OutsideServiceForm, values)
        await record_outside_service(
            actor,
            now,
            organisation_id=form.organisation_id,
            on=form.on,
            name=form.name,
            visits=form.visits,
            people=form.people,
            note=form.note,
            form_key=form.form_key,
        )
    except InvalidError as error:
        refused = FormState.refused(values, error, service_order())
        return await show(request, actor, now, asked, service=refused, status=422)
    return back_to(asked.address(), saying=_("已填报系统外服务。"))


@post("/desk/coverage/services/{service_id:str}/remove", opt=STAFF, include_in_schema=False)
async def remove(
    request: AnyRequest,
    service_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """Take a mistaken entry out."""
    asked = await asked_of(actor, now, organisation, year, as_of)
    values = await read_form(request)
    try:
        reason = parse_form(RemovalForm, values).reason
        await remove_outside_service(actor, now, id_in_path(service_id), reason=reason)
    except InvalidError as error:
        removal = (service_id, FormState.refused(values, error))
        return await show(request, actor, now, asked, removal=removal, status=422)
    return back_to(asked.address(), saying=_("已撤回这一笔。"))


ROUTES = [record, remove]
