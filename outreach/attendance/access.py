"""The session of a desk page, for who runs it."""

from uuid import UUID

from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow, visible_session
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError

__all__ = ["managed"]


async def managed(actor: Actor, session_id: UUID) -> SessionRow:
    """The session, if the caller runs it.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
    """
    session = await visible_session(actor, session_id)
    if not may_manage(actor, session.facts):
        raise ForbiddenError
    return session
