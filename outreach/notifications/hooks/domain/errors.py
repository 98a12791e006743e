"""What hooks refuse."""

from outreach.shared.errors import ConflictError

__all__ = ["NotOursToSignError", "NothingToReplayError"]


class NothingToReplayError(ConflictError):
    """The delivery is on its way already."""

    code = "nothing-to-replay"


class NotOursToSignError(ConflictError):
    """The secret of a robot is given by its maker."""

    code = "not-ours-to-sign"
