"""The poster to hang up, and on the desk who may check in and when."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance import doors, opening_doors
from outreach.attendance.attendee_schemas import DoorForm
from outreach.attendance.domain.doors import CLOSES_MINUTES, OPENS_MINUTES
from outreach.attendance.people import presence_by_day
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@get("/sessions/{session_id:str}/poster", include_in_schema=False)
async def poster(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """One A4 page with the QR code; before there is one, a button that makes it."""
    session = await doors.kept_session(actor, id_in_path(session_id))
    return await _poster_page(request, actor, session, settings)


@post("/sessions/{session_id:str}/poster", include_in_schema=False, status_code=200)
async def make_poster(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """开放签到."""
    id_ = id_in_path(session_id)
    try:
        await opening_doors.open_door(actor, now, session_id=id_)
    except ConflictError as error:
        session = await doors.kept_session(actor, id_)
        return await _poster_page(request, actor, session, settings, refusal=message_of(error), status=409)
    return back_to(f"/sessions/{id_}/poster")


async def _poster_page(
    request: AnyRequest,
    actor: Actor,
    session: SessionRow,
    settings: Settings,
    *,
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    door = await doors.door_of(session.id)
    link = f"{settings.base_url}/checkin/{door.token}" if door else ""
    manages = may_manage(actor, session.facts)
    return page(
        request,
        "attendance/poster.html",
        status=status,
        s=session,
        door=door,
        qr=_qr(link) if link else "",
        code_address=f"{settings.base_url}/checkin",
        refusal=refusal,
        back=f"/desk/sessions/{session.id}" if manages else f"/sessions/{session.id}",
    )


def _qr(link: str) -> str:
    import segno  # only here: posters are printed a few times a day

    made: str = segno.make_qr(link, error="m").svg_inline(border=4, light="#fff", omitsize=True)
    return made


@get("/desk/sessions/{session_id:str}/door", opt=STAFF, include_in_schema=False)
async def door_page(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Who may check in and when, and how many have."""
    return await _door_page(request, actor, await _run(actor, session_id))


@post("/desk/sessions/{session_id:str}/door", opt=STAFF, include_in_schema=False, status_code=200)
async def set_door(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Set it; opens the door if it was not."""
    session, values = await _run(actor, session_id), await read_form(request)
    try:
        data = parse_form(DoorForm, values)
        await opening_doors.change_door(
            actor,
            now,
            session_id=session.id,
            walk_ins=data.walk_ins,
            opens_minutes=data.opens_minutes,
            closes_minutes=data.closes_minutes,
        )
    except InvalidError as error:
        return await _door_page(request, actor, session, form=FormState.refused(values, error, _order()), status=422)
    except ConflictError as error:
        form = FormState(values, {}, _order())
        return await _door_page(request, actor, session, form=form, refusal=message_of(error), status=409)
    return back_to(f"/desk/sessions/{session.id}/door", saying=_("签到设置已保存。"))


async def _run(actor: Actor, session_id: str) -> SessionRow:
    session = await doors.kept_session(actor, id_in_path(session_id))
    if not may_manage(actor, session.facts):
        raise ForbiddenError
    return session


def _order() -> list[tuple[str, str]]:
    return [
        ("opens_minutes", _("提前多久开放")),
        ("closes_minutes", _("结束后多久停止")),
        ("walk_ins", _("名单外的人")),
    ]


async def _door_page(
    request: AnyRequest,
    actor: Actor,
    session: SessionRow,
    *,
    form: FormState | None = None,
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    door = await doors.door_of(session.id)
    values = {
        "walk_ins": door.walk_ins if door else True,
        "opens_minutes": door.opens_minutes if door else OPENS_MINUTES,
        "closes_minutes": door.closes_minutes if door else CLOSES_MINUTES,
    }
    return page(
        request,
        "attendance/door.html",
        status=status,
        s=session,
        door=door,
        presence=await presence_by_day(session.id),
        form=form or FormState(values),
        refusal=refusal,
    )


ROUTES = [poster, make_poster, door_page, set_door]
