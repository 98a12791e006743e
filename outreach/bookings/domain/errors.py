"""Refusals of bookings and claims."""

from outreach.shared.errors import ConflictError

__all__ = ["AlreadyBookedError", "BookingClosedError", "BookingStateError", "CancelTooLateError", "SessionFullError"]


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


class BookingStateError(ConflictError):
    """The booking's state does not allow it; ``state`` is the one it is in."""

    code = "wrong-state"


class CancelTooLateError(ConflictError):
    """The session has begun (``started_at``): only its organiser may still change who took part."""

    code = "too-late"
