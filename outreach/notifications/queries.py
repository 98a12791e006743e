"""Reads of the outbox for the receivers' own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.notifications.wording import message_href, message_text
from outreach.shared import db

__all__ = ["MessageRow", "messages_of"]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as its receiver sees it."""

    id: UUID
    kind: str
    organisation_id: UUID | None
    object_kind: str
    object_id: UUID
    facts: dict[str, Any]
    created_at: datetime
    read_at: datetime | None

    @property
    def text(self) -> str:
        """The sentence in the locale of the request."""
        return message_text(self.kind, self.facts)

    @property
    def href(self) -> str:
        return message_href(self.object_kind, self.object_id, self.facts)


async def messages_of(organisation_ids: Sequence[UUID], limit: int = 20) -> list[MessageRow]:
    """The newest messages to these organisations, newest first, at most ``limit``; one statement."""
    found = await db.rows(
        """SELECT id, kind, organisation_id, object_kind, object_id, facts, created_at, read_at
             FROM notifications_outbox_message WHERE organisation_id = ANY($1::uuid[])
            ORDER BY created_at DESC, id DESC LIMIT $2""",
        list(organisation_ids),
        limit,
    )
    return [MessageRow(**{**row, "facts": msgspec.json.decode(row["facts"])}) for row in found]
