"""The life of a session (DESIGN, Life cycles)."""

from enum import StrEnum

from outreach.events.domain.errors import SessionStateError
from outreach.shared.i18n import phrase

__all__ = ["NEXT", "SESSION_WORDS", "SessionState", "Visibility", "move"]


class SessionState(StrEnum):
    """*Full* and *unrecorded* are not states: they follow from seats and time."""

    DRAFT = "draft"
    PUBLISHED = "published"
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Visibility(StrEnum):
    """Who sees a published session (rule 10)."""

    PUBLIC = "public"
    MEMBERS = "members"
    HOST = "host"


NEXT: dict[SessionState, frozenset[SessionState]] = {
    SessionState.DRAFT: frozenset({SessionState.PUBLISHED, SessionState.HELD, SessionState.CANCELLED}),
    SessionState.PUBLISHED: frozenset({SessionState.HELD, SessionState.CANCELLED}),
    SessionState.HELD: frozenset({SessionState.CLOSED}),
    SessionState.CLOSED: frozenset(),
    SessionState.CANCELLED: frozenset(),
}

SESSION_WORDS: dict[str, str] = {
    SessionState.DRAFT: phrase("草稿"),
    SessionState.PUBLISHED: phrase("已发布"),
    SessionState.HELD: phrase("已举办"),
    SessionState.CLOSED: phrase("已结项"),
    SessionState.CANCELLED: phrase("已取消"),
}


def move(now: SessionState, to: SessionState) -> SessionState:
    """Return ``to`` if a session in ``now`` may become it.

    Raises:
        SessionStateError: it may not.
    """
    if to not in NEXT[now]:
        raise SessionStateError(state=now.value, wanted=to.value)
    return to
