"""点名: the list of a session's people on the phone of who keeps it. By forms; the script adds what works offline."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.attendees import identity_key
from outreach.attendance.domain.doors import day_at
from outreach.attendance.domain.headcounts import days_of
from outreach.attendance.doors import kept_session
from outreach.attendance.queries import year_is_closed
from outreach.attendance.ticking.answers import Answer
from outreach.attendance.ticking.commands import TickGiven, record_ticks
from outreach.attendance.ticking.domain.ticks import USUAL_REASON, WAY_WORDS, Outcome, seconds_to_keep
from outreach.attendance.ticking.forms import AddForm, TickForm, UndoForm, add_order, seen, undo_order
from outreach.attendance.ticking.queries import asks_for_numbers, booked_units, list_of_day
from outreach.attendance.ticking.schemas import refusal_of
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path, new_id
from outreach.shared.time import ZONE, local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import STATIC, back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
LIST = "/sessions/{session_id:str}/list"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What of the list is shown, and what was wrong. ``undo``: the id of who is to be taken off."""

    on: str = ""
    q: str = ""
    undo: str = ""
    form: FormState | None = None
    refusal: tuple[str, str] | None = None
    status: int = 200


@get(LIST, include_in_schema=False)
async def list_page(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    on: FromQuery[str] = "",
    q: FromQuery[str] = "",
    undo: FromQuery[str] = "",
) -> Response[Any]:
    """Who is expected or there; ``on`` chooses the day, else the server's clock does."""
    return await _page(request, actor, now, id_in_path(session_id), _Shown(on=on, q=q[:60], undo=undo))


@post(LIST + "/tick", include_in_schema=False, status_code=200)
async def tick(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """点到: the person came."""
    values = await read_form(request)
    data = parse_form(TickForm, values)
    id_, revision = seen(data.tick)
    given = TickGiven(key=new_id(), attendee_id=id_, seen_revision=revision)
    return await _taken(request, actor, now, settings, id_in_path(session_id), data.on, given, values)


@post(LIST + "/undo", include_in_schema=False, status_code=200)
async def undo_tick(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """撤回: the person did not come after all."""
    session, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(UndoForm, values)
    except InvalidError as error:
        form = FormState.refused(values, error, undo_order())
        shown = _Shown(on=_text(values, "on"), undo=_text(values, "undo")[:36], form=form, status=422)
        return await _page(request, actor, now, session, shown)
    id_, revision = seen(data.undo)
    given = TickGiven(key=new_id(), attendee_id=id_, present=False, seen_revision=revision, reason=data.reason)
    return await _taken(request, actor, now, settings, session, data.on, given, values)


@post(LIST + "/add", include_in_schema=False, status_code=200)
async def add(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """添加一位: somebody who came and is on no list."""
    session, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(AddForm, values)
    except InvalidError as error:
        form = FormState.refused(values, error, add_order())
        return await _page(request, actor, now, session, _Shown(on=_text(values, "on"), form=form, status=422))
    given = TickGiven(key=new_id(), name=data.name, unit=data.unit, phone=data.phone)
    return await _taken(request, actor, now, settings, session, data.on, given, values)


def _text(values: dict[str, Any], name: str) -> str:
    return str(values.get(name, ""))


async def _taken(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    settings: Settings,
    session_id: UUID,
    on: date,
    given: TickGiven,
    values: dict[str, Any],
) -> Response[Any]:
    """Take one tap of a form; what it met is said on the same page."""
    (answer,) = await record_ticks(actor, now, key=identity_key(settings), session_id=session_id, on=on, ticks=[given])
    if answer.outcome in (Outcome.DONE, Outcome.ALREADY):
        place = f"#p-{answer.attendee.id}" if answer.attendee else ""
        return back_to(f"/sessions/{session_id}/list?on={on.isoformat()}{place}", saying=_said(given, answer))
    form, refusal, status = _met(values, given, answer)
    shown = _Shown(on=on.isoformat(), form=form, refusal=refusal, status=status)
    return await _page(request, actor, now, session_id, shown)


def _said(given: TickGiven, answer: Answer) -> str:
    if answer.outcome is Outcome.ALREADY:
        return _("已经是到场的，没有变动。") if given.present else _("已经是没到的，没有变动。")
    return _("已点到。") if given.present else _("已撤回。")


def _met(
    values: dict[str, Any], given: TickGiven, answer: Answer
) -> tuple[FormState | None, tuple[str, str] | None, int]:
    """Form, refusal and status of a tap that was not taken; what was typed of a person to add stays."""
    form = None if given.attendee_id else FormState(values, {}, add_order())
    if answer.refusal is None:
        return form, _changed(given), 409
    error = refusal_of(answer.refusal)
    if isinstance(error, InvalidError):
        return FormState.refused(values, error, add_order()), None, 422
    return form, message_of(error), 409


def _changed(given: TickGiven) -> tuple[str, str]:
    if given.present:
        return _("没有点到"), _("您点的时候，别人刚把这个人撤回了。确实到了的，请再点一次。")
    return _("没有撤回"), _("您撤回以前，这个人又有了变动。请看一下现在的记录，要撤回的再撤一次。")


async def _page(request: AnyRequest, actor: Actor, now: datetime, session_id: UUID, shown: _Shown) -> Response[Any]:
    session = await kept_session(actor, session_id)
    days = days_of(session.starts_at, session.ends_at)
    today = day_at(session.starts_at, session.ends_at, now)
    day = next((one for one in days if one.isoformat() == shown.on), today)
    closed = await _closed(session, now)
    takes = closed is None and day <= local_day(now)
    listed = await list_of_day(session.id, day, q=shown.q)
    manages = may_manage(actor, session.facts)
    return page(
        request,
        "attendance/list.html",
        status=shown.status,
        headers={"X-Keep-Seconds": str(_keep_seconds(session, now) if takes else 0)},
        s=session,
        days=days,
        day=day,
        q=shown.q,
        listed=listed,
        takes=takes,
        closed=closed,
        numbers=await asks_for_numbers(session.programme_id),
        units=await booked_units(session.id) if takes else {},
        undo=next((one for one in listed.people if str(one.id) == shown.undo and one.present), None),
        usual_reason=_(USUAL_REASON),
        ways=WAY_WORDS,
        form=shown.form or FormState(),
        adding=shown.form if shown.form and not shown.undo else FormState(),
        undoing=shown.form if shown.form and shown.undo else FormState({"reason": _(USUAL_REASON)}),
        refusal=shown.refusal,
        manages=manages,
        now=now,
    )


def _keep_seconds(session: SessionRow, now: datetime) -> int:
    last = days_of(session.starts_at, session.ends_at)[-1]
    return seconds_to_keep(datetime.combine(last, time(), ZONE), now)


async def _closed(session: SessionRow, now: datetime) -> str | None:
    """Why nobody can be ticked whatever the day, as a word for the page; ``None``: the list is open."""
    if session.confidential:
        return "confidential"
    if session.state not in ("published", "held"):
        return session.state
    return "year" if await year_is_closed(session) else None


@cache
def _worker() -> str:
    return (STATIC / "js" / "list-worker.js").read_text(encoding="utf-8")


@get("/sessions/list-worker.js", include_in_schema=False, media_type="text/javascript")
async def list_worker() -> Response[str]:
    """The service worker. Here and not under /static: a worker serves only what lies below its own address."""
    return Response(_worker(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


ROUTES = [list_page, tick, undo_tick, add, list_worker]
