"""Changing a live booking: seats, contact, note."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import (
    BookingClosedError,
    BookingStateError,
    CancelTooLateError,
    SessionFullError,
)
from outreach.bookings.domain.permissions import may_change, may_decide
from outreach.bookings.domain.states import SEATED, BookingState
from outreach.bookings.promotion import promote_within
from outreach.bookings.queries import BookingRow, booking_by_id
from outreach.bookings.records import CONFLICTS, check_window, journalled, locked_booking_within
from outreach.events.queries import session_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, InvalidError, StaleError, invalid
from outreach.shared.text import clean_line, normal_phone
from outreach.shared.time import local

__all__ = ["change_booking"]


async def change_booking(
    actor: Actor, now: datetime, *, booking_id: UUID, changes: Mapping[str, Any], revision: int | None = None
) -> BookingRow:
    """Change ``seats``, ``contact_name``, ``contact_phone``, ``note`` of a live booking; only those given.

    Args:
        revision: the one that the caller read; ``None``: whatever it is.

    Raises:
        NotFoundError: not one of the caller's.
        StaleError: it was changed since.
        BookingStateError: it is not live.
        SessionFullError, BookingClosedError: there are not that many seats, or no longer.
        CancelTooLateError: the session has begun, or seats were to be fewer after the programme's deadline.
        InvalidError: names a field.
    """
    if "contact_phone" in changes and (problems := phone_problems("contact_phone", changes["contact_phone"])):
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        booking = await locked_booking_within(actor, booking_id)
        if revision is not None and revision != booking.revision:
            raise StaleError(revision=booking.revision)
        if not may_change(actor, booking.facts):
            raise ForbiddenError
        if not booking.is_live:
            raise BookingStateError(state=booking.state)
        if now >= booking.starts_at and not may_decide(actor, booking.facts):
            raise CancelTooLateError(started_at=local(booking.starts_at).isoformat())
        seats = int(changes.get("seats", booking.seats))
        if seats != booking.seats:
            await _check_seats(actor, now, booking, seats)
            await _take_more_within(now, booking, seats)
        await db.execute(
            """UPDATE bookings_booking SET seats = $2, contact_name = $3, contact_phone = $4, note = $5,
                      changed_at = $6, revision = revision + 1, let_go = let_go AND seats = $2 WHERE id = $1""",
            booking.id,
            seats,
            clean_line(changes.get("contact_name", booking.contact_name)),
            normal_phone(changes.get("contact_phone", booking.contact_phone)),
            changes.get("note", booking.note),
            now,
        )
        await note_within(
            actor,
            now,
            "booking.changed",
            "booking",
            booking.id,
            organisation_id=booking.session_organisation_id,
            facts={**journalled(booking), "seats_now": seats, "fields": sorted(changes)},
        )
        if seats != booking.seats:
            freed = booking.state in SEATED and seats < booking.seats
            await promote_within(None, now, booking.session_id, freed=freed)
        return await booking_by_id(booking.id)


async def _check_seats(actor: Actor, now: datetime, booking: BookingRow, seats: int) -> None:
    """Whether the booking may have ``seats`` instead of its own, leaving aside how many are free.

    A group that waits may become smaller or larger and keeps its place; what is offered is taken or refused as it is.
    """
    if booking.state == BookingState.OFFERED:
        raise BookingStateError(state=booking.state)
    waits = booking.state == BookingState.WAITLISTED
    decides = may_decide(actor, booking.facts)
    if seats < booking.seats:
        if not (decides or waits) and now >= booking.deadline_at:
            raise CancelTooLateError(deadline_at=local(booking.deadline_at).isoformat())
        return
    await _check_more(actor, now, booking, seats)


async def _check_more(actor: Actor, now: datetime, booking: BookingRow, seats: int) -> None:
    """Whether the booking may grow to ``seats``, leaving aside how many are free."""
    session = await session_by_id(booking.session_id)
    if booking.state == BookingState.WAITLISTED and session.capacity is not None and seats > session.capacity:
        raise invalid("seats", "more-than-capacity", most=session.capacity)
    if may_decide(actor, booking.facts):
        if session.state != "published":
            raise BookingClosedError(why=session.state)
        return
    check_window(session, now)
    if session.approval_needed and booking.state == BookingState.CONFIRMED:
        raise invalid("seats", "approved-up-to", most=booking.seats)
    most = session.max_seats_per_booking
    if most is not None and seats > most and not booking.is_host:
        raise invalid("seats", "too-many-for-one", most=most)


async def _take_more_within(now: datetime, booking: BookingRow, seats: int) -> None:
    """Take or give back the difference; the guard is in the write. A group that waits holds none."""
    if booking.state not in SEATED:
        return
    more = seats - booking.seats
    if more > 0:
        await promote_within(None, now, booking.session_id, freed=False)  # an offer that has run out keeps no seats
    taken = await db.value(
        """UPDATE events_session SET seats_taken = seats_taken + $2
            WHERE id = $1 AND (capacity IS NULL OR seats_taken + $2 <= capacity) RETURNING true""",
        booking.session_id,
        more,
    )
    if taken is None:
        session = await session_by_id(booking.session_id)
        raise SessionFullError(free=(session.seats_left or 0) + booking.seats, wanted=seats)
