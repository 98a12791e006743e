"""Refusals of bookings and claims."""

from outreach.shared.errors import ConflictError

__all__ = [
    "AlreadyBookedError",
    "AlreadyRatedError",
    "BookingClosedError",
    "BookingStateError",
    "CancelTooLateError",
    "LimitReachedError",
    "NotHeldError",
    "OfferExpiredError",
    "OrderedSessionError",
    "QuotaUsedError",
    "SessionFullError",
]


class SessionFullError(ConflictError):
    """Fewer seats are free (``free``) than asked (``wanted``). Nothing was booked in part."""

    code = "session-full"


class BookingClosedError(ConflictError):
    """Booking has not opened, is over, or the session is not open to this kind of booking.

    Facts: ``why`` is one of ``not-open-yet`` (with ``opens_at``), ``over`` (with ``closed_at``), ``claimable`` (only
    as a whole), ``not-claimable``, ``claimed`` (somebody was faster), ``not-for-you``, or the session's state.
    """

    code = "booking-closed"


class AlreadyBookedError(ConflictError):
    """The organisation has a live booking of this session (rule 3)."""

    code = "already-booked"


class AlreadyRatedError(ConflictError):
    """The organisation has said how the session was: once is enough."""

    code = "already-rated"


class NotHeldError(ConflictError):
    """Nobody can say how a session was that has not been recorded as held; ``state`` is its own."""

    code = "not-held"


class BookingStateError(ConflictError):
    """The booking's state does not allow it; ``state`` is the one it is in."""

    code = "wrong-state"


class CancelTooLateError(ConflictError):
    """The session has begun (``started_at``), or seats were to be fewer after the programme's deadline
    (``deadline_at``): only its organiser may still change it."""

    code = "too-late"


class OrderedSessionError(ConflictError):
    """The session comes from an order (``order_id``): its host gives it up by withdrawing the order."""

    code = "comes-from-order"


class LimitReachedError(ConflictError):
    """The organisation, its women's committee and its guests together have used what a limit allows.

    Facts: ``scope`` is ``programme``, ``year`` or ``opening``; ``limit`` and ``used`` count bookings, claims, orders.
    """

    code = "limit-reached"


class QuotaUsedError(ConflictError):
    """The opening has no place left for the organisation's district (``district``, empty: none): ``places`` are used.

    Facts: ``opening`` is its name, ``kept`` whether the district has places of its own.
    """

    code = "quota-used"


class OfferExpiredError(ConflictError):
    """The place from the waiting list was kept until ``expired_at`` and has gone to the next group."""

    code = "offer-expired"
