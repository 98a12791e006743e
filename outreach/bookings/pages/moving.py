"""Changing, moving and cancelling a published session from the desk."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings import session_changes
from outreach.bookings.forms import CancelSessionForm, MoveForm, move_order
from outreach.bookings.queries import bookings_of_session
from outreach.events.domain.errors import NeedsReasonError
from outreach.events.domain.visibility import may_manage
from outreach.events.menu import event_by_id, venues_page
from outreach.events.queries import SessionRow, twin_of_year, visible_session
from outreach.events.wording import refusal_texts
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}

_FIELDS = tuple(name for name in MoveForm.__struct_fields__ if name not in ("reason", "override_reason", "revision"))


async def _managed(actor: Actor, session_id: UUID) -> SessionRow:
    session = await visible_session(actor, session_id)
    if not may_manage(actor, session.facts):
        raise ForbiddenError
    return session


@get("/desk/sessions/{session_id:str}/move", opt=STAFF, include_in_schema=False)
async def move_page(request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """What can be changed of a published session."""
    return await _move_page(request, actor, await _managed(actor, id_in_path(session_id)))


@post("/desk/sessions/{session_id:str}/move", opt=STAFF, include_in_schema=False, status_code=200)
async def move(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change or move it; everyone booked is told."""
    session, values = await _managed(actor, id_in_path(session_id)), await read_form(request)
    try:
        data = parse_form(MoveForm, values)
        changes = {name: getattr(data, name) for name in _FIELDS}
        changes["provider_ids"] = tuple(data.provider_ids)
        await session_changes.change_session(
            actor,
            now,
            session_id=session.id,
            changes=changes,
            reason=data.reason,
            revision=data.revision,
            override_reason=data.override_reason,
            strict=True,
        )
    except (InvalidError, ConflictError, StaleError) as error:
        return await _move_page(request, actor, session, typed=values, error=error)
    return back_to(f"/desk/sessions/{session.id}", saying=_("已修改，预约过的单位都会收到通知。"))


@get("/desk/sessions/{session_id:str}/cancel", opt=STAFF, include_in_schema=False)
async def cancel_page(request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """Asks before a session is cancelled: whose doing, why, and who is affected."""
    return await _cancel_page(request, await _managed(actor, id_in_path(session_id)), FormState())


@post("/desk/sessions/{session_id:str}/cancel", opt=STAFF, include_in_schema=False, status_code=200)
async def cancel(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Cancel a session and its bookings."""
    session, values = await _managed(actor, id_in_path(session_id)), await read_form(request)
    try:
        data = parse_form(CancelSessionForm, values)
        await session_changes.cancel_session(actor, now, session_id=session.id, by=data.by, reason=data.reason)
    except InvalidError as error:
        form = FormState.refused(values, error, [("by", _("谁的原因")), ("reason", _("原因"))])
        return await _cancel_page(request, session, form, status=422)
    except ConflictError as error:
        return await _cancel_page(request, session, FormState(values), status=409, refusal=message_of(error))
    return back_to(f"/desk/sessions/{session.id}", saying=_("场次已取消，预约过的单位都会收到通知。"))


async def _move_page(
    request: AnyRequest,
    actor: Actor,
    session: SessionRow,
    *,
    typed: Mapping[str, Any] | None = None,
    error: InvalidError | ConflictError | StaleError | None = None,
) -> Response[Any]:
    values: Mapping[str, Any] = typed or {
        **{name: getattr(session, name) for name in _FIELDS},
        "venue_id": session.venue_id or "",
        "revision": session.revision,
        "reason": "",
        "override_reason": "",
    }
    status = 200 if error is None else 422 if isinstance(error, InvalidError) else 409
    form = FormState.refused(values, error, move_order()) if isinstance(error, InvalidError) else FormState(values)
    event = await event_by_id(actor, session.event_id)
    people = {
        **dict(zip(session.provider_ids, session.provider_names, strict=True)),
        **dict(zip(event.provider_ids, event.provider_names, strict=True)),
    }
    venues = await venues_page(actor, active=True, limit=200)
    year = _uncounted_year(error)
    return page(
        request,
        "bookings/move.html",
        status=412 if isinstance(error, StaleError) else status,
        s=session,
        form=form,
        refusal=None if error is None or isinstance(error, InvalidError) else message_of(error),
        warnings=refusal_texts(error) if isinstance(error, NeedsReasonError) else [],
        twin=await twin_of_year(actor, session.event_id, year) if year else None,
        people=[(str(id_), name) for id_, name in people.items()],
        venues=[(str(one.id), one.name) for one in venues.items],
        booked=await _seated(session),
    )


def _uncounted_year(error: Exception | None) -> int | None:
    """The year of the day that lies outside the programme's, when that is what a reason was asked for."""
    warnings = error.facts.get("warnings", []) if isinstance(error, NeedsReasonError) else []
    return next((date.fromisoformat(one["on"]).year for one in warnings if one["code"] == "other-year"), None)


async def _cancel_page(
    request: AnyRequest,
    session: SessionRow,
    form: FormState,
    *,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    return page(
        request,
        "bookings/cancel_session.html",
        status=status,
        s=session,
        form=form,
        refusal=refusal,
        booked=await _seated(session),
    )


async def _seated(session: SessionRow) -> tuple[int, int]:
    """How many organisations hold seats or wait for them, and how many people hold seats."""
    live = [one for one in await bookings_of_session(session.id) if one.is_live]
    return len(live), sum(one.seats for one in live if one.state != "waitlisted")


ROUTES = [move_page, move, cancel_page, cancel]
