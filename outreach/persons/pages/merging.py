"""Duplicates: who might be one, merging them, putting a merge back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.accounts.domain.errors import RoleAlreadyGrantedError
from outreach.accounts.domain.permissions import may_manage_person, may_see_person
from outreach.accounts.leave.forms import person_chosen
from outreach.accounts.queries import PersonRow, held_by, person_by_id
from outreach.persons.domain.errors import AlreadyMergedError, NotMergedError
from outreach.persons.forms import MergeForm, merge_order
from outreach.persons.merging import merge_persons, undo_merge
from outreach.persons.queries import merges, same_names
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, OutreachError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of, status_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@get("/desk/merges", opt=STAFF, include_in_schema=False)
async def list_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """People of one name, and what was merged."""
    return await _list(request, actor)


@post("/desk/merges/{merge_id:str}/undo", opt=STAFF, include_in_schema=False, status_code=200)
async def undo(
    request: AnyRequest, merge_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Two rows again."""
    try:
        person_id = await undo_merge(actor, now, merge_id=id_in_path(merge_id))
    except (NotMergedError, RoleAlreadyGrantedError) as error:
        return await _list(request, actor, refusal=error)
    return back_to(f"/desk/people/{person_id}", saying=_("已撤回合并。要登录，请再发一张登录码。"))


@get("/desk/people/{person_id:str}/merge", opt=STAFF, include_in_schema=False)
async def form_page(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Who shall become part of this person."""
    return await _page(request, actor, now, id_in_path(person_id), FormState({}, {}, merge_order()))


@post("/desk/people/{person_id:str}/merge", opt=STAFF, include_in_schema=False, status_code=200)
async def store(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Merge them."""
    id_, values = id_in_path(person_id), await read_form(request)
    try:
        form = parse_form(MergeForm, values)
        dropped = await person_chosen(form.dropped_id, form.dropped_named, field="dropped")
        await merge_persons(actor, now, kept_id=id_, dropped_id=dropped, reason=form.reason)
    except InvalidError as error:
        state = FormState.refused(values, error, merge_order())
        return await _page(request, actor, now, id_, state, status=422)
    except AlreadyMergedError as error:
        return await _page(request, actor, now, id_, FormState(values, {}, merge_order()), refusal=error)
    return back_to(f"/desk/people/{id_}", saying=_("已合并。需要时可以在“重复的人员”里撤回。"))


async def _list(request: AnyRequest, actor: Actor, *, refusal: OutreachError | None = None) -> Response[Any]:
    return page(
        request,
        "persons/merges.html",
        status=status_of(refusal) if refusal else 200,
        twins=await same_names(actor),
        rows=await merges(actor),
        refusal=message_of(refusal) if refusal else None,
    )


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    form: FormState,
    *,
    refusal: OutreachError | None = None,
    status: int = 200,
) -> Response[Any]:
    person = await _manageable(actor, now, person_id)
    twins = await same_names(actor, person.name)
    alike = [(id_, f"{person.name}，{words}" if words else person.name) for one in twins for id_, words in one.people]
    return page(
        request,
        "persons/merge.html",
        status=status_of(refusal) if refusal else status,
        form=form,
        person=person,
        alike=[one for one in alike if one[0] != person_id],
        refusal=message_of(refusal) if refusal else None,
    )


async def _manageable(actor: Actor, now: datetime, person_id: UUID) -> PersonRow:
    held = await held_by(person_id, local_day(now))
    person = await person_by_id(person_id, actor)
    if person is None or not may_see_person(actor, held):
        raise NotFoundError
    if not may_manage_person(actor, held):
        raise ForbiddenError
    return person


ROUTES = [list_page, undo, form_page, store]
