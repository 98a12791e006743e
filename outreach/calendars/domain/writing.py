"""iCalendar text (RFC 5545, 7986), serialised by the ``icalendar`` library from values that are all ours.

The library's conveniences are not used: ``Calendar.new()`` and ``Event.new()`` fill in random identifiers and the
current time, and ``add_missing_timezones()`` writes the summer time of 1986–91. Feeds are the same for every reader, so
their words are Chinese and do not follow a request's language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vUri

from outreach.shared.time import local

__all__ = [
    "DayEntry",
    "Entry",
    "Origin",
    "calendar_bytes",
    "calendar_frame",
    "day_bytes",
    "entry_bytes",
    "host_of",
    "invitation_bytes",
]

#: Line breaks of every kind become one kind: some readers split lines at them. Other control characters go, and what
#: is no character (U+FFFE, U+FFFF) with them.
_TEXT: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xFEFF, 0xFFFE, 0xFFFF)),
    **dict.fromkeys((0x0A, 0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n"),
    ord("\t"): " ",
}

_END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who publishes: ``base_url`` without a slash at the end, and the name over every page.

    ``uid_host`` is the right part of every UID. It is the host under which the installation published first and stays
    when the installation moves to another address, since a calendar program takes a new UID for a new event; empty:
    that of ``base_url``.
    """

    base_url: str
    name: str
    uid_host: str = ""

    @property
    def host(self) -> str:
        """The right part of every UID."""
        return self.uid_host or host_of(self.base_url)

    @property
    def address(self) -> str:
        """Whom calendars name as publisher: nobody's own address."""
        return f"noreply@{host_of(self.base_url)}"


def host_of(base_url: str) -> str:
    """The host in ``base_url``."""
    return urlsplit(base_url).hostname or "localhost"


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT before it is written.

    ``ident`` is the left part of the UID, ``status`` CONFIRMED, TENTATIVE or CANCELLED, ``notes`` the lines of the
    description, ``path`` where more is said.
    """

    ident: str
    sequence: int
    revised_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    notes: tuple[str, ...]
    categories: tuple[str, ...]
    path: str
    status: str
    is_busy: bool


@dataclass(frozen=True, slots=True)
class DayEntry:
    """Whole days before they are written: ``first_on`` to ``last_on``, both included; otherwise as ``Entry``."""

    ident: str
    first_on: date
    last_on: date
    summary: str
    categories: tuple[str, ...]
    path: str


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").translate(_TEXT)


def _line(value: str) -> str:
    """Titles and places in one line: calcurse leaves an event out whose title has two."""
    return " ".join(_text(value).split("\n"))


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


def entry_bytes(entry: Entry, origin: Origin, *, attendee: str | None = None, organizer: str | None = None) -> bytes:
    """One VEVENT.

    Args:
        attendee: the mail address of the one whom an invitation goes to; feeds name nobody.
        organizer: the mail address that invitations come from; ``None``: that of the origin.
    """
    href = f"{origin.base_url}{entry.path}"
    event = _begun(entry.ident, entry.sequence, entry.revised_at, origin)
    event.add("dtstart", local(entry.starts_at))
    event.add("dtend", local(entry.ends_at))
    event.add("summary", _line(entry.summary))
    if entry.place:
        event.add("location", _line(entry.place))
    event.add("description", _text("\n".join((*entry.notes, f"详情和预约：{href}"))))
    _add_categories(event, entry.categories)
    event.add("url", href)
    event.add("organizer", _person(organizer or origin.address, CN=_line(origin.name)))
    if attendee is not None:
        # The booking says who comes: no answer is asked for, and clients show no buttons that would answer nobody.
        event.add("attendee", _person(attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE"))
    event.add("status", entry.status)
    event.add("transp", "OPAQUE" if entry.is_busy else "TRANSPARENT")
    return bytes(event.to_ical())


def day_bytes(entry: DayEntry, sequence: int, revised_at: datetime, origin: Origin) -> bytes:
    """One VEVENT of whole days (RFC 5545, 3.6.1): dates without a time, DTEND that after the last; it ties nobody."""
    event = _begun(entry.ident, sequence, revised_at, origin)
    event.add("dtstart", entry.first_on)
    event.add("dtend", entry.last_on + timedelta(days=1))
    event.add("summary", _line(entry.summary))
    _add_categories(event, entry.categories)
    event.add("url", f"{origin.base_url}{entry.path}")
    event.add("organizer", _person(origin.address, CN=_line(origin.name)))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return bytes(event.to_ical())


def _begun(ident: str, sequence: int, revised_at: datetime, origin: Origin) -> Event:
    revised = revised_at.astimezone(UTC)
    event = Event()
    event.add("uid", f"{ident}@{origin.host}")
    event.add("dtstamp", revised)
    event.add("last-modified", revised)
    event.add("sequence", sequence)
    return event


def _add_categories(event: Event, names: Iterable[str]) -> None:
    if categories := [_line(name) for name in dict.fromkeys(names) if name]:
        event.add("categories", categories)


def _person(address: str, **parameters: str) -> vCalAddress:
    made = vCalAddress(f"mailto:{address}")
    for name, value in parameters.items():
        made.params[name] = value.replace('"', "")
    return made


def _calendar(method: str) -> Any:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Outreach//Sessions//ZH")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_zone())
    return calendar


@lru_cache(maxsize=1_000)
def calendar_frame(name: str, path: str | None, origin: Origin) -> tuple[bytes, bytes]:
    """What stands before and after the events of a feed called ``name``.

    ``path`` is where it is found, not quoted yet; ``None``: the address is a secret and does not stand in the file.
    """
    calendar = _calendar("PUBLISH")
    calendar.add("name", _line(name))
    calendar.add("x-wr-calname", _line(name))
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("color", "firebrick")
    if path is not None:
        calendar.add("source", vUri(origin.base_url + quote(path, safe="/?=&")), parameters={"VALUE": "URI"})
    calendar.add("url", f"{origin.base_url}/calendar")
    return _framed(calendar)


def _framed(calendar: Any) -> tuple[bytes, bytes]:
    # Events are kept as bytes and joined: serialising 10,000 of them anew would cost seconds at every change.
    return bytes(calendar.to_ical()).removesuffix(_END), _END


def calendar_bytes(name: str, path: str | None, origin: Origin, events: Iterable[bytes]) -> bytes:
    """A whole feed, as of ``calendar_frame``; ``events`` in the order they are given."""
    head, end = calendar_frame(name, path, origin)
    return b"".join((head, *events, end))


def invitation_bytes(method: Literal["REQUEST", "CANCEL"], events: Iterable[bytes]) -> bytes:
    """What an invitation by mail carries: no name and no address of a feed, since nobody subscribes to it."""
    head, end = _framed(_calendar(method))
    return b"".join((head, *events, end))
