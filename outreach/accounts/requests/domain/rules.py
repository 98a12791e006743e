"""Who decides on a request, and how a unit's name is compared. Pure."""

import unicodedata

from outreach.shared.actors import Actor, Role

__all__ = ["may_decide", "name_key", "sees_unmatched"]


def name_key(name: str) -> str:
    """What of a unit's name must agree: no blanks, brackets in one width, no small or large letters."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def sees_unmatched(actor: Actor) -> bool:
    """Requests whose unit is not known by its name go to administrators and to those who run a whole tree."""
    return any(
        grant.role is Role.ADMINISTRATOR or (grant.role is Role.ORGANISER and grant.path.count("/") == 2)
        for grant in actor.grants
    )


def may_decide(actor: Actor, path: str | None) -> bool:
    """``path`` of the unit that the request is for; ``None``: not known by its name."""
    return sees_unmatched(actor) if path is None else actor.organises(path)
