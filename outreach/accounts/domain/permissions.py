"""Who may read and change organisations, people and ways in. Asked by commands, queries and templates alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.accounts.domain.organisations import depth_of
from outreach.shared.actors import Actor, Role

__all__ = [
    "Held",
    "may_change_organisation",
    "may_grant",
    "may_keep_tokens",
    "may_manage_person",
    "may_place_below",
    "may_read_details",
    "may_read_organisation",
    "may_see_person",
    "may_set_up",
]


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds, held or will hold; an administrator's has the path ``/``."""

    role: Role
    path: str
    is_over: bool


def may_read_organisation(actor: Actor, path: str) -> bool:
    """Everybody with a role knows the organisations above their own and all below it."""
    return any(path.startswith(grant.path) or grant.path.startswith(path) for grant in actor.grants)


def may_read_details(actor: Actor, organisation_id: UUID, path: str) -> bool:
    """Member figures, ownership and industry: for those who run or evaluate it, and for its own contacts."""
    return actor.evaluates(path) or actor.represents(organisation_id) or _runs_below(actor, path)


def _runs_below(actor: Actor, path: str) -> bool:
    return any(grant.role is Role.ORGANISER and grant.path.startswith(path) for grant in actor.grants)


def may_place_below(actor: Actor, parent_path: str | None) -> bool:
    """Make an organisation, or hang one there: who runs the parent; roots are the administrator's."""
    return actor.is_administrator if parent_path is None else actor.organises(parent_path)


def may_change_organisation(actor: Actor, path: str) -> bool:
    """An organiser changes its own organisation and all below."""
    return actor.organises(path)


def may_see_person(actor: Actor, held: Sequence[Held]) -> bool:
    """Staff see who has or had a role in their part of the tree."""
    return actor.is_administrator or any(actor.organises(one.path) for one in held)


def may_manage_person(actor: Actor, held: Sequence[Held]) -> bool:
    """Change a person or hand out a way in for them: only when the person can do nothing beyond the actor's reach.

    Otherwise an organiser of one union could take over the account of somebody who also runs another, or all.
    """
    if actor.is_administrator:
        return True
    counting = [one for one in held if not one.is_over] or list(held)
    return bool(counting) and all(actor.organises(one.path) for one in counting)


def may_grant(actor: Actor, role: Role, organisation_path: str | None) -> bool:
    """Administrators are made by administrators; every other role by who runs the organisation."""
    if role is Role.ADMINISTRATOR or organisation_path is None:
        return actor.is_administrator
    return actor.organises(organisation_path)


def may_set_up(actor: Actor) -> bool:
    """Go through the first steps of a federation: administrators, and organisers of what nothing stands above."""
    return actor.is_administrator or any(
        grant.role is Role.ORGANISER and grant.organisation_id is not None and not depth_of(grant.path)
        for grant in actor.grants
    )


def may_keep_tokens(actor: Actor) -> bool:
    """API tokens are for staff: a program acts with all that the person may do."""
    return actor.is_staff
