"""What is said of a session when it is closed, written inside an open transaction. The session's row is locked."""

from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.ids import new_id

__all__ = ["remark_within", "store_missing_reason_within"]

_STORE = """INSERT INTO attendance_record AS r (id, session, {column}, changed_by, changed_at, revision)
            VALUES ($1, $2, $3, $4, $5, 1)
            ON CONFLICT (session) DO UPDATE
               SET {column} = $3, changed_by = $4, changed_at = $5, revision = r.revision + 1
             WHERE r.{column} <> $3
         RETURNING 1"""


async def remark_within(actor: Actor, now: datetime, session: SessionRow, remarks: str) -> bool:
    """Keep the remarks (情况说明); the same again change nothing. Returns whether anything changed."""
    if not await _store_within(actor, now, session.id, "remarks", remarks):
        return False
    await note_within(
        actor,
        now,
        "session.remarked",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        facts={"length": len(remarks)},
    )
    return True


async def store_missing_reason_within(actor: Actor, now: datetime, session_id: UUID, reason: str) -> None:
    """Keep why it is closed without what is asked for."""
    await _store_within(actor, now, session_id, "missing_reason", reason)


async def _store_within(actor: Actor, now: datetime, session_id: UUID, column: str, text: str) -> bool:
    if not text and not await db.value("SELECT 1 FROM attendance_record WHERE session = $1", session_id):
        return False
    stored = await db.value(_STORE.format(column=column), new_id(), session_id, text, actor.person_id, now)
    return stored is not None
