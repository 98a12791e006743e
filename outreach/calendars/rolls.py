"""The events of one feed, joined day by day, so that a change costs one day and not the whole feed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from outreach.calendars.domain.keys import Window
from outreach.calendars.index import Change, Index, Kept

__all__ = ["Roll"]


class Roll:
    """What a feed shows between two moments at which it changes by time alone (``window`` stays the same)."""

    def __init__(self, index: Index, tag: str, window: Window) -> None:
        self._tag, self._window = tag, window
        self._days: dict[int, list[Kept]] = {}
        self._parts: dict[int, tuple[bytes, bytes]] = {}
        self._moved: set[Kept] = set()
        for one in index.shown(tag, window):
            self._days.setdefault(one.day, []).append(one)
            if one.moved_at is not None:
                self._moved.add(one)

    @property
    def moments(self) -> list[datetime]:
        """When sessions begin that were moved: until then they say so."""
        return [one.starts_at for one in self._moved]

    def take(self, changes: Iterable[Change]) -> None:
        """Follow what happened in the index since."""
        for before, after in changes:
            if before is not None and before in self._days.get(before.day, ()):
                self._days[before.day].remove(before)
                self._moved.discard(before)
                self._parts.pop(before.day, None)
            if after is not None and self._holds(after):
                day = self._days.setdefault(after.day, [])
                if after not in day:  # told twice, if something failed after the first time
                    day.append(after)
                    day.sort(key=attrgetter("order"))
                if after.moved_at is not None:
                    self._moved.add(after)
                self._parts.pop(after.day, None)

    def _holds(self, one: Kept) -> bool:
        return self._tag in one.tags and self._window.holds(one.starts_at, one.ends_at, is_cancelled=one.is_cancelled)

    @property
    def unjoined(self) -> list[Kept]:
        """The events of the days that are to be joined anew."""
        return [one for number, day in self._days.items() if number not in self._parts for one in day]

    def joined(self) -> tuple[list[bytes], bytes]:
        """The events in their order, and a hash of them: of the hashes of the days, each of the bytes of that day.

        A day is a fact of the events: every process cuts the same bytes at the same places.
        """
        for number, day in self._days.items():
            if number not in self._parts:
                body = b"".join([one.body for one in day])
                self._parts[number] = (body, hashlib.sha256(body).digest())
        parts = [self._parts[number] for number in sorted(self._days) if self._days[number]]
        return [body for body, _digest in parts], hashlib.sha256(b"".join([digest for _body, digest in parts])).digest()
