"""iCalendar text (RFC 5545, 7986) of sessions, written line by line.

The ``icalendar`` library reads it back in the tests and does not write it: 10,000 events cost that library six
seconds of the serving process, these few rules a quarter of one. Feeds are the same for every reader, so their words
are Chinese and do not follow a request's language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from outreach.shared.time import local

__all__ = ["EventFacts", "Origin", "calendar_bytes", "event_bytes"]

_LINE_OCTETS = 75

#: Line breaks of every kind become ``\n``: some readers split lines at them. Other control characters are not allowed.
_TEXT: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xFEFF)),
    **dict.fromkeys((0x0A, 0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\\n"),
    ord("\t"): " ",
    ord("\\"): "\\\\",
    ord(";"): "\\;",
    ord(","): "\\,",
}

#: China had summer time from 1986 to 1991 only. Zones that carry those years are refused by Outlook and others.
_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Shanghai",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


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


def _folded(lines: Iterable[str]) -> bytes:
    """CRLF lines of at most 75 octets; no character is cut."""
    out: list[bytes] = []
    for line in lines:
        octets = line.encode()
        room = _LINE_OCTETS
        while len(octets) > room:
            cut = room
            while octets[cut] & 0xC0 == 0x80:
                cut -= 1
            out.append(octets[:cut])
            octets = b" " + octets[cut:]
        out.append(octets)
    return b"\r\n".join(out) + b"\r\n"


def _local(moment: datetime) -> str:
    return local(moment).strftime("%Y%m%dT%H%M%S")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


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
    revised = _utc(facts.revised_at)
    publisher = _text(origin.name).replace('"', "").replace("\\n", " ").replace("\\", "")
    categories = ",".join(_text(name) for name in dict.fromkeys((facts.kind, facts.topic)) if name)
    lines = (
        "BEGIN:VEVENT",
        f"UID:session-{facts.id}@{origin.host}",
        f"DTSTAMP:{revised}",
        f"LAST-MODIFIED:{revised}",
        f"SEQUENCE:{facts.revision - 1}",
        f"DTSTART;TZID=Asia/Shanghai:{_local(facts.starts_at)}",
        f"DTEND;TZID=Asia/Shanghai:{_local(facts.ends_at)}",
        f"SUMMARY:{_text(_summary(facts))}",
        *([f"LOCATION:{_text(facts.place)}"] if facts.place else []),
        f"DESCRIPTION:{_text(_description(facts, address))}",
        *([f"CATEGORIES:{categories}"] if categories else []),
        f"URL:{address}",
        f'ORGANIZER;CN="{publisher}":mailto:noreply@{origin.host}',
        f"STATUS:{'CANCELLED' if facts.is_cancelled else 'CONFIRMED'}",
        f"TRANSP:{'OPAQUE' if facts.is_busy and not facts.is_cancelled else 'TRANSPARENT'}",
        "END:VEVENT",
    )
    return _folded(lines)


def calendar_bytes(name: str, path: str, origin: Origin, events: Iterable[bytes]) -> bytes:
    """A whole feed called ``name``, found at ``path``; ``events`` are those of ``event_bytes`` in their order."""
    head = _folded(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Outreach//Sessions//ZH",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            f"NAME:{_text(name)}",
            f"X-WR-CALNAME:{_text(name)}",
            "X-WR-TIMEZONE:Asia/Shanghai",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
            "COLOR:firebrick",
            f"SOURCE;VALUE=URI:{origin.base_url}{path}",
            f"URL:{origin.base_url}/calendar",
            *_ZONE,
        )
    )
    return b"".join((head, *events, b"END:VCALENDAR\r\n"))
