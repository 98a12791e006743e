"""Leave: of a person for staff, and one's own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts import queries
from outreach.accounts.domain.permissions import may_manage_person, may_see_person
from outreach.accounts.leave.commands import LeaveGiven, end_leave, set_leave
from outreach.accounts.leave.forms import LeaveForm, leave_order, person_chosen
from outreach.accounts.leave.queries import colleagues_of, leaves_of
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@get("/desk/people/{person_id:str}/leave", opt=STAFF, include_in_schema=False)
async def leave_page(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """When somebody is away, and who stands in."""
    id_ = id_in_path(person_id)
    await _manageable(actor, now, id_)
    return await _page(request, actor, now, id_, FormState({}, {}, leave_order()))


@post("/desk/people/{person_id:str}/leave", opt=STAFF, include_in_schema=False, status_code=200)
async def store(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Another leave."""
    id_, values = id_in_path(person_id), await read_form(request)
    await _manageable(actor, now, id_)
    return await _store(request, actor, now, id_, values, back=f"/desk/people/{id_}/leave")


@post("/desk/leaves/{leave_id:str}/end", opt=STAFF, include_in_schema=False, status_code=200)
async def end(leave_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """Back at work."""
    person_id = await end_leave(actor, now, leave_id=id_in_path(leave_id))
    return back_to(f"/desk/people/{person_id}/leave", saying=_("已销假，代理到此为止。"))


@get("/account/leave", include_in_schema=False)
async def own_page(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """When the reader is away, and which colleague stands in."""
    return await _page(request, actor, now, actor.person_id, FormState({}, {}, leave_order()))


@post("/account/leave", include_in_schema=False, status_code=200)
async def store_own(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Another leave of the reader."""
    return await _store(request, actor, now, actor.person_id, await read_form(request), back="/account/leave")


@post("/account/leaves/{leave_id:str}/end", include_in_schema=False, status_code=200)
async def end_own(
    leave_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The reader is back at work."""
    id_ = id_in_path(leave_id)
    if id_ not in {one.id for one in await leaves_of(actor.person_id, local_day(now))}:
        raise NotFoundError
    await end_leave(actor, now, leave_id=id_)
    return back_to("/account/leave", saying=_("已销假，代理到此为止。"))


async def _manageable(actor: Actor, now: datetime, person_id: UUID) -> None:
    held = await queries.held_by(person_id, local_day(now))
    if not may_see_person(actor, held):
        raise NotFoundError
    if not may_manage_person(actor, held):
        raise ForbiddenError


async def _store(
    request: AnyRequest, actor: Actor, now: datetime, person_id: UUID, values: dict[str, Any], *, back: str
) -> Response[Any]:
    try:
        form = parse_form(LeaveForm, values)
        # A contact chooses among colleagues only: what they type must not tell whose number is known here.
        named = form.deputy_named if actor.is_staff else ""
        deputy_id = await person_chosen(form.deputy_id, named, field="deputy")
        given = LeaveGiven(form.from_on, form.last_on, deputy_id, form.note)
        await set_leave(actor, now, person_id=person_id, given=given)
    except InvalidError as error:
        state = FormState.refused(values, error, leave_order())
        return await _page(request, actor, now, person_id, state, status=422)
    return back_to(back, saying=_("已记下。这几天的消息发给代理人。"))


async def _page(
    request: AnyRequest, actor: Actor, now: datetime, person_id: UUID, form: FormState, *, status: int = 200
) -> Response[Any]:
    today = local_day(now)
    person = await queries.person_by_id(person_id)
    if person is None:
        raise NotFoundError
    is_own = person_id == actor.person_id
    # Who is no staff gives no roles away: a deputy has them already.
    colleagues = await colleagues_of(person_id, today, same_role=not actor.is_staff)
    return page(
        request,
        "accounts/leave.html",
        status=status,
        form=form,
        person=person,
        leaves=await leaves_of(person_id, today),
        colleagues=[
            (one.id, _("%(name)s（%(units)s）") % {"name": one.name, "units": one.units}) for one in colleagues
        ],
        today=today,
        is_own=is_own and request.url.path.startswith("/account"),
        may_name=actor.is_staff,
    )


ROUTES = [leave_page, store, end, own_page, store_own, end_own]
