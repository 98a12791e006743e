"""Refusals of requests."""

from outreach.shared.errors import ConflictError

__all__ = ["RequestDecidedError"]


class RequestDecidedError(ConflictError):
    """Somebody else accepted or declined it meanwhile."""

    code = "request-decided"
