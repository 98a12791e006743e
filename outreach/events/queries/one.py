"""One session."""

from uuid import UUID

from outreach.events.domain.visibility import may_see
from outreach.events.queries.rows import SESSION_SQL, SessionRow, session_row
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError


async def session_by_id(session_id: UUID) -> SessionRow:
    """The session, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(SESSION_SQL + " WHERE s.id = $1", session_id)
    if found is None:
        raise NotFoundError
    return session_row(found)


async def visible_session(actor: Actor | None, session_id: UUID) -> SessionRow:
    """The session, if it exists for this caller.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
    """
    session = await session_by_id(session_id)
    if not may_see(actor, session.facts):
        raise NotFoundError
    return session
