"""Writes of bookings. Every one locks the session's row first, so that no two wait for each other in a ring."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import (
    BookingClosedError,
    BookingStateError,
    CancelTooLateError,
    OrderedSessionError,
)
from outreach.bookings.domain.permissions import may_decide
from outreach.bookings.domain.states import SEATED, BookingState
from outreach.bookings.placing import TAKE_SEATS, Place, Wish, place_within, seen_facts
from outreach.bookings.promotion import promote_within
from outreach.bookings.queries import BookingRow, booking_by_id
from outreach.bookings.records import (
    CONFLICTS,
    check_taker,
    insert_within,
    live_bookings_within,
    locked_booking_within,
    move_within,
    tell_within,
)
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, InvalidError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone
from outreach.shared.time import local

__all__ = ["book_seats", "cancel_booking", "confirm_booking", "decline_booking"]


async def book_seats(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    organisation_id: UUID,
    seats: int,
    contact_name: str,
    contact_phone: str,
    note: str = "",
    waitlist: bool = False,
) -> BookingRow:
    """Reserve ``seats`` (people, at least 1) of a published session; pending where the session asks for approval.

    The unit at whose site the session is books the whole of it: its booking is the host's, however large.

    Args:
        waitlist: queue when there are not enough free seats; the booking is then ``waitlisted``.

    Raises:
        NotFoundError: the session does not exist for the caller, or the organisation is not one of the caller's.
        SessionFullError, BookingClosedError, AlreadyBookedError: nothing was booked, not even in part.
        LimitReachedError, QuotaUsedError: see ``admit_within``.
        InvalidError: names a field.
    """
    if problems := phone_problems("contact_phone", contact_phone):
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        found = await db.row(TAKE_SEATS, session_id, organisation_id, seats, now)
        if found is not None:
            place = Place(found)
        else:
            place = await place_within(now, Wish(actor, session_id, organisation_id, seats, waitlist))
        about = place.about
        check_taker(actor, seen_facts(about), organisation_id, about, now)
        state = BookingState.PENDING if about["approval_needed"] else BookingState.CONFIRMED
        if place.queue_number is not None:
            state = BookingState.WAITLISTED
        booking = BookingRow(
            id=new_id(),
            session_id=session_id,
            organisation_id=organisation_id,
            seats=seats,
            state=state.value,
            is_host=about["host_id"] == organisation_id,
            contact_name=clean_line(contact_name),
            contact_phone=normal_phone(contact_phone),
            note=note,
            reason="",
            created_at=now,
            changed_at=now,
            revision=1,
            opening_id=place.opening_id,
            queue_number=place.queue_number,
            **{name: about[name] for name in _OF_SESSION},
        )
        if state is BookingState.WAITLISTED:
            await insert_within(actor, now, booking, action="booking.queued")
            return await _told_waiting_within(now, booking)
        await insert_within(actor, now, booking)
        await tell_within("booking-confirmed" if state is BookingState.CONFIRMED else "booking-received", now, booking)
    return booking


async def _told_waiting_within(now: datetime, booking: BookingRow) -> BookingRow:
    stored = await booking_by_id(booking.id)  # knows its place
    await tell_within("booking-waitlisted", now, stored, place=stored.place_in_queue)
    return stored


_OF_SESSION = (
    "organisation_name",
    "organisation_path",
    "title",
    "starts_at",
    "ends_at",
    "session_state",
    "session_organisation_id",
    "session_organisation_name",
    "session_organisation_path",
    "programme_mark",
    "programme_name",
    "cancel_hours",
)


async def confirm_booking(actor: Actor, now: datetime, *, booking_id: UUID) -> BookingRow:
    """Approve a pending booking; its seats are held already.

    Everything is asked again under the lock of the session's row (rule 4).

    Raises:
        NotFoundError, ForbiddenError: not this caller's to decide.
        BookingStateError: somebody was faster; tells the state it is in.
        BookingClosedError: the session is no longer one that takes place.
    """
    async with atomic(CONFLICTS):
        booking = await _to_decide(actor, booking_id, BookingState.CONFIRMED)
        if booking.session_state not in ("published", "held"):
            raise BookingClosedError(why=booking.session_state)
        after = await move_within(actor, now, booking, BookingState.CONFIRMED)
        await tell_within("booking-confirmed", now, after)
    return after


async def decline_booking(actor: Actor, now: datetime, *, booking_id: UUID, reason: str) -> BookingRow:
    """Refuse a pending booking; its seats go to those who wait, or are free.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to decide.
        BookingStateError: somebody was faster; tells the state it is in (rule 4).
    """
    async with atomic(CONFLICTS):
        booking = await _to_decide(actor, booking_id, BookingState.DECLINED)
        after = await move_within(actor, now, booking, BookingState.DECLINED, reason=clean_line(reason))
        await tell_within("booking-declined", now, after, reason=clean_line(reason))
        await promote_within(None, now, booking.session_id)
    return after


async def _to_decide(actor: Actor, booking_id: UUID, wanted: BookingState) -> BookingRow:
    booking = await locked_booking_within(actor, booking_id)
    if not may_decide(actor, booking.facts):
        raise ForbiddenError
    if booking.state != BookingState.PENDING:  # who waits or is offered a place gets it by the queue's rules only
        raise BookingStateError(state=booking.state, wanted=wanted.value)
    return booking


async def cancel_booking(
    actor: Actor, now: datetime, *, booking_id: UUID, reason: str = "", by: str = ""
) -> BookingRow:
    """Give a live booking up and its seats back: the organisation until the session starts, its staff also later.

    The seats go to those who wait. A confirmed booking that its unit gives up after the programme's deadline is late,
    and the unit says why. Giving up a claim (领走) puts the whole date on offer again, to logged-in contacts.

    Args:
        by: ``unit`` when staff enter what the unit said on the telephone; empty: whoever the caller is.

    Raises:
        NotFoundError: not one of the caller's.
        BookingStateError: it is not live; tells the state it is in.
        CancelTooLateError: the session has begun.
        OrderedSessionError: it is the host's booking of an order.
        InvalidError: ``reason`` is missing.
    """
    why = clean_line(reason)
    async with atomic(CONFLICTS):
        booking = await locked_booking_within(actor, booking_id)
        decides = may_decide(actor, booking.facts)
        if now >= booking.starts_at and booking.is_live and not decides:
            raise CancelTooLateError(started_at=local(booking.starts_at).isoformat())
        by_unit = not decides or by == "unit" or actor.represents(booking.organisation_id)
        is_late = by_unit and booking.state == BookingState.CONFIRMED and now >= booking.deadline_at
        if is_late and not why and now < booking.starts_at:
            raise invalid("reason", "reason-needed")
        if booking.is_host and booking.is_live:
            await _refuse_ordered_within(booking)
        after = await move_within(
            actor,
            now,
            booking,
            BookingState.CANCELLED,
            reason=why,
            facts={"late": True} if is_late else None,
            cancelled_by="unit" if by_unit else "organiser",
            is_late=is_late,
        )
        await tell_within("booking-cancelled", now, after, reason=why)
        if booking.is_host:
            await _offer_again_within(actor, now, booking)
        await promote_within(None, now, booking.session_id, freed=booking.state in SEATED)
    return after


async def _refuse_ordered_within(booking: BookingRow) -> None:
    order_id = await db.value("SELECT id FROM bookings_order WHERE session = $1", booking.session_id)
    if order_id is not None:
        raise OrderedSessionError(order_id=str(order_id))


async def _offer_again_within(actor: Actor, now: datetime, booking: BookingRow) -> None:
    """A claimed date without its host has no place: it waits for another host, and who else had booked is told.

    A session that was made for its host from the start stays as it is: the organiser decides what becomes of it.
    """
    submitted = await db.value(
        """SELECT EXISTS (SELECT 1 FROM accounts_journal
                           WHERE object_kind = 'booking' AND object_id = $1
                              AND action IN ('booking.submitted', 'booking.queued'))""",
        booking.id,
    )
    if submitted:
        return
    changed = await db.value(
        """UPDATE events_session SET host = NULL, address = '', district = '', claimable = true, visibility = 'members',
                  revision = revision + 1, revised_at = $2
            WHERE id = $1 AND host = $3 AND state = 'published' RETURNING true""",
        booking.session_id,
        now,
        booking.organisation_id,
    )
    if not changed:
        return
    await note_within(
        actor,
        now,
        "session.changed",
        "session",
        booking.session_id,
        organisation_id=booking.session_organisation_id,
        facts={"organisation": booking.organisation_name},
    )
    for other in await live_bookings_within(booking.session_id):
        await tell_within("session-moved", now, other)
