"""What hosts reported and waits, and the one tap that makes it the head-count."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.attendance.domain.headcounts import GROUPS
from outreach.attendance.reported.commands import confirm_reports
from outreach.attendance.reported.forms import ConfirmForm
from outreach.attendance.reported.queries import waiting_days
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import visible_session
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
SHOWN = 100


@get("/desk/reports-in", opt=STAFF, include_in_schema=False)
async def reports_in(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """What waits, the oldest first."""
    days, total = await waiting_days(actor, limit=SHOWN)
    return page(request, "attendance/reports_in.html", days=days, total=total, groups=GROUPS)


@post("/desk/sessions/{session_id:str}/reports", opt=STAFF, include_in_schema=False, status_code=200)
async def confirm(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Take the figures of one day over; back to the list, or to the session where the tap came from there."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(ConfirmForm, values)
        row = await confirm_reports(actor, now, session_id=id_, on=data.on, revision=data.revision)
    except (InvalidError, ConflictError, StaleError) as error:
        return await _refused(request, actor, id_, error)
    back = "/desk/reports-in" if values.get("back") == "list" else f"/desk/sessions/{id_}"
    return back_to(back, saying=_("已确认%(total)s人次，计入指标，也告诉了单位。") % {"total": f"{row.total:,}"})


async def _refused(
    request: AnyRequest, actor: Actor, session_id: UUID, error: InvalidError | ConflictError | StaleError
) -> Response[Any]:
    """Why not, and the ways on: nothing was typed that could be lost."""
    session = await visible_session(actor, session_id)
    if not may_manage(actor, session.facts):
        raise ForbiddenError
    status = 409
    if isinstance(error, InvalidError):
        title, words, status = _("这些数不能直接确认"), _("请到场次页面核对，改好再登记。"), 422
    elif isinstance(error, StaleError):
        title, words, status = _("单位刚刚又改了数"), _("请看过新的数再确认。"), 412
    else:
        title, words = message_of(error)
    ways = [(_("看这一场"), f"/desk/sessions/{session_id}"), (_("看报来的人次"), "/desk/reports-in")]
    if session.state == "closed":
        ways.insert(0, (_("更正数字"), f"/desk/sessions/{session_id}/correct"))
    next_ = _("登记的人次没有动。")
    return page(request, "errors/refused.html", status=status, title=title, detail=words, ways=ways, next=next_)


ROUTES = [reports_in, confirm]
