"""Refusals of handing in evidence."""

from outreach.shared.errors import ConflictError

__all__ = ["EvidenceFullError", "StaffOnlyError"]


class EvidenceFullError(ConflictError):
    """The session has ``most`` files already, or would have more with those given."""

    code = "evidence-full"


class StaffOnlyError(ConflictError):
    """The figures of the ``year`` are closed: only who runs the session changes its evidence, with a reason."""

    code = "year-closed-staff-only"
