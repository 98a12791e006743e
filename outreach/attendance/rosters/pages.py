"""Rosters on pages: upload, preview, confirm, the files that were stored; for staff, for contacts of host and units."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.attendees import identity_key
from outreach.attendance.domain.headcounts import days_of
from outreach.attendance.rosters import commands
from outreach.attendance.rosters.access import Place, day_of, place_of
from outreach.attendance.rosters.queries import SHOWN, RosterRow, rejected_of, roster_of, rosters_of_session, shown_of
from outreach.attendance.rosters.schemas import UploadForm
from outreach.attendance.rosters.workbooks import reason_text, rejected_workbook, remedy_text, template_workbook
from outreach.events.domain.visibility import may_manage
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
DESK, OWN = "/desk/sessions/{session_id:str}/roster", "/sessions/{session_id:str}/roster"


@dataclass(frozen=True, slots=True)
class _Trouble:
    form: FormState
    refusal: tuple[str, str] | None = None
    status: int = 422


async def _place(request: AnyRequest, actor: Actor, session_id: str) -> Place:
    """The session, for who may hand in rosters; the desk's own address is for who runs it."""
    place = await place_of(actor, id_in_path(session_id))
    if request.scope["path"].startswith("/desk/") and not may_manage(actor, place.session.facts):
        raise ForbiddenError
    return place


def _base(request: AnyRequest, place: Place) -> str:
    return f"{'/desk' if request.scope['path'].startswith('/desk/') else ''}/sessions/{place.session.id}/roster"


@get([DESK, OWN], include_in_schema=False)
async def rosters(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The form, and the files stored before."""
    return await _page(request, actor, now, await _place(request, actor, session_id))


@post([DESK, OWN], include_in_schema=False, status_code=200)
async def upload(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Read a file and show what is in it; nobody is stored yet."""
    place, values = await _place(request, actor, session_id), await read_form(request)
    file = values.pop("file", None)
    try:
        data = parse_form(UploadForm, values)
        if not isinstance(file, UploadFile) or not file.filename:
            raise invalid("file", "required")
        roster = await commands.preview_roster(
            actor, now, session_id=place.session.id, content=await file.read(), name=file.filename,
            presence=data.presence == "present", on=data.on, key=identity_key(settings),
        )  # fmt: skip
    except InvalidError as error:
        return await _page(request, actor, now, place, _Trouble(FormState.refused(values, error, _order())))
    except ConflictError as error:
        return await _page(request, actor, now, place, _Trouble(FormState(values), message_of(error), 409))
    saying = _("这个文件导入过了，没有再存。") if roster.stored_at else ""
    return back_to(f"{_base(request, place)}/{roster.id}", saying=saying)


@get([DESK + "/{roster_id:str}", OWN + "/{roster_id:str}"], include_in_schema=False)
async def show(
    request: AnyRequest,
    session_id: FromPath[str],
    roster_id: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """A preview, or a stored file with what was rejected."""
    place = await _place(request, actor, session_id)
    roster = await roster_of(place.session.id, id_in_path(roster_id), of=place.of(actor))
    return await _file_page(request, place, roster)


@post([DESK + "/{roster_id:str}/confirm", OWN + "/{roster_id:str}/confirm"], include_in_schema=False, status_code=200)
async def confirm(
    request: AnyRequest,
    session_id: FromPath[str],
    roster_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Store the people of a preview, all or none."""
    place = await _place(request, actor, session_id)
    id_ = id_in_path(roster_id)
    try:
        roster, new = await commands.confirm_roster(actor, now, session_id=place.session.id, roster_id=id_)
    except (ConflictError, InvalidError) as error:
        roster = await roster_of(place.session.id, id_, of=place.of(actor))
        return await _file_page(request, place, roster, message_of(error), 409)
    if roster.id != id_ or not new:
        saying = _("这些人都在名单里了，没有再存。")
    else:
        saying = _("已存入%(people)s人，其中%(new)s人是新的。") % {"people": f"{roster.accepted:,}", "new": f"{new:,}"}
    return back_to(_base(request, place), saying=saying)


@post([DESK + "/{roster_id:str}/discard", OWN + "/{roster_id:str}/discard"], include_in_schema=False, status_code=200)
async def discard(
    request: AnyRequest, session_id: FromPath[str], roster_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Throw a preview away."""
    place = await _place(request, actor, session_id)
    await commands.discard_roster(actor, session_id=place.session.id, roster_id=id_in_path(roster_id))
    return back_to(_base(request, place), saying=_("没有导入，读到的内容已经删去。"))


@get([DESK + "/{roster_id:str}/rejected.xlsx", OWN + "/{roster_id:str}/rejected.xlsx"], include_in_schema=False)
async def rejected(
    request: AnyRequest,
    session_id: FromPath[str],
    roster_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """The rejected rows with the reasons."""
    place = await _place(request, actor, session_id)
    roster = await roster_of(place.session.id, id_in_path(roster_id), of=place.of(actor))
    rows = await rejected_of(roster.id)
    if not rows:
        raise NotFoundError
    return _download(await rejected_workbook(rows, local_day(now)), _("没有收的行"))


@get("/rosters/template.xlsx", include_in_schema=False)
async def template(actor: NamedDependency[Actor]) -> Response[bytes]:
    """Our own sheet to fill in."""
    return _download(await template_workbook(), _("名单模板"))


def _download(content: bytes, name: str) -> Response[bytes]:
    headers = {
        "Content-Disposition": f"attachment; filename=\"roster.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=XLSX, headers=headers)


def _order() -> list[tuple[str, str]]:
    return [("presence", _("名单上是")), ("on", _("哪一天")), ("file", _("名单文件"))]


async def _page(
    request: AnyRequest, actor: Actor, now: datetime, place: Place, trouble: _Trouble | None = None
) -> Response[Any]:
    session = place.session
    default = {"on": day_of(session, now).isoformat(), "presence": "expected" if place.organisation_id else None}
    return page(
        request,
        "attendance/rosters.html",
        status=trouble.status if trouble else 200,
        s=session,
        base=_base(request, place),
        place=place,
        form=trouble.form if trouble else FormState(default),
        refusal=trouble.refusal if trouble else None,
        days=days_of(session.starts_at, session.ends_at),
        rosters=await rosters_of_session(session.id, of=place.of(actor)),
        desk=request.scope["path"].startswith("/desk/"),
    )


async def _file_page(
    request: AnyRequest, place: Place, roster: RosterRow, refusal: tuple[str, str] | None = None, status: int = 200
) -> Response[Any]:
    return page(
        request,
        "attendance/roster.html",
        status=status,
        s=place.session,
        base=_base(request, place),
        r=roster,
        shown=await shown_of(roster.id),
        most=SHOWN,
        refusal=refusal,
        reason_text=reason_text,
        remedy_text=remedy_text,
        desk=request.scope["path"].startswith("/desk/"),
    )


ROUTES = [rosters, upload, show, confirm, discard, rejected, template]
