"""领走一场: an organisation takes a whole published date to its own site and becomes its host."""

from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.admission import UNLIMITED_SQL, admit_within
from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.domain.errors import AlreadyBookedError, BookingClosedError
from outreach.bookings.domain.permissions import may_act_for
from outreach.bookings.domain.states import BookingState
from outreach.bookings.queries import BookingRow
from outreach.bookings.records import (
    CONFLICTS,
    check_window,
    checked_session,
    insert_within,
    live_booking_within,
    tell_within,
)
from outreach.events.commands import lock_resources_within
from outreach.events.queries import SessionRow, session_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, UnavailableError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone

__all__ = ["claim_session"]

# One winner: whoever comes second finds a host there. The whole audience gets seats, so capacity grows where it must.
_GUARDED = """
UPDATE events_session s
   SET host = u.id, venue = NULL, address = $3, district = u.district, visibility = 'host', claimable = false,
       seats_taken = s.seats_taken + $4,
       capacity = CASE WHEN s.capacity IS NOT NULL THEN greatest(s.capacity, s.seats_taken + $4) END,
       revision = s.revision + 1, revised_at = $5
  FROM accounts_organisation o, accounts_organisation u, programmes_programme p
 WHERE s.id = $1 AND u.id = $2 AND o.id = s.organisation AND p.id = s.programme
   AND s.state = 'published' AND s.claimable AND s.host IS NULL
   AND (s.booking_opens_at IS NULL OR s.booking_opens_at <= $5)
   AND $5 < least(coalesce(s.booking_closes_at, s.starts_at), s.starts_at)
"""
_RETURNING = """
RETURNING s.title, s.starts_at, s.ends_at, s.state AS session_state, s.organisation AS session_organisation_id,
          o.name AS session_organisation_name, o.path AS session_organisation_path, u.name AS organisation_name,
          u.path AS organisation_path, p.mark AS programme_mark, p.name AS programme_name, p.cancel_hours
"""
_CLAIM = f"{_GUARDED} AND {UNLIMITED_SQL} {_RETURNING}"
_CLAIM_ADMITTED = _GUARDED + _RETURNING


async def claim_session(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    organisation_id: UUID,
    address: str,
    audience: int,
    contact_name: str,
    contact_phone: str,
) -> BookingRow:
    """Take the whole date to the organisation's own site; return its confirmed host booking.

    From then on only those concerned see the session (rule 10).

    Args:
        address: of the site, not empty.
        audience: people expected, at least 1; they become the seats of the host booking.

    Raises:
        NotFoundError: the session does not exist for the caller, or the organisation is not one of the caller's.
        BookingClosedError: it is not on offer as a whole, no longer, or another organisation was faster.
        AlreadyBookedError: the organisation has a live booking of it.
        LimitReachedError, QuotaUsedError: see ``admit_within``.
        InvalidError: names a field.
    """
    problems = phone_problems("contact_phone", contact_phone)
    if not clean_line(address):
        problems.append(FieldProblem("address", "required"))
    if problems:
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        session = await _offered_session(actor, now, session_id, organisation_id)
        await _check_audience(session.event_id, audience)
        values = (session_id, organisation_id, clean_line(address), audience, now)
        opening_id = None
        found = await db.row(_CLAIM, *values)
        if found is None:
            opening_id = await _admitted_within(now, session, organisation_id)
            found = await db.row(_CLAIM_ADMITTED, *values)
        if found is None:
            await _refuse_taken(now, await session_by_id(session_id), organisation_id)
            raise UnavailableError(retry_after=1)
        booking = BookingRow(
            id=new_id(),
            session_id=session_id,
            organisation_id=organisation_id,
            seats=audience,
            state=BookingState.CONFIRMED.value,
            is_host=True,
            contact_name=clean_line(contact_name),
            contact_phone=normal_phone(contact_phone),
            note="",
            reason="",
            created_at=now,
            changed_at=now,
            revision=1,
            opening_id=opening_id,
            **dict(found),
        )
        await insert_within(actor, now, booking, action="booking.claimed")
        await _leave_venue_within(session_id)
        await note_within(
            actor,
            now,
            "session.claimed",
            "session",
            session_id,
            organisation_id=booking.session_organisation_id,
            facts={"organisation": booking.organisation_name, "audience": audience},
        )
        await tell_within("booking-confirmed", now, booking)
        await tell_within("session-claimed", now, booking)
    return booking


async def _admitted_within(now: datetime, session: SessionRow, organisation_id: UUID) -> UUID | None:
    """The opening that the claim goes through, after limits and openings were asked, if any concern the session.

    Raises:
        OutreachError: what stands in the way of the claim, or what ``admit_within`` says.
    """
    await _refuse_taken(now, session, organisation_id)
    return await admit_within(
        now,
        organisation_id=organisation_id,
        programme_id=session.programme_id,
        at=session.starts_at,
        session_id=session.id,
    )


async def _check_audience(event_id: UUID, audience: int) -> None:
    """Whether the event is made for so many people."""
    limits: Any = await db.row("SELECT min_audience, max_audience FROM events_event WHERE id = $1", event_id)
    if limits["min_audience"] is not None and audience < limits["min_audience"]:
        raise invalid("audience", "audience-too-small", least=limits["min_audience"])
    if limits["max_audience"] is not None and audience > limits["max_audience"]:
        raise invalid("audience", "audience-too-large", most=limits["max_audience"])


async def _offered_session(actor: Actor, now: datetime, session_id: UUID, organisation_id: UUID) -> SessionRow:
    """``checked_session``, but a date that the organisation could have claimed says that somebody was faster.

    Since the claim it is hidden from all but its host: a loser with the page open would read that it never existed.
    """
    try:
        return await checked_session(actor, now, session_id, organisation_id)
    except NotFoundError:
        claimed_below = await db.value(
            """SELECT u.path FROM events_session s JOIN accounts_organisation o ON o.id = s.organisation
                 JOIN accounts_organisation u ON u.id = $2 AND starts_with(u.path, o.path)
                WHERE s.id = $1 AND s.host <> u.id AND EXISTS (
                    SELECT 1 FROM bookings_booking b WHERE b.session = s.id AND b.is_host AND b.state = 'confirmed')""",
            session_id,
            organisation_id,
        )
        if claimed_below is not None and may_act_for(actor, organisation_id, claimed_below):
            raise BookingClosedError(why="claimed") from None
        raise


async def _refuse_taken(now: datetime, session: SessionRow, organisation_id: UUID) -> None:
    """Raise what stands in the way of ``_CLAIM``; questions of permission are answered already."""
    if await live_booking_within(session.id, organisation_id):
        raise AlreadyBookedError
    check_window(session, now)
    if session.host_id is not None:
        raise BookingClosedError(why="claimed")
    if not session.claimable:
        raise BookingClosedError(why="not-claimable")


async def _leave_venue_within(session_id: UUID) -> None:
    """The date is at the host's site now: a room that was kept for it is free again."""
    await lock_resources_within(session_id)
    await db.execute("DELETE FROM events_occupation WHERE session = $1 AND resource_kind = 'venue'", session_id)
