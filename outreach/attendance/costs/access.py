"""Who reads and writes costs: staff who run the session or the programme, nobody else."""

from uuid import UUID

from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow, visible_session
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.queries import ProgrammeRow, programme_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError

__all__ = ["costed_programme", "costed_session"]


async def costed_session(actor: Actor, session_id: UUID) -> SessionRow:
    """The session, if the caller runs it.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller sees it and does not run it.
    """
    session = await visible_session(actor, session_id)
    if not may_manage(actor, session.facts):
        raise ForbiddenError
    return session


async def costed_programme(actor: Actor, programme_id: UUID) -> ProgrammeRow:
    """The programme, if the caller runs its owner.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller may know of it and does not run it.
    """
    programme = await programme_by_id(programme_id)
    if not may_read_programme(actor, programme.organisation_path):
        raise NotFoundError
    if not may_change_programme(actor, programme.organisation_path):
        raise ForbiddenError
    return programme
