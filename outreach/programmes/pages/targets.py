"""The form of one target."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.programmes.commands.programmes import change_target, create_target, remove_target
from outreach.programmes.domain.errors import TargetInUseError
from outreach.programmes.forms import ReasonForm, TargetForm, completed_target, target_order, target_values
from outreach.programmes.pages.browser import STAFF, AnyRequest, changeable, choices_of_targets
from outreach.programmes.queries import ProgrammeRow, TargetRow, target_by_id, targets_of
from outreach.programmes.wording import target_name
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]


@get("/desk/programmes/{programme_id:str}/targets/new", opt=STAFF, include_in_schema=False)
async def new_target_page(
    request: AnyRequest, programme_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form."""
    programme = await changeable(actor, programme_id)
    return _form(request, programme, None, FormState(target_values(None), {}, target_order()))


@post("/desk/programmes/{programme_id:str}/targets/new", opt=STAFF, include_in_schema=False)
async def create(
    request: AnyRequest, programme_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Make the target."""
    programme = await changeable(actor, programme_id)
    values = await read_form(request)
    known = (await targets_of([programme.id]))[programme.id]
    try:
        given = parse_form(TargetForm, completed_target(values, None, known))
        await create_target(actor, now, programme.id, given.facts())
    except InvalidError as error:
        return _form(request, programme, None, FormState.refused(values, error, target_order()), status=422)
    return back_to(f"/desk/programmes/{programme.id}/edit", saying=_("已新建指标。"))


@get("/desk/programmes/{programme_id:str}/targets/{target_id:str}", opt=STAFF, include_in_schema=False)
async def target_page(
    request: AnyRequest, programme_id: FromPath[str], target_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a stored target."""
    programme, target = await _stored(actor, programme_id, target_id)
    return _form(request, programme, target, FormState(target_values(target), {}, target_order()))


@post("/desk/programmes/{programme_id:str}/targets/{target_id:str}", opt=STAFF, include_in_schema=False)
async def change(
    request: AnyRequest,
    programme_id: FromPath[str],
    target_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Store the form."""
    programme, target = await _stored(actor, programme_id, target_id)
    values = await read_form(request)
    try:
        await change_target(actor, now, target.id, parse_form(TargetForm, completed_target(values, target, ())).facts())
    except InvalidError as error:
        return _form(request, programme, target, FormState.refused(values, error, target_order()), status=422)
    except TargetInUseError as error:
        state = FormState(values, {"metric": message_of(error)[1]}, target_order())
        return _form(request, programme, target, state, status=409)
    return back_to(f"/desk/programmes/{programme.id}/edit", saying=_("已保存指标。"))


@post("/desk/programmes/{programme_id:str}/targets/{target_id:str}/remove", opt=STAFF, include_in_schema=False)
async def remove(
    request: AnyRequest,
    programme_id: FromPath[str],
    target_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take a target back that has no entries."""
    programme, target = await _stored(actor, programme_id, target_id)
    values = await read_form(request)
    stored = target_values(target)
    try:
        await remove_target(actor, now, target.id, reason=parse_form(ReasonForm, values).reason)
    except InvalidError as error:
        refused = FormState.refused(values, error)
        return _form(request, programme, target, FormState(stored, {}, target_order()), removal=refused, status=422)
    except TargetInUseError as error:
        state = FormState(stored, {"key": message_of(error)[1]}, target_order())
        return _form(request, programme, target, state, status=409)
    return back_to(f"/desk/programmes/{programme.id}/edit", saying=_("已删去指标。"))


async def _stored(actor: Actor, programme_id: str, target_id: str) -> tuple[ProgrammeRow, TargetRow]:
    programme = await changeable(actor, programme_id)
    target = await target_by_id(id_in_path(target_id))
    if target.programme_id != programme.id:
        raise NotFoundError
    return programme, target


def _form(
    request: AnyRequest,
    programme: ProgrammeRow,
    target: TargetRow | None,
    form: FormState,
    *,
    removal: FormState | None = None,
    status: int = 200,
) -> Response[Any]:
    return page(
        request,
        "programmes/target.html",
        status=status,
        programme=programme,
        target=target,
        target_words=target_name(target.label, target.metric, target.basis, target.kinds or programme.kinds)
        if target
        else "",
        form=form,
        removal=removal,
        choices=choices_of_targets(),
    )


ROUTES = [new_target_page, create, target_page, change, remove]
