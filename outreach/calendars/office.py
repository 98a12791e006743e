"""The feed of holidays and labels, kept until one of them changes.

It shows whole years, last year to next year, and so changes by time alone at New Year only. Two statements read what is
there (some hundred rows); it is written anew only if that differs from what was written.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from outreach.calendars import queries
from outreach.calendars.domain.ical import Origin, calendar_frame
from outreach.calendars.domain.keys import FeedKey
from outreach.calendars.domain.office import office_entries
from outreach.calendars.domain.writing import DayEntry, day_bytes
from outreach.calendars.rendered import Feed, etag_of
from outreach.programmes.holidays import holidays_between
from outreach.programmes.labels import labels_between
from outreach.shared.time import local_day

__all__ = ["Office"]

#: Sequences count seconds from here: they only ever grow, whatever is changed, hidden, taken away or put back.
_BEGUN_AT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Made:
    """A feed that is kept; ``asked_at`` names the question of the store that it is known to be right for."""

    feed: Feed
    first: date
    entries: list[DayEntry]
    asked_at: float


class Office:
    """The feeds of one origin: that of three years, and those of single years."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._made: dict[FeedKey, _Made] = {}

    async def feed(self, key: FeedKey, now: datetime, *, asked_at: float) -> Feed:
        """The feed as it is at ``now``.

        Args:
            asked_at: when the store asked last whether something was written; a feed known since needs no statement.
        """
        year = local_day(now).year
        first, last = date(key.year or year - 1, 1, 1), date(key.year or year + 1, 12, 31)
        before = self._made.get(key)
        if before is not None and (before.asked_at, before.first) == (asked_at, first):
            return before.feed
        days = {one.on: (one.kind, one.name) for one in (await holidays_between(first, last)).values()}
        entries = office_entries(days, await labels_between(first, last))
        is_same = before is not None and (before.entries, before.first) == (entries, first)
        feed = before.feed if before is not None and is_same else await self._render(key, entries, now)
        self._made[key] = _Made(feed, first, entries, asked_at)
        return feed

    async def _render(self, key: FeedKey, entries: list[DayEntry], now: datetime) -> Feed:
        """Every event carries the time since when the feed shows these days, the same in every process."""
        name, _tag = await queries.name_and_tag(key)
        head, end = calendar_frame(f"{self._origin.name}：{name}", key.path, self._origin)
        shown = etag_of(head, repr(entries).encode(), end)
        modified_at = await queries.noted_answer(key.path, shown, now, now)
        sequence = int((modified_at - _BEGUN_AT).total_seconds())
        body = b"".join((head, *(day_bytes(one, sequence, modified_at, self._origin) for one in entries), end))
        return Feed(body, etag_of(body), modified_at)
