"""The journal: who did what to which object, when, why. Written in the transaction of the deed itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["note_within"]


async def note_within(
    actor: Actor | None,
    now: datetime,
    action: str,
    object_kind: str,
    object_id: UUID,
    *,
    organisation_id: UUID | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Add one line inside the open transaction.

    Args:
        actor: ``None`` for the program itself or an anonymous link.
        action: ``object.verb_in_past``, e.g. ``booking.cancelled``.
        facts: JSON-able details; never a telephone number, password or token.
    """
    await db.execute(
        """INSERT INTO accounts_journal
               (at, actor_id, actor_name, action, object_kind, object_id, organisation_id, from_state, to_state,
                reason, facts)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        now,
        actor.person_id if actor else None,
        actor.name if actor else "",
        action,
        object_kind,
        object_id,
        organisation_id,
        from_state,
        to_state,
        reason,
        msgspec.json.encode(facts or {}).decode(),
    )
