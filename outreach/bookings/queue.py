"""How long the waiting list of a session is; the groups themselves are their own business and the organiser's."""

from typing import NamedTuple
from uuid import UUID

from outreach.shared import db

__all__ = ["Queue", "waiting_groups"]


class Queue(NamedTuple):
    """Groups that wait, and the people that they are."""

    groups: int
    seats: int


async def waiting_groups(session_id: UUID) -> Queue:
    """The queue of one session."""
    found = await db.row(
        """SELECT count(*)::int AS groups, coalesce(sum(seats), 0)::int AS seats
             FROM bookings_booking WHERE session = $1 AND state = 'waitlisted'""",
        session_id,
    )
    assert found is not None  # an aggregate has one row
    return Queue(**found)
