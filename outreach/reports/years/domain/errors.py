"""Why a year cannot be closed or opened."""

from outreach.shared.errors import ConflictError

__all__ = ["YearStateError"]


class YearStateError(ConflictError):
    """It is closed already, or open; ``year``, ``state``."""

    code = "year-state"
