"""Refusals of reporting and confirming."""

from outreach.shared.errors import ConflictError

__all__ = ["CorrectInsteadError", "NothingToConfirmError", "ReportClosedError"]


class ReportClosedError(ConflictError):
    """The session is closed: the unit tells the organiser, who corrects."""

    code = "report-closed"


class CorrectInsteadError(ConflictError):
    """The session is closed: its figures change by a correction with a reason."""

    code = "correct-instead"


class NothingToConfirmError(ConflictError):
    """No reported figures of that day wait: somebody was faster, or nobody has reported."""

    code = "nothing-to-confirm"
