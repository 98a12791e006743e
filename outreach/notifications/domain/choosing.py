"""What a person may choose: which topics concern them, what applies to who has chosen nothing. Pure."""

from collections.abc import Collection, Mapping

from outreach.notifications.domain.topics import MessageTopic

__all__ = ["QUIET_FROM", "QUIET_UNTIL", "chosen", "shipped_choice", "topics_for"]

#: Minutes after midnight: from nine in the evening to eight in the morning.
QUIET_FROM, QUIET_UNTIL = 21 * 60, 8 * 60

_TO_CONTACTS = (
    MessageTopic.BOOKINGS,
    MessageTopic.ORDERS,
    MessageTopic.SESSIONS,
    MessageTopic.ATTENDANCE,
    MessageTopic.STATISTICS,
    MessageTopic.MATERIALS,
    MessageTopic.REMINDERS,
)
_TO_PROVIDERS = (MessageTopic.ORDERS, MessageTopic.SESSIONS, MessageTopic.REMINDERS)
_TO_STAFF = (MessageTopic.DESK, MessageTopic.SUMMARY)
#: Who has chosen nothing gets these by no way but their page.
_ASKED_FOR = frozenset({MessageTopic.DESK, MessageTopic.SUMMARY})


def topics_for(*, contact: bool, provider: bool, staff: bool) -> tuple[MessageTopic, ...]:
    """The topics that somebody with these roles is written to about, in the order of a page."""
    wanted = {
        *(_TO_CONTACTS if contact else ()),
        *(_TO_PROVIDERS if provider else ()),
        *(_TO_STAFF if staff else ()),
    }
    return tuple(topic for topic in MessageTopic if topic in wanted)


def shipped_choice(topic: MessageTopic, channel: str, *, by_mail: bool) -> bool:
    """What applies without a choice: mail for all but what must be asked for, SMS where there is no mail."""
    if topic in _ASKED_FOR:
        return False
    return channel == "mail" or not by_mail


def chosen(
    stored: Mapping[tuple[str, str], bool], topics: Collection[MessageTopic], channel: str, *, by_mail: bool
) -> list[str]:
    """The topics that are ticked for a channel."""
    return [
        one.value for one in topics if stored.get((one.value, channel), shipped_choice(one, channel, by_mail=by_mail))
    ]
