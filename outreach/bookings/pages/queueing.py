"""The desk's waiting list: offer a group a part of its seats, give it another place in the queue."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings.desk_forms import OfferForm, QueueForm, offer_fields, queue_fields
from outreach.bookings.domain.permissions import may_decide
from outreach.bookings.queries import BookingRow, bookings_of_session, readable_booking
from outreach.bookings.waiting import move_in_queue, offer_part
from outreach.events.queries import session_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


async def _managed(actor: Actor, booking_id: UUID) -> BookingRow:
    booking = await readable_booking(actor, booking_id)
    if not may_decide(actor, booking.facts):
        raise ForbiddenError
    return booking


@get("/desk/bookings/{booking_id:str}/queue", opt=STAFF, include_in_schema=False)
async def queue_page(request: AnyRequest, booking_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """One waiting group: offer it seats, or give it another place."""
    return await _page(request, await _managed(actor, id_in_path(booking_id)))


@post("/desk/bookings/{booking_id:str}/offer", opt=STAFF, include_in_schema=False, status_code=200)
async def offer(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Offer a part; the seats are kept until the group answers or the time is over."""
    booking, values = await _managed(actor, id_in_path(booking_id)), await read_form(request)
    try:
        data = parse_form(OfferForm, values)
        row = await offer_part(actor, now, booking_id=booking.id, seats=data.seats, reason=data.reason)
    except InvalidError as error:
        return await _page(request, booking, offer=FormState.refused(values, error, offer_fields()), status=422)
    except ConflictError as error:
        return await _page(request, booking, offer=FormState(values), refusal=message_of(error), status=409)
    until = FILTERS["moment_text"](row.offer_expires_at or row.starts_at)
    facts = {"unit": row.organisation_name, "seats": row.seats, "until": until}
    saying = _("已让%(seats)s个名额给%(unit)s，等对方确认，留到%(until)s。") % facts
    return back_to(f"/desk/sessions/{row.session_id}#queue", saying=saying)


@post("/desk/bookings/{booking_id:str}/queue", opt=STAFF, include_in_schema=False, status_code=200)
async def move(
    request: AnyRequest,
    booking_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Another place in the queue, with the reason (rule 5)."""
    booking, values = await _managed(actor, id_in_path(booking_id)), await read_form(request)
    try:
        data = parse_form(QueueForm, values)
        row = await move_in_queue(actor, now, booking_id=booking.id, place=data.place, reason=data.reason)
    except InvalidError as error:
        return await _page(request, booking, queue=FormState.refused(values, error, queue_fields()), status=422)
    except ConflictError as error:
        return await _page(request, booking, queue=FormState(values), refusal=message_of(error), status=409)
    saying = _("%(unit)s已排到第%(place)s位。") % {
        "unit": row.organisation_name,
        "place": row.place_in_queue or data.place,
    }
    return back_to(f"/desk/sessions/{row.session_id}#queue", saying=saying)


async def _page(
    request: AnyRequest,
    booking: BookingRow,
    *,
    offer: FormState | None = None,
    queue: FormState | None = None,
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    session = await session_by_id(booking.session_id)
    waiting = [one for one in await bookings_of_session(session.id) if one.state == "waitlisted"]
    free = session.seats_left
    part = booking.seats if free is None else min(booking.seats, free)
    return page(
        request,
        "bookings/queue.html",
        status=status,
        b=booking,
        s=session,
        waiting=waiting,
        free=free,
        offer=offer or FormState({"seats": max(part, 0) or ""}),
        queue=queue or FormState({"place": 1}),
        refusal=refusal,
    )


ROUTES = [queue_page, offer, move]
