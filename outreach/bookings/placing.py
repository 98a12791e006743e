"""Where a booking finds its seats: at once, after limits and those who wait were asked, or in the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.bookings.admission import UNLIMITED_SQL, admit_within
from outreach.bookings.domain.errors import AlreadyBookedError, BookingClosedError, SessionFullError
from outreach.bookings.promotion import next_number_within, promote_within
from outreach.bookings.records import check_window, checked_session, lock_session_within
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import UnavailableError, invalid

__all__ = ["TAKE_SEATS", "Place", "Wish", "place_within"]

#: What a booking shows of its session and its unit; aliases as in ``_TAKE_ADMITTED``.
_ABOUT = """
       s.title, s.starts_at, s.ends_at, s.state AS session_state, s.visibility, s.approval_needed, s.host AS host_id,
       (SELECT h.kind FROM accounts_organisation h WHERE h.id = s.host) AS host_kind,
       s.organisation AS session_organisation_id, o.name AS session_organisation_name,
       o.path AS session_organisation_path, u.name AS organisation_name, u.path AS organisation_path,
       u.closed_on, p.mark AS programme_mark, p.name AS programme_name, p.cancel_hours
"""
_FROM = """
  FROM accounts_organisation o, accounts_organisation u, programmes_programme p
 WHERE s.id = $1 AND u.id = $2 AND o.id = s.organisation AND p.id = s.programme
"""
# The guard stands in the write itself: nobody can take a seat between a look and a leap.
_GUARDED = f"""
UPDATE events_session s SET seats_taken = s.seats_taken + $3
{_FROM}
   AND s.state = 'published' AND NOT s.claimable
   AND (s.booking_opens_at IS NULL OR s.booking_opens_at <= $4)
   AND $4 < least(coalesce(s.booking_closes_at, s.starts_at), s.starts_at)
   AND (s.max_seats_per_booking IS NULL OR $3 <= s.max_seats_per_booking OR s.host = u.id)
   AND (s.capacity IS NULL OR s.seats_taken + $3 <= s.capacity)
"""  # noqa: S608 - our own text
# A group that waits and fits, or an offer that has run out and will let one fit: it comes first. The one index that
# holds nobody else answers, since "queue_number IS NOT NULL" is its condition.
_UNSETTLED = """EXISTS (
   SELECT 1 FROM bookings_booking w WHERE w.session = s.id AND w.queue_number IS NOT NULL
      AND ((w.state = 'waitlisted' AND NOT w.let_go AND w.seats <= s.capacity - s.seats_taken)
           OR w.offer_expires_at <= {now}))"""
_UNSETTLED_AT_4 = _UNSETTLED.format(now="$4")
#: The ordinary case in one statement: no limit and no opening to ask, nobody who waits and fits.
TAKE_SEATS = f"{_GUARDED} AND {UNLIMITED_SQL} AND NOT {_UNSETTLED_AT_4} RETURNING {_ABOUT}"
#: The same after everything was asked under the lock of the session's row.
_TAKE_ADMITTED = f"{_GUARDED} RETURNING {_ABOUT}"
_LOOK = f"SELECT {_ABOUT} FROM events_session s, {_FROM.strip().removeprefix('FROM ')}"  # noqa: S608 - our own text
#: What stands in the way of the ordinary case.
_STANDING = f"""
SELECT {UNLIMITED_SQL} AS unlimited, {_UNSETTLED.format(now="$3")} AS unsettled, EXISTS (
           SELECT 1 FROM bookings_booking b WHERE b.session = s.id AND b.organisation = $2
              AND b.state IN ('pending', 'offered', 'confirmed', 'waitlisted')) AS booked
  FROM events_session s JOIN programmes_programme p ON p.id = s.programme WHERE s.id = $1
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants how many seats of what."""

    actor: Actor
    session_id: UUID
    organisation_id: UUID
    seats: int
    waitlist: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What the wish came to: seats that are taken, or a number in the queue."""

    about: Any
    opening_id: UUID | None = None
    queue_number: int | None = None


async def place_within(now: datetime, wish: Wish) -> Place:
    """What the ordinary statement did not do: ask for limits and openings, let those who wait go first, queue.

    Raises:
        OutreachError: what stands in the way.
    """
    session, standing = await _checked(now, wish)
    if standing["unlimited"]:
        if not wish.waitlist and not standing["unsettled"] and _lacks_seats(session, wish):
            raise SessionFullError(free=session.seats_left, wanted=wish.seats)
        opening_id = None
    else:
        opening_id = await admit_within(
            now,
            organisation_id=wish.organisation_id,
            programme_id=session.programme_id,
            at=session.starts_at,
            session_id=session.id,
        )
    await lock_session_within(session.id)
    await promote_within(None, now, session.id, freed=False)
    found = await db.row(_TAKE_ADMITTED, session.id, wish.organisation_id, wish.seats, now)
    if found is not None:
        return Place(found, opening_id)
    session, _standing = await _checked(now, wish)
    if not _lacks_seats(session, wish):
        raise UnavailableError(retry_after=1)
    if not wish.waitlist:
        raise SessionFullError(free=session.seats_left, wanted=wish.seats)
    assert session.capacity is not None  # else it lacks no seats
    if wish.seats > session.capacity:
        raise invalid("seats", "more-than-capacity", most=session.capacity)
    about = await db.row(_LOOK, session.id, wish.organisation_id)
    return Place(about, opening_id, await next_number_within(session.id))


def _lacks_seats(session: SessionRow, wish: Wish) -> bool:
    return session.seats_left is not None and wish.seats > session.seats_left


async def _checked(now: datetime, wish: Wish) -> tuple[SessionRow, Any]:
    """The session and what stands in the way of a booking besides the number of free seats.

    Raises:
        OutreachError: the caller, the window, an earlier booking or the number asked for.
    """
    session = await checked_session(wish.actor, now, wish.session_id, wish.organisation_id)
    standing = await db.row(_STANDING, wish.session_id, wish.organisation_id, now)
    assert standing is not None  # sessions are never deleted
    if standing["booked"]:
        raise AlreadyBookedError
    check_window(session, now)
    if session.claimable:
        raise BookingClosedError(why="claimable")
    most = session.max_seats_per_booking
    if most is not None and wish.seats > most and session.host_id != wish.organisation_id:
        raise invalid("seats", "too-many-for-one", most=most)
    return session, standing
