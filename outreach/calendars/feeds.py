"""The feeds of this process, rendered once and kept until something changes.

An answer that is still right costs no statement. It is asked for anew (one cheap statement, ``queries.version``) when
this process has committed something since, when another process told of a change at its commit (LISTEN/NOTIFY), and
in any case once a second, so that a lost connection is noticed by nobody. Of a changed feed only the changed events
are written again.
"""

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from outreach.calendars import queries
from outreach.calendars.domain.ical import Origin, calendar_bytes, event_bytes
from outreach.calendars.queries import FeedKey, Listed
from outreach.shared import db

__all__ = ["Feed", "close", "feed", "rendered"]

logger = logging.getLogger(__name__)

CHANNEL = "calendars"
_ASK_AFTER_SECONDS = 1.0
_CONNECT_AFTER_SECONDS = 5.0
_BATCH = 50
_MOST_FEEDS, _MOST_EVENTS = 64, 100_000


@dataclass(frozen=True, slots=True)
class Feed:
    """A rendered feed, right for moments in ``[since, until)`` as long as the version stays."""

    body: bytes
    etag: str
    last_modified: datetime
    since: datetime
    until: datetime
    version: tuple[object, ...]


def rendered(body: bytes, last_modified: datetime, *, now: datetime) -> Feed:
    """A feed for one answer only, with a strong tag of its bytes."""
    return Feed(body, _etag(body), min(last_modified, now), now, now, ())


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class _Listener:
    """A connection that hears of commits in other processes; without one, feeds follow within a second."""

    def __init__(self) -> None:
        self.told = False
        self._connection: Any = None
        self._tried_at = float("-inf")

    async def listen(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            return
        if time.monotonic() - self._tried_at < _CONNECT_AFTER_SECONDS:
            return
        self._tried_at = time.monotonic()
        try:
            self._connection = await asyncpg.connect(**db.ENGINE.config, timeout=5)
            await self._connection.add_listener(CHANNEL, self._hear)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            logger.warning("cannot listen for changes of calendars: %s", error)

    def _hear(self, *_notification: object) -> None:
        self.told = True

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


class _Store:
    """Rendered feeds and events of one origin."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.listener = _Listener()
        self._feeds: OrderedDict[FeedKey, Feed] = OrderedDict()
        self._events: dict[Listed, bytes] = {}
        self._version: tuple[object, ...] = ()
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
            return self._kept(key, now) or await self._render(key, now)

    def _kept(self, key: FeedKey, now: datetime) -> Feed | None:
        kept = self._feeds.get(key)
        return kept if kept is not None and kept.version == self._version and kept.since <= now < kept.until else None

    def _is_fresh(self) -> bool:
        return (
            not self.listener.told
            and self._commits == db.commits()
            and time.monotonic() - self._asked_at < _ASK_AFTER_SECONDS
        )

    async def _ask(self) -> None:
        """Everything is noted before the question, so that a change during it asks again."""
        await self.listener.listen()
        self.listener.told, self._commits, self._asked_at = False, db.commits(), time.monotonic()
        self._version = await queries.version()

    async def _render(self, key: FeedKey, now: datetime) -> Feed:
        version = self._version
        since, until = await queries.next_boundary(now)
        name = await self._name(key)
        listed = await queries.listed_events(key, now)
        await self._write([one for one in listed if one not in self._events], now)
        # A session that vanished between the two questions is left out; the next version brings the rest in line.
        events = [self._events[one] for one in listed if one in self._events]
        body = calendar_bytes(name, key.path, self.origin, events)
        changed = max(await queries.last_change() or since, since)
        made = Feed(body, _etag(body), self._modified(key, body, changed, now), since, until, version)
        self._feeds[key] = made
        self._feeds.move_to_end(key)
        if len(self._feeds) > _MOST_FEEDS:
            self._feeds.popitem(last=False)
        return made

    def _modified(self, key: FeedKey, body: bytes, changed: datetime, now: datetime) -> datetime:
        """Not earlier than the change, and later than what this process gave out before with other bytes."""
        before = self._feeds.get(key)
        if before is not None and before.body == body and before.last_modified <= now:
            return before.last_modified
        if before is not None and changed <= before.last_modified:
            return now
        return min(changed, now)

    async def _name(self, key: FeedKey) -> str:
        if not key.programme_code or key.programme_year is None:
            return f"{self.origin.name}公开场次"
        programme = await queries.programme_name(key.programme_code, key.programme_year)
        return f"{self.origin.name}：{programme}（{key.programme_year}年）"

    async def _write(self, missing: list[Listed], now: datetime) -> None:
        """Write events in batches: between two of them the process answers others."""
        if len(self._events) + len(missing) > _MOST_EVENTS:
            self._events.clear()
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            facts = await queries.facts_of([one[0] for one in batch], now)
            for one in batch:
                if one[0] in facts:
                    self._events[one] = event_bytes(facts[one[0]], self.origin)
            await asyncio.sleep(0)


_stores: dict[Origin, _Store] = {}


async def feed(key: FeedKey, origin: Origin, now: datetime) -> Feed:
    """The feed as it is at ``now``.

    Raises:
        NotFoundError: no programme has that code, or it is confidential.
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
