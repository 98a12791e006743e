"""Refusals of orders."""

from outreach.shared.errors import ConflictError

__all__ = ["AnswerTooLateError", "LinkExpiredError", "OrderStateError"]


class OrderStateError(ConflictError):
    """The order's state does not allow it, or somebody was faster; ``state`` is the one it is in."""

    code = "wrong-state"


class AnswerTooLateError(ConflictError):
    """The session began (``started_at``) before it was accepted: ``organisation`` enters who came, when called."""

    code = "answer-too-late"


class LinkExpiredError(ConflictError):
    """The provider's link was right and is no longer: its time has passed, or the order was assigned anew.

    Facts: ``why`` is ``over`` or ``replaced``. A forged link is ``NotFoundError``.
    """

    code = "link-expired"
