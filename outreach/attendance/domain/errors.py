"""Refusals of head-counts, check-ins, holding and closing."""

from outreach.shared.errors import ConflictError

__all__ = ["CheckinClosedError", "NoNamesError", "NotStartedError"]


class NotStartedError(ConflictError):
    """The session has not begun (``starts_at``): nothing can be recorded of it yet."""

    code = "not-started"


class CheckinClosedError(ConflictError):
    """Nobody can check in now. ``why``: ``too-early`` (``opens_at``), ``over``, ``cancelled`` or ``not-on-list``."""

    code = "checkin-closed"


class NoNamesError(ConflictError):
    """The programme is confidential: its sessions know no names, only figures."""

    code = "no-names"
