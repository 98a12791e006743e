"""Who hands in rosters of a session: who keeps its list, and units that booked it, of their own people."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.attendance.domain.headcounts import days_of
from outreach.attendance.domain.permissions import may_keep_list
from outreach.bookings.queries import readable_session
from outreach.events.queries import SessionRow
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError
from outreach.shared.time import local_day

__all__ = ["Place", "day_of", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """A session, and in whose name its rosters are handed in: ``organisation_id`` ``None`` stands for who keeps the
    list (staff, contacts of the host); a unit that booked hands in its own people, expected ones only."""

    session: SessionRow
    organisation_id: UUID | None = None
    organisation_name: str = ""

    def of(self, actor: Actor) -> UUID | None:
        """Whose files the caller sees: everybody's, or only its own."""
        return actor.person_id if self.organisation_id is not None else None


async def place_of(actor: Actor, session_id: UUID) -> Place:
    """The session as the caller may hand in rosters of it.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
    """
    session, own = await readable_session(actor, session_id)
    if may_keep_list(actor, session.facts):
        return Place(session)
    for booking in own:
        if booking.state in ("pending", "confirmed", "attended"):
            return Place(session, booking.organisation_id, booking.organisation_name)
    raise ForbiddenError


def day_of(session: SessionRow, now: datetime) -> date:
    """The day of the session that is meant when none is named: today, or the nearest one."""
    days = days_of(session.starts_at, session.ends_at)
    return min(max(local_day(now), days[0]), days[-1])
