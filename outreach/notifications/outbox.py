"""Messages are rows first: written with what caused them, delivered afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.shared import db
from outreach.shared.ids import new_id

__all__ = ["enqueue_within"]


async def enqueue_within(
    kind: str,
    now: datetime,
    *,
    object_kind: str,
    object_id: UUID,
    organisation_id: UUID | None = None,
    person_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Add one message to one receiver inside the open transaction.

    Args:
        kind: what happened, e.g. ``booking-confirmed``; the template that words it has the same name.
        organisation_id: its contacts receive the message; or ``person_id``: this person does.
        facts: what the wording needs and the object may no longer know (old time, reason).

    Raises:
        ValueError: no receiver is named.
    """
    if organisation_id is None and person_id is None:
        raise ValueError("a message needs a receiver")
    await db.execute(
        """INSERT INTO notifications_outbox_message
               (id, kind, organisation_id, person_id, object_kind, object_id, facts, created_at, attempts, error)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')""",
        new_id(),
        kind,
        organisation_id,
        person_id,
        object_kind,
        object_id,
        msgspec.json.encode(facts or {}).decode(),
        now,
    )
