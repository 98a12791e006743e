"""A contact's own booking: changing and cancelling it, taking or refusing what the waiting list offers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings import commands
from outreach.bookings.changing import change_booking
from outreach.bookings.domain.errors import SessionFullError
from outreach.bookings.domain.permissions import may_change, may_decide, may_see_phone
from outreach.bookings.forms import ChangeForm, ReasonForm, book_order
from outreach.bookings.orders.queries import order_of_session
from outreach.bookings.queries import BookingRow, readable_booking
from outreach.bookings.waiting import refuse_offer, take_offer
from outreach.bookings.wording import booking_state, cancel_rule, next_step
from outreach.events.queries import session_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, FieldProblem, ForbiddenError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


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


@post("/bookings/{booking_id:str}/take-offer", include_in_schema=False, status_code=200)
async def take(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take the seats that the waiting list offers."""
    id_ = id_in_path(booking_id)
    try:
        made = await take_offer(actor, now, booking_id=id_)
    except ConflictError as error:
        return await _page(request, actor, now, id_, typed={}, error=error)
    return back_to(f"/bookings/{id_}", saying=_("预约已确认，%(seats)s人。") % {"seats": made.seats})


@post("/bookings/{booking_id:str}/refuse-offer", include_in_schema=False, status_code=200)
async def refuse(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Let the offered seats go to the next group and wait on."""
    id_ = id_in_path(booking_id)
    try:
        await refuse_offer(actor, now, booking_id=id_)
    except ConflictError as error:
        return await _page(request, actor, now, id_, typed={}, error=error)
    return back_to(f"/bookings/{id_}", saying=_("名额已让给后面的单位，您仍在候补。"))


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
        held_none = (await readable_booking(actor, id_)).state == "waitlisted"
        gone = await commands.cancel_booking(actor, now, booking_id=id_, reason=reason)
    except (InvalidError, ConflictError) as error:
        return await _cancel_page(request, actor, now, id_, typed=values, error=error)
    on = "/my" if actor.represents(gone.organisation_id) else f"/desk/sessions/{gone.session_id}"
    told = _("已退出候补。") if held_none else _("预约已取消，名额已让出。")
    return back_to(on, saying=told)


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
    order = await order_of_session(booking.session_id) if booking.is_host else None
    return page(
        request,
        "bookings/booking.html",
        status=status,
        b=booking,
        s=session,
        state=booking_state(booking),
        next_step=next_step(booking, now),
        form=form,
        refusal=refusal,
        order=order,
        is_offered=booking.state == "offered" and not booking.offer_is_over(now) and not begun,
        may_change=booking.is_live
        and booking.state != "offered"
        and not begun
        and order is None
        and may_change(actor, booking.facts),
        may_cancel=booking.is_live and order is None and (not begun or may_decide(actor, booking.facts)),
        seats_hint=_seats_hint(booking, now, decides=may_decide(actor, booking.facts)),
        cancel_rule=cancel_rule(booking.starts_at, booking.cancel_hours, now),
        shows_phone=may_see_phone(actor, booking.facts),
        is_own=actor.represents(booking.organisation_id),
    )


def _seats_hint(booking: BookingRow, now: datetime, *, decides: bool) -> str:
    """What may be done to the number of seats, and until when."""
    if booking.state == "waitlisted":
        return _("增减都保留现在的次序")
    if decides or not booking.cancel_hours:
        return _("减少随时可以；增加要看还有没有名额")
    if now >= booking.deadline_at:
        return _("已过取消期限，只能增加；要减少，请联系主办单位")
    until = FILTERS["when_text"](booking.deadline_at, None, year=False)
    return _("%(until)s以前可以减少；增加要看还有没有名额") % {"until": until}


def _state_of(
    stored: Mapping[str, Any], typed: Mapping[str, Any] | None, error: Exception | None
) -> tuple[FormState, tuple[str, str] | None, int]:
    """What the form shows, the refusal over it, and the status."""
    if error is None or typed is None:
        return FormState(stored), None, 200
    if isinstance(error, InvalidError):
        return FormState.refused(typed, error, book_order()), None, 422
    if not typed:
        assert isinstance(error, ConflictError)
        return FormState(stored), message_of(error), 409
    if isinstance(error, SessionFullError):
        bad = InvalidError([FieldProblem("seats", "seats-for-you", {"free": error.facts["free"]})])
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
        is_late=booking.state in ("confirmed", "pending") and now >= booking.deadline_at,
        rule=cancel_rule(booking.starts_at, booking.cancel_hours, now),
    )


ROUTES = [booking_page, change, take, refuse, cancel_page, cancel]
