"""Messages that must be said once, however many processes want to say them and however often."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.shared import db
from outreach.shared.ids import new_id

__all__ = ["Once", "enqueue_once_within", "said_already"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """One message to one receiver; ``once`` (at most 160 letters) says what it is about: nothing is said twice under
    one name."""

    once: str
    kind: str
    object_kind: str
    object_id: UUID
    organisation_id: UUID | None = None
    person_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


async def said_already(names: Sequence[str]) -> set[str]:
    """Those of ``names`` under which something was said: what is dear to make need not be made again."""
    found = await db.rows("SELECT once FROM notifications_outbox_message WHERE once = ANY($1::text[])", list(names))
    return {one["once"] for one in found}


async def enqueue_once_within(now: datetime, messages: Sequence[Once]) -> int:
    """Add those that were not said yet inside the open transaction; return how many. One statement."""
    if not messages:
        return 0
    ordered = sorted(messages, key=lambda one: one.once)  # two processes take the same names in the same order
    return await db.execute(
        """INSERT INTO notifications_outbox_message
               (id, kind, organisation_id, person_id, object_kind, object_id, facts, created_at, attempts, error, once)
           SELECT given.id, given.kind, given.organisation, given.person, given.object_kind, given.object,
                  given.facts::jsonb, $9, 0, '', given.once
             FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[])
                    WITH ORDINALITY AS given (id, kind, organisation, person, object_kind, object, facts, once, place)
            ORDER BY given.place
           ON CONFLICT (once) DO NOTHING""",
        [new_id() for _one in ordered],
        [one.kind for one in ordered],
        [one.organisation_id for one in ordered],
        [one.person_id for one in ordered],
        [one.object_kind for one in ordered],
        [one.object_id for one in ordered],
        [msgspec.json.encode(one.facts).decode() for one in ordered],
        [one.once for one in ordered],
        now,
    )
