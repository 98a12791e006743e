"""What becomes of a tap on the list of a session's people. Pure.

A phone may send hours later what its keeper tapped, and others keep the same list. So every tap tells what the phone
had last seen of the person (the row's revision): where the row says something else by now, a person decides.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from outreach.shared.i18n import phrase

__all__ = [
    "KEPT",
    "KEPT_AFTER",
    "MOST_TICKS",
    "USUAL_REASON",
    "WAY_WORDS",
    "Outcome",
    "Person",
    "Tap",
    "seconds_to_keep",
]

#: How long a tap is known by its key: a phone that was off for longer has nothing to say that counts.
KEPT = timedelta(days=30)
#: Taps in one request.
MOST_TICKS = 200
#: Why somebody is taken off again, where nobody says more.
USUAL_REASON = phrase("点错了")
#: A phone may keep the page of a list for so long after the session's last day.
KEPT_AFTER = timedelta(days=3)

#: ``came_by`` in words.
WAY_WORDS: dict[str, str] = {
    "qr": phrase("扫码"),
    "code": phrase("签到码"),
    "list": phrase("点名"),
    "import": phrase("名单导入"),
    "api": phrase("程序登记"),
}


class Outcome(StrEnum):
    """What the phone is told of a tap."""

    DONE = "done"
    ALREADY = "already"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Tap:
    """``wanted``: to be there (or, an undo, not to be); ``seen``: the revision that the phone knew, if it knew any."""

    wanted: bool
    seen: int | None


@dataclass(slots=True)
class Person:
    """A row of the list while the taps of one request are decided one after the other.

    ``new``: written by this very request, so that the tap that caused it is done and not already there.
    """

    id: UUID
    present: bool
    revision: int
    came_by: str = ""
    checked_in_at: datetime | None = None
    new: bool = False
    changed: bool = field(default=False, init=False)
    own_revision: int | None = field(default=None, init=False)

    def know(self, revision: int) -> None:
        """This phone itself brought the row to ``revision``, though it may not have heard of it yet."""
        self.own_revision = max(revision, self.own_revision or 0)

    def tap(self, tap: Tap, now: datetime) -> Outcome:
        """Decide one tap and change the row as it says. The time is the server's."""
        if self.new and tap.wanted:
            self.new = False
            self.know(self.revision)
            return Outcome.DONE
        if tap.wanted == self.present:
            return Outcome.ALREADY
        seen = tap.seen if tap.seen is None or self.own_revision is None else max(tap.seen, self.own_revision)
        if seen is not None and seen != self.revision:
            return Outcome.CONFLICT
        self.present, self.changed = tap.wanted, True
        self.came_by, self.checked_in_at = ("list", now) if tap.wanted else ("", None)
        self.revision += 1
        self.know(self.revision)
        return Outcome.DONE


def seconds_to_keep(last_day_starts_at: datetime, now: datetime) -> int:
    """How long from ``now`` a phone may keep the page: to the end of the second day after the session's last."""
    return max(0, int((last_day_starts_at + KEPT_AFTER - now).total_seconds()))
