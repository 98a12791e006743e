"""Reads of hooks: those that the actor runs, and what was delivered to one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.notifications.domain.addresses import shown_url
from outreach.notifications.domain.robots import Shape
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError

__all__ = ["DeliveryRow", "HookRow", "Office", "deliveries_of", "hook_of", "hooks_of", "offices_of"]


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation that somebody runs from here."""

    id: UUID
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class HookRow:
    """One hook; ``url`` and ``secret`` never reach a page."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    path: str
    name: str
    shape: Shape
    url: str
    secret: str
    kinds: tuple[str, ...]
    created_at: datetime
    paused_at: datetime | None
    sent_at: datetime | None
    error: str
    revision: int
    waiting: int

    @property
    def shown(self) -> str:
        """The address without its key."""
        return shown_url(self.url)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery to a hook."""

    id: UUID
    kind: str
    state: str
    attempts: int
    error: str
    said_at: datetime
    sent_at: datetime | None
    next_at: datetime


async def offices_of(actor: Actor) -> list[Office]:
    """The organisations whose messages the actor arranges, highest first: its own, roots, and those below that have
    organisers of their own."""
    found = await db.rows(
        """SELECT o.id, o.name, o.path FROM accounts_organisation o
            WHERE o.closed_on IS NULL AND EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
              AND (o.parent IS NULL OR o.path = ANY($1::text[])
                   OR EXISTS (SELECT 1 FROM accounts_role_grant g WHERE g.organisation = o.id AND g.role = 'organiser'))
            ORDER BY length(o.path), o.path LIMIT 200""",
        list(actor.organised_paths),
    )
    return [Office(**one) for one in found]


_HOOK = """
SELECT h.id, h.organisation AS organisation_id, o.name AS organisation_name, o.path, h.name, h.shape, h.url, h.secret,
       h.kinds, h.created_at, h.paused_at, h.sent_at, h.error, h.revision,
       (SELECT count(*)::int FROM notifications_delivery d WHERE d.hook = h.id AND d.state IN ('waiting', 'sending'))
           AS waiting
  FROM notifications_hook h JOIN accounts_organisation o ON o.id = h.organisation
 WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
"""


def _hook(row: dict[str, object]) -> HookRow:
    given = dict(row)
    return HookRow(**{**given, "shape": Shape(str(given["shape"])), "kinds": tuple(given["kinds"] or ())})  # type: ignore[arg-type]


async def hooks_of(actor: Actor) -> list[HookRow]:
    """All hooks of the part of the tree that the actor runs."""
    found = await db.rows(_HOOK + " ORDER BY o.path, h.created_at, h.id LIMIT 200", list(actor.organised_paths))
    return [_hook(dict(one)) for one in found]


async def hook_of(actor: Actor, hook_id: UUID) -> HookRow:
    """One hook.

    Raises:
        NotFoundError: there is none, or it belongs to others.
    """
    found = await db.row(_HOOK + " AND h.id = $2", list(actor.organised_paths), hook_id)
    if found is None:
        raise NotFoundError
    return _hook(dict(found))


async def deliveries_of(hook_id: UUID, *, limit: int = 30) -> list[DeliveryRow]:
    """The newest deliveries to a hook."""
    found = await db.rows(
        """SELECT d.id, m.kind, d.state, d.attempts, d.error, m.created_at AS said_at, d.sent_at, d.next_at
             FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
            WHERE d.hook = $1 ORDER BY m.created_at DESC, d.id DESC LIMIT $2""",
        hook_id,
        limit,
    )
    return [DeliveryRow(**one) for one in found]
