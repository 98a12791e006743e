"""Why a report cannot be made."""

from outreach.shared.errors import NotFoundError, UnavailableError

__all__ = ["NoProgrammesError", "ReportPartMissingError"]


class NoProgrammesError(NotFoundError):
    """The year has no programme within what was asked for; ``year`` is the one asked for."""

    code = "no-programmes"


class ReportPartMissingError(UnavailableError):
    """This machine lacks what documents are made with; ``part`` names it, ``reason`` is the library's own word."""

    code = "report-part-missing"
