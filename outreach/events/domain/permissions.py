"""Who may do what to the menu, providers, venues and sessions (rule 9). Pure."""

from outreach.shared.actors import Actor

__all__ = ["may_add_session", "may_keep", "may_keep_travel", "may_know_programme"]


def may_keep(actor: Actor | None, path: str) -> bool:
    """Whether the actor keeps what the organisation at ``path`` owns: its menu, providers and venues."""
    return actor is not None and actor.organises(path)


def may_keep_travel(actor: Actor | None) -> bool:
    """Whether the actor keeps the table of travel times, which serves the whole tree: who runs all of it, or a root."""
    return actor is not None and any(path.count("/") <= 2 for path in actor.organised_paths)


def may_know_programme(actor: Actor, programme_path: str) -> bool:
    """Whether the actor organises the programme's owner, or a part of the tree below it."""
    return actor.organises(programme_path) or any(path.startswith(programme_path) for path in actor.organised_paths)


def may_add_session(actor: Actor, programme_path: str, owner_path: str) -> bool:
    """A session belongs to the programme's owner or to an organisation below it, and to one that the actor runs."""
    return owner_path.startswith(programme_path) and actor.organises(owner_path)
