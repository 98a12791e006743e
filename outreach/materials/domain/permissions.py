"""Who keeps materials, who applies for them, who sees what of a round. Pure."""

from uuid import UUID

from outreach.shared.actors import Actor, Role

__all__ = ["may_apply_for", "may_keep", "may_read_application", "may_read_round", "may_sign_for"]


def may_keep(actor: Actor, owner_path: str) -> bool:
    """Stock, rounds, allocation and hand-outs are for who runs the owner."""
    return actor.organises(owner_path)


def may_read_round(actor: Actor, owner_path: str) -> bool:
    """A round is known to who runs the owner, and to the organisers and contacts of those below it."""
    return may_keep(actor, owner_path) or any(
        grant.role in (Role.CONTACT, Role.ORGANISER) and grant.path.startswith(owner_path) for grant in actor.grants
    )


def may_apply_for(actor: Actor, owner_path: str, organisation_id: UUID, path: str) -> bool:
    """Units at or below the owner apply: their contacts, or who runs them in their name."""
    return path.startswith(owner_path) and (actor.represents(organisation_id) or actor.organises(path))


def may_read_application(actor: Actor, organisation_id: UUID, path: str) -> bool:
    """What one unit asked for and got: its contacts, and who runs it or one above it."""
    return actor.represents(organisation_id) or actor.organises(path)


def may_sign_for(actor: Actor, organisation_id: UUID) -> bool:
    """Receipt is confirmed by the unit itself; what staff know of it is the signed list."""
    return actor.represents(organisation_id)
