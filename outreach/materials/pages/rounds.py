"""One round on the desk: from the applications to the proposal, and the list that is signed."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.materials.applications import application_by_id
from outreach.materials.commands.applying import apply, withdraw
from outreach.materials.commands.deciding import propose_again
from outreach.materials.commands.rounds import cancel_round, end_round, gather_round, reopen_round
from outreach.materials.forms import ApplyForm, ReasonForm, ReopenForm, apply_order, revision_of
from outreach.materials.pages.showing import STAFF, AnyRequest, round_page, trouble_of
from outreach.materials.queries import kept_round
from outreach.materials.workbooks import list_xlsx, signed_lines
from outreach.programmes.asking import Cursor
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import parse_form, read_form
from outreach.web.templates import back_to, page
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

ROUND = "/desk/materials/rounds/{round_id:str}"


@get(ROUND, opt=STAFF, include_in_schema=False)
async def show(
    request: AnyRequest,
    round_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    after: Cursor = "",
) -> Response[Any]:
    """Where the round stands, and what comes next."""
    return await round_page(request, actor, now, id_in_path(round_id), after=after)


@post(ROUND + "/applications", opt=STAFF, include_in_schema=False, status_code=200)
async def enter(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """For a unit that rang up."""
    id_, values = id_in_path(round_id), await read_form(request)
    try:
        data = parse_form(ApplyForm, values)
        made = await apply(
            actor, now, round_id=id_, organisation_id=data.organisation_id, wanted=data.wanted, members=data.members,
            hazard=data.hazard, note=data.note,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return await round_page(request, actor, now, id_, trouble_of("apply", values, error, apply_order()))
    saying = _("已替%(name)s申报%(wanted)s。") % {"name": made.organisation_name, "wanted": made.wanted}
    return back_to(f"/desk/materials/rounds/{id_}", saying=saying)


@post("/desk/materials/applications/{application_id:str}/withdraw", opt=STAFF, include_in_schema=False, status_code=200)
async def take_back(
    request: AnyRequest, application_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The unit does not want it any more."""
    id_ = id_in_path(application_id)
    try:
        one = await withdraw(actor, now, application_id=id_)
    except ConflictError as error:
        round_id = (await application_by_id(id_)).round_id
        return await round_page(request, actor, now, round_id, trouble_of("withdraw", {}, error))
    return back_to(f"/desk/materials/rounds/{one.round_id}", saying=_("已撤回这份申报。"))


@post(ROUND + "/gather", opt=STAFF, include_in_schema=False, status_code=200)
async def gather(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """End the applications and propose."""
    id_ = id_in_path(round_id)
    doing = gather_round(actor, now, round_id=id_)
    return await _done(request, actor, now, round_id, "gather", {}, doing, _("已汇总，并按规则算好了分配。"))


@post(ROUND + "/propose", opt=STAFF, include_in_schema=False, status_code=200)
async def propose(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Reckon anew."""
    values = await read_form(request)
    doing = propose_again(actor, now, round_id=id_in_path(round_id), revision=revision_of(values))
    return await _done(request, actor, now, round_id, "propose", {}, doing, _("已按现在的库存和申报重新计算。"))


@post(ROUND + "/reopen", opt=STAFF, include_in_schema=False, status_code=200)
async def reopen(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Units may apply again."""
    values, id_ = await read_form(request), id_in_path(round_id)
    try:
        data = parse_form(ReopenForm, values)
    except InvalidError as error:
        return await round_page(request, actor, now, id_, trouble_of("reopen", values, error, _reopen_order()))
    doing = reopen_round(actor, now, round_id=id_, apply_until=data.apply_until, reason=data.reason)
    return await _done(request, actor, now, round_id, "reopen", values, doing, _("又可以申报了。"))


def _reopen_order() -> list[tuple[str, str]]:
    return [("apply_until", _("申报截止")), ("reason", _("理由"))]


@post(ROUND + "/end", opt=STAFF, include_in_schema=False, status_code=200)
async def end(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Nothing more is handed out."""
    values = await read_form(request)
    doing = end_round(actor, now, round_id=id_in_path(round_id), reason=_reason(values))
    return await _done(request, actor, now, round_id, "end", values, doing, _("发放完毕，没有领走的放回了库存。"))


@post(ROUND + "/cancel", opt=STAFF, include_in_schema=False, status_code=200)
async def cancel(
    request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Call it off."""
    values = await read_form(request)
    doing = cancel_round(actor, now, round_id=id_in_path(round_id), reason=_reason(values))
    return await _done(request, actor, now, round_id, "cancel", values, doing, _("已取消，通知了申报的单位。"))


def _reason(values: dict[str, Any]) -> str:
    """The reason; one that is too long or holds odd characters counts as none and is asked for again."""
    try:
        return parse_form(ReasonForm, values).reason
    except InvalidError:
        return ""


async def _done(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    round_id: str,
    where: str,
    values: dict[str, Any],
    doing: Awaitable[Any],
    saying: str,
) -> Response[Any]:
    """Do it, and go back to the round; a refusal is shown there."""
    try:
        await doing
    except (InvalidError, ConflictError, StaleError) as error:
        trouble = trouble_of(where, values, error, [("reason", _("理由"))])
        return await round_page(request, actor, now, id_in_path(round_id), trouble)
    return back_to(f"/desk/materials/rounds/{round_id}", saying=saying)


@get(ROUND + "/list", opt=STAFF, include_in_schema=False)
async def signed_list(request: AnyRequest, round_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """发放签收表, to be printed and signed."""
    row = await kept_round(actor, id_in_path(round_id))
    lines = await signed_lines(row)
    return page(
        request,
        "materials/list.html",
        r=row,
        lines=lines,
        total=sum(one.granted or 0 for one in lines),
        back=f"/desk/materials/rounds/{row.id}",
    )


@get(ROUND + "/list.xlsx", opt=STAFF, include_in_schema=False)
async def list_workbook(
    round_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[bytes]:
    """The same list as xlsx."""
    row = await kept_round(actor, id_in_path(round_id))
    name = quote(f"{row.title}_{_('发放签收表')}.xlsx", safe="")
    return Response(
        await list_xlsx(row, await signed_lines(row), local_day(now)),
        media_type=XLSX,
        headers={
            "Content-Disposition": f"attachment; filename=\"hand-out.xlsx\"; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


ROUTES = [show, enter, take_back, gather, propose, reopen, end, cancel, signed_list, list_workbook]
