"""The feeds of this process, rendered once and kept until something changes.

An answer that is still right costs no statement. It is asked for anew (one cheap statement, ``Index.follow``) when
this process has committed something since, when another process told of a change at its commit (LISTEN/NOTIFY), and
in any case once a second, so that a lost connection is noticed by nobody. Of a changed feed only the changed events
are written again.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.calendars import queries
from outreach.calendars.domain.ical import Origin, calendar_frame
from outreach.calendars.domain.keys import FeedKey, window_of
from outreach.calendars.index import Index
from outreach.calendars.listening import Listener
from outreach.calendars.office import Office
from outreach.calendars.rendered import Feed, etag_of
from outreach.calendars.rolls import Roll
from outreach.shared import db
from outreach.shared.time import local_day, local_midnight

__all__ = ["Feed", "close", "feed", "rendered"]

_ASK_AFTER_SECONDS = 1.0
_MOST_FEEDS, _MOST_BYTES = 256, 64_000_000


@dataclass(frozen=True, slots=True)
class _Made:
    """A feed that is kept, right for moments in ``[since, until)`` as long as the versions stay."""

    feed: Feed
    roll: Roll
    name: str
    tag: str
    since: datetime
    until: datetime
    version: int
    renamed: int


async def rendered(path: str, body: bytes, changed_at: datetime, now: datetime) -> Feed:
    """A feed for one answer only, with a strong tag of its bytes; ``changed_at`` as of ``queries.noted_answer``."""
    etag = etag_of(body)
    return Feed(body, etag, await queries.noted_answer(path, etag, changed_at, now))


class _Store:
    """Rendered feeds of one origin."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.listener = Listener()
        self._index = Index(origin)
        self._office = Office(origin)
        self._feeds: OrderedDict[FeedKey, _Made] = OrderedDict()
        self._asked_at = float("-inf")
        self._commits = -1
        self._lock = asyncio.Lock()

    async def feed(self, key: FeedKey, now: datetime) -> Feed:
        kept = self._kept(key, now)
        if kept is not None and self._is_fresh():
            return kept
        async with self._lock:
            if not self._is_fresh():
                await self._ask()
            if key.kind == "office":
                return await self._office.feed(key, now, asked_at=self._asked_at)
            return self._kept(key, now) or await self._render(key, now)

    def _kept(self, key: FeedKey, now: datetime) -> Feed | None:
        made = self._feeds.get(key)
        if made is None or not made.since <= now < made.until:
            return None
        return made.feed if (made.version, made.renamed) == (self._index.version, self._index.renamed) else None

    def _is_fresh(self) -> bool:
        return (
            not self.listener.told
            and self._commits == db.commits()
            and time.monotonic() - self._asked_at < _ASK_AFTER_SECONDS
        )

    async def _ask(self) -> None:
        """Everything is noted before the question, so that a change during it asks again."""
        await self.listener.listen()
        self.listener.told, commits, asked_at = False, db.commits(), time.monotonic()
        await self._index.follow()
        self._commits, self._asked_at = commits, asked_at  # a question that failed is asked again

    async def _render(self, key: FeedKey, now: datetime) -> Feed:
        before = self._feeds.get(key)
        if before is not None and before.renamed == self._index.renamed:
            name, tag = before.name, before.tag
        else:
            name, tag = await queries.name_and_tag(key)
        version, renamed = self._index.version, self._index.renamed
        roll = self._roll(before, tag, key, now)
        # A session that vanishes before its texts are read has no bytes; the next version brings that in line.
        await self._index.write(roll.unjoined, now)
        parts, digest = roll.joined()
        title = f"{self.origin.name}：{name}" if tag else f"{self.origin.name}{name}"
        head, end = calendar_frame(title, key.path, self.origin)
        since, until = _bounds(roll.moments, now)
        etag = etag_of(head, digest, end)
        if before is not None and before.feed.etag == etag and before.feed.last_modified <= now:
            made = before.feed
        else:
            changed_at = max(self._index.changed_at or since, since)
            modified_at = await queries.noted_answer(key.path, etag, changed_at, now)
            made = Feed(b"".join((head, *parts, end)), etag, modified_at)
        self._feeds[key] = _Made(made, roll, name, tag, since, until, version, renamed)
        self._feeds.move_to_end(key)
        while len(self._feeds) > 1 and self._is_full():
            self._feeds.popitem(last=False)
        return made

    def _roll(self, before: _Made | None, tag: str, key: FeedKey, now: datetime) -> Roll:
        """That of the feed as it was, brought in line, or a new one when the time has moved its window."""
        if before is not None and before.tag == tag and before.since <= now < before.until:
            changes = self._index.since(before.version)
            if changes is not None:
                before.roll.take(changes)
                return before.roll
        return Roll(self._index, tag, window_of(now, key.year))

    def _is_full(self) -> bool:
        # The bytes of a feed stand twice: whole, and day by day.
        return len(self._feeds) > _MOST_FEEDS or sum(len(one.feed.body) for one in self._feeds.values()) > _MOST_BYTES


def _bounds(moments: Sequence[datetime], now: datetime) -> tuple[datetime, datetime]:
    """The last and the next moment at which a feed changes by time alone: midnight, or one of ``moments``."""
    today = local_day(now)
    midnight, next_midnight = local_midnight(today), local_midnight(today + timedelta(days=1))
    since = max((one for one in moments if midnight < one <= now), default=midnight)
    return since, min((one for one in moments if now < one < next_midnight), default=next_midnight)


_stores: dict[Origin, _Store] = {}


async def feed(key: FeedKey, origin: Origin, now: datetime) -> Feed:
    """The feed as it is at ``now``.

    Raises:
        NotFoundError: there is nothing that the feed could be about, or it is confidential.
    """
    store = _stores.get(origin)
    if store is None:
        store = _stores.setdefault(origin, _Store(origin))
    return await store.feed(key, now)


async def close() -> None:
    """Forget everything and stop listening."""
    while _stores:
        _, store = _stores.popitem()
        await store.listener.close()
