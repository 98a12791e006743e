"""Refusals about deliveries."""

from outreach.shared.errors import ConflictError

__all__ = ["DeliverySettledError"]


class DeliverySettledError(ConflictError):
    """It is not a dead letter any more: somebody was faster."""

    code = "delivery-settled"
