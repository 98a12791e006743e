"""Questions about bookings; one statement each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.bookings.domain.permissions import may_read
from outreach.bookings.rows import BOOKING_FROM, BOOKING_SQL, BookingRow, booking_row
from outreach.events.domain.visibility import may_see
from outreach.events.queries import SESSION_SQL, SessionRow, session_by_id, session_row, visible_sql
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.paging import Page, page_of
from outreach.shared.text import clean_line, normal_phone

__all__ = [
    "BOOKING_SQL",
    "BookingFilter",
    "BookingRow",
    "Seating",
    "booking_by_id",
    "booking_row",
    "bookings_of_session",
    "bookings_page",
    "contact_phone_of",
    "other_dates",
    "own_bookings",
    "owner_name_of",
    "pending_count",
    "readable_booking",
    "readable_session",
    "rivals_of_bookings",
    "seating_of",
    "unit_history",
]


async def booking_by_id(booking_id: UUID) -> BookingRow:
    """The booking, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(BOOKING_SQL + " WHERE b.id = $1", booking_id)
    if found is None:
        raise NotFoundError
    return booking_row(found)


async def readable_booking(actor: Actor, booking_id: UUID) -> BookingRow:
    """The booking, if it exists for this caller.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
    """
    booking = await booking_by_id(booking_id)
    if not may_read(actor, booking.facts):
        raise NotFoundError
    return booking


async def readable_session(actor: Actor | None, session_id: UUID) -> tuple[SessionRow, list[BookingRow]]:
    """A session with the caller's own bookings of it, newest first. Who has booked it is concerned and sees it.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
    """
    session = await session_by_id(session_id)
    own: list[BookingRow] = []
    if actor is not None and actor.is_contact:
        found = await db.rows(
            BOOKING_SQL + " WHERE b.session = $1 AND b.organisation = ANY($2::uuid[]) ORDER BY b.id DESC",
            session_id,
            list(actor.contact_ids),
        )
        own = [booking_row(one) for one in found]
    if not may_see(actor, session.facts) and not any(one.state != "declined" for one in own):
        raise NotFoundError
    return session, own


#: Of a telephone number: fewer would find too many people.
LEAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """Which bookings a list shows; empty means all.

    ``q``: a part of the unit's or the contact's name, or the last four digits or more of the contact's telephone; the
    latter finds only bookings whose number the caller may see.
    """

    state: str = ""
    session_id: UUID | None = None
    organisation_id: UUID | None = None
    oldest_first: bool = False
    q: str = ""


async def bookings_page(
    actor: Actor, wanted: BookingFilter, *, limit: int, after: UUID | None = None
) -> Page[BookingRow]:
    """The bookings that ``actor`` may read, newest first unless asked otherwise; two statements whatever their number.

    Args:
        limit: at least 1.
        after: the last booking of the page before.
    """
    where = """ WHERE (b.organisation = ANY($1::uuid[])
          OR EXISTS (SELECT 1 FROM unnest($2::text[]) run WHERE starts_with(u.path, run) OR starts_with(o.path, run)))
        AND ($3 = '' OR b.state = $3) AND ($4::uuid IS NULL OR b.session = $4)
        AND ($5::uuid IS NULL OR b.organisation = $5)
        AND ($6 = '' OR strpos(lower(u.name), lower($6)) > 0 OR strpos(lower(b.contact_name), lower($6)) > 0
             OR ($7 <> '' AND right(b.contact_phone, length($7)) = $7
                 AND (b.organisation = ANY($1::uuid[])
                      OR EXISTS (SELECT 1 FROM unnest($2::text[]) run WHERE starts_with(o.path, run)))))"""
    words = clean_line(wanted.q)
    digits = normal_phone(words) if re.fullmatch(r"[\d\s+-]+", words) else ""
    args = (
        list(actor.contact_ids),
        list(actor.organised_paths),
        wanted.state,
        wanted.session_id,
        wanted.organisation_id,
        words,
        digits if len(digits) >= LEAST_DIGITS else "",
    )
    order, beyond = ("b.id", ">") if wanted.oldest_first else ("b.id DESC", "<")
    found = await db.rows(
        f"{BOOKING_SQL}{where} AND ($8::uuid IS NULL OR b.id {beyond} $8) ORDER BY {order} LIMIT $9",
        *args,
        after,
        limit + 1,
    )
    total = await db.value(f"SELECT count(*) {BOOKING_FROM}{where}", *args)
    return page_of([booking_row(one) for one in found], limit, total, lambda one: (str(one.id),))


async def pending_count(actor: Actor) -> int:
    """How many bookings wait for this caller to confirm or decline them."""
    found = await db.value(
        f"""SELECT count(*) {BOOKING_FROM} WHERE b.state = 'pending'
             AND EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))""",  # noqa: S608 - our own text
        list(actor.organised_paths),
    )
    return int(found)


async def rivals_of_bookings(session_ids: Sequence[UUID]) -> dict[UUID, list[BookingRow]]:
    """The pending bookings of each session, the oldest first; sessions without any are left out. One statement."""
    found = await db.rows(
        BOOKING_SQL + " WHERE b.session = ANY($1::uuid[]) AND b.state = 'pending' ORDER BY b.id", list(session_ids)
    )
    rivals: dict[UUID, list[BookingRow]] = {}
    for one in found:
        rivals.setdefault(one["session_id"], []).append(booking_row(one))
    return rivals


async def unit_history(organisation_ids: Sequence[UUID], now: datetime) -> dict[UUID, tuple[int, int]]:
    """How often each unit did not come, and how often it cancelled late, to sessions of the last two years.

    For the organiser to know, never a penalty. What the organiser or the weather cancelled is not the unit's doing and
    does not count. Units without either are left out.
    """
    found = await db.rows(
        """SELECT b.organisation, count(*) FILTER (WHERE b.state = 'no_show') AS no_shows,
                  count(*) FILTER (WHERE b.state = 'cancelled') AS late
             FROM bookings_booking b JOIN events_session s ON s.id = b.session
            WHERE b.organisation = ANY($1::uuid[]) AND s.starts_at >= $2::timestamptz - interval '2 years'
              AND s.state <> 'cancelled'
              AND (b.state = 'no_show' OR (b.state = 'cancelled' AND b.is_late AND b.cancelled_by = 'unit'))
            GROUP BY b.organisation""",
        list(organisation_ids),
        now,
    )
    return {one["organisation"]: (one["no_shows"], one["late"]) for one in found}


async def bookings_of_session(session_id: UUID) -> list[BookingRow]:
    """All bookings of a session: those that wait for an answer, the seated, the queue in its order, then the rest."""
    found = await db.rows(
        BOOKING_SQL
        + """ WHERE b.session = $1
             ORDER BY array_position(ARRAY['pending', 'offered', 'confirmed', 'attended', 'no_show', 'waitlisted'],
                                     b.state::text) NULLS LAST, b.is_host DESC, b.queue_number, b.id""",
        session_id,
    )
    return [booking_row(one) for one in found]


async def own_bookings(actor: Actor, now: datetime, *, past: bool, limit: int = 100) -> list[BookingRow]:
    """Bookings of the organisations that the caller acts for: what is ahead, soonest first, with what ended in the last
    30 days behind it, newest first; or with ``past`` everything older, newest first. At most ``limit``."""
    cut = (
        "s.ends_at < $2::timestamptz - interval '30 days'"
        if past
        else "s.ends_at >= $2::timestamptz - interval '30 days'"
    )
    order = (
        "s.starts_at DESC, b.id"
        if past
        else """(s.ends_at < $2), CASE WHEN s.ends_at >= $2 THEN s.starts_at END, s.starts_at DESC, b.id"""
    )
    found = await db.rows(
        f"{BOOKING_SQL} WHERE b.organisation = ANY($1::uuid[]) AND {cut} ORDER BY {order} LIMIT $3",
        list(actor.contact_ids),
        now,
        limit,
    )
    return [booking_row(one) for one in found]


@dataclass(frozen=True, slots=True)
class Seating:
    """Seats of a session by what they are; ``last_taken_at`` is when the newest of them was taken."""

    confirmed: int
    pending: int
    last_taken_at: datetime | None


async def seating_of(session_id: UUID) -> Seating:
    """How the seats of a session are taken."""
    found = await db.row(
        """SELECT coalesce(sum(seats) FILTER (WHERE state = 'confirmed'), 0)::int AS confirmed,
                  coalesce(sum(seats) FILTER (WHERE state IN ('pending', 'offered')), 0)::int AS pending,
                  max(created_at) FILTER (WHERE state IN ('pending', 'offered', 'confirmed')) AS last_taken_at
             FROM bookings_booking WHERE session = $1""",
        session_id,
    )
    assert found is not None  # an aggregate has one row
    return Seating(**found)


async def other_dates(actor: Actor | None, session: SessionRow, now: datetime, *, limit: int = 2) -> list[SessionRow]:
    """Further dates of the same event that the caller could book now, soonest first."""
    condition, args = visible_sql(actor, 4)
    found = await db.rows(
        f"""{SESSION_SQL} WHERE s.event = $1 AND s.id <> $2 AND s.state = 'published'
              AND (s.booking_opens_at IS NULL OR s.booking_opens_at <= $3)
              AND $3 < least(coalesce(s.booking_closes_at, s.starts_at), s.starts_at)
              AND (s.capacity IS NULL OR s.seats_taken < s.capacity) AND {condition}
            ORDER BY s.starts_at, s.id LIMIT {int(limit)}""",
        session.event_id,
        session.id,
        now,
        *args,
    )
    return [session_row(one) for one in found]


async def contact_phone_of(person_id: UUID) -> str:
    """The person's own telephone, to fill a form with; empty when not known."""
    return str(await db.value("SELECT coalesce(phone, '') FROM accounts_person WHERE id = $1", person_id) or "")


async def owner_name_of(session: SessionRow) -> str:
    """The name of the organisation that runs the session, which answers those who book."""
    return str(await db.value("SELECT name FROM accounts_organisation WHERE id = $1", session.organisation_id))
