"""Free seats go to the groups that wait, in the transaction that frees them (rule 5).

So in every committed state of a session that can still be booked no waiting group fits into the free seats, but for one
that has just let an offer of these seats go.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.states import BookingState
from outreach.bookings.domain.waiting import Served, WaitingGroup, offer_end, served
from outreach.bookings.queries import BOOKING_SQL, BookingRow, booking_by_id, booking_row
from outreach.bookings.records import journalled, move_within, tell_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local

__all__ = ["Terms", "back_within", "next_number_within", "offer_within", "promote_within", "terms_within"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides how a group of a session is served."""

    free: int | None
    approval_needed: bool
    closes_at: datetime
    starts_at: datetime
    offer_hours: int


async def terms_within(session_id: UUID, now: datetime) -> Terms | None:
    """``None``: nobody is served, since it is not published, has begun, or is on offer as a whole only."""
    found = await db.row(
        """SELECT s.capacity - s.seats_taken AS free, s.approval_needed,
                  coalesce(s.booking_closes_at, s.starts_at) AS closes_at, s.starts_at, p.offer_hours
             FROM events_session s JOIN programmes_programme p ON p.id = s.programme
            WHERE s.id = $1 AND s.state = 'published' AND NOT s.claimable AND $2 < s.starts_at""",
        session_id,
        now,
    )
    return Terms(**found) if found else None


async def promote_within(
    actor: Actor | None, now: datetime, session_id: UUID, *, freed: bool = True
) -> list[BookingRow]:
    """Take back the offers that have run out and give free seats to the groups that wait; return those served.

    After the end of booking a group is asked first: it gets an offer. Everyone concerned is told. The session's row is
    locked by the caller.

    Args:
        actor: for the journal; ``None``: the program itself.
        freed: seats were freed by somebody else than a group that let its offer go: then those that let one go are
            asked again.
    """
    waiting = await db.rows(
        """SELECT id, state, offer_expires_at, let_go FROM bookings_booking
            WHERE session = $1 AND queue_number IS NOT NULL ORDER BY queue_number""",
        session_id,
    )
    if not waiting:
        return []
    if freed and any(one["let_go"] for one in waiting):
        await db.execute("UPDATE bookings_booking SET let_go = false WHERE session = $1 AND let_go", session_id)
    for one in waiting:
        if one["offer_expires_at"] is not None and one["offer_expires_at"] <= now:
            await _expire_within(now, await booking_by_id(one["id"]))
    terms = await terms_within(session_id, now)
    if terms is None:
        return []
    queue = await db.rows(
        """SELECT id, seats, let_go FROM bookings_booking
            WHERE session = $1 AND queue_number IS NOT NULL AND state = 'waitlisted' ORDER BY queue_number""",
        session_id,
    )
    plan = served([WaitingGroup(**one) for one in queue], terms.free)
    return await _carry_out_within(actor, now, terms, plan) if plan else []


async def _carry_out_within(
    actor: Actor | None, now: datetime, terms: Terms, plan: Sequence[Served]
) -> list[BookingRow]:
    concerned = {one.id for one in plan}.union(*(one.skipped for one in plan))
    found = await db.rows(BOOKING_SQL + " WHERE b.id = ANY($1::uuid[])", list(concerned))
    by_id = {one["id"]: booking_row(one) for one in found}
    passed_by: dict[UUID, list[str]] = defaultdict(list)
    done = []
    for one in plan:
        skipped = [by_id[id_].organisation_name for id_ in one.skipped]
        done.append(await _serve_within(actor, now, terms, by_id[one.id], skipped))
        for id_ in one.skipped:
            passed_by[id_].append(by_id[one.id].organisation_name)
    for id_, names in passed_by.items():
        await _note_skipped_within(actor, now, by_id[id_], names)
    return done


async def _serve_within(
    actor: Actor | None, now: datetime, terms: Terms, booking: BookingRow, skipped: Sequence[str]
) -> BookingRow:
    """Give a group all its seats: as an offer after the end of booking, else as if it booked now."""
    facts = {"place": booking.place_in_queue, "skipped": list(skipped)}
    if now >= terms.closes_at:
        ends_at = offer_end(now, terms.offer_hours, terms.starts_at)
        return await offer_within(actor, now, booking, booking.seats, ends_at, "booking.promoted", facts=facts)
    to = BookingState.PENDING if terms.approval_needed else BookingState.CONFIRMED
    after = await move_within(actor, now, booking, to, action="booking.promoted", facts=facts)
    if to is BookingState.PENDING:
        await tell_within("booking-promoted-pending", now, after)
        await tell_within("booking-received", now, after)
    else:
        await tell_within("booking-promoted", now, after)
    return after


async def offer_within(
    actor: Actor | None,
    now: datetime,
    booking: BookingRow,
    seats: int,
    ends_at: datetime,
    action: str,
    *,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> BookingRow:
    more = {"until": local(ends_at).isoformat(), "seats_wanted": booking.seats}
    after = await move_within(
        actor,
        now,
        booking,
        BookingState.OFFERED,
        reason=reason,
        action=action,
        facts={**more, **(facts or {})},
        seats=seats,
        seats_wanted=booking.seats,
        offer_expires_at=ends_at,
    )
    await tell_within("booking-offered", now, after, reason=reason, **more)
    return after


async def _note_skipped_within(actor: Actor | None, now: datetime, booking: BookingRow, by: Sequence[str]) -> None:
    """A group was too large for what was free, and later ones were not."""
    await db.execute(
        "UPDATE bookings_booking SET times_skipped = times_skipped + $2 WHERE id = $1", booking.id, len(by)
    )
    await note_within(
        actor,
        now,
        "booking.skipped",
        "booking",
        booking.id,
        organisation_id=booking.session_organisation_id,
        facts={**journalled(booking), "passed_by": list(by)},
    )


async def back_within(actor: Actor | None, now: datetime, booking: BookingRow, action: str) -> BookingRow:
    """An offer ends and its group waits on for all its seats.

    Who let a part go keeps its place; who let everything go it had asked for waits behind the others from now on.
    """
    wanted = booking.seats_wanted or booking.seats
    everything = wanted == booking.seats
    return await move_within(
        actor,
        now,
        booking,
        BookingState.WAITLISTED,
        action=action,
        facts={"offered": booking.seats},
        seats=wanted,
        queue_number=await next_number_within(booking.session_id) if everything else booking.queue_number,
        let_go=everything,
    )


async def _expire_within(now: datetime, booking: BookingRow) -> None:
    assert booking.offer_expires_at is not None  # only offers run out
    await back_within(None, now, booking, "booking.offer_expired")
    await tell_within("booking-offer-expired", now, booking, until=local(booking.offer_expires_at).isoformat())


async def next_number_within(session_id: UUID) -> int:
    """The number of who comes last to the queue of a session. Its row is locked."""
    return int(
        await db.value(
            """SELECT coalesce(max(queue_number), 0) + 1 FROM bookings_booking
                WHERE session = $1 AND queue_number IS NOT NULL""",
            session_id,
        )
    )
