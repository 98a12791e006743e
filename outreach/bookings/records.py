"""What commands do with a booking inside an open transaction: check, store, move, tell."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.errors import (
    AlreadyBookedError,
    BookingClosedError,
    BookingStateError,
    SessionFullError,
)
from outreach.bookings.domain.permissions import is_meant_for, may_act_for, may_read
from outreach.bookings.domain.states import SEATED, BookingState, move
from outreach.bookings.queries import BOOKING_SQL, BookingRow, booking_by_id, booking_row
from outreach.events.domain.visibility import SessionFacts, may_manage, may_see
from outreach.events.queries import SessionRow, session_by_id
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts
from outreach.shared.errors import (
    NotFoundError,
    invalid,
)
from outreach.shared.time import local, local_day

__all__ = [
    "CONFLICTS",
    "check_taker",
    "check_window",
    "checked_session",
    "insert_within",
    "journalled",
    "live_booking_within",
    "live_bookings_within",
    "lock_session_within",
    "locked_booking_within",
    "move_within",
    "tell_within",
]


CONFLICTS: Conflicts = {
    "bookings_booking_one_live": AlreadyBookedError,
    "events_session_seats_within_capacity": SessionFullError,
}


_INSERT = """
INSERT INTO bookings_booking (id, session, organisation, seats, state, is_host, contact_name, contact_phone, note,
                              reason, created_by, created_at, changed_at, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11, $11, 1)
"""
# The same with what few bookings have.
_INSERT_MORE = """
INSERT INTO bookings_booking (id, session, organisation, seats, state, is_host, contact_name, contact_phone, note,
                              reason, created_by, created_at, changed_at, revision, opening, queue_number)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11, $11, 1, $12, $13)
"""


async def insert_within(
    actor: Actor | None, now: datetime, booking: BookingRow, *, action: str = "booking.submitted"
) -> None:
    """Store a booking whose seats are taken (or that waits), with its line in the journal."""
    values: tuple[Any, ...] = (
        booking.id,
        booking.session_id,
        booking.organisation_id,
        booking.seats,
        booking.state,
        booking.is_host,
        booking.contact_name,
        booking.contact_phone,
        booking.note,
        actor.person_id if actor else None,
        now,
    )
    if booking.opening_id is None and booking.queue_number is None:
        await db.execute(_INSERT, *values)
    else:
        await db.execute(_INSERT_MORE, *values, booking.opening_id, booking.queue_number)
    await note_within(
        actor,
        now,
        action,
        "booking",
        booking.id,
        organisation_id=booking.session_organisation_id,
        to_state=booking.state,
        facts=journalled(booking),
    )


def journalled(booking: BookingRow) -> dict[str, Any]:
    return {"session_id": str(booking.session_id), "organisation": booking.organisation_name, "seats": booking.seats}


#: Messages that ask the organiser to do something; all others go to the organisation that booked.
_TO_ORGANISER = frozenset({"booking-received", "session-claimed"})


async def tell_within(kind: str, now: datetime, booking: BookingRow, *, reason: str = "", **more: Any) -> None:
    """Enqueue a message about a booking: to the organisation that booked, or to the session's when it has to act."""
    await enqueue_within(
        kind,
        now,
        object_kind="booking",
        object_id=booking.id,
        organisation_id=booking.session_organisation_id if kind in _TO_ORGANISER else booking.organisation_id,
        facts={
            "session_id": str(booking.session_id),
            "title": booking.title,
            "starts_at": local(booking.starts_at).isoformat(),
            "ends_at": local(booking.ends_at).isoformat(),
            "seats": booking.seats,
            "organisation": booking.organisation_name,
            "reason": reason,
            **more,
        },
    )


def check_taker(
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
    check_taker(actor, session.facts, organisation_id, unit, now)
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


async def lock_session_within(session_id: UUID) -> None:
    """Lock the session's row: whoever writes a booking does so first, and no two wait for each other in a ring."""
    await db.execute("SELECT 1 FROM events_session WHERE id = $1 FOR NO KEY UPDATE", session_id)


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
    actor: Actor | None,
    now: datetime,
    booking: BookingRow,
    to: BookingState,
    *,
    reason: str = "",
    action: str = "",
    facts: Mapping[str, Any] | None = None,
    **fields: Any,
) -> BookingRow:
    """Move a booking to another state and take or give back the seats that it holds. The session's row is locked.

    Args:
        reason: kept with the booking and in the journal; empty keeps the one that is there.
        action: of the journal; by default the word of the state.
        facts: for the journal, besides session, organisation and seats.
        fields: of ``BookingRow`` that change with the state: ``seats``, ``queue_number``, ``seats_wanted``,
            ``offer_expires_at``, ``let_go``, ``cancelled_by``, ``is_late``. What only a waiting group has is cleared
            when it waits no longer.

    Raises:
        BookingStateError: its state does not allow it, or somebody was faster; tells the state it is in.
    """
    move(BookingState(booking.state), to)
    waits = to in (BookingState.WAITLISTED, BookingState.OFFERED)
    after = replace(
        booking,
        **{
            "state": to.value,
            "reason": reason or booking.reason,
            "changed_at": now,
            "revision": booking.revision + 1,
            "queue_number": booking.queue_number if waits else None,
            "seats_wanted": None,
            "offer_expires_at": None,
            "let_go": False,
            "place_in_queue": None,
            **fields,
        },
    )
    changed = await db.value(
        """UPDATE bookings_booking
              SET state = $3, reason = $4, changed_at = $5, seats = $6, queue_number = $7, seats_wanted = $8,
                  offer_expires_at = $9, let_go = $10, cancelled_by = $11, is_late = $12, revision = revision + 1
            WHERE id = $1 AND state = $2 RETURNING revision""",
        booking.id,
        booking.state,
        after.state,
        after.reason,
        now,
        after.seats,
        after.queue_number,
        after.seats_wanted,
        after.offer_expires_at,
        after.let_go,
        after.cancelled_by,
        after.is_late,
    )
    if changed is None:
        raise BookingStateError(state=(await booking_by_id(booking.id)).state, wanted=to.value)
    held = booking.seats if booking.state in SEATED else 0
    holds = after.seats if to in SEATED else 0
    if held != holds:
        await db.execute(
            "UPDATE events_session SET seats_taken = seats_taken + $2 WHERE id = $1", booking.session_id, holds - held
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
        facts={**journalled(after), **(facts or {})},
    )
    return replace(after, revision=changed)


async def live_bookings_within(session_id: UUID) -> list[BookingRow]:
    """The live bookings of a session in a fixed order."""
    found = await db.rows(
        BOOKING_SQL
        + " WHERE b.session = $1 AND b.state IN ('pending', 'offered', 'confirmed', 'waitlisted') ORDER BY b.id",
        session_id,
    )
    return [booking_row(one) for one in found]
