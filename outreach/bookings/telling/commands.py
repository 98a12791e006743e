"""Somebody rang or wrote: noted with who and when, and taken back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.telling.queries import SCOPE_SQL
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError

__all__ = ["UNDO_WITHIN", "mark_told", "take_back_told"]

#: Later nobody remembers whether it was a slip.
UNDO_WITHIN = timedelta(days=7)


async def mark_told(actor: Actor, now: datetime, *, message_ids: Sequence[UUID]) -> int:
    """Note that the units know; return how many messages were open until now. Told already: nothing changes.

    Raises:
        NotFoundError: one of them is none that the actor has to tell; nothing is noted then.
    """
    return await _turn(actor, now, message_ids, told=True)


async def take_back_told(actor: Actor, now: datetime, *, message_ids: Sequence[UUID]) -> int:
    """They do not know after all; return how many messages are open again.

    Raises:
        NotFoundError: as for ``mark_told``.
    """
    return await _turn(actor, now, message_ids, told=False)


async def _turn(actor: Actor, now: datetime, message_ids: Sequence[UUID], *, told: bool) -> int:
    ids = list(dict.fromkeys(message_ids))
    async with db.atomic():
        found = await db.rows(
            f"""SELECT d.id, d.message, d.state, d.sent_at, coalesce(d.owner_id, m.organisation_id) AS organisation_id
                  FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
                  LEFT JOIN accounts_organisation o ON o.id = coalesce(d.owner_id, m.organisation_id)
                 WHERE d.channel = 'list' AND d.message = ANY($2::uuid[]) AND {SCOPE_SQL}
                 ORDER BY d.id FOR UPDATE OF d""",  # noqa: S608 - our own text
            list(actor.organised_paths),
            ids,
        )
        if {one["message"] for one in found} != set(ids):
            raise NotFoundError
        open_state = "waiting" if told else "sent"
        turned = [one for one in found if one["state"] == open_state and (told or one["sent_at"] > now - UNDO_WITHIN)]
        await db.execute(
            """UPDATE notifications_delivery
                  SET state = $2, sent_at = $3, told_by = $4, told_by_name = $5, changed_at = $6
                WHERE id = ANY($1::uuid[])""",
            [one["id"] for one in turned],
            "sent" if told else "waiting",
            now if told else None,
            actor.person_id if told else None,
            actor.name if told else "",
            now,
        )
        messages = {one["message"]: one["organisation_id"] for one in turned}
        for id_, organisation_id in messages.items():
            action = "message.told" if told else "message.not_told"
            await note_within(actor, now, action, "message", id_, organisation_id=organisation_id)
        return len(messages)
