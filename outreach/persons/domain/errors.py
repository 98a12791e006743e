"""Refusals of handing over and merging."""

from outreach.shared.errors import ConflictError

__all__ = ["AlreadyMergedError", "NotMergedError"]


class AlreadyMergedError(ConflictError):
    """The person was merged into somebody before."""

    code = "already-merged"


class NotMergedError(ConflictError):
    """The merge was undone already."""

    code = "merge-undone"
