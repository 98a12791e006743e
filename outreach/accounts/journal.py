"""The journal: who did what to which object, when, why. Written in the transaction of the deed itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["Line", "Noted", "note_all_within", "note_each_within", "note_within"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One of several lines about objects of one kind; see ``note_within``."""

    action: str
    object_id: UUID
    organisation_id: UUID | None = None
    from_state: str | None = None
    to_state: str | None = None
    reason: str = ""
    facts: dict[str, Any] | None = None


async def note_all_within(actor: Actor | None, now: datetime, object_kind: str, lines: Sequence[Line]) -> None:
    """``note_within`` for each of the lines, in their order, by one statement."""
    await db.execute(
        """INSERT INTO accounts_journal
               (at, actor_id, actor_name, action, object_kind, object_id, organisation_id, from_state, to_state,
                reason, facts)
           SELECT $1, $2, $3, g.action, $4, g.object_id, g.organisation_id, g.from_state, g.to_state, g.reason,
                  g.facts::jsonb
             FROM unnest($5::text[], $6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[])
                  WITH ORDINALITY AS g (action, object_id, organisation_id, from_state, to_state, reason, facts, place)
            ORDER BY g.place""",
        now,
        actor.person_id if actor else None,
        actor.name if actor else "",
        object_kind,
        [one.action for one in lines],
        [one.object_id for one in lines],
        [one.organisation_id for one in lines],
        [one.from_state for one in lines],
        [one.to_state for one in lines],
        [one.reason for one in lines],
        [msgspec.json.encode(one.facts or {}).decode() for one in lines],
    )


@dataclass(frozen=True, slots=True)
class Noted:
    """One of several lines about the same object; see ``note_within``."""

    action: str
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


async def note_each_within(
    actor: Actor | None,
    now: datetime,
    object_kind: str,
    object_id: UUID,
    lines: Sequence[Noted],
    *,
    organisation_id: UUID | None = None,
) -> None:
    """Add several lines about one object, in their order, by one statement."""
    await db.execute(
        """INSERT INTO accounts_journal
               (at, actor_id, actor_name, action, object_kind, object_id, organisation_id, reason, facts)
           SELECT $1, $2, $3, g.action, $4, $5, $6, g.reason, g.facts::jsonb
             FROM unnest($7::text[], $8::text[], $9::text[]) WITH ORDINALITY AS g (action, reason, facts, place)
            ORDER BY g.place""",
        now,
        actor.person_id if actor else None,
        actor.name if actor else "",
        object_kind,
        object_id,
        organisation_id,
        [one.action for one in lines],
        [one.reason for one in lines],
        [msgspec.json.encode(one.facts).decode() for one in lines],
    )
