"""Reads of own words: which there are for an organisation, its own and those from above."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from outreach.shared import db

__all__ = ["WordingRow", "wordings_seen_by"]


@dataclass(frozen=True, slots=True)
class WordingRow:
    """Own words of one kind in one language as they apply to an organisation; ``is_own``: written by itself."""

    kind: str
    language: str
    subject: str
    body: str
    organisation_name: str
    is_own: bool
    revision: int


async def wordings_seen_by(organisation_id: UUID) -> Mapping[tuple[str, str], WordingRow]:
    """(kind, language) → the nearest own words for an organisation, its own first."""
    found = await db.rows(
        """SELECT DISTINCT ON (w.kind, w.language) w.kind, w.language, w.subject, w.body, a.name AS organisation_name,
                  a.id = o.id AS is_own, w.revision
             FROM accounts_organisation o
             JOIN accounts_organisation a ON starts_with(o.path, a.path)
             JOIN notifications_wording w ON w.organisation = a.id
            WHERE o.id = $1 ORDER BY w.kind, w.language, length(a.path) DESC""",
        organisation_id,
    )
    return {(one["kind"], one["language"]): WordingRow(**one) for one in found}
