"""候补: what a waiting group and its organiser do. Who is served when seats are freed stands in ``promotion``."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.errors import (
    BookingClosedError,
    BookingStateError,
    OfferExpiredError,
    SessionFullError,
)
from outreach.bookings.domain.permissions import may_decide
from outreach.bookings.domain.states import BookingState
from outreach.bookings.domain.waiting import offer_end
from outreach.bookings.promotion import back_within, offer_within, promote_within, terms_within
from outreach.bookings.queries import BookingRow, booking_by_id
from outreach.bookings.records import (
    CONFLICTS,
    journalled,
    lock_session_within,
    locked_booking_within,
    move_within,
    tell_within,
)
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, invalid
from outreach.shared.text import clean_line
from outreach.shared.time import local

__all__ = ["expire_offers", "move_in_queue", "offer_part", "promote_within", "refuse_offer", "take_offer"]


async def _to_arrange(actor: Actor, now: datetime, booking_id: UUID) -> BookingRow:
    """A group that waits, for who runs the session.

    Raises:
        NotFoundError, ForbiddenError, BookingStateError: see ``offer_part``.
    """
    booking = await locked_booking_within(actor, booking_id)
    if not may_decide(actor, booking.facts):
        raise ForbiddenError
    await promote_within(None, now, booking.session_id, freed=False)
    booking = await booking_by_id(booking_id)
    if booking.state != BookingState.WAITLISTED:
        raise BookingStateError(state=booking.state)
    return booking


async def offer_part(actor: Actor, now: datetime, *, booking_id: UUID, seats: int, reason: str = "") -> BookingRow:
    """Offer a waiting group some of its seats (or, asked again, all); they are kept for it until the offer ends.

    Args:
        reason: needed when groups before it are passed over; the group reads it.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to decide.
        BookingStateError: it does not wait.
        BookingClosedError: the session has begun, or nothing of it can be booked by seats.
        SessionFullError: fewer seats are free.
        InvalidError: names a field.
    """
    why = clean_line(reason)
    async with atomic(CONFLICTS):
        booking = await _to_arrange(actor, now, booking_id)
        terms = await terms_within(booking.session_id, now)
        if terms is None:
            raise BookingClosedError(why="over" if booking.session_state == "published" else booking.session_state)
        if not 1 <= seats <= booking.seats:
            raise invalid("seats", "offer-too-large", most=booking.seats)
        if terms.free is not None and seats > terms.free:
            raise SessionFullError(free=terms.free, wanted=seats)
        if booking.place_in_queue != 1 and not why:
            raise invalid("reason", "reason-needed")
        ends_at = offer_end(now, terms.offer_hours, terms.starts_at)
        return await offer_within(actor, now, booking, seats, ends_at, "booking.offered", reason=why)


async def take_offer(actor: Actor, now: datetime, *, booking_id: UUID) -> BookingRow:
    """Take the seats that are offered: the booking is confirmed, with these seats and no further wish.

    Raises:
        NotFoundError: not one of the caller's.
        OfferExpiredError: the offer has run out.
        BookingStateError: nothing is offered; tells the state it is in.
    """
    async with atomic(CONFLICTS):
        booking = await _offered(actor, now, booking_id)
        after = await move_within(actor, now, booking, BookingState.CONFIRMED, action="booking.offer_taken")
        await tell_within("booking-confirmed", now, after)
    return after


async def refuse_offer(actor: Actor, now: datetime, *, booking_id: UUID) -> BookingRow:
    """Let an offer go and wait on; the seats go to the next group that fits.

    Raises:
        NotFoundError: not one of the caller's.
        OfferExpiredError: the offer has run out.
        BookingStateError: nothing is offered; tells the state it is in.
    """
    async with atomic(CONFLICTS):
        booking = await _offered(actor, now, booking_id)
        await back_within(actor, now, booking, "booking.offer_refused")
        await promote_within(None, now, booking.session_id, freed=False)
        return await booking_by_id(booking_id)


async def _offered(actor: Actor, now: datetime, booking_id: UUID) -> BookingRow:
    booking = await locked_booking_within(actor, booking_id)
    if booking.offer_expires_at is not None and booking.offer_is_over(now):
        raise OfferExpiredError(expired_at=local(booking.offer_expires_at).isoformat())
    if booking.state == BookingState.WAITLISTED:
        # Taken back meanwhile: who comes with the old page learns why, not just that it waits.
        last = await db.row(
            """SELECT action, at FROM accounts_journal WHERE object_kind = 'booking' AND object_id = $1
                  AND action <> 'booking.skipped' ORDER BY id DESC LIMIT 1""",
            booking_id,
        )
        if last is not None and last["action"] == "booking.offer_expired":
            raise OfferExpiredError(expired_at=local(last["at"]).isoformat())
    if booking.state != BookingState.OFFERED:
        raise BookingStateError(state=booking.state)
    return booking


async def move_in_queue(actor: Actor, now: datetime, *, booking_id: UUID, place: int, reason: str) -> BookingRow:
    """Give a waiting group another place in the queue; the others keep their order.

    Args:
        place: 1 is next.
        reason: needed; it stands in the journal.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to decide.
        BookingStateError: it does not wait.
        InvalidError: names a field.
    """
    why = clean_line(reason)
    if not why:
        raise invalid("reason", "reason-needed")
    async with atomic():
        booking = await _to_arrange(actor, now, booking_id)
        queue = await db.rows(
            """SELECT id, queue_number FROM bookings_booking
                WHERE session = $1 AND queue_number IS NOT NULL AND state = 'waitlisted' ORDER BY queue_number""",
            booking.session_id,
        )
        if not 1 <= place <= len(queue):
            raise invalid("place", "place-in-queue", most=len(queue))
        order = [one["id"] for one in queue if one["id"] != booking_id]
        order.insert(place - 1, booking_id)
        await db.execute(
            """UPDATE bookings_booking b SET queue_number = moved.number
                 FROM unnest($1::uuid[], $2::int[]) AS moved (id, number)
                WHERE b.id = moved.id AND b.queue_number <> moved.number""",
            order,
            [one["queue_number"] for one in queue],
        )
        await db.execute(
            "UPDATE bookings_booking SET changed_at = $2, revision = revision + 1 WHERE id = $1", booking_id, now
        )
        await note_within(
            actor,
            now,
            "booking.queue_moved",
            "booking",
            booking_id,
            organisation_id=booking.session_organisation_id,
            reason=why,
            facts={**journalled(booking), "from": booking.place_in_queue, "to": place},
        )
        return await booking_by_id(booking_id)


async def expire_offers(now: datetime) -> int:
    """Give the seats of offers that have run out to the next groups; return how many sessions were looked at.

    One transaction a session. Safe in any number of processes at once: who comes second finds nothing to do.
    """
    found = await db.rows(
        "SELECT DISTINCT session FROM bookings_booking WHERE state = 'offered' AND offer_expires_at <= $1", now
    )
    for one in found:
        async with atomic(CONFLICTS):
            await lock_session_within(one["session"])
            await promote_within(None, now, one["session"], freed=False)
    return len(found)
