"""Refusals of costs."""

from outreach.shared.errors import ConflictError

__all__ = ["TooManyCostsError"]


class TooManyCostsError(ConflictError):
    """The session has ``most`` lines: more are put together into one."""

    code = "too-many-costs"
