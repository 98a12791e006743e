"""The programme of a page, for who runs it."""

from uuid import UUID

from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.queries import ProgrammeRow, programme_by_id
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError

__all__ = ["run_programme"]


async def run_programme(actor: Actor, programme_id: UUID) -> ProgrammeRow:
    """The programme, if the caller runs its owner.

    Raises:
        NotFoundError: the caller may not know of it.
        ForbiddenError: the caller may, and does not run its owner.
    """
    programme = await programme_by_id(programme_id)
    if not may_read_programme(actor, programme.organisation_path):
        raise NotFoundError
    if not may_change_programme(actor, programme.organisation_path):
        raise ForbiddenError
    return programme
