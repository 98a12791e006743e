"""Refusals of ticks."""

from outreach.shared.errors import ConflictError

__all__ = ["TickKeyReusedError"]


class TickKeyReusedError(ConflictError):
    """The key was used for a tick of another session: every tap has a key of its own."""

    code = "tick-key-reused"
