"""Bookings, claims, and changes of sessions that concern those who booked, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from outreach.bookings import claims, commands, session_changes, waiting
from outreach.bookings.changing import change_booking
from outreach.bookings.queries import BookingFilter, BookingRow, bookings_page, readable_booking
from outreach.bookings.schemas import (
    BookingIn,
    BookingList,
    BookingOut,
    BookingPatch,
    CancelIn,
    CancelSessionIn,
    ClaimIn,
    ClaimOut,
    DeclineIn,
    OfferIn,
    QueueIn,
    SessionPatch,
    booking_out,
    given_of,
)
from outreach.events.queries import session_by_id
from outreach.events.schemas import SessionOut, session_out
from outreach.events.warnings import warnings_of_session
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.paging import DEFAULT_LIMIT, MAX_LIMIT, id_after
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]

# Limits stand in QueryParameter: it takes the place of a Meta within FromQuery[…], silently.
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
Text = Annotated[str, QueryParameter(max_length=200)]
StateFilter = Literal["pending", "confirmed", "waitlisted", "offered", "attended", "no_show", "declined", "cancelled"]


def _answer(actor: Actor, row: BookingRow, *, status: int = 200) -> Response[BookingOut]:
    return Response(booking_out(actor, row), status_code=status, headers={"ETag": revision_tag(row.revision)})


class BookingsController(Controller):
    """Bookings: the caller's organisations' own, and for staff those of their part of the tree."""

    path = "/api/v1/bookings"
    tags = ("bookings",)

    @get("/", operation_id="listBookings", summary="Bookings that the caller may read, newest first")
    async def index(
        self,
        actor: NamedDependency[Actor],
        session_id: Text = "",
        organisation_id: Text = "",
        in_state: Annotated[StateFilter | None, QueryParameter(name="state")] = None,
        q: Text = "",
        limit: Limit = DEFAULT_LIMIT,
        after: Text = "",
    ) -> BookingList:
        wanted = BookingFilter(
            state=in_state or "",
            session_id=id_of_field("session_id", session_id) if session_id else None,
            organisation_id=id_of_field("organisation_id", organisation_id) if organisation_id else None,
            q=q,
        )
        found = await bookings_page(actor, wanted, limit=limit, after=id_after(after))
        return BookingList(items=[booking_out(actor, one) for one in found.items], next=found.next, total=found.total)

    @post("/", status_code=201, operation_id="bookSeats", summary="Reserve seats of a session")
    async def create(
        self, data: JSONBody[BookingIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[BookingOut]:
        row = await commands.book_seats(
            actor,
            now,
            session_id=data.session_id,
            organisation_id=data.organisation_id,
            seats=data.seats,
            contact_name=data.contact_name,
            contact_phone=data.contact_phone,
            note=data.note,
            waitlist=data.waitlist,
        )
        return _answer(actor, row, status=201)

    @get("/{booking_id:str}", operation_id="getBooking", summary="One booking")
    async def one(self, booking_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[BookingOut]:
        return _answer(actor, await readable_booking(actor, id_in_path(booking_id)))

    @patch(
        "/{booking_id:str}",
        operation_id="changeBooking",
        summary="Change seats, contact or note; more seats only while they are free",
    )
    async def change(
        self,
        request: Request[Any, Any, Any],
        booking_id: FromPath[str],
        data: JSONBody[BookingPatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[BookingOut]:
        row = await change_booking(
            actor,
            now,
            booking_id=id_in_path(booking_id),
            changes=given_of(data),
            revision=expected_revision(request),
        )
        return _answer(actor, row)

    @post(
        "/{booking_id:str}/confirm", status_code=200, operation_id="confirmBooking", summary="Approve a pending booking"
    )
    async def confirm(
        self, booking_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[BookingOut]:
        return _answer(actor, await commands.confirm_booking(actor, now, booking_id=id_in_path(booking_id)))

    @post(
        "/{booking_id:str}/decline",
        status_code=200,
        operation_id="declineBooking",
        summary="Decline a pending booking; its seats are free again",
    )
    async def decline(
        self,
        booking_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[DeclineIn | None] = None,
    ) -> Response[BookingOut]:
        reason = data.reason if data else ""
        row = await commands.decline_booking(actor, now, booking_id=id_in_path(booking_id), reason=reason)
        return _answer(actor, row)

    @post(
        "/{booking_id:str}/cancel",
        status_code=200,
        operation_id="cancelBooking",
        summary="Give a booking up; its seats are free again",
    )
    async def cancel(
        self,
        booking_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[CancelIn | None] = None,
    ) -> Response[BookingOut]:
        given = data or CancelIn()
        row = await commands.cancel_booking(
            actor, now, booking_id=id_in_path(booking_id), reason=given.reason, by=given.by
        )
        return _answer(actor, row)

    @post(
        "/{booking_id:str}/take-offer",
        status_code=200,
        operation_id="takeOffer",
        summary="Take the seats offered to a group that waits",
    )
    async def take_offer(
        self, booking_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[BookingOut]:
        return _answer(actor, await waiting.take_offer(actor, now, booking_id=id_in_path(booking_id)))

    @post(
        "/{booking_id:str}/refuse-offer",
        status_code=200,
        operation_id="refuseOffer",
        summary="Let an offer go and wait on; the seats go to the next group that fits",
    )
    async def refuse_offer(
        self, booking_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[BookingOut]:
        return _answer(actor, await waiting.refuse_offer(actor, now, booking_id=id_in_path(booking_id)))

    @post(
        "/{booking_id:str}/offer",
        status_code=200,
        operation_id="offerPart",
        summary="Offer a group that waits a part of its seats; by who runs the session",
    )
    async def offer(
        self,
        booking_id: FromPath[str],
        data: JSONBody[OfferIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[BookingOut]:
        row = await waiting.offer_part(
            actor, now, booking_id=id_in_path(booking_id), seats=data.seats, reason=data.reason
        )
        return _answer(actor, row)

    @post(
        "/{booking_id:str}/queue",
        status_code=200,
        operation_id="moveInQueue",
        summary="Give a group that waits another place, with a reason; by who runs the session",
    )
    async def queue(
        self,
        booking_id: FromPath[str],
        data: JSONBody[QueueIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[BookingOut]:
        row = await waiting.move_in_queue(
            actor, now, booking_id=id_in_path(booking_id), place=data.place, reason=data.reason
        )
        return _answer(actor, row)


class BookedSessionsController(Controller):
    """What of a session concerns those who booked it."""

    path = "/api/v1/sessions/{session_id:str}"
    tags = ("sessions",)

    @post(
        "/cancel",
        status_code=200,
        operation_id="cancelSession",
        summary="Cancel a draft or published session and its bookings",
    )
    async def cancel(
        self,
        session_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[CancelSessionIn | None] = None,
    ) -> Response[SessionOut]:
        given = data or CancelSessionIn()
        row = await session_changes.cancel_session(
            actor, now, session_id=id_in_path(session_id), by=given.by, reason=given.reason
        )
        return Response(session_out(row, actor, now), headers={"ETag": revision_tag(row.revision)})

    @post(
        "/claim",
        status_code=201,
        operation_id="claimSession",
        summary="领走一场: take the whole date to the organisation's own site",
    )
    async def claim(
        self,
        session_id: FromPath[str],
        data: JSONBody[ClaimIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[ClaimOut]:
        row = await claims.claim_session(actor, now, session_id=id_in_path(session_id), **msgspec.structs.asdict(data))
        session = await session_by_id(row.session_id)
        made = ClaimOut(**msgspec.structs.asdict(booking_out(actor, row)), session=session_out(session, actor, now))
        return Response(made, status_code=201, headers={"ETag": revision_tag(row.revision)})


# A plain handler: a second controller on the path that reads sessions would bring a second OPTIONS with it.
@patch(
    "/api/v1/sessions/{session_id:str}",
    tags=["sessions"],
    operation_id="changeSession",
    summary="Change or move a draft or published session; everyone booked is told",
)
async def change_session(
    request: Request[Any, Any, Any],
    session_id: FromPath[str],
    data: JSONBody[SessionPatch],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[SessionOut]:
    """By who runs it; honours `If-Match`."""
    row = await session_changes.change_session(
        actor,
        now,
        session_id=id_in_path(session_id),
        changes=data.changes(),
        reason=data.reason,
        override_reason=data.override_reason,
        revision=expected_revision(request),
    )
    warnings = await warnings_of_session(row, actor)
    return Response(session_out(row, actor, now, warnings), headers={"ETag": revision_tag(row.revision)})


ROUTES = [BookingsController, BookedSessionsController, change_session]
