"""What messages are about, and which of them somebody must get."""

from enum import StrEnum

__all__ = ["ASKING", "ESSENTIAL", "OFF_BY_DEFAULT", "TOPIC_OF", "TO_STAFF", "MessageTopic", "needs_telling", "topic_of"]


class MessageTopic(StrEnum):
    """A group of messages that a person may choose a way for."""

    BOOKINGS = "bookings"
    ORDERS = "orders"
    SESSIONS = "sessions"
    ATTENDANCE = "attendance"
    STATISTICS = "statistics"
    MATERIALS = "materials"
    REMINDERS = "reminders"
    SUMMARY = "summary"
    DESK = "desk"
    """What staff find on their desk anyway: mailed only to who asks for it."""


_B, _O, _S = MessageTopic.BOOKINGS, MessageTopic.ORDERS, MessageTopic.SESSIONS

TOPIC_OF: dict[str, MessageTopic] = {
    "booking-confirmed": _B,
    "booking-declined": _B,
    "booking-cancelled": _B,
    "booking-waitlisted": _B,
    "booking-promoted": _B,
    "booking-promoted-pending": _B,
    "booking-offered": _B,
    "booking-offer-expired": _B,
    "session-moved": _S,
    "session-cancelled": _S,
    "session-taken-over": _S,
    "rain-date-used": _S,
    "rain-date-released": _S,
    "order-joined": _O,
    "order-endorsed": _O,
    "order-approved": _O,
    "order-declined": _O,
    "order-left": _O,
    "order-asked": _O,
    "order-scheduled": _O,
    "order-returned": _O,
    "order-taken-back": _O,
    "order-window-taken": _O,
    "order-withdrawn": _O,
    "order-fulfilled": MessageTopic.ATTENDANCE,
    "headcount-asked": MessageTopic.ATTENDANCE,
    "headcount-confirmed": MessageTopic.ATTENDANCE,
    "headcount-changed": MessageTopic.ATTENDANCE,
    "headcount-unused": MessageTopic.ATTENDANCE,
    "statistics-due": MessageTopic.STATISTICS,
    "statistics-returned": MessageTopic.STATISTICS,
    "materials-granted": MessageTopic.MATERIALS,
    "materials-declined": MessageTopic.MATERIALS,
    "materials-cancelled": MessageTopic.MATERIALS,
    "session-soon": MessageTopic.REMINDERS,
    "session-hosted-soon": MessageTopic.REMINDERS,
    "duty-soon": MessageTopic.REMINDERS,
    "weekly-summary": MessageTopic.SUMMARY,
    "order-waiting": MessageTopic.DESK,
    "hook-paused": MessageTopic.DESK,
    "booking-received": MessageTopic.DESK,
    "session-claimed": MessageTopic.DESK,
    "order-submitted": MessageTopic.DESK,
    "order-changed": MessageTopic.DESK,
    "order-assigned": MessageTopic.DESK,
    "order-accepted": MessageTopic.DESK,
    "order-refused": MessageTopic.DESK,
    "order-reviewed": MessageTopic.DESK,
    "session-reviewed": MessageTopic.DESK,
    "closing-due": MessageTopic.DESK,
    "headcount-reported": MessageTopic.DESK,
    "contact-request": MessageTopic.DESK,
}

#: Who does not learn of it comes in vain, or misses what is theirs. Not to be unsubscribed by mail.
ESSENTIAL = frozenset(
    {
        "booking-confirmed", "booking-declined", "booking-cancelled", "booking-promoted", "booking-offered",
        "session-moved", "session-cancelled", "session-taken-over", "rain-date-used",
        "order-declined", "order-scheduled", "order-returned", "order-taken-back", "order-window-taken",
        "materials-granted",
    }
)  # fmt: skip

#: They wait for an answer.
ASKING = frozenset({"order-asked", "order-joined", "headcount-asked", "statistics-due", "statistics-returned"})

#: Sent to an organisation, they are for those who run it; everything else is for its contacts.
TO_STAFF = frozenset(kind for kind, topic in TOPIC_OF.items() if topic is MessageTopic.DESK)

#: What nobody gets by mail or SMS who has not asked for it.
OFF_BY_DEFAULT = frozenset({MessageTopic.DESK})


def topic_of(kind: str) -> MessageTopic:
    """The group of a kind; one that is not known is of the desk."""
    return TOPIC_OF.get(kind, MessageTopic.DESK)


def needs_telling(kind: str) -> bool:
    """Whether somebody must be rung who can be reached in no other way."""
    return kind in ESSENTIAL or kind in ASKING
