"""What units said of a session, and which have not yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.bookings.domain.afterwards import TOOK_PART, rating_units
from outreach.bookings.queries import BookingRow
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["RATABLE", "ReviewRow", "reviews_by", "units_to_rate", "unrated_units"]

#: States of a session that took place.
RATABLE = ("held", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """What one unit said: marks from 1 to 5, whether it would take it again, and what to change."""

    session_id: UUID
    organisation_id: UUID
    organisation_name: str
    lecturer: int
    content: int
    organising: int
    again: bool
    words: str
    created_at: datetime


async def reviews_by(session_id: UUID, organisation_ids: Sequence[UUID]) -> list[ReviewRow]:
    """What these organisations said of the session, the oldest first; one statement."""
    found = await db.rows(
        """SELECT r.session AS session_id, r.organisation AS organisation_id, o.name AS organisation_name, r.lecturer,
                  r.content, r.organising, r.again, r.words, r.created_at
             FROM bookings_review r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.session = $1 AND r.organisation = ANY($2::uuid[]) ORDER BY r.created_at, r.id""",
        session_id,
        list(organisation_ids),
    )
    return [ReviewRow(**one) for one in found]


def units_to_rate(actor: Actor, session: SessionRow, own: Sequence[BookingRow]) -> list[UUID]:
    """The organisations for which the actor may say how the session was; ``own``: the actor's bookings of it."""
    return rating_units(actor, session.host_id, [one.organisation_id for one in own if one.state in TOOK_PART])


async def unrated_units(actor: Actor | None, session: SessionRow, own: Sequence[BookingRow]) -> list[UUID]:
    """Those of them that have not said it yet; none before the session is held. At most one statement."""
    units = units_to_rate(actor, session, own) if actor is not None and session.state in RATABLE else []
    if not units:
        return []
    said = {one.organisation_id for one in await reviews_by(session.id, units)}
    return [one for one in units if one not in said]
