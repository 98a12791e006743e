"""报人次: a unit says what came of a session, day by day."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.attendance.domain.headcounts import GROUPS, day_to_fill, days_of
from outreach.attendance.forms import plain_fields
from outreach.attendance.queries import headcounts_of
from outreach.attendance.reported.commands import report_headcount, units_to_report
from outreach.attendance.reported.domain.reports import REPORT_WORDS
from outreach.attendance.reported.forms import ReportForm, report_order, report_values
from outreach.attendance.reported.queries import reports_of
from outreach.bookings.queries import owner_name_of, readable_session
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


@get("/sessions/{session_id:str}/report", include_in_schema=False)
async def report_page(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    on: FromQuery[str] = "",
    unit: FromQuery[str] = "",
) -> Response[Any]:
    """The figures to report; ``on`` chooses the day, ``unit`` the organisation of who speaks for several."""
    return await _page(request, actor, now, id_in_path(session_id), on=on, unit=unit)


@post("/sessions/{session_id:str}/report", include_in_schema=False, status_code=200)
async def report(
    request: AnyRequest, session_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Say the figures of one day."""
    id_, values = id_in_path(session_id), await read_form(request)
    on, unit = str(values.get("on", "")), str(values.get("organisation_id", ""))
    try:
        data = parse_form(ReportForm, values)
        row = await report_headcount(
            actor,
            now,
            session_id=id_,
            figures=data.figures_on(data.on),
            remark=data.remark,
            organisation_id=data.organisation_id,
        )
    except InvalidError as error:
        form = FormState.refused(values, plain_fields(error), report_order())
        return await _page(request, actor, now, id_, on=on, unit=unit, form=form, status=422)
    except ConflictError as error:
        form = FormState(values, {}, report_order())
        return await _page(request, actor, now, id_, on=on, unit=unit, form=form, status=409, refusal=message_of(error))
    saying = _("已报%(total)s人次，等主办单位确认。") if row.waits else _("这些数已经确认过，没有变动。")
    query = f"?on={row.on.isoformat()}&unit={row.organisation_id}"
    return back_to(f"/sessions/{id_}/report{query}", saying=saying % {"total": f"{row.total:,}"})


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    session_id: UUID,
    *,
    on: str = "",
    unit: str = "",
    form: FormState | None = None,
    status: int = 200,
    refusal: tuple[str, str] | None = None,
) -> Response[Any]:
    session, own = await readable_session(actor, session_id)
    units = units_to_report(actor, session, own)
    if not units:
        raise ForbiddenError
    speaking = next((one for one in units if str(one) == unit), units[0])
    said = [one for one in await reports_of(session_id) if one.organisation_id == speaking]
    days = [one for one in days_of(session.starts_at, session.ends_at) if one <= local_day(now)]
    day = day_to_fill(days, {one.on for one in said}, on)
    before = next((one for one in said if one.on == day), None)
    if form is None:
        values = {**report_values(before.said), "remark": before.remark} if before else {}
        form = FormState(values, {}, report_order())
    names = {grant.organisation_id: grant.organisation_name for grant in actor.grants}
    return page(
        request,
        "attendance/report.html",
        status=status,
        s=session,
        form=form,
        refusal=refusal,
        units=[(one, names[one]) for one in units],
        speaking=speaking,
        unit_name=names[speaking],
        is_host=session.host_id == speaking,
        days=days,
        day=day,
        before=before,
        said=said,
        counted={one.on: one for one in await headcounts_of(session_id)},
        takes=session.state in ("published", "held") and session.starts_at <= now,
        owner=await owner_name_of(session),
        groups=GROUPS,
        words=REPORT_WORDS,
    )


ROUTES = [report_page, report]
