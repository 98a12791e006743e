"""Every session that strangers may see, kept in memory in step with the database, with its bytes once it was written.

The first feed reads them all; afterwards one cheap question (``changes.changed_since``) tells which rows were written,
and only those are read again. An event is written again only when a revision of what it shows has changed.
"""

import asyncio
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from outreach.calendars import changes, queries
from outreach.calendars.domain.ical import Origin, event_bytes
from outreach.calendars.domain.keys import Window
from outreach.shared.time import local_day

__all__ = ["Change", "Index", "Kept"]

_BATCH = 50
_SORT_ANEW = 200
_MOST_CHANGES = 1_000
_MOST_BYTES = 256_000_000


@dataclass(slots=True, eq=False)
class Kept:
    """One session: where it belongs, and its VEVENT as far as it was needed.

    ``order`` sorts by start, then id; ``day`` numbers the local day; ``tags`` are the feeds that it is in;
    ``revisions`` decide its bytes together with ``moved_at``: until that moment it says that it was moved. ``record``
    is what it shows, if that was read already.
    """

    id: UUID
    order: tuple[float, bytes]
    day: int
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    moved_at: datetime | None
    revisions: tuple[Any, ...]
    tags: frozenset[str]
    body: bytes = b""
    says_moved: bool = False
    record: Any = None

    def is_moved(self, now: datetime) -> bool:
        """Whether the title says so."""
        return self.moved_at is not None and self.moved_at > now


#: A session as it was (``None``: not shown) and as it is.
Change: TypeAlias = tuple[Kept | None, Kept | None]


def _by_order(one: Kept) -> tuple[float, bytes]:
    return one.order


def _kept(found: Any, *, has_facts: bool = False) -> Kept:
    organisations = {*found["path"].strip("/").split("/"), *(found["host_path"] or "").strip("/").split("/")} - {""}
    return Kept(
        id=found["id"],
        order=(found["starts_at"].timestamp(), found["id"].bytes),
        day=local_day(found["starts_at"]).toordinal(),
        starts_at=found["starts_at"],
        ends_at=found["ends_at"],
        is_cancelled=found["is_cancelled"],
        moved_at=found["starts_at"] if found["was_moved"] else None,
        revisions=(
            found["revision"],
            found["event_revision"],
            found["programme_revision"],
            found["venue_revision"],
            found["is_cancelled"],
        ),
        tags=frozenset(
            (
                "",
                f"programmes/{found['year']}/{found['code']}",
                f"districts/{found['district']}",
                f"kinds/{found['kind']}",
                f"venues/{found['venue']}",
                *(f"organisations/{one}" for one in organisations),
                *(f"providers/{one}" for one in found["providers"]),
            )
        ),
        record=found if has_facts else None,
    )


class Index:
    """The sessions of one installation as feeds show them.

    ``version`` goes up with every session that changed, ``renamed`` when something was written that gives feeds their
    names, ``changed_at`` is the time of the last revision of any session, shown or not.
    """

    def __init__(self, origin: Origin) -> None:
        self.version = 0
        self.renamed = 0
        self.changed_at: datetime | None = None
        self._origin = origin
        self._by_id: dict[UUID, Kept] = {}
        self._ordered: list[Kept] = []
        self._changes: list[Change] = []  # the last of them; the first is that to version ``_first``
        self._first = 1
        self._point: str | None = None
        self._count = 0

    async def follow(self) -> None:
        """Bring it in line with the database."""
        changed = await changes.changed_since(self._point)
        if self._point is None or changed.count < self._count:
            await self._read_all()  # what is written meanwhile is told twice
        elif changed.is_something:
            self._take(await changes.touched(changed))
            self.renamed += changed.may_rename
        self._point, self._count = changed.point, changed.count

    async def _read_all(self) -> None:
        before = self._by_id
        self._by_id = {}
        for found in await changes.listed():
            one = _kept(found)
            _carry_over(before.get(one.id), one)
            self._by_id[one.id] = one
        self._ordered = sorted(self._by_id.values(), key=_by_order)
        self.changed_at = await changes.last_change()
        self.version += 1
        self._changes, self._first = [], self.version + 1

    def _take(self, found: Sequence[Any]) -> None:
        sorting = len(found) > _SORT_ANEW
        for record in found:
            before = self._by_id.pop(record["id"], None)
            after = _kept(record, has_facts=True) if record["is_shown"] else None
            if before is not None and after is not None and _looks_alike(before, after):
                self._by_id[before.id] = before
                continue
            self.changed_at = max(self.changed_at or record["revised_at"], record["revised_at"])
            if before is None and after is None:
                continue
            self._note((before, after))
            if before is not None and not sorting:
                del self._ordered[bisect_left(self._ordered, before.order, key=_by_order)]
            if after is not None:
                _carry_over(before, after)
                self._by_id[after.id] = after
                if not sorting:
                    insort(self._ordered, after, key=_by_order)
        if sorting:
            self._ordered = sorted(self._by_id.values(), key=_by_order)

    def _note(self, change: Change) -> None:
        self.version += 1
        self._changes.append(change)
        if len(self._changes) > _MOST_CHANGES:
            self._first += len(self._changes) // 2
            del self._changes[: len(self._changes) // 2]

    def since(self, version: int) -> list[Change] | None:
        """What changed after ``version``; ``None``: it is not known any more."""
        return None if version + 1 < self._first else self._changes[version + 1 - self._first :]

    def shown(self, tag: str, window: Window) -> list[Kept]:
        """The sessions of a feed in their order."""
        until = bisect_left(self._ordered, (window.end.timestamp(), b""), key=_by_order)
        return [
            one
            for one in self._ordered[:until]
            if tag in one.tags and window.holds(one.starts_at, one.ends_at, is_cancelled=one.is_cancelled)
        ]

    async def write(self, shown: Sequence[Kept], now: datetime) -> None:
        """Write what has no bytes yet, in batches: between two of them the process answers others."""
        missing = [one for one in shown if not one.body or one.says_moved != one.is_moved(now)]
        if len(missing) > _BATCH:
            self._forget_some(shown)
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            unread = [one.id for one in batch if one.record is None]
            facts = await queries.facts_of(unread, now) if unread else {}
            for one in batch:
                if one.record is not None:
                    facts[one.id] = queries.event_facts(one.record, now)
                if one.id in facts:
                    one.body, one.says_moved = event_bytes(facts[one.id], self._origin), one.is_moved(now)
                    one.record = None
            await asyncio.sleep(0)

    def _forget_some(self, needed: Sequence[Kept]) -> None:
        if sum(len(one.body) for one in self._ordered) > _MOST_BYTES:
            keep = set(needed)
            for one in self._ordered:
                if one not in keep:
                    one.body = b""


def _looks_alike(before: Kept, after: Kept) -> bool:
    return (before.revisions, before.order, before.ends_at, before.moved_at, before.tags) == (
        after.revisions,
        after.order,
        after.ends_at,
        after.moved_at,
        after.tags,
    )


def _carry_over(before: Kept | None, after: Kept) -> None:
    """The bytes written already, if nothing that they show has changed."""
    if before is not None and before.revisions == after.revisions and before.order == after.order:
        after.body, after.says_moved = before.body, before.says_moved
