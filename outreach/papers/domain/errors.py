"""What papers refuse."""

from outreach.shared.errors import ConflictError, UnavailableError

__all__ = ["NameErasedError", "NoCertificatesError", "PackagesBusyError"]


class PackagesBusyError(UnavailableError):
    """As many packages as may run at once are being sent; ``retry_after`` in seconds."""

    code = "packages-busy"


class NoCertificatesError(ConflictError):
    """Nobody can be certified: ``why`` is ``confidential`` or ``not-held``."""

    code = "no-certificates"


class NameErasedError(ConflictError):
    """Names of the session were erased when their time was over; ``count`` of those asked for have none."""

    code = "name-erased"
