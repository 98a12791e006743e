"""Who reads scorecards, and what of people evaluators read. Pure."""

from dataclasses import replace

from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError

__all__ = ["evaluator", "is_reader"]

_READERS = (Role.ADMINISTRATOR, Role.ORGANISER, Role.EVALUATOR)


def is_reader(actor: Actor) -> bool:
    """Staff and evaluators."""
    return any(grant.role in _READERS for grant in actor.grants)


def evaluator(actor: Actor) -> Actor:
    """The same person with nothing but the eyes of an evaluator, in the parts of the tree that they run or evaluate.

    Whatever is asked as this actor comes without names, for staff and for contacts of a host, too.

    Raises:
        ForbiddenError: neither staff nor evaluator.
    """
    if not is_reader(actor):
        raise ForbiddenError
    seen = (replace(grant, role=Role.EVALUATOR) for grant in actor.grants if grant.role in _READERS)
    return replace(actor, grants=tuple(seen))
