"""Writes of bookings. Every one locks the session's row first, so that no two wait for each other in a ring."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import (
    AlreadyBookedError,
    BookingClosedError,
    CancelTooLateError,
    SessionFullError,
)
from outreach.bookings.domain.permissions import may_decide
from outreach.bookings.domain.states import BookingState
from outreach.bookings.queries import BookingRow
from outreach.bookings.records import (
    CONFLICTS,
    check_taker,
    check_window,
    checked_session,
    insert_within,
    live_booking_within,
    live_bookings_within,
    locked_booking_within,
    move_within,
    tell_within,
)
from outreach.events.domain.visibility import SessionFacts
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import (
    ForbiddenError,
    InvalidError,
    UnavailableError,
    invalid,
)
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone
from outreach.shared.time import local

__all__ = ["book_seats", "cancel_booking", "confirm_booking", "decline_booking"]


# The guard stands in the write itself: nobody can take a seat between a look and a leap.
_TAKE_SEATS = """
UPDATE events_session s SET seats_taken = s.seats_taken + $3
  FROM accounts_organisation o, accounts_organisation u, programmes_programme p
 WHERE s.id = $1 AND u.id = $2 AND o.id = s.organisation AND p.id = s.programme
   AND s.state = 'published' AND NOT s.claimable
   AND (s.booking_opens_at IS NULL OR s.booking_opens_at <= $4)
   AND $4 < least(coalesce(s.booking_closes_at, s.starts_at), s.starts_at)
   AND (s.max_seats_per_booking IS NULL OR $3 <= s.max_seats_per_booking)
   AND (s.capacity IS NULL OR s.seats_taken + $3 <= s.capacity)
RETURNING s.title, s.starts_at, s.ends_at, s.state AS session_state, s.visibility, s.approval_needed, s.host AS host_id,
          (SELECT h.kind FROM accounts_organisation h WHERE h.id = s.host) AS host_kind,
          s.organisation AS session_organisation_id, o.name AS session_organisation_name,
          o.path AS session_organisation_path, u.name AS organisation_name, u.path AS organisation_path,
          u.closed_on, p.mark AS programme_mark, p.name AS programme_name
"""


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
) -> BookingRow:
    """Reserve ``seats`` (people, at least 1) of a published session; pending where the session asks for approval.

    Raises:
        NotFoundError: the session does not exist for the caller, or the organisation is not one of the caller's.
        SessionFullError, BookingClosedError, AlreadyBookedError: nothing was booked, not even in part.
        InvalidError: names a field.
    """
    if problems := phone_problems("contact_phone", contact_phone):
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        found = None
        for _attempt in range(3):
            found = await db.row(_TAKE_SEATS, session_id, organisation_id, seats, now)
            if found is not None:
                break
            # What stood in the way may be gone by the time we look: then we try again.
            await _explain_refusal(actor, now, session_id, organisation_id, seats)
        if found is None:
            raise UnavailableError(retry_after=1)
        check_taker(
            actor,
            SessionFacts(
                found["session_state"],
                found["visibility"],
                found["session_organisation_path"],
                found["host_id"],
                found["host_kind"],
            ),
            organisation_id,
            found,
            now,
        )
        state = BookingState.PENDING if found["approval_needed"] else BookingState.CONFIRMED
        booking = BookingRow(
            id=new_id(),
            session_id=session_id,
            organisation_id=organisation_id,
            seats=seats,
            state=state.value,
            is_host=False,
            contact_name=clean_line(contact_name),
            contact_phone=normal_phone(contact_phone),
            note=note,
            reason="",
            created_at=now,
            changed_at=now,
            revision=1,
            **{name: found[name] for name in _OF_SESSION},
        )
        await insert_within(actor, now, booking)
        await tell_within("booking-confirmed" if state is BookingState.CONFIRMED else "booking-received", now, booking)
    return booking


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
)


async def _explain_refusal(actor: Actor, now: datetime, session_id: UUID, organisation_id: UUID, seats: int) -> None:
    """Raise what stood in the way of ``_TAKE_SEATS``; return when nothing does any longer."""
    session = await checked_session(actor, now, session_id, organisation_id)
    if await live_booking_within(session_id, organisation_id):
        raise AlreadyBookedError
    check_window(session, now)
    if session.claimable:
        raise BookingClosedError(why="claimable")
    if session.max_seats_per_booking is not None and seats > session.max_seats_per_booking:
        raise invalid("seats", "too-many-for-one", most=session.max_seats_per_booking)
    if session.seats_left is not None and seats > session.seats_left:
        raise SessionFullError(free=session.seats_left, wanted=seats)


async def confirm_booking(actor: Actor, now: datetime, *, booking_id: UUID) -> BookingRow:
    """Approve a pending booking; its seats are held already.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to decide.
        BookingStateError: somebody was faster; tells the state it is in (rule 4).
    """
    async with atomic(CONFLICTS):
        booking = await _to_decide(actor, booking_id)
        after = await move_within(actor, now, booking, BookingState.CONFIRMED)
        await tell_within("booking-confirmed", now, after)
    return after


async def decline_booking(actor: Actor, now: datetime, *, booking_id: UUID, reason: str) -> BookingRow:
    """Refuse a pending booking and free its seats.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to decide.
        BookingStateError: somebody was faster; tells the state it is in (rule 4).
    """
    async with atomic():
        booking = await _to_decide(actor, booking_id)
        after = await move_within(actor, now, booking, BookingState.DECLINED, reason=clean_line(reason))
        await tell_within("booking-declined", now, after, reason=clean_line(reason))
    return after


async def _to_decide(actor: Actor, booking_id: UUID) -> BookingRow:
    booking = await locked_booking_within(actor, booking_id)
    if not may_decide(actor, booking.facts):
        raise ForbiddenError
    return booking


async def cancel_booking(actor: Actor, now: datetime, *, booking_id: UUID, reason: str = "") -> BookingRow:
    """Give a live booking up and its seats back: the organisation until the session starts, its staff also later.

    Giving up a claim (领走) puts the whole date on offer again, to logged-in contacts.

    Raises:
        NotFoundError: not one of the caller's.
        BookingStateError: it is not live; tells the state it is in.
        CancelTooLateError: the session has begun.
    """
    async with atomic():
        booking = await locked_booking_within(actor, booking_id)
        if now >= booking.starts_at and booking.is_live and not may_decide(actor, booking.facts):
            raise CancelTooLateError(started_at=local(booking.starts_at).isoformat())
        after = await move_within(actor, now, booking, BookingState.CANCELLED, reason=clean_line(reason))
        await tell_within("booking-cancelled", now, after, reason=clean_line(reason))
        if booking.is_host:
            await _offer_again_within(actor, now, booking)
    return after


async def _offer_again_within(actor: Actor, now: datetime, booking: BookingRow) -> None:
    """A claimed date without its host has no place: it waits for another host, and who else had booked is told."""
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
