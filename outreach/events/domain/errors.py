"""Refusals of the menu, providers, venues and sessions."""

from outreach.shared.errors import ConflictError

__all__ = ["ClashError", "SessionStateError"]


class SessionStateError(ConflictError):
    """The session's state does not allow it; ``state`` is the one it is in."""

    code = "wrong-state"


class ClashError(ConflictError):
    """A provider's team or a venue's room is taken at that time (rule 2).

    Facts: ``resources`` names, ``sessions`` ids of the clashing sessions that the caller may see.
    """

    code = "clash"
