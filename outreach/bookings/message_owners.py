"""Who runs what a message is about: its staff ring who cannot be reached, and see what could not be sent."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from outreach.notifications.parts import Addressed
from outreach.shared import db

__all__ = ["owners_of"]


async def owners_of(messages: Sequence[Addressed]) -> Mapping[UUID, UUID]:
    """The owner of the session that each message is about, else of the order's programme; one statement."""
    found = await db.rows(
        """SELECT given.id, coalesce(s.organisation, p.organisation) AS owner
             FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS given (id, session, order_id)
             LEFT JOIN events_session s ON s.id = given.session
             LEFT JOIN bookings_order q ON q.id = given.order_id
             LEFT JOIN events_event e ON e.id = q.event
             LEFT JOIN programmes_programme p ON p.id = e.programme
            WHERE s.id IS NOT NULL OR p.id IS NOT NULL""",
        [one.delivery_id for one in messages],
        [one.object_id if one.object_kind == "session" else _id_of(one.facts.get("session_id")) for one in messages],
        [one.object_id if one.object_kind == "order" else _id_of(one.facts.get("order_id")) for one in messages],
    )
    return {one["id"]: one["owner"] for one in found}


def _id_of(given: Any) -> UUID | None:
    try:
        return UUID(given)
    except (TypeError, ValueError):
        return None
