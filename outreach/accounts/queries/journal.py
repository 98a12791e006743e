"""The journal, as somebody may read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.queries.filters import COUNT, like
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import invalid
from outreach.shared.paging import DEFAULT_LIMIT, Page, decode_cursor, page_of

__all__ = ["JournalRow", "journal"]


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One line of the journal. ``actor_name`` is empty for the program itself."""

    id: int
    at: datetime
    actor_id: UUID | None
    actor_name: str
    action: str
    object_kind: str
    object_id: UUID
    organisation_name: str | None
    from_state: str | None
    to_state: str | None
    reason: str
    facts: dict[str, Any]

    @property
    def object_name(self) -> str:
        """What the object was called when it happened, as far as the facts tell."""
        return next(
            (str(self.facts[key]) for key in ("name", "title", "code", "organisation") if self.facts.get(key)), ""
        )


_KNOWN_JOURNAL = """
    ('/%' = ANY($1::text[]) OR j.organisation_id IN (
        SELECT id FROM accounts_organisation WHERE path LIKE ANY($1::text[])))
    AND ($2::uuid IS NULL OR j.object_id = $2) AND ($3::text IS NULL OR j.object_kind = $3)
    AND ($4::text IS NULL OR j.actor_name ILIKE $4 OR j.reason ILIKE $4 OR j.facts->>'name' ILIKE $4
         OR j.facts->>'title' ILIKE $4 OR o.name ILIKE $4)
"""
_JOURNAL_FROM = " FROM accounts_journal j LEFT JOIN accounts_organisation o ON o.id = j.organisation_id WHERE "


async def journal(
    actor: Actor,
    *,
    object_id: UUID | None = None,
    object_kind: str | None = None,
    text: str | None = None,
    limit: int = DEFAULT_LIMIT,
    after: str | None = None,
) -> Page[JournalRow]:
    """What was done in the part of the tree that ``actor`` runs, newest first; of one object with ``object_id``.

    Lines without an organisation (the installation itself) are the administrator's.

    Raises:
        InvalidError: the cursor was not ours.
    """
    given = ([f"{path}%" for path in actor.organised_paths], object_id, object_kind, like(text))
    start = decode_cursor(after, 1)[0] if after else None
    if start is not None and not (start.isascii() and start.isdigit() and len(start) < 19):
        raise invalid("after", "bad-cursor")
    found = await db.rows(
        """SELECT j.id, j.at, j.actor_id, j.actor_name, j.action, j.object_kind, j.object_id,
                  o.name AS organisation_name, j.from_state, j.to_state, j.reason, j.facts"""
        + _JOURNAL_FROM
        + _KNOWN_JOURNAL
        + " AND ($5::bigint IS NULL OR j.id < $5) ORDER BY j.id DESC LIMIT $6",
        *given,
        int(start) if start else None,
        limit + 1,
    )
    total = await db.value(COUNT + _JOURNAL_FROM + _KNOWN_JOURNAL, *given)
    rows = [JournalRow(**{**row, "facts": msgspec.json.decode(row["facts"])}) for row in found]
    return page_of(rows, limit, total, lambda row: (str(row.id),))
