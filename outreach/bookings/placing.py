"""Where a booking finds its seats: at once, after limits and those who wait were asked, or in the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.bookings.admission import UNLIMITED_SQL, admitted_within
from outreach.bookings.domain.errors import AlreadyBookedError, BookingClosedError, SessionFullError
from outreach.bookings.openings.question import QUESTION_SQL, Question, question_from, question_of
from outreach.bookings.promotion import next_number_within, promote_within
from outreach.bookings.records import (
    check_taker,
    check_window,
    checked_session,
    live_booking_within,
    lock_session_within,
)
from outreach.events.domain.visibility import SessionFacts
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import OutreachError, UnavailableError, invalid

__all__ = ["TAKE_SEATS", "Place", "Wish", "place_within", "seen_facts"]

#: What a booking shows of its session and its unit; aliases as in ``_GUARDED``.
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
# Whether the session can be booked by the unit, whatever is free.
_BOOKABLE = """(s.state = 'published' AND NOT s.claimable
   AND (s.booking_opens_at IS NULL OR s.booking_opens_at <= $4)
   AND $4 < least(coalesce(s.booking_closes_at, s.starts_at), s.starts_at)
   AND (s.max_seats_per_booking IS NULL OR $3 <= s.max_seats_per_booking OR s.host = u.id))"""
# The guard stands in the write itself: nobody can take a seat between a look and a leap.
_GUARDED = f"""
UPDATE events_session s SET seats_taken = s.seats_taken + $3
{_FROM}
   AND {_BOOKABLE}
   AND (s.capacity IS NULL OR s.seats_taken + $3 <= s.capacity)
"""  # noqa: S608 - our own text
# A group that waits and fits, or an offer that has run out and will let one fit: it comes first. The one index that
# holds nobody else answers, since "queue_number IS NOT NULL" is its condition.
_UNSETTLED = """EXISTS (
   SELECT 1 FROM bookings_booking w WHERE w.session = s.id AND w.queue_number IS NOT NULL
      AND ((w.state = 'waitlisted' AND NOT w.let_go AND w.seats <= s.capacity - s.seats_taken)
           OR w.offer_expires_at <= $4))"""
#: The ordinary case in one statement: no limit and no opening to ask, nobody who waits and fits.
TAKE_SEATS = f"{_GUARDED} AND {UNLIMITED_SQL} AND NOT {_UNSETTLED} RETURNING {_ABOUT}"
#: The same after limits and openings were asked.
_TAKE_SETTLED = f"{_GUARDED} AND NOT {_UNSETTLED} RETURNING {_ABOUT}"
#: The same after those who wait were served, too, under the lock of the session's row.
_TAKE_ADMITTED = f"{_GUARDED} RETURNING {_ABOUT}"
#: What may stand in the way of the ordinary case, and what limits and openings ask: a row for each opening.
_LOOK = f"""
SELECT {_ABOUT}, s.capacity, s.capacity - s.seats_taken AS free, {_BOOKABLE} AS bookable, {_UNSETTLED} AS unsettled,
       EXISTS (SELECT 1 FROM bookings_booking b WHERE b.session = s.id AND b.organisation = u.id
                  AND b.state IN ('pending', 'offered', 'confirmed', 'waitlisted')) AS booked, {QUESTION_SQL}
  FROM events_session s
  JOIN accounts_organisation o ON o.id = s.organisation
  JOIN accounts_organisation u ON u.id = $2
  JOIN programmes_programme p ON p.id = s.programme
{question_from(at="s.starts_at", session="s.id", event="NULL")}
 WHERE s.id = $1
 ORDER BY w.opens_at, w.id
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


@dataclass(frozen=True, slots=True)
class _View:
    """What a wish finds; ``free`` seats are ``None`` where they are not limited."""

    about: Any
    question: Question
    capacity: int | None
    free: int | None
    unsettled: bool


async def place_within(now: datetime, wish: Wish) -> Place:
    """What the ordinary statement did not do: ask for limits and openings, let those who wait go first, queue.

    Raises:
        OutreachError: what stands in the way.
    """
    view = await _look(now, wish)
    lacking = _lacks_seats(view, wish)
    opening_id = None
    if view.question.is_limited:
        opening_id = await admitted_within(now, view.question, [wish.organisation_id])
    elif lacking and not wish.waitlist and not view.unsettled:
        raise _full(view, wish)
    values = (wish.session_id, wish.organisation_id, wish.seats, now)
    if not lacking and not view.unsettled:
        found = await db.row(_TAKE_SETTLED, *values)
        if found is not None:
            return Place(found, opening_id)
    await lock_session_within(wish.session_id)
    await promote_within(None, now, wish.session_id, freed=False)
    found = await db.row(_TAKE_ADMITTED, *values)
    if found is not None:
        return Place(found, opening_id)
    view = await _look(now, wish)
    if not _lacks_seats(view, wish):
        raise UnavailableError(retry_after=1)
    if not wish.waitlist:
        raise _full(view, wish)
    assert view.capacity is not None  # else it lacks no seats
    if wish.seats > view.capacity:
        raise invalid("seats", "more-than-capacity", most=view.capacity)
    return Place(view.about, opening_id, await next_number_within(wish.session_id))


def _lacks_seats(view: _View, wish: Wish) -> bool:
    return view.free is not None and wish.seats > view.free


def _full(view: _View, wish: Wish) -> SessionFullError:
    return SessionFullError(free=view.free, wanted=wish.seats)


async def _look(now: datetime, wish: Wish) -> _View:
    """What there is, if nothing but seats, those who wait, limits and openings can stand in the way.

    Raises:
        OutreachError: the caller, the window, an earlier booking or the number asked for.
    """
    found = await db.rows(_LOOK, wish.session_id, wish.organisation_id, wish.seats, now)
    if not found or found[0]["booked"] or not found[0]["bookable"] or not _may_take(now, wish, found[0]):
        await _refuse(now, wish)
        raise UnavailableError(retry_after=1)  # what stood in the way is gone
    about = found[0]
    return _View(about, question_of(found), about["capacity"], about["free"], about["unsettled"])


def _may_take(now: datetime, wish: Wish, about: Any) -> bool:
    try:
        check_taker(wish.actor, seen_facts(about), wish.organisation_id, about, now)
    except OutreachError:
        return False
    return True


def seen_facts(about: Any) -> SessionFacts:
    """What decides who takes seats, from the columns of a place."""
    return SessionFacts(
        about["session_state"],
        about["visibility"],
        about["session_organisation_path"],
        about["host_id"],
        about["host_kind"],
    )


async def _refuse(now: datetime, wish: Wish) -> None:
    """Raise what stands in the way of a booking, whatever is free and limited; the most telling reason first."""
    session = await checked_session(wish.actor, now, wish.session_id, wish.organisation_id)
    if await live_booking_within(wish.session_id, wish.organisation_id):
        raise AlreadyBookedError
    check_window(session, now)
    if session.claimable:
        raise BookingClosedError(why="claimable")
    most = session.max_seats_per_booking
    if most is not None and wish.seats > most and session.host_id != wish.organisation_id:
        raise invalid("seats", "too-many-for-one", most=most)
