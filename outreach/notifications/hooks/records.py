"""What the channel must know of a hook, and what it notes about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.notifications.domain.robots import Shape
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db

__all__ = ["GIVE_UP_AFTER", "Target", "note_failed", "note_taken", "target_of"]

#: A hook that took nothing for so long, however often it was tried, is paused and its organisers are told.
GIVE_UP_AFTER = timedelta(hours=24)
_LEAST_TRIES = 5
_LONGEST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Target:
    """Where one delivery goes. ``said_at``: when what it tells of happened."""

    hook_id: UUID
    organisation_id: UUID
    name: str
    shape: Shape
    url: str
    secret: str
    is_paused: bool
    said_at: datetime


async def target_of(delivery_id: UUID) -> Target | None:
    """The hook of a delivery."""
    found = await db.row(
        """SELECT h.id AS hook_id, h.organisation AS organisation_id, h.name, h.shape, h.url, h.secret,
                  h.paused_at IS NOT NULL AS is_paused, m.created_at AS said_at
             FROM notifications_delivery d JOIN notifications_hook h ON h.id = d.hook
             JOIN notifications_outbox_message m ON m.id = d.message WHERE d.id = $1""",
        delivery_id,
    )
    return Target(**{**found, "shape": Shape(found["shape"])}) if found else None


async def note_taken(hook_id: UUID, now: datetime) -> None:
    """The other side took something."""
    async with db.atomic():
        await db.execute("UPDATE notifications_hook SET sent_at = $2, error = '' WHERE id = $1", hook_id, now)


async def note_failed(
    target: Target, now: datetime, reason: str, *, delivery_id: UUID | None = None, attempt: int = 1, gone: bool = False
) -> bool:
    """The other side did not take it; whether the hook is paused because of that.

    It is when the other side says that nobody listens any more, and when the delivery at the head of its queue has
    waited ``GIVE_UP_AFTER`` for it in several tries. Its organisers find out by a message.
    """
    async with db.atomic():
        paused = await db.value(
            """UPDATE notifications_hook h
                  SET error = $3,
                      paused_at = CASE WHEN $4::boolean OR ($5::boolean AND EXISTS (
                          SELECT 1 FROM notifications_delivery d
                           WHERE d.id = $6::uuid AND d.created_at <= $7::timestamptz
                             AND (h.sent_at IS NULL OR h.sent_at <= d.created_at)))
                          THEN $2::timestamptz END
                WHERE h.id = $1 AND h.paused_at IS NULL RETURNING h.paused_at IS NOT NULL""",
            target.hook_id,
            now,
            reason[:_LONGEST_ERROR],
            gone,
            attempt >= _LEAST_TRIES,
            delivery_id,
            now - GIVE_UP_AFTER,
        )
        if paused:
            await note_within(
                None, now, "hook.paused", "hook", target.hook_id, organisation_id=target.organisation_id, reason=reason
            )
            await enqueue_within(
                "hook-paused",
                now,
                object_kind="hook",
                object_id=target.hook_id,
                organisation_id=target.organisation_id,
                facts={"title": target.name},
            )
        return bool(paused)
