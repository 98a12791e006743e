"""Which deliveries this worker sends now: a lease on each, and what is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from outreach.notifications.domain.backing_off import WAITS
from outreach.shared import db

__all__ = ["LEASE", "TOO_LATE_AFTER", "Claim", "claim", "give_back", "is_anything_due", "recover"]

#: Longer than a letter may take, and all that wait in front of it.
LEASE = timedelta(minutes=5)
#: What could not be sent for so long is not sent by itself any more: by then it would puzzle more than it tells.
TOO_LATE_AFTER = timedelta(days=7)


#: Of a hook only the first delivery in the order of what happened is due, and none while it is paused: what comes after
#: waits for it.
_HEAD = """(d.hook IS NULL OR NOT EXISTS (
    SELECT 1 FROM notifications_hook h WHERE h.id = d.hook AND h.paused_at IS NOT NULL) AND NOT EXISTS (
    SELECT 1 FROM notifications_delivery e JOIN notifications_outbox_message em ON em.id = e.message
      JOIN notifications_outbox_message dm ON dm.id = d.message
     WHERE e.hook = d.hook AND e.state IN ('waiting', 'sending') AND e.id <> d.id
       AND (em.created_at, em.id) < (dm.created_at, dm.id)))"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker holds until ``leased_until``, which is also what tells its lease from a later one."""

    id: UUID
    leased_until: datetime
    attempt: int
    ident: str
    address: str
    message_id: UUID
    kind: str
    object_kind: str
    object_id: UUID
    facts: dict[str, Any]
    organisation_id: UUID | None
    person_id: UUID | None
    person_name: str
    locale: str
    hook_id: UUID | None
    words_path: str
    """Of the organisation whose own words a letter is written in: who runs what it is about, else the receiver."""


async def is_anything_due(now: datetime, channels: Sequence[str]) -> tuple[bool, bool, bool]:
    """Whether a message is without deliveries, a delivery is due, a lease has run out; one cheap statement."""
    found = await db.row(
        f"""SELECT EXISTS (SELECT 1 FROM notifications_outbox_message WHERE delivered_at IS NULL),
                  EXISTS (SELECT 1 FROM unnest($2::text[]) AS c (channel), LATERAL
                             (SELECT 1 FROM notifications_delivery d WHERE d.state = 'waiting' AND d.channel <> 'list'
                                 AND d.channel = c.channel AND d.next_at <= $1 AND {_HEAD} LIMIT 1) due),
                  EXISTS (SELECT 1 FROM notifications_delivery WHERE state = 'sending' AND leased_until < $1)""",  # noqa: S608 - our own text
        now,
        list(channels),
    )
    assert found is not None
    return found[0], found[1], found[2]


async def claim(now: datetime, channel: str, limit: int) -> list[Claim]:
    """Take at most ``limit`` deliveries that are due, the longest due first; no other worker takes them meanwhile."""
    async with db.atomic():
        found = await db.rows(
            f"""WITH due AS (
                   SELECT d.id FROM notifications_delivery d
                    WHERE d.state = 'waiting' AND d.channel <> 'list' AND d.channel = $2 AND d.next_at <= $1 AND {_HEAD}
                    ORDER BY d.next_at, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED
               ), taken AS (
                   UPDATE notifications_delivery d
                      SET state = 'sending', leased_until = $4, attempts = attempts + 1, began_data = false,
                          changed_at = $1
                     FROM due WHERE d.id = due.id RETURNING d.*
               )
               SELECT t.id, t.leased_until, t.attempts AS attempt, t.ident, t.address, t.message AS message_id, m.kind,
                      m.object_kind, m.object_id, m.facts, m.organisation_id, t.person AS person_id,
                      coalesce(p.name, '') AS person_name, coalesce(p.locale, 'zh_CN') AS locale, t.hook AS hook_id,
                      coalesce(w.path, '') AS words_path
                 FROM taken t JOIN notifications_outbox_message m ON m.id = t.message
                 LEFT JOIN accounts_person p ON p.id = t.person
                 LEFT JOIN accounts_organisation w ON w.id = coalesce(t.owner_id, m.organisation_id)
                ORDER BY t.next_at, t.id""",  # noqa: S608 - our own text
            now,
            channel,
            limit,
            now + LEASE,
        )
    return [Claim(**{**one, "facts": msgspec.json.decode(one["facts"])}) for one in found]


async def give_back(claims: Sequence[Claim], now: datetime) -> None:
    """Let go of deliveries that were not begun, as if they had not been taken."""
    async with db.atomic():
        await db.execute(
            """UPDATE notifications_delivery d
                  SET state = 'waiting', leased_until = NULL, attempts = attempts - 1, changed_at = $3
                 FROM unnest($1::uuid[], $2::timestamptz[]) AS held (id, leased_until)
                WHERE d.id = held.id AND d.state = 'sending' AND d.leased_until = held.leased_until
                  AND NOT d.began_data""",
            [one.id for one in claims],
            [one.leased_until for one in claims],
            now,
        )


async def recover(now: datetime) -> int:
    """What becomes of deliveries whose worker died: those whose content had begun to leave are for a person to decide,
    the others wait again, unless they have killed a worker at every try. What waits too long is given up. Return how
    many."""
    async with db.atomic():
        leased = await db.execute(
            """UPDATE notifications_delivery
                  SET state = CASE WHEN began_data OR attempts > $2 THEN 'dead' ELSE 'waiting' END,
                      error = CASE WHEN began_data THEN 'uncertain' WHEN attempts > $2 THEN 'tried' ELSE error END,
                      leased_until = NULL, next_at = $1, changed_at = $1
                WHERE id IN (SELECT id FROM notifications_delivery WHERE state = 'sending' AND leased_until < $1
                              ORDER BY id FOR UPDATE SKIP LOCKED)""",
            now,
            len(WAITS),
        )
        late = await db.execute(
            """UPDATE notifications_delivery SET state = 'dead', error = 'late', changed_at = $1
                WHERE id IN (SELECT id FROM notifications_delivery
                              WHERE state = 'waiting' AND channel <> 'list' AND changed_at < $2 AND next_at <= $1
                              ORDER BY id FOR UPDATE SKIP LOCKED)""",
            now,
            now - TOO_LATE_AFTER,
        )
    return leased + late
