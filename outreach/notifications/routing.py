"""From messages to deliveries: each message once, to each person by the ways that reach them, in one transaction."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from outreach.notifications.domain.topics import ESSENTIAL, needs_telling
from outreach.notifications.domain.ways import ways_of
from outreach.notifications.parts import Addressed, find_owners
from outreach.notifications.receivers import Receiver, Receivers, receivers_of
from outreach.shared import db
from outreach.shared.ids import new_id
from outreach.shared.time import local_day

__all__ = ["ADDRESS_ASKED", "STALE_AFTER", "route"]

logger = logging.getLogger(__name__)

BATCH = 200
#: A message that nobody has looked at for so long is not sent any more: it stands on its receivers' page.
STALE_AFTER = timedelta(days=7)
#: Quiet hours do not hold back what concerns a session so near.
_NEAR = timedelta(hours=24)
#: The one message that goes to an address not yet confirmed: ``facts["email"]``.
ADDRESS_ASKED = "address-asked"


@dataclass(frozen=True, slots=True)
class _Way:
    """A delivery to be written."""

    message_id: UUID
    channel: str
    person_id: UUID | None
    hook_id: UUID | None
    address: str
    not_before: datetime
    owner_id: UUID | None


async def route(now: datetime, channels: Collection[str]) -> int:
    """Give every message that has none its deliveries; return how many messages that were.

    Several processes at once share the messages among them, and a message whose deliveries are there is never looked
    at again: they are written with ``delivered_at`` in one transaction.

    Args:
        channels: names of those that are configured here. Who can be reached by none of them is put on the list.
    """
    routed = 0
    while number := await _route_batch(now, channels):
        routed += number
    return routed


async def _route_batch(now: datetime, channels: Collection[str]) -> int:
    async with db.atomic():
        found = await db.rows(
            """SELECT id AS message_id, id AS delivery_id, kind, organisation_id, person_id, object_kind, object_id,
                      facts, created_at
                 FROM notifications_outbox_message WHERE delivered_at IS NULL
                ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED""",
            BATCH,
        )
        if not found:
            return 0
        stale = [one for one in found if one["created_at"] < now - STALE_AFTER]
        if stale:
            logger.warning("%s messages are older than %s days and are not sent", len(stale), STALE_AFTER.days)
        fresh = [one for one in found if one["created_at"] >= now - STALE_AFTER]
        await _write_within(now, await _ways_within(now, [_message(one) for one in fresh], channels))
        await db.execute(
            "UPDATE notifications_outbox_message SET delivered_at = $2 WHERE id = ANY($1::uuid[])",
            [one["message_id"] for one in found],
            now,
        )
        return len(found)


def _message(row: Any) -> Addressed:
    given = {**row, "facts": msgspec.json.decode(row["facts"])}
    given.pop("created_at")
    return Addressed(**given)


async def _ways_within(now: datetime, messages: Sequence[Addressed], channels: Collection[str]) -> list[_Way]:
    if not messages:
        return []
    organisations = {one.organisation_id for one in messages if one.organisation_id is not None}
    people = {one.person_id for one in messages if one.person_id is not None}
    receivers = await receivers_of(organisations, people, local_day(now))
    owners = await find_owners(messages)
    ways: list[_Way] = []
    for one in messages:
        ways += _to_people(now, one, owners.get(one.message_id), receivers, channels)
    if "hook" in channels:
        ways += await _to_hooks(now, messages, owners)
    return ways


def _to_people(
    now: datetime, message: Addressed, owner_id: UUID | None, receivers: Receivers, channels: Collection[str]
) -> list[_Way]:
    if message.kind == ADDRESS_ASKED:
        way = next((name for name in ("console", "mail") if name in channels), None)
        address = str(message.facts.get("email", ""))
        return [_Way(message.message_id, way, message.person_id, None, address, now, owner_id)] if way else []
    found = receivers.of(message.kind, message.organisation_id, message.person_id)
    if not found and needs_telling(message.kind) and message.organisation_id is not None:
        # Nobody speaks for this organisation here: whoever booked for it is rung.
        return [_Way(message.message_id, "list", None, None, "", now, owner_id)]
    return [
        _Way(message.message_id, channel, who.id, None, address, _earliest(now, message, who, channel), owner_id)
        for who in found
        for channel, address in ways_of(message.kind, who.who, channels).items()
    ]


def _earliest(now: datetime, message: Addressed, who: Receiver, channel: str) -> datetime:
    if channel == "list" or (message.kind in ESSENTIAL and _is_near(now, message)):
        return now
    return who.not_before(now)


def _is_near(now: datetime, message: Addressed) -> bool:
    for name in ("starts_at", "old_starts_at"):
        try:
            if now - _NEAR <= datetime.fromisoformat(str(message.facts.get(name))) <= now + _NEAR:
                return True
        except (TypeError, ValueError):
            continue
    return False


async def _to_hooks(now: datetime, messages: Sequence[Addressed], owners: dict[UUID, UUID]) -> list[_Way]:
    """To the hooks of the receiving organisation, of who runs what it is about, and of those above either.

    What is told to many units at once is told to a hook once: of messages with one kind, object and moment the first.
    """
    found = await db.rows(
        """SELECT DISTINCT ON (h.id, m.kind, m.object_id, m.created_at) h.id AS hook, m.id AS message
             FROM unnest($1::uuid[], $2::uuid[]) AS given (id, owner)
             JOIN notifications_outbox_message m ON m.id = given.id
             JOIN accounts_organisation o ON o.id IN (m.organisation_id, given.owner)
             JOIN notifications_hook h ON h.paused_at IS NULL AND (h.kinds = '{}' OR m.kind = ANY(h.kinds))
             JOIN accounts_organisation a ON a.id = h.organisation AND starts_with(o.path, a.path)
            WHERE NOT EXISTS (SELECT 1 FROM notifications_outbox_message e
                                JOIN notifications_delivery d ON d.message = e.id AND d.hook = h.id
                               WHERE e.object_id = m.object_id AND e.kind = m.kind AND e.created_at = m.created_at)
            ORDER BY h.id, m.kind, m.object_id, m.created_at, m.id""",
        [one.message_id for one in messages],
        [owners.get(one.message_id) for one in messages],
    )
    return [_Way(one["message"], "hook", None, one["hook"], "", now, owners.get(one["message"])) for one in found]


async def _write_within(now: datetime, ways: Sequence[_Way]) -> None:
    if not ways:
        return
    await db.execute(
        """INSERT INTO notifications_delivery
               (id, message, channel, person, hook, address, state, attempts, next_at, began_data, error, told_by_name,
                created_at, changed_at, owner_id, ident)
           SELECT id, message, channel, person, hook, address, 'waiting', 0, next_at, false, '', '', $8, $8, owner, ''
             FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[],
                         $9::uuid[]) AS given (id, message, channel, person, hook, address, next_at, owner)
           ON CONFLICT DO NOTHING""",
        [new_id() for _one in ways],
        [one.message_id for one in ways],
        [one.channel for one in ways],
        [one.person_id for one in ways],
        [one.hook_id for one in ways],
        [one.address[:254] for one in ways],
        [one.not_before for one in ways],
        now,
        [one.owner_id for one in ways],
    )
