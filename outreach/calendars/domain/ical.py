"""iCalendar text (RFC 5545, 7986) of sessions, serialised by the ``icalendar`` library from values that are all ours.

The library's conveniences are not used: ``Calendar.new()`` and ``Event.new()`` fill in random identifiers and the
current time, and ``add_missing_timezones()`` writes the summer time of 1986–91. Feeds are the same for every reader, so
their words are Chinese and do not follow a request's language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit
from uuid import UUID

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vUri

from outreach.shared.time import local

__all__ = ["EventFacts", "Origin", "calendar_bytes", "event_bytes"]

#: Line breaks of every kind become one kind: some readers split lines at them. Other control characters go.
_TEXT: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xFEFF)),
    **dict.fromkeys((0x0A, 0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n"),
    ord("\t"): " ",
}

_END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who publishes: ``base_url`` without a slash at the end, and the name over every page."""

    base_url: str
    name: str

    @property
    def host(self) -> str:
        """The right part of every UID."""
        return urlsplit(self.base_url).hostname or "localhost"


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What a calendar shows of one session: nothing about people.

    ``is_moved`` while a session that was moved has not taken place yet; ``is_busy`` when the reader means to be there.
    """

    id: UUID
    title: str
    kind: str
    topic: str
    programme_name: str
    audience: str
    summary: str
    place: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    is_moved: bool
    revision: int
    revised_at: datetime
    is_busy: bool = False


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").translate(_TEXT)


@cache
def _zone() -> Timezone:
    """One rule for all time: China had summer time in 1986–91 only, and zones that carry it are refused by Outlook."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Asia/Shanghai")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - local by definition of the format
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _summary(facts: EventFacts) -> str:
    if facts.is_cancelled:
        return f"【已取消】{facts.title}"
    return f"【改期】{facts.title}" if facts.is_moved else facts.title


def _description(facts: EventFacts, address: str) -> str:
    parts = [f"项目：{facts.programme_name}"]
    if facts.audience:
        parts.append(f"对象：{facts.audience}")
    if facts.summary:
        parts.append(facts.summary)
    return "\n".join([*parts, f"详情和预约：{address}"])


def event_bytes(facts: EventFacts, origin: Origin) -> bytes:
    """One VEVENT. The same facts give the same bytes, whenever and wherever they are written."""
    address = f"{origin.base_url}/sessions/{facts.id}"
    revised = facts.revised_at.astimezone(UTC)
    publisher = vCalAddress(f"mailto:noreply@{origin.host}")
    publisher.params["CN"] = _text(origin.name).replace('"', "").replace("\n", " ")
    event = Event()
    event.add("uid", f"session-{facts.id}@{origin.host}")
    event.add("dtstamp", revised)
    event.add("last-modified", revised)
    event.add("sequence", facts.revision - 1)
    event.add("dtstart", local(facts.starts_at))
    event.add("dtend", local(facts.ends_at))
    event.add("summary", _text(_summary(facts)))
    if facts.place:
        event.add("location", _text(facts.place))
    event.add("description", _text(_description(facts, address)))
    if categories := [_text(name) for name in dict.fromkeys((facts.kind, facts.topic)) if name]:
        event.add("categories", categories)
    event.add("url", address)
    event.add("organizer", publisher)
    event.add("status", "CANCELLED" if facts.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if facts.is_busy and not facts.is_cancelled else "TRANSPARENT")
    return bytes(event.to_ical())


def calendar_bytes(name: str, path: str, origin: Origin, events: Iterable[bytes]) -> bytes:
    """A whole feed called ``name``, found at ``path``; ``events`` are those of ``event_bytes`` in their order."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Outreach//Sessions//ZH")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _text(name))
    calendar.add("x-wr-calname", _text(name))
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("color", "firebrick")
    calendar.add("source", vUri(f"{origin.base_url}{path}"), parameters={"VALUE": "URI"})
    calendar.add("url", f"{origin.base_url}/calendar")
    calendar.add_component(_zone())
    # Events are kept as bytes and joined: serialising 10,000 of them anew would cost seconds at every change.
    return b"".join((bytes(calendar.to_ical()).removesuffix(_END), *events, _END))
