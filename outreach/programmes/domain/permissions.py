"""Who may read and change programmes."""

from outreach.shared.actors import Actor, Role

__all__ = ["may_change_programme", "may_read_programme", "may_read_progress", "may_read_tallies"]


def may_read_programme(actor: Actor, organisation_path: str) -> bool:
    """Whether the actor belongs to the owner's line in the tree: an organisation above it, itself, or one below."""
    return any(
        grant.path.startswith(organisation_path) or organisation_path.startswith(grant.path) for grant in actor.grants
    )


def may_read_progress(actor: Actor, organisation_path: str) -> bool:
    """Whether the actor reads figures that nobody released: staff and evaluators in the owner's line of the tree."""
    return any(
        grant.role in (Role.ADMINISTRATOR, Role.ORGANISER, Role.EVALUATOR)
        and (grant.path.startswith(organisation_path) or organisation_path.startswith(grant.path))
        for grant in actor.grants
    )


def may_read_tallies(actor: Actor, organisation_path: str) -> bool:
    """Whether the actor reads single entries, which name who received what: in its own part of the tree only."""
    return actor.evaluates(organisation_path)


def may_change_programme(actor: Actor, organisation_path: str) -> bool:
    """Whether the actor runs the owner."""
    return actor.organises(organisation_path)
