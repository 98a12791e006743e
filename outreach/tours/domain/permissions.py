"""Who keeps a tour and who reads its itinerary with the contacts of the units. Pure."""

from dataclasses import dataclass
from uuid import UUID

from outreach.shared.actors import Actor, Role

__all__ = ["TourFacts", "may_keep", "may_read"]


@dataclass(frozen=True, slots=True)
class TourFacts:
    """What decides who reads a tour; ``person_id``: of the provider, if it has a login."""

    state: str
    organisation_path: str
    person_id: UUID | None


def may_keep(actor: Actor, facts: TourFacts) -> bool:
    """Organisers of the tour's organisation or of one above it."""
    return actor.organises(facts.organisation_path)


def may_read(actor: Actor, facts: TourFacts) -> bool:
    """Who keeps it, and who travels: both must be able to ring the units. A draft is not for the provider yet."""
    travels = actor.has(Role.PROVIDER) and actor.person_id == facts.person_id
    return may_keep(actor, facts) or (travels and facts.state != "draft")
