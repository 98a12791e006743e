"""Refusals of head-counts, holding and closing."""

from outreach.shared.errors import ConflictError

__all__ = ["NotStartedError"]


class NotStartedError(ConflictError):
    """The session has not begun (``starts_at``): nothing can be recorded of it yet."""

    code = "not-started"
