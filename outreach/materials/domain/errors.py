"""Refusals of materials."""

from outreach.shared.errors import ConflictError

__all__ = ["ApplicationStateError", "ApplyingOverError", "NotEnoughStockError", "RoundStateError", "ScansFullError"]


class RoundStateError(ConflictError):
    """The round is in a state that does not allow this; ``state`` names it, ``scope`` what is in the way."""

    code = "material-round-state"

    def __init__(self, *, state: str, scope: str = "") -> None:
        super().__init__(state=state, scope=scope or state)


class ApplicationStateError(ConflictError):
    """The application is in a state that does not allow this; ``state`` names it."""

    code = "material-application-state"

    def __init__(self, *, state: str) -> None:
        super().__init__(state=state, scope=state)


class ApplyingOverError(ConflictError):
    """The last day to apply, ``until``, is over."""

    code = "material-applying-over"


class NotEnoughStockError(ConflictError):
    """``wanted`` is more than the ``free`` ones; promised ones are not free. ``scope`` says what it is for."""

    code = "not-enough-stock"


class ScansFullError(ConflictError):
    """The round has ``most`` scans already, or would have more with those given."""

    code = "material-scans-full"
