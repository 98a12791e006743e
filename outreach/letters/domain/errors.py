"""Refusals of letters."""

from outreach.shared.errors import ConflictError

__all__ = ["NoHostError", "TemplateBrokenError"]


class NoHostError(ConflictError):
    """The session has no host to write to, or is a draft or cancelled."""

    code = "no-host"


class TemplateBrokenError(ConflictError):
    """The organisation's own template cannot be filled any more; ``kind`` tells which."""

    code = "template-broken"
