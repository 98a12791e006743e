"""Refusals of tours."""

from outreach.shared.errors import ConflictError

__all__ = ["TourStateError", "UnplacedStopsError"]


class TourStateError(ConflictError):
    """The tour's state does not allow it; ``state`` is the one it is in."""

    code = "tour-state"


class UnplacedStopsError(ConflictError):
    """Some stops have no time yet; ``hosts`` names them. ``none``: there is no stop at all."""

    code = "stops-unplaced"
