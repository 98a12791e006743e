"""Refusals of programmes."""

from outreach.shared.errors import ConflictError

__all__ = ["ClosedYearError", "ProgrammesExistError", "TargetInUseError"]


class ClosedYearError(ConflictError):
    """The year is closed: its figures change by a correction with a reason only."""

    code = "closed-year"


class ProgrammesExistError(ConflictError):
    """The organisation has programmes of this year already, and nobody asked to update them."""

    code = "programmes-exist"


class TargetInUseError(ConflictError):
    """The target has entries, so it cannot go."""

    code = "target-in-use"
