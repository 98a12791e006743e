"""Why a year cannot be closed, opened or carried over."""

from outreach.shared.errors import ConflictError

__all__ = ["AlreadyCopiedError", "YearStateError"]


class YearStateError(ConflictError):
    """It is closed already, or open; ``year``, ``state``."""

    code = "year-state"


class AlreadyCopiedError(ConflictError):
    """The next year has programmes with these codes already; ``year``, ``codes``. Nothing was copied."""

    code = "already-copied"
