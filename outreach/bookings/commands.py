"""Writes of bookings. Every one locks the session's row first, so that no two wait for each other in a ring."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import (
    AlreadyBookedError,
    BookingClosedError,
    BookingStateError,
    CancelTooLateError,
    SessionFullError,
)
from outreach.bookings.domain.permissions import is_meant_for, may_act_for, may_decide, may_read
from outreach.bookings.domain.states import SEATED, BookingState, move
from outreach.bookings.queries import BOOKING_SQL, BookingRow, booking_by_id, booking_row
from outreach.events.domain.visibility import SessionFacts, may_manage, may_see
from outreach.events.queries import SessionRow, session_by_id
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts, atomic
from outreach.shared.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
    invalid,
)
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone
from outreach.shared.time import local, local_day

__all__ = [
    "CONFLICTS",
    "book_seats",
    "cancel_booking",
    "confirm_booking",
    "decline_booking",
    "tell_within",
]

CONFLICTS: Conflicts = {
    "bookings_booking_one_live": AlreadyBookedError,
    "events_session_seats_within_capacity": SessionFullError,
}

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

_INSERT = """
INSERT INTO bookings_booking (id, session, organisation, seats, state, is_host, contact_name, contact_phone, note,
                              reason, created_by, created_at, changed_at, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11, $11, 1)
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
        _check_taker(
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


async def insert_within(actor: Actor, now: datetime, booking: BookingRow) -> None:
    """Store a booking whose seats are taken, with its line in the journal."""
    await db.execute(
        _INSERT,
        booking.id,
        booking.session_id,
        booking.organisation_id,
        booking.seats,
        booking.state,
        booking.is_host,
        booking.contact_name,
        booking.contact_phone,
        booking.note,
        actor.person_id,
        now,
    )
    await note_within(
        actor,
        now,
        "booking.claimed" if booking.is_host else "booking.submitted",
        "booking",
        booking.id,
        organisation_id=booking.session_organisation_id,
        to_state=booking.state,
        facts=journalled(booking),
    )


def journalled(booking: BookingRow) -> dict[str, Any]:
    return {"session_id": str(booking.session_id), "organisation": booking.organisation_name, "seats": booking.seats}


async def tell_within(kind: str, now: datetime, booking: BookingRow, *, reason: str = "") -> None:
    """Enqueue a message about a booking: to the organisation that booked, or to the session's when it has to act."""
    to_organiser = kind in ("booking-received", "session-claimed")
    await enqueue_within(
        kind,
        now,
        object_kind="booking",
        object_id=booking.id,
        organisation_id=booking.session_organisation_id if to_organiser else booking.organisation_id,
        facts={
            "session_id": str(booking.session_id),
            "title": booking.title,
            "starts_at": local(booking.starts_at).isoformat(),
            "ends_at": local(booking.ends_at).isoformat(),
            "seats": booking.seats,
            "organisation": booking.organisation_name,
            "reason": reason,
        },
    )


def _check_taker(
    actor: Actor, facts: SessionFacts, organisation_id: UUID, unit: Mapping[str, Any], now: datetime
) -> None:
    """Whether ``actor`` may book this session in the name of the organisation ``unit`` (name, path, closed_on)."""
    path: str = unit["organisation_path"]
    if not may_act_for(actor, organisation_id, path):
        raise NotFoundError(field="organisation_id")
    meant = is_meant_for(facts, organisation_id, path)
    if not meant and not may_manage(actor, facts):
        if may_see(actor, facts):
            raise BookingClosedError(why="not-for-you")
        raise NotFoundError
    if unit["closed_on"] is not None and unit["closed_on"] <= local_day(now):
        raise invalid("organisation_id", "organisation-dissolved")


async def checked_session(actor: Actor, now: datetime, session_id: UUID, organisation_id: UUID) -> SessionRow:
    """The session that the caller wants to take for the organisation, after all questions of permission.

    Raises:
        NotFoundError, ForbiddenError, InvalidError, BookingClosedError: see ``book_seats``.
    """
    session = await session_by_id(session_id)
    unit = await db.row(
        "SELECT path AS organisation_path, closed_on FROM accounts_organisation WHERE id = $1", organisation_id
    )
    if session.state == "draft" and not may_see(actor, session.facts):
        raise NotFoundError
    if unit is None:
        raise NotFoundError(field="organisation_id")
    _check_taker(actor, session.facts, organisation_id, unit, now)
    return session


def check_window(session: SessionRow, now: datetime) -> None:
    """Whether the session can be booked or claimed at this moment.

    Raises:
        BookingClosedError: it cannot; says why.
    """
    if session.state != "published":
        raise BookingClosedError(why=session.state)
    if session.booking_opens_at is not None and now < session.booking_opens_at:
        raise BookingClosedError(why="not-open-yet", opens_at=local(session.booking_opens_at).isoformat())
    closed_at = min(session.closes_at(), session.starts_at)
    if now >= closed_at:
        raise BookingClosedError(why="over", closed_at=local(closed_at).isoformat())


async def live_booking_within(session_id: UUID, organisation_id: UUID) -> bool:
    """Whether the organisation has a live booking of the session."""
    return bool(
        await db.value(
            """SELECT true FROM bookings_booking WHERE session = $1 AND organisation = $2
                AND state IN ('pending', 'offered', 'confirmed', 'waitlisted')""",
            session_id,
            organisation_id,
        )
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


async def locked_booking_within(actor: Actor, booking_id: UUID) -> BookingRow:
    """The booking, with its session's row locked, so that nothing about it changes before the commit.

    Raises:
        NotFoundError: there is none for this caller.
    """
    await db.execute(
        """SELECT 1 FROM events_session WHERE id = (SELECT session FROM bookings_booking WHERE id = $1)
              FOR NO KEY UPDATE""",
        booking_id,
    )
    booking = await booking_by_id(booking_id)
    if not may_read(actor, booking.facts):
        raise NotFoundError
    return booking


async def move_within(
    actor: Actor | None, now: datetime, booking: BookingRow, to: BookingState, *, reason: str = "", action: str = ""
) -> BookingRow:
    """Move a booking and give its seats back when it no longer holds them. The session's row is locked.

    Raises:
        BookingStateError: its state does not allow it, or somebody was faster; tells the state it is in.
    """
    move(BookingState(booking.state), to)
    changed = await db.value(
        """UPDATE bookings_booking SET state = $3, reason = $4, changed_at = $5, revision = revision + 1
            WHERE id = $1 AND state = $2 RETURNING revision""",
        booking.id,
        booking.state,
        to.value,
        reason or booking.reason,
        now,
    )
    if changed is None:
        raise BookingStateError(state=(await booking_by_id(booking.id)).state, wanted=to.value)
    if booking.state in SEATED and to not in SEATED:
        await db.execute(
            "UPDATE events_session SET seats_taken = seats_taken - $2 WHERE id = $1", booking.session_id, booking.seats
        )
    await note_within(
        actor,
        now,
        action or f"booking.{to.value}",
        "booking",
        booking.id,
        organisation_id=booking.session_organisation_id,
        from_state=booking.state,
        to_state=to.value,
        reason=reason,
        facts=journalled(booking),
    )
    found = await db.row(BOOKING_SQL + " WHERE b.id = $1", booking.id)
    return booking_row(found)


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


async def live_bookings_within(session_id: UUID) -> list[BookingRow]:
    """The live bookings of a session in a fixed order."""
    found = await db.rows(
        BOOKING_SQL
        + " WHERE b.session = $1 AND b.state IN ('pending', 'offered', 'confirmed', 'waitlisted') ORDER BY b.id",
        session_id,
    )
    return [booking_row(one) for one in found]
