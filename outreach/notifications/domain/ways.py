"""By which ways a message reaches one person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from outreach.notifications.domain.topics import ESSENTIAL, OFF_BY_DEFAULT, MessageTopic, needs_telling, topic_of

__all__ = ["Reachable", "ways_of"]


@dataclass(frozen=True, slots=True)
class Reachable:
    """How somebody can be reached, and what they chose.

    ``email`` is a confirmed address or empty. ``reads_desk``: they are staff, and get this as staff.
    """

    email: str = ""
    phone: str = ""
    choices: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    reads_desk: bool = False


def ways_of(kind: str, who: Reachable, configured: Collection[str]) -> dict[str, str]:
    """Channel → address; empty: the message waits on their page and nowhere else.

    What is essential ignores choices. By shipped choice there is mail for everybody with a confirmed address but for
    what staff find on their desk; SMS only where mail does not reach. Who cannot be reached at all and must be told is
    put on the list of people to ring; who chose not to be mailed, and staff, never are.
    """
    if "console" in configured:
        return {"console": who.email}
    essential = kind in ESSENTIAL
    topic = MessageTopic.DESK if who.reads_desk and not essential else topic_of(kind)
    by_mail, by_sms = bool(who.email) and "mail" in configured, bool(who.phone) and "sms" in configured
    ways: dict[str, str] = {}
    shipped = topic not in OFF_BY_DEFAULT
    if by_mail and (essential or who.choices.get((topic.value, "mail"), shipped)):
        ways["mail"] = who.email
    must = essential and not ways
    if by_sms and (must or who.choices.get((topic.value, "sms"), shipped and not ways and needs_telling(kind))):
        ways["sms"] = who.phone
    if not by_mail and not by_sms and not who.reads_desk and needs_telling(kind):
        ways["list"] = ""
    return ways
