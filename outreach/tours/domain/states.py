"""What becomes of a tour. Pure."""

from enum import StrEnum

from outreach.shared.i18n import phrase
from outreach.tours.domain.errors import TourStateError

__all__ = ["STATE_WORDS", "TourState", "move"]


class TourState(StrEnum):
    """A draft is changed freely; once its sessions are made, they are changed on their own pages."""

    DRAFT = "draft"
    MADE = "made"
    CANCELLED = "cancelled"


STATE_WORDS: dict[str, str] = {
    TourState.DRAFT: phrase("草稿"),
    TourState.MADE: phrase("已排定"),
    TourState.CANCELLED: phrase("已取消"),
}

_MOVES: dict[TourState, frozenset[TourState]] = {
    TourState.DRAFT: frozenset({TourState.MADE, TourState.CANCELLED}),
    TourState.MADE: frozenset({TourState.CANCELLED}),
    TourState.CANCELLED: frozenset(),
}


def move(state: str, to: TourState) -> TourState:
    """The state afterwards.

    Raises:
        TourStateError: there is no such way.
    """
    if to not in _MOVES[TourState(state)]:
        raise TourStateError(state=state)
    return to
