"""When people can check in, and what a great difference between two counts is. Pure."""

from datetime import date, datetime, timedelta

from outreach.attendance.domain.errors import CheckinClosedError
from outreach.attendance.domain.headcounts import days_of
from outreach.shared.errors import NotFoundError
from outreach.shared.time import local, local_day

__all__ = ["CLOSES_MINUTES", "LONGEST_AFTER", "LONGEST_BEFORE", "OPENS_MINUTES", "check_open", "day_at", "differ"]

#: Minutes before the start and after the end, where nobody said otherwise.
OPENS_MINUTES, CLOSES_MINUTES = 60, 120
LONGEST_BEFORE, LONGEST_AFTER = 1440, 10080


def day_at(starts_at: datetime, ends_at: datetime, now: datetime) -> date:
    """The day of the session that a presence at ``now`` belongs to: today, or its first or last day around it."""
    days = days_of(starts_at, ends_at)
    return min(max(local_day(now), days[0]), days[-1])


def check_open(
    state: str, starts_at: datetime, ends_at: datetime, now: datetime, *, opens_minutes: int, closes_minutes: int
) -> None:
    """Let a check-in at ``now``, by the server's clock, pass.

    Raises:
        NotFoundError: the session was never out.
        CheckinClosedError: it is too early, over or cancelled.
    """
    opens_at = starts_at - timedelta(minutes=opens_minutes)
    match state:
        case "draft":
            raise NotFoundError
        case "cancelled":
            raise CheckinClosedError(why="cancelled")
        case "closed":
            raise CheckinClosedError(why="over")
    if now < opens_at:
        raise CheckinClosedError(why="too-early", opens_at=local(opens_at).isoformat())
    if now > ends_at + timedelta(minutes=closes_minutes):
        raise CheckinClosedError(why="over")


def differ(headcount: int, checkins: int) -> bool:
    """Whether check-ins and head-count of a day are more than 20 % of the head-count apart; none at all are not."""
    return checkins > 0 and abs(headcount - checkins) * 5 > headcount
