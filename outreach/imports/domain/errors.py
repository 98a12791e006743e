"""Refusals of imports."""

from outreach.shared.errors import ConflictError

__all__ = ["PreviewStaleError"]


class PreviewStaleError(ConflictError):
    """What the file would change is not what the preview said: somebody changed something meanwhile."""

    code = "preview-stale"
