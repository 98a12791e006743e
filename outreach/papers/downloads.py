"""Files to download: their headers, and the journal's line that somebody took them."""

from datetime import datetime
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["headers_of", "note_export"]


def headers_of(name: str, plain: str, *, shown: bool = False) -> dict[str, str]:
    """Headers of a file that only this reader may keep.

    Args:
        name: as it is saved; ``plain`` for programs that know ASCII only.
        shown: opens in the browser instead of being saved.
    """
    how = "inline" if shown else "attachment"
    return {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
    }


async def note_export(
    actor: Actor,
    now: datetime,
    object_kind: Literal["programme", "session"],
    object_id: UUID,
    organisation_id: UUID,
    *,
    paper: Literal["ledger", "evidence"],
    sessions: int,
    files: int,
) -> None:
    """Who took which papers of what: they leave the system with names and faces."""
    async with db.atomic():
        await note_within(
            actor,
            now,
            "papers.exported",
            object_kind,
            object_id,
            organisation_id=organisation_id,
            facts={"paper": paper, "sessions": sessions, "files": files},
        )
