"""Which feed: what it holds, over which time, and where it is found. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.shared.time import local_day, local_midnight, year_bounds

__all__ = ["DAYS_CANCELLED", "FeedKey", "Window", "window_of"]

DAYS_BACK, DAYS_AHEAD, DAYS_CANCELLED = 180, 400, 30


@dataclass(frozen=True, slots=True)
class FeedKey:
    """A public feed.

    ``kind`` is the part of the path: ``programmes``, ``districts``, ``kinds``, ``organisations``, ``providers``,
    ``venues``; empty for the feed of everything; ``office`` for holidays and labels, without sessions. ``value`` is
    what follows: ``2015/women``, a name, a code or an id.
    ``year`` asks for the whole calendar year instead of the window around today.
    """

    kind: str = ""
    value: str = ""
    year: int | None = None

    @property
    def path(self) -> str:
        """Where it is found; not quoted."""
        name = "/".join(part for part in (self.kind, self.value) if part) or "public"
        return f"/calendars/{name}.ics" + (f"?year={self.year}" if self.year else "")


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when a feed shows sessions: those that overlap ``[start, end)``, or begin in it.

    Cancelled ones only if they end at ``cancelled_from`` or later.
    """

    start: datetime
    end: datetime
    cancelled_from: datetime
    by_start: bool

    def holds(self, starts_at: datetime, ends_at: datetime, *, is_cancelled: bool) -> bool:
        """Whether a session is shown."""
        if starts_at >= self.end or (is_cancelled and ends_at < self.cancelled_from):
            return False
        return starts_at >= self.start if self.by_start else ends_at > self.start


def window_of(now: datetime, year: int | None = None) -> Window:
    """180 days back and 400 ahead of today, or the whole ``year``; cancelled sessions stay 30 days past their date."""
    today = local_day(now)
    cancelled_from = local_midnight(today - timedelta(days=DAYS_CANCELLED))
    if year is not None:
        return Window(*year_bounds(year), cancelled_from, by_start=True)
    start, end = (local_midnight(today + timedelta(days=days)) for days in (-DAYS_BACK, DAYS_AHEAD + 1))
    return Window(start, end, cancelled_from, by_start=False)
