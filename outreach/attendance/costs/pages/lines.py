"""What one session cost: its lines, one more, change one, take one back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.access import managed
from outreach.attendance.costs.commands import change_cost, record_cost, remove_cost
from outreach.attendance.costs.domain.drafts import may_have_costs
from outreach.attendance.costs.domain.money import KIND_WORDS, SOURCES, hours_text, mean_fen, yuan_text
from outreach.attendance.costs.forms import (
    CostForm,
    RemoveForm,
    cost_order,
    empty_values,
    kind_options,
    stored_values,
)
from outreach.attendance.costs.queries import CostRow, cost_by_id, costs_of, visits_of
from outreach.attendance.queries import year_is_closed
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, OutreachError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, new_id
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of, status_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why the page came back: a form, the removal of a line, or a refusal over the page."""

    status: int
    form: FormState | None = None
    refusal: tuple[str, str] | None = None
    removal: tuple[UUID, FormState] | None = None


@get("/desk/sessions/{session_id:str}/costs", opt=STAFF, include_in_schema=False)
async def costs_page(request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The lines, their sum and the cost per visit, and a form for one more."""
    return await _page(request, actor, id_in_path(session_id))


@post("/desk/sessions/{session_id:str}/costs", opt=STAFF, include_in_schema=False, status_code=200)
async def record(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """One more line."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(CostForm, values)
        row = await record_cost(actor, now, session_id=id_, draft=data.draft(), form_key=data.form_key)
    except (InvalidError, ConflictError) as error:
        return await _page(request, actor, id_, _trouble(values, error))
    return back_to(f"/desk/sessions/{id_}/costs", saying=_("已登记%(yuan)s元。") % {"yuan": yuan_text(row.amount_fen)})


def _trouble(values: Mapping[str, Any], error: OutreachError) -> _Trouble:
    if not isinstance(error, InvalidError):
        return _Trouble(409, FormState(values, {}, cost_order()), message_of(error))
    if any(one.field == "form_key" for one in error.problems):  # the form's line is gone: it makes another one
        values = {**values, "form_key": str(new_id())}
    return _Trouble(422, FormState.refused(values, error, cost_order()))


async def _page(request: AnyRequest, actor: Actor, session_id: UUID, trouble: _Trouble | None = None) -> Response[Any]:
    session = await managed(actor, session_id)
    rows = (await costs_of([session_id]))[session_id]
    total, visits = sum(one.amount_fen for one in rows), await visits_of(session_id)
    closed = await year_is_closed(session)
    return page(
        request,
        "attendance/costs.html",
        status=trouble.status if trouble else 200,
        s=session,
        rows=rows,
        total=total,
        visits=visits,
        per_visit=mean_fen(total, visits),
        fees=any(one.kind == "fee" for one in rows),
        takes=may_have_costs(session.state) and not closed,
        year_closed=closed,
        refusal=trouble.refusal if trouble else None,
        removal=trouble.removal if trouble else None,
        form=(trouble.form if trouble else None) or FormState(empty_values(session), {}, cost_order()),
        **_words(session, None),
    )


def _words(session: SessionRow, row: CostRow | None) -> dict[str, Any]:
    """What the fields of a line offer; the stored provider stays a choice when the session is given by others now."""
    providers = {str(id_): name for id_, name in zip(session.provider_ids, session.provider_names, strict=True)}
    if row is not None and row.provider_id is not None:
        providers.setdefault(str(row.provider_id), row.provider_name)
    return {
        "kinds": kind_options(),
        "kind_words": KIND_WORDS,
        "providers": list(providers.items()),
        "sources": [_(one) for one in SOURCES],
        "yuan_text": yuan_text,
        "hours_text": hours_text,
    }


@get("/desk/costs/{cost_id:str}", opt=STAFF, include_in_schema=False)
async def cost_page(request: AnyRequest, cost_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form of a stored line."""
    row = await cost_by_id(id_in_path(cost_id))
    session = await managed(actor, row.session_id)
    return _cost_page(request, session, row, FormState(stored_values(row), {}, cost_order()))


@post("/desk/costs/{cost_id:str}", opt=STAFF, include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest, cost_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Store the form."""
    id_, values = id_in_path(cost_id), await read_form(request)
    try:
        data = parse_form(CostForm, values)
        draft = data.draft()
        row = await change_cost(
            actor, now, cost_id=id_, changed=lambda _row: draft, revision=data.revision, reason=data.reason
        )
    except (InvalidError, ConflictError, StaleError) as error:
        return await _unchanged(request, actor, id_, values, error)
    return back_to(f"/desk/sessions/{row.session_id}/costs", saying=_("已改好，原来的金额记在操作日志里。"))


async def _unchanged(
    request: AnyRequest, actor: Actor, cost_id: UUID, values: Mapping[str, Any], error: OutreachError
) -> Response[Any]:
    """What was typed stays; where somebody was faster, the next try goes over what is shown now."""
    row = await cost_by_id(cost_id)
    session = await managed(actor, row.session_id)
    form = FormState({**values, "revision": row.revision}, {}, cost_order())
    if isinstance(error, InvalidError):
        form = FormState.refused(values, error, cost_order())
    return _cost_page(request, session, row, form, error)


def _cost_page(
    request: AnyRequest, session: SessionRow, row: CostRow, form: FormState, error: OutreachError | None = None
) -> Response[Any]:
    refusal = message_of(error) if error and not isinstance(error, InvalidError) else None
    return page(
        request,
        "attendance/cost_form.html",
        status=status_of(error) if error else 200,
        s=session,
        row=row,
        form=form,
        refusal=refusal,
        stale=isinstance(error, StaleError),
        **_words(session, row),
    )


@post("/desk/costs/{cost_id:str}/remove", opt=STAFF, include_in_schema=False, status_code=200)
async def remove(
    request: AnyRequest, cost_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Take a line back."""
    id_, values = id_in_path(cost_id), await read_form(request)
    try:
        data = parse_form(RemoveForm, values)
        row = await remove_cost(actor, now, cost_id=id_, reason=data.reason, revision=data.revision)
    except (InvalidError, ConflictError, StaleError) as error:
        return await _not_removed(request, actor, id_, values, error)
    saying = _("已删去%(yuan)s元，操作日志里保留。") % {"yuan": yuan_text(row.amount_fen)}
    return back_to(f"/desk/sessions/{row.session_id}/costs", saying=saying)


async def _not_removed(
    request: AnyRequest, actor: Actor, cost_id: UUID, values: Mapping[str, Any], error: OutreachError
) -> Response[Any]:
    row = await cost_by_id(cost_id)
    if isinstance(error, InvalidError):
        trouble = _Trouble(422, removal=(cost_id, FormState.refused(values, error)))
    else:
        trouble = _Trouble(status_of(error), refusal=message_of(error))
    return await _page(request, actor, row.session_id, trouble)


ROUTES = [costs_page, record, cost_page, change, remove]
