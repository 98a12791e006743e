"""One session on the desk: its facts and bookings, head-counts, no-shows, closing, corrections, and what was done."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.accounts.wording import action_text, state_text
from outreach.attendance import commands
from outreach.attendance.access import managed
from outreach.attendance.closing.commands import remark_session
from outreach.attendance.closing.domain.closing import MISSING_WORDS
from outreach.attendance.closing.forms import CloseForm, closing_order
from outreach.attendance.closing.missing import missing_of
from outreach.attendance.closing.queries import evidence_of, records_of
from outreach.attendance.commands import Figures
from outreach.attendance.domain.doors import differ
from outreach.attendance.domain.headcounts import GROUPS, day_to_fill, days_of
from outreach.attendance.forms import (
    HeadcountForm,
    field_words,
    figures_order,
    headcount_values,
    no_shows_given,
    plain_fields,
    reason_field,
)
from outreach.attendance.people import PresenceDay, presence_by_day
from outreach.attendance.queries import HeadcountRow, corrections_of, headcounts_of, journal_of_session
from outreach.attendance.reported.domain.reports import REPORT_WORDS
from outreach.attendance.reported.forms import report_values
from outreach.attendance.reported.queries import DayOfReports, days_of_reports, reports_of
from outreach.bookings.notices import group_notice, people_label
from outreach.bookings.orders.queries import order_of_session
from outreach.bookings.queries import BookingRow, bookings_of_session, unit_history
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why the page came back: a form with bad fields (figures, ``hold`` or ``closing``), or a refusal over the page."""

    form: FormState | None = None
    refusal: tuple[str, str] | None = None
    status: int = field(default=422)
    hold: FormState | None = None
    closing: FormState | None = None


@get("/desk/sessions/{session_id:str}", opt=STAFF, include_in_schema=False)
async def manage(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    on: FromQuery[str] = "",
) -> Response[Any]:
    """Everything about one session for who runs it; ``on`` chooses the day whose head-count is edited."""
    return await _page(request, actor, now, id_in_path(session_id), on=on)


@post("/desk/sessions/{session_id:str}/headcount", opt=STAFF, include_in_schema=False, status_code=200)
async def headcount(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The head-count of one day."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(HeadcountForm, values)
        row = await commands.put_headcount(actor, now, session_id=id_, figures=data.figures_on(data.on))
    except InvalidError as error:
        form = FormState.refused(values, plain_fields(error), figures_order())
        return await _page(request, actor, now, id_, on=str(values.get("on", "")), trouble=_Trouble(form))
    except ConflictError as error:
        return await _page(request, actor, now, id_, trouble=_Trouble(FormState(values), message_of(error), 409))
    return back_to(f"/desk/sessions/{id_}", saying=_("人次已登记，共%(total)s人次。") % {"total": f"{row.total:,}"})


@post("/desk/sessions/{session_id:str}/hold", opt=STAFF, include_in_schema=False, status_code=200)
async def hold(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """It took place; who did not come."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        reasons = no_shows_given(values)
        await commands.hold_session(actor, now, session_id=id_, no_shows=list(reasons), reasons=reasons)
    except InvalidError as error:
        return await _page(request, actor, now, id_, trouble=_Trouble(hold=FormState.refused(values, error)))
    except ConflictError as error:
        return await _page(request, actor, now, id_, trouble=_Trouble(None, message_of(error), 409, FormState(values)))
    return back_to(f"/desk/sessions/{id_}", saying=_("已记为办过。"))


@post("/desk/sessions/{session_id:str}/close", opt=STAFF, include_in_schema=False, status_code=200)
async def close(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Figures, evidence and remarks are there, or somebody says why not."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(CloseForm, values)
        await commands.close_session(
            actor, now, session_id=id_, remarks=data.remarks if "remarks" in values else None,
            missing_reason=data.missing_reason, insisting=True,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        return await _page(request, actor, now, id_, trouble=_closing_trouble(values, error))
    return back_to(f"/desk/sessions/{id_}", saying=_("已结项。以后要改数字，请用更正。"))


@post("/desk/sessions/{session_id:str}/remarks", opt=STAFF, include_in_schema=False, status_code=200)
async def remark(
    request: AnyRequest,
    session_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """情况说明, kept until the session is closed."""
    id_, values = id_in_path(session_id), await read_form(request)
    try:
        data = parse_form(CloseForm, values)
        await remark_session(actor, now, session_id=id_, remarks=data.remarks)
    except (InvalidError, ConflictError) as error:
        return await _page(request, actor, now, id_, trouble=_closing_trouble(values, error))
    return back_to(f"/desk/sessions/{id_}#close", saying=_("情况说明已保存。"))


def _closing_trouble(values: Mapping[str, Any], error: InvalidError | ConflictError) -> _Trouble:
    if isinstance(error, InvalidError):
        return _Trouble(closing=FormState.refused(values, error, closing_order()))
    return _Trouble(None, message_of(error), 409, closing=FormState(values))


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    session_id: UUID,
    *,
    on: str = "",
    trouble: _Trouble | None = None,
) -> Response[Any]:
    session = await managed(actor, session_id)
    rows = await headcounts_of(session_id)
    days = [one for one in days_of(session.starts_at, session.ends_at) if one <= local_day(now)]
    editing = day_to_fill(days, {one.on for one in rows}, on)
    reported = days_of_reports(await reports_of(session_id), session.host_id)
    form = trouble.form if trouble else None
    if form is None:
        form = FormState(_first_values(rows, reported, editing) if editing else {})
    begun = session.starts_at <= now
    bookings = await bookings_of_session(session_id)
    context: Mapping[str, Any] = {
        "s": session,
        "bookings": bookings,
        "history": await unit_history([one.organisation_id for one in bookings if one.is_live], now),
        "order": await order_of_session(session_id),
        "headcounts": rows,
        **_counts(rows, await presence_by_day(session_id)),
        "reported": reported,
        "report_words": REPORT_WORDS,
        "days": days,
        "editing": editing,
        "form": form,
        "hold": _hold_state(trouble.hold if trouble else None, bookings),
        **await _closing(session, trouble.closing if trouble else None),
        "refusal": trouble.refusal if trouble else None,
        "records": begun and session.state in ("published", "held"),
        "begun": begun,
        "corrections": await corrections_of(session_id),
        "journal": await journal_of_session(session_id),
        "notice": group_notice(session, actor, request.app.state.settings.base_url),
        "people_label": people_label(session.kind),
        "groups": GROUPS,
        "field_words": dict(field_words()),
        "action_text": action_text,
        "state_text": state_text,
    }
    return page(request, "attendance/session.html", status=trouble.status if trouble else 200, **context)


async def _closing(session: SessionRow, typed: FormState | None) -> dict[str, Any]:
    """What the session has and lacks before it is closed, and what is said of it."""
    record = (await records_of([session.id])).get(session.id)
    stored = {"remarks": record.remarks if record else ""}
    return {
        "evidence": len((await evidence_of([session.id]))[session.id]),
        "record": record,
        "lacking": (await missing_of([session.id])).get(session.id, ()),
        "lacking_words": MISSING_WORDS,
        "closing": typed or FormState(stored, {}, closing_order()),
    }


def _first_values(
    rows: Sequence[HeadcountRow], reported: Sequence[DayOfReports], editing: dt.date
) -> Mapping[str, object]:
    """The head-count of the day; without one what was reported of it, to be corrected."""
    said = next((one.proposed for one in reported if one.on == editing), None)
    if said is not None and all(one.on != editing for one in rows):
        return {"on": editing.isoformat(), **report_values(said)}
    return headcount_values([_figures(one) for one in rows], editing)


def _counts(rows: Sequence[HeadcountRow], presence: Sequence[PresenceDay]) -> dict[str, Any]:
    """Check-ins beside head-counts: what counts in all, and the days on which the two are far apart."""
    totals = {one.on: one.total for one in rows}
    return {
        "presence": presence,
        "unlike": [one.on for one in presence if one.on in totals and differ(totals[one.on], one.present)],
        "visits": sum(totals.values()) + sum(one.present for one in presence if one.on not in totals),
    }


def _hold_state(typed: FormState | None, bookings: Sequence[BookingRow]) -> FormState:
    """The ticks and reasons that were typed; errors are named after the organisations."""
    state = typed or FormState()
    ticked = state.values.get("no_shows") or []
    values = {**state.values, "no_shows": [ticked] if isinstance(ticked, str) else ticked}
    return FormState(values, state.errors, [(reason_field(one.id), one.organisation_name) for one in bookings])


def _figures(row: HeadcountRow) -> Figures:
    return Figures(on=row.on, total=row.total, workers=row.workers, estimated=row.estimated, breakdown=row.breakdown)


ROUTES = [manage, headcount, hold, close, remark]
