"""Why a report cannot be fixed or withdrawn."""

from outreach.shared.errors import ConflictError, UnavailableError

__all__ = ["NumberTakenError", "SnapshotFileGoneError", "SnapshotWithdrawnError"]


class NumberTakenError(ConflictError):
    """Somebody fixed another report of the same year while this one was printed; it is printed again."""

    code = "snapshot-number-taken"


class SnapshotWithdrawnError(ConflictError):
    """It was withdrawn before."""

    code = "snapshot-withdrawn"


class SnapshotFileGoneError(UnavailableError):
    """Its bytes are not under ``OUTREACH_HOME/files``; the figures are still there."""

    code = "snapshot-file-gone"
