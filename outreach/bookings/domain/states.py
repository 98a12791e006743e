"""The life of a booking (DESIGN, Life cycles)."""

from enum import StrEnum

from outreach.bookings.domain.errors import BookingStateError
from outreach.shared.i18n import phrase

__all__ = ["BOOKING_WORDS", "LIVE", "NEXT", "SEATED", "BookingState", "move"]


class BookingState(StrEnum):
    """Pending, offered and confirmed hold seats; waitlisted holds none."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    DECLINED = "declined"
    CANCELLED = "cancelled"


NEXT: dict[BookingState, frozenset[BookingState]] = {
    BookingState.PENDING: frozenset({BookingState.CONFIRMED, BookingState.DECLINED, BookingState.CANCELLED}),
    BookingState.CONFIRMED: frozenset({BookingState.ATTENDED, BookingState.NO_SHOW, BookingState.CANCELLED}),
    BookingState.WAITLISTED: frozenset(
        {BookingState.CONFIRMED, BookingState.PENDING, BookingState.OFFERED, BookingState.CANCELLED}
    ),
    BookingState.OFFERED: frozenset({BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.CANCELLED}),
    BookingState.ATTENDED: frozenset(),
    BookingState.NO_SHOW: frozenset(),
    BookingState.DECLINED: frozenset(),
    BookingState.CANCELLED: frozenset(),
}

LIVE = frozenset({BookingState.PENDING, BookingState.CONFIRMED, BookingState.WAITLISTED, BookingState.OFFERED})
SEATED = frozenset({BookingState.PENDING, BookingState.CONFIRMED, BookingState.OFFERED})

BOOKING_WORDS: dict[str, str] = {
    BookingState.PENDING: phrase("待审核"),
    BookingState.CONFIRMED: phrase("已确认"),
    BookingState.WAITLISTED: phrase("候补中"),
    BookingState.OFFERED: phrase("等您确认"),
    BookingState.ATTENDED: phrase("已参加"),
    BookingState.NO_SHOW: phrase("未到场"),
    BookingState.DECLINED: phrase("已拒绝"),
    BookingState.CANCELLED: phrase("已取消"),
}


def move(now: BookingState, to: BookingState) -> BookingState:
    """Return ``to`` if a booking in ``now`` may become it.

    Raises:
        BookingStateError: it may not.
    """
    if to not in NEXT[now]:
        raise BookingStateError(state=now.value, wanted=to.value)
    return to
