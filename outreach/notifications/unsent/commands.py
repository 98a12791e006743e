"""What a person decides about a dead letter: it goes again, or never."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.notifications.unsent.domain.errors import DeliverySettledError
from outreach.notifications.unsent.queries import SCOPE_SQL
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError

__all__ = ["drop_delivery", "send_again", "send_all_again"]

#: What may have arrived is looked at one by one.
UNCERTAIN = "uncertain%"


async def send_again(actor: Actor, now: datetime, *, delivery_id: UUID) -> None:
    """Let a dead letter go out anew, with all its tries and under the name that it had.

    Raises:
        NotFoundError: there is none, or it concerns nobody whom the caller runs.
        DeliverySettledError: it is not dead any more.
    """
    await _settle(actor, now, delivery_id, to="waiting", action="delivery.sent_again")


async def drop_delivery(actor: Actor, now: datetime, *, delivery_id: UUID) -> None:
    """Let a dead letter be: it is not sent any more.

    Raises:
        NotFoundError, DeliverySettledError: as for ``send_again``.
    """
    await _settle(actor, now, delivery_id, to="dropped", action="delivery.dropped")


async def send_all_again(actor: Actor, now: datetime) -> int:
    """``send_again`` for every dead letter that concerns the caller, but for those that may have arrived; how many."""
    async with db.atomic():
        found = await db.rows(
            f"""UPDATE notifications_delivery SET state = 'waiting', attempts = 0, next_at = $2, error = '',
                       began_data = false, changed_at = $2
                 WHERE state = 'dead' AND id IN (
                     SELECT d.id FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
                      WHERE d.state = 'dead' AND d.error NOT LIKE $3 AND {SCOPE_SQL}
                      ORDER BY d.id FOR UPDATE OF d SKIP LOCKED)
             RETURNING id, owner_id""",  # noqa: S608 - our own text
            list(actor.organised_paths),
            now,
            UNCERTAIN,
        )
        for one in found:
            await _note_within(actor, now, "delivery.sent_again", one["id"], one["owner_id"], "")
    return len(found)


async def _settle(actor: Actor, now: datetime, delivery_id: UUID, *, to: str, action: str) -> None:
    async with db.atomic():
        found = await db.row(
            f"""SELECT d.state, d.error, coalesce(d.owner_id, m.organisation_id) AS organisation_id
                  FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
                 WHERE d.id = $2 AND d.channel <> 'list' AND {SCOPE_SQL} FOR UPDATE OF d""",  # noqa: S608 - our own
            list(actor.organised_paths),
            delivery_id,
        )
        if found is None:
            raise NotFoundError
        if found["state"] != "dead":
            raise DeliverySettledError
        await db.execute(
            """UPDATE notifications_delivery
                  SET state = $2::text, attempts = 0, next_at = $3, changed_at = $3, began_data = false,
                      error = CASE WHEN $2::text = 'waiting' THEN '' ELSE error END
                WHERE id = $1""",
            delivery_id,
            to,
            now,
        )
        await _note_within(actor, now, action, delivery_id, found["organisation_id"], found["error"])


async def _note_within(
    actor: Actor, now: datetime, action: str, delivery_id: UUID, organisation_id: UUID | None, error: str
) -> None:
    facts = {"error": error} if error else None
    await note_within(actor, now, action, "delivery", delivery_id, organisation_id=organisation_id, facts=facts)
