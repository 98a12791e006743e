"""Refusals of opinions."""

from outreach.shared.errors import ConflictError

__all__ = ["OpinionClosedError"]


class OpinionClosedError(ConflictError):
    """Nobody can say now how it was.

    ``why``: ``too-early`` (``starts_at``), ``over``, ``cancelled``, or ``not-there``: the check-in was taken back, or
    the person was expected and did not come.
    """

    code = "opinion-closed"
