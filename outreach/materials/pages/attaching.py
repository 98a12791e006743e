"""Scans of the signed list, and the sessions that follow a round up."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import anyio
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.closing.forms import LARGEST_HAND_IN, files_given, plain_values
from outreach.materials.commands.attaching import (
    ScanRow,
    add_scans,
    link_session,
    remove_scan,
    scan_by_id,
    unlink_session,
)
from outreach.materials.forms import LinkForm, ReasonForm, ScanForm
from outreach.materials.pages.showing import STAFF, AnyRequest, round_page, trouble_of
from outreach.materials.queries import kept_round
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, NotFoundError
from outreach.shared.files import file_path
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form, read_form
from outreach.web.templates import back_to

__all__ = ["ROUTES"]

ROUND = "/desk/materials/rounds/{round_id:str}"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


@post(ROUND + "/scans", opt=STAFF, include_in_schema=False, status_code=200, request_max_body_size=LARGEST_HAND_IN)
async def hand_in(
    request: AnyRequest,
    round_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Keep all files or none."""
    id_, values = id_in_path(round_id), await read_form(request)
    files, typed = files_given(values), plain_values(values)
    try:
        note = parse_form(ScanForm, typed).note
        added = await add_scans(actor, now, round_id=id_, files=files, note=note, home=settings.home)
    except (InvalidError, ConflictError) as error:
        named = [(f"files.{number}", one.name) for number, one in enumerate(files)]
        order = [("files", _("文件")), *named, ("note", _("说明"))]
        return await round_page(request, actor, now, id_, trouble_of("scans", typed, error, order))
    return back_to(f"/desk/materials/rounds/{id_}#scans", saying=_("已收到%(files)s个文件。") % {"files": added})


@get(ROUND + "/scans/{scan_id:str}", opt=STAFF, include_in_schema=False)
async def show(
    request: AnyRequest,
    round_id: FromPath[str],
    scan_id: FromPath[str],
    actor: NamedDependency[Actor],
    settings: NamedDependency[Settings],
) -> Response[bytes]:
    """The bytes, as evidence is shown: a picture inside a sandbox, a PDF is never opened inside this site."""
    row = await kept_round(actor, id_in_path(round_id))
    scan = await scan_by_id(row.id, id_in_path(scan_id))
    headers = {
        "Cache-Control": "private, no-cache",
        "ETag": f'"{scan.digest}"',
        "Content-Disposition": _disposition(scan),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    path = anyio.Path(file_path(settings.home, scan.digest))
    if not await path.is_file():
        raise NotFoundError
    return Response(await path.read_bytes(), media_type=scan.media_type, headers=headers)


def _disposition(scan: ScanRow) -> str:
    how, ending = ("inline" if scan.is_picture else "attachment"), ENDINGS[scan.media_type]
    stem = scan.name.rpartition(".")[0] or scan.name or "scan"
    return f"{how}; filename=\"scan.{ending}\"; filename*=UTF-8''{quote(f'{stem}.{ending}', safe='')}"


@post(ROUND + "/scans/{scan_id:str}/remove", opt=STAFF, include_in_schema=False, status_code=200)
async def remove(
    request: AnyRequest,
    round_id: FromPath[str],
    scan_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take one away, with the reason."""
    id_, one, values = id_in_path(round_id), id_in_path(scan_id), await read_form(request)
    try:
        reason = parse_form(ReasonForm, values).reason
        await remove_scan(actor, now, round_id=id_, scan_id=one, reason=reason)
    except InvalidError as error:
        trouble = trouble_of(f"scan-{one}", values, error, [("reason", _("理由"))])
        return await round_page(request, actor, now, id_, trouble)
    return back_to(f"/desk/materials/rounds/{id_}#scans", saying=_("已去掉，操作日志里留着。"))


@post(ROUND + "/follow-ups", opt=STAFF, include_in_schema=False, status_code=200)
async def link(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A session follows up the round."""
    id_, values = id_in_path(round_id), await read_form(request)
    try:
        await link_session(actor, now, round_id=id_, session_id=parse_form(LinkForm, values).session_id)
    except (InvalidError, ConflictError) as error:
        trouble = trouble_of("follow-up", values, error, [("session_id", _("场次"))])
        return await round_page(request, actor, now, id_, trouble)
    return back_to(f"/desk/materials/rounds/{id_}#follow-ups", saying=_("已挂上这一场。"))


@post(ROUND + "/follow-ups/{session_id:str}/remove", opt=STAFF, include_in_schema=False, status_code=200)
async def unlink(
    round_id: FromPath[str],
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """It does not belong here."""
    id_ = id_in_path(round_id)
    await unlink_session(actor, now, round_id=id_, session_id=id_in_path(session_id))
    return back_to(f"/desk/materials/rounds/{id_}#follow-ups", saying=_("已取下，场次还在。"))


ROUTES = [hand_in, show, remove, link, unlink]
