"""What strangers, contacts and those concerned see of sessions (rules 9 and 10). Pure."""

from dataclasses import dataclass
from uuid import UUID

from outreach.shared.actors import Actor, Role

__all__ = ["SessionFacts", "concerned", "may_manage", "may_see", "may_see_place", "own_organisations"]

#: Hosts that never appear outside with place, time or photo: a barracks, a school, a care home (kind ``guest``).
HIDDEN_HOSTS = frozenset({"guest"})


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What decides who sees a session."""

    state: str
    visibility: str
    organisation_path: str
    host_id: UUID | None
    host_kind: str | None
    provider_person_ids: tuple[UUID, ...] = ()
    organiser_ids: tuple[UUID, ...] = ()


def may_manage(actor: Actor | None, facts: SessionFacts) -> bool:
    """Organisers of the owning organisation or of one above it."""
    return actor is not None and actor.organises(facts.organisation_path)


def own_organisations(actor: Actor) -> list[UUID]:
    """Those in whose name the actor works, as its contact or organiser."""
    return [
        grant.organisation_id
        for grant in actor.grants
        if grant.role in (Role.CONTACT, Role.ORGANISER) and grant.organisation_id is not None
    ]


def concerned(actor: Actor | None, facts: SessionFacts) -> bool:
    """Those who run, host or give the session, and those of the organisations named as its 主办, 承办 or 协办."""
    if actor is None:
        return False
    return (
        may_manage(actor, facts)
        or (facts.host_id is not None and actor.represents(facts.host_id))
        or (actor.has(Role.PROVIDER) and actor.person_id in facts.provider_person_ids)
        or not set(own_organisations(actor)).isdisjoint(facts.organiser_ids)
    )


def may_see(actor: Actor | None, facts: SessionFacts) -> bool:
    """Whether the session exists for this caller. Drafts are seen by organisers and the providers assigned."""
    if concerned(actor, facts):
        return True
    if facts.state == "draft" or facts.visibility == "host" or facts.host_kind in HIDDEN_HOSTS:
        return False
    if facts.visibility == "members":
        return actor is not None and any(
            grant.role is Role.CONTACT and grant.path.startswith(facts.organisation_path) for grant in actor.grants
        )
    return True


def may_see_place(actor: Actor | None, facts: SessionFacts) -> bool:
    """A hidden host's place is shown to those concerned only, even where the session itself is counted outside."""
    return facts.host_kind not in HIDDEN_HOSTS or concerned(actor, facts)
