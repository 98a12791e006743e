"""A contact's own bookings: the list, one booking, changing and cancelling it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.bookings import commands
from outreach.bookings.changing import change_booking
from outreach.bookings.domain.errors import SessionFullError
from outreach.bookings.domain.permissions import may_change, may_decide, may_see_phone
from outreach.bookings.forms import ChangeForm, ReasonForm, book_order
from outreach.bookings.queries import BookingRow, contact_phone_of, own_bookings, readable_booking
from outreach.events.queries import SessionRow, session_by_id, sessions_of_provider
from outreach.notifications.queries import messages_of
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ConflictError, FieldProblem, ForbiddenError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]

#: So long before a session its sign-in sheet is asked for.
SHEET_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Line:
    """A booking with what comes next: who acts, by when."""

    booking: BookingRow
    next: str


@get("/my", include_in_schema=False)
async def my(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], past: FromQuery[bool] = False
) -> Response[Any]:
    """What the caller's organisations have booked, what a lecturer or troupe has to give, and what waits for them."""
    found = await own_bookings(actor, now, past=past)
    ahead = [
        one for one in found if one.state == "confirmed" and one.ends_at > now and one.session_state == "published"
    ]
    sheets = [one for one in ahead if one.starts_at - now <= SHEET_AHEAD]
    duties = [] if past or not actor.is_provider else await sessions_of_provider(actor.person_id, now)
    return page(
        request,
        "bookings/my.html",
        lines=[_Line(one, next_step(one, now)) for one in found],
        duties=duties,
        sheets=[] if past else sheets,
        lede=_lede(found, ahead, sheets, now) if actor.is_contact or not duties else _duty_lede(duties, now),
        past=past,
        messages=[] if past else await messages_of(actor.contact_ids, limit=8),
        organisations=[grant.organisation_name for grant in actor.grants if grant.role is Role.CONTACT],
        phone_tail=(await contact_phone_of(actor.person_id))[-4:],
        days_until=lambda moment: (local_day(moment) - local_day(now)).days,
    )


def _lede(found: Sequence[BookingRow], ahead: Sequence[BookingRow], sheets: Sequence[Any], now: datetime) -> str:
    """The news in one sentence: the next session, else what waits for an answer, else that there is nothing."""
    waiting = [one for one in found if one.state == "pending" and one.starts_at > now]
    parts = []
    if ahead:
        first = ahead[0]
        facts = {"day": _day(first.starts_at, now), "time": FILTERS["time_text"](first.starts_at), "seats": first.seats}
        parts.append(_("%(day)s%(time)s有一场，%(seats)s人，已确认。") % facts)
    if waiting:
        parts.append(_("有%(number)s个预约等主办单位审核。") % {"number": len(waiting)})
    if sheets:
        parts.append(_("还有%(number)s件事等您办。") % {"number": len(sheets)})
    return "".join(parts) or _("现在没有要去的场次。")


def _duty_lede(duties: Sequence[SessionRow], now: datetime) -> str:
    """When and where a lecturer or troupe goes next."""
    first = duties[0]
    facts = {"day": _day(first.starts_at, now), "time": FILTERS["time_text"](first.starts_at), "title": first.title}
    return _("%(day)s%(time)s有一场：%(title)s。") % facts


def _day(moment: datetime, now: datetime) -> str:
    days = (local_day(moment) - local_day(now)).days
    return {0: _("今天"), 1: _("明天"), 2: _("后天")}.get(days) or FILTERS["day_short"](moment)


def next_step(booking: BookingRow, now: datetime) -> str:
    """A booking always says who acts next, or how it ended."""
    day = FILTERS["day_plain"](booking.starts_at)
    match booking.state:
        case "pending":
            return _("等%(owner)s答复") % {"owner": booking.session_organisation_name}
        case "confirmed" if booking.ends_at <= now:
            return _("等%(owner)s登记人次") % {"owner": booking.session_organisation_name}
        case "confirmed" if booking.is_host:
            return _("%(day)s在您单位办，请备好场地和签到表") % {"day": day}
        case "confirmed":
            return _("打印签到表，%(day)s带去") % {"day": day}
        case "declined" | "cancelled":
            return booking.reason or _("可另选一场")
        case "attended":
            return _("已办完，谢谢参加")
        case "no_show":
            return _("没有到场，下次去不了请提前取消")
        case _:
            return _("有空位会通知您")


@get("/bookings/{booking_id:str}", include_in_schema=False)
async def booking_page(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """One booking."""
    return await _page(request, actor, now, id_in_path(booking_id))


@post("/bookings/{booking_id:str}", include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Other seats, contact or note."""
    id_, values = id_in_path(booking_id), await read_form(request)
    try:
        data = parse_form(ChangeForm, values)
        changes = {name: getattr(data, name) for name in ("seats", "contact_name", "contact_phone", "note")}
        await change_booking(actor, now, booking_id=id_, changes=changes, revision=data.revision)
    except (InvalidError, ConflictError, StaleError) as error:
        return await _page(request, actor, now, id_, typed=values, error=error)
    return back_to(f"/bookings/{id_}", saying=_("预约已修改。"))


@get("/bookings/{booking_id:str}/cancel", include_in_schema=False)
async def cancel_page(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Asks before a booking is given up."""
    return await _cancel_page(request, actor, now, id_in_path(booking_id))


@post("/bookings/{booking_id:str}/cancel", include_in_schema=False, status_code=200)
async def cancel(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Give a booking up."""
    id_, values = id_in_path(booking_id), await read_form(request)
    try:
        reason = parse_form(ReasonForm, values).reason
        gone = await commands.cancel_booking(actor, now, booking_id=id_, reason=reason)
    except (InvalidError, ConflictError) as error:
        return await _cancel_page(request, actor, now, id_, typed=values, error=error)
    on = "/my" if actor.represents(gone.organisation_id) else f"/desk/sessions/{gone.session_id}"
    return back_to(on, saying=_("预约已取消，名额已让出。"))


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    booking_id: UUID,
    *,
    typed: Mapping[str, Any] | None = None,
    error: Exception | None = None,
) -> Response[Any]:
    booking = await readable_booking(actor, booking_id)
    session = await session_by_id(booking.session_id)
    stored = {name: getattr(booking, name) for name in ("seats", "contact_name", "note", "revision")}
    stored["contact_phone"] = booking.contact_phone if may_see_phone(actor, booking.facts) else ""
    form, refusal, status = _state_of(stored, typed, error)
    begun = now >= booking.starts_at
    return page(
        request,
        "bookings/booking.html",
        status=status,
        b=booking,
        s=session,
        next_step=next_step(booking, now),
        form=form,
        refusal=refusal,
        may_change=booking.is_live and not begun and may_change(actor, booking.facts),
        may_cancel=booking.is_live and (not begun or may_decide(actor, booking.facts)),
        shows_phone=may_see_phone(actor, booking.facts),
        is_own=actor.represents(booking.organisation_id),
    )


def _state_of(
    stored: Mapping[str, Any], typed: Mapping[str, Any] | None, error: Exception | None
) -> tuple[FormState, tuple[str, str] | None, int]:
    """What the form shows, the refusal over it, and the status."""
    if error is None or typed is None:
        return FormState(stored), None, 200
    if isinstance(error, InvalidError):
        return FormState.refused(typed, error, book_order()), None, 422
    if isinstance(error, SessionFullError):
        bad = InvalidError([FieldProblem("seats", "seats-free", {"free": error.facts["free"]})])
        return FormState.refused(typed, bad, book_order()), None, 409
    assert isinstance(error, ConflictError | StaleError)
    # Somebody changed it meanwhile: the typed values stay, and the next attempt is made against what is there now.
    values = {**typed, "revision": stored["revision"]}
    return FormState(values), message_of(error), 412 if isinstance(error, StaleError) else 409


async def _cancel_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    booking_id: UUID,
    *,
    typed: Mapping[str, Any] | None = None,
    error: InvalidError | ConflictError | None = None,
) -> Response[Any]:
    booking = await readable_booking(actor, booking_id)
    if not may_change(actor, booking.facts):
        raise ForbiddenError
    order = [("reason", _("原因"))]
    form = FormState.refused(typed or {}, error, order) if isinstance(error, InvalidError) else FormState(typed or {})
    too_late = now >= booking.starts_at and not may_decide(actor, booking.facts)
    return page(
        request,
        "bookings/cancel.html",
        status=200 if error is None else 422 if isinstance(error, InvalidError) else 409,
        b=booking,
        form=form,
        refusal=message_of(error) if isinstance(error, ConflictError) else None,
        possible=booking.is_live and not too_late,
        too_late=too_late,
    )


ROUTES = [my, booking_page, change, cancel_page, cancel]
