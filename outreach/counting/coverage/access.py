"""Whose coverage a caller reads, and cut at which day."""

from datetime import date, datetime
from uuid import UUID

from outreach.accounts.queries import OrganisationRow, organisation_by_id, root_organisation
from outreach.counting.desk import day_asked
from outreach.programmes.domain.permissions import may_read_programme
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, NotFoundError

__all__ = ["cut_asked", "own_organisation_id", "readable_owner"]

_READERS = (Role.ORGANISER, Role.EVALUATOR)


def may_read_coverage(actor: Actor, organisation_path: str) -> bool:
    """Whether the actor runs or evaluates the organisation."""
    return actor.evaluates(organisation_path)


def own_organisation_id(actor: Actor) -> UUID | None:
    """The highest organisation that the actor runs or evaluates; ``None`` for a mere administrator, who has none."""
    own = [grant for grant in actor.grants if grant.role in _READERS and grant.organisation_id]
    return min(own, key=lambda grant: (len(grant.path), grant.path)).organisation_id if own else None


async def readable_owner(actor: Actor, organisation_id: UUID | None = None) -> OrganisationRow:
    """The organisation whose coverage is asked for; the actor's own without one.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
        ForbiddenError: the actor neither runs nor evaluates it.
    """
    chosen = organisation_id or own_organisation_id(actor)
    if chosen is None and not actor.is_administrator:
        raise ForbiddenError
    found = await organisation_by_id(chosen) if chosen else await root_organisation()
    if found is None or not may_read_programme(actor, found.path):
        raise NotFoundError
    if not may_read_coverage(actor, found.path):
        raise ForbiddenError
    return found


def cut_asked(year: int | None, as_of: date | None, now: datetime) -> tuple[int, date]:
    """The year and the day asked for: today; of another year without a day its last one, or today.

    Raises:
        InvalidError: the day lies outside the years this program plans for.
    """
    day = day_asked(as_of, now)
    if year is None:
        return day.year, day
    return year, day if as_of else min(day, date(year, 12, 31))
