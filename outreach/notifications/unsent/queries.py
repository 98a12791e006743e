"""Reads of what could not be sent, within the part of the tree that the caller runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.notifications.wording import message_href, message_text
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.paging import Page, page_of
from outreach.shared.time import local_day, local_midnight

__all__ = ["SCOPE_SQL", "Traffic", "Unsent", "traffic", "unsent"]

#: A delivery ``d`` of message ``m`` concerns the part of the tree under the paths in $1: those who run what it is about
#: see it, and those who run the receiving organisation; what has neither, an administrator.
SCOPE_SQL = """('/' = ANY($1::text[]) OR EXISTS (
    SELECT 1 FROM accounts_organisation o, unnest($1::text[]) AS run (path)
     WHERE o.id IN (d.owner_id, m.organisation_id) AND starts_with(o.path, run.path)))"""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A dead letter. ``error`` begins with refused, uncertain, tried or late; what the other side said follows."""

    id: UUID
    channel: str
    kind: str
    facts: dict[str, Any]
    object_kind: str
    object_id: UUID
    address: str
    person_name: str | None
    organisation_name: str | None
    hook_name: str | None
    error: str
    attempts: int
    changed_at: datetime
    created_at: datetime

    @property
    def text(self) -> str:
        """The sentence in the locale of the request."""
        return message_text(self.kind, self.facts)

    @property
    def href(self) -> str:
        return message_href(self.object_kind, self.object_id, self.facts)

    @property
    def why(self) -> str:
        """refused, uncertain, tried or late."""
        return self.error.partition(" ")[0]

    @property
    def said(self) -> str:
        """What the other side said, in its words."""
        return self.error.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class Traffic:
    """How messages flow: waiting now, of these since when the longest, sent today, dead."""

    waiting: int
    waiting_since: datetime | None
    sent_today: int
    dead: int


async def unsent(actor: Actor, *, limit: int, after: UUID | None = None) -> Page[Unsent]:
    """Dead letters that concern the caller, newest first; two statements.

    Args:
        limit: at least 1.
        after: the last one of the page before.
    """
    paths = list(actor.organised_paths)
    where = f"WHERE d.state = 'dead' AND {SCOPE_SQL}"
    found = await db.rows(
        f"""SELECT d.id, d.channel, m.kind, m.facts, m.object_kind, m.object_id, d.address, p.name AS person_name,
                   u.name AS organisation_name, h.name AS hook_name, d.error, d.attempts, d.changed_at, d.created_at
              FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
              LEFT JOIN accounts_person p ON p.id = d.person
              LEFT JOIN accounts_organisation u ON u.id = m.organisation_id
              LEFT JOIN notifications_hook h ON h.id = d.hook
             {where} AND ($2::uuid IS NULL OR d.id < $2) ORDER BY d.id DESC LIMIT $3""",  # noqa: S608 - our own text
        paths,
        after,
        limit + 1,
    )
    total = await db.value(
        f"""SELECT count(*) FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
            {where}""",  # noqa: S608 - our own text
        paths,
    )
    rows = [Unsent(**{**one, "facts": msgspec.json.decode(one["facts"])}) for one in found]
    return page_of(rows, limit, total, lambda one: (str(one.id),))


async def traffic(actor: Actor, now: datetime) -> Traffic:
    """Counts of what concerns the caller, the list of people to ring left out; one statement."""
    found = await db.row(
        f"""SELECT count(*) FILTER (WHERE d.state IN ('waiting', 'sending')) AS waiting,
                   min(d.created_at) FILTER (WHERE d.state IN ('waiting', 'sending')) AS waiting_since,
                   count(*) FILTER (WHERE d.state = 'sent') AS sent_today,
                   count(*) FILTER (WHERE d.state = 'dead') AS dead
              FROM notifications_delivery d JOIN notifications_outbox_message m ON m.id = d.message
             WHERE d.channel <> 'list' AND (d.state IN ('waiting', 'sending', 'dead')
                                            OR (d.state = 'sent' AND d.sent_at >= $2))
               AND {SCOPE_SQL}""",  # noqa: S608 - our own text
        list(actor.organised_paths),
        local_midnight(local_day(now)),
    )
    assert found is not None  # an aggregate has one row
    return Traffic(**found)
