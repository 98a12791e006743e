"""Refusals of the menu, providers, venues and sessions."""

from outreach.shared.errors import ConflictError

__all__ = ["ClashError", "NeedsReasonError", "SessionStateError"]


class SessionStateError(ConflictError):
    """The session's state does not allow it; ``state`` is the one it is in."""

    code = "wrong-state"


class ClashError(ConflictError):
    """A provider's team or a venue's room is taken at that time (rule 2).

    Facts: ``resources`` names, ``sessions`` ids of the clashing sessions that the caller may see.
    """

    code = "clash"


class NeedsReasonError(ConflictError):
    """Nothing forbids it, but there are warnings, and nobody said why they are set aside (``override_reason``).

    Facts: ``warnings``, a list of ``{"code", …facts}`` as ``events.domain.warnings.Warning`` holds them.
    """

    code = "needs-reason"
