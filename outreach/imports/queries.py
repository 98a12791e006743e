"""Questions about previews: everybody's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from outreach.imports.shown import Shown
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError

__all__ = ["KEPT", "PreviewRow", "preview_of", "shown_of_preview", "stored_by"]

#: A preview that nobody confirmed, and the refused rows of one that was.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """A file and what it would change, or changed: numbers of rows."""

    id: UUID
    kind: str
    digest: str
    name: str
    created_at: datetime
    fingerprint: str
    made: int
    changed: int
    same: int
    rejected: int
    duplicates: int
    noted: int
    stored_at: datetime | None

    @property
    def writes(self) -> int:
        """Rows that a confirmation writes."""
        return self.made + self.changed


_SQL = """SELECT id, kind, digest, name, created_at, fingerprint, made, changed, same, rejected, duplicates, noted,
                 stored_at FROM imports_preview"""


async def preview_of(actor: Actor, now: datetime, kind: str, preview_id: UUID) -> PreviewRow:
    """The caller's preview.

    Raises:
        NotFoundError: there is none, it is somebody else's, or nobody confirmed it within a day.
    """
    found = await db.row(
        f"{_SQL} WHERE id = $1 AND kind = $2 AND created_by = $3 AND (stored_at IS NOT NULL OR created_at >= $4)",
        preview_id,
        kind,
        actor.person_id,
        now - KEPT,
    )
    if found is None:
        raise NotFoundError
    return PreviewRow(**found)


async def shown_of_preview(preview_id: UUID) -> Shown:
    """The first rows of each sort; nothing once they were forgotten."""
    packed = await db.value("SELECT shown FROM imports_preview WHERE id = $1", preview_id)
    return msgspec.json.decode(packed, type=Shown) if packed else Shown()


async def stored_by(actor: Actor, limit: int = 20) -> list[PreviewRow]:
    """The files that the caller stored in the last weeks, newest first."""
    found = await db.rows(
        f"{_SQL} WHERE created_by = $1 AND stored_at IS NOT NULL ORDER BY stored_at DESC, id DESC LIMIT $2",
        actor.person_id,
        limit,
    )
    return [PreviewRow(**one) for one in found]
