"""What rows of sessions are held against, those to come and those that were; how their names and times are read."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from outreach.events.domain.drafts import MenuFacts, SessionGiven
from outreach.events.domain.occupation import Span
from outreach.events.domain.visibility import SessionFacts, may_see
from outreach.imports.domain.columns import Kind
from outreach.imports.domain.planning import Entry, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.lookups import (
    TWICE,
    EventFacts,
    Named,
    ProgrammeFacts,
    Units,
    event_of,
    named,
    one_named,
    programme_of,
    programmes_of,
    texts_of,
    units_of,
)
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import ZONE, day_bounds, local

__all__ = [
    "KnownSessions",
    "Tie",
    "given_of",
    "known_sessions",
    "match_session",
    "resolve_session",
    "session_key",
    "stored_sessions",
]

#: Columns that say where a session is.
PLACE = ("venue", "address", "host")


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties a provider or a venue: a stored session, its title where the caller may see it."""

    span: Span
    session_id: str
    title: str | None


@dataclass(frozen=True, slots=True)
class KnownSessions:
    """``stored`` by number and by event and start; ``ties`` by resource; ``closed``: owners and years."""

    actor: Actor
    now: datetime
    programmes: Mapping[str, Sequence[ProgrammeFacts]]
    by_id: Mapping[str, Stored]
    by_start: Mapping[tuple[str, datetime], Sequence[Stored]]
    providers: Mapping[str, Sequence[Named]]
    venues: Mapping[str, Sequence[Named]]
    hosts: Units
    ties: Mapping[str, Sequence[Tie]]
    closed: frozenset[tuple[UUID, int]]
    menu: dict[str, MenuFacts]
    resources: dict[str, Named]
    items: dict[tuple[str, str, int], tuple[ProgrammeFacts, EventFacts]] = field(default_factory=dict)
    sure_providers: dict[str, str] = field(init=False, default_factory=dict)
    sure_venues: dict[str, Named] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """What a name means without doubt: looked up for every row."""
        self.sure_providers.update((name, str(one.id)) for name, one in _sure(self.providers))
        self.sure_venues.update(_sure(self.venues))


def _sure(known: Mapping[str, Sequence[Named]]) -> Iterator[tuple[str, Named]]:
    for name, several in known.items():
        active = [one for one in several if one.active]
        if len(active) == 1:
            yield name, active[0]


_SESSIONS = f"""
WITH {TWICE}
SELECT s.id, p.name AS programme, e.title AS event, s.event AS event_id, s.starts_at, s.ends_at, v.name AS venue,
       s.venue AS venue_id, s.address, s.district, s.host AS host_id, s.capacity, s.visibility, s.claimable, s.state,
       s.multi_day, s.assigned, s.seats_taken, CASE WHEN t.name IS NULL THEN h.name ELSE h.code END AS host,
       ARRAY(SELECT r.name FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider
              WHERE sp.session = s.id ORDER BY sp.position) AS providers,
       ARRAY(SELECT sp.provider FROM events_session_provider sp WHERE sp.session = s.id ORDER BY sp.position)
         AS provider_ids,
       EXISTS (SELECT 1 FROM bookings_booking b WHERE b.session = s.id AND b.is_host
                  AND b.state IN ('pending', 'offered', 'confirmed', 'waitlisted')) AS host_booked,
       n.total, n.workers, n.estimated, n.breakdown::text AS breakdown
  FROM events_session s JOIN events_event e ON e.id = s.event JOIN programmes_programme p ON p.id = s.programme
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host LEFT JOIN twice t ON t.name = h.name
  LEFT JOIN events_venue v ON v.id = s.venue
  LEFT JOIN attendance_headcount n ON n.session = s.id
        AND n."on" = (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date
 WHERE s.state <> 'cancelled' AND EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
   AND (s.id = ANY($2::uuid[]) OR ($3::timestamptz <= s.starts_at AND s.starts_at < $4
        AND ($5::uuid[] IS NULL OR s.event = ANY($5::uuid[]))))
 ORDER BY s.starts_at, s.id
"""  # noqa: S608 - our own text


async def stored_sessions(
    actor: Actor, first: date, last: date, *, ids: Sequence[UUID] = (), event_ids: Sequence[UUID] | None = None
) -> list[Stored]:
    """Sessions of the own part of the tree that begin from ``first`` to ``last``, and those with ``ids``."""
    starts, ends = day_bounds(first, last)
    found = await db.rows(
        _SESSIONS, list(actor.organised_paths), list(ids), starts, ends, None if event_ids is None else list(event_ids)
    )
    return [_stored(one) for one in found]


def _stored(one: Any) -> Stored:
    starts_at, ends_at = local(one["starts_at"]), local(one["ends_at"])
    values = {
        "programme": one["programme"],
        "event": one["event"],
        "on": starts_at.date().isoformat(),
        "start": f"{starts_at:%H:%M}",
        "end": f"{ends_at:%H:%M}",
        "venue": one["venue"],
        "address": one["address"] or None,
        "district": one["district"] or None,
        "providers": list(one["providers"]) or None,
        "host": one["host"],
        "capacity": one["capacity"],
        "visibility": one["visibility"],
        "claimable": one["claimable"],
        "state": one["state"],
        "id": str(one["id"]),
    }
    facts = {
        "event": str(one["event_id"]),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "many_days": one["multi_day"] or starts_at.date() != ends_at.date(),
        "assigned": one["assigned"],
        "seats_taken": one["seats_taken"],
        "host_booked": one["host_booked"],
        "state": one["state"],
        "venue": str(one["venue_id"]) if one["venue_id"] else None,
        "host": str(one["host_id"]) if one["host_id"] else None,
        "providers": [str(id_) for id_ in one["provider_ids"]],
        "figures": (one["total"], one["workers"], one["estimated"], one["breakdown"]),
    }
    return Stored(str(one["id"]), values, facts=facts)


async def known_sessions(actor: Actor, now: datetime, kind: Kind, read: Read) -> KnownSessions:
    """What the file is held against: only what its rows name is asked for."""
    days = [date.fromisoformat(text) for text in texts_of(read, kind.place("on"))] or [local(now).date()]
    programmes = await programmes_of(actor, {one.year for one in days})
    listed = {one.id: one for several in programmes.values() for one in several}.values()
    titles = set(texts_of(read, kind.place("event")))
    event_ids = [
        event.id for one in listed for title, events in one.events.items() if title in titles for event in events
    ]
    ids = [UUID(text) for text in texts_of(read, kind.place("id"))]
    stored = await stored_sessions(actor, min(days), max(days), ids=ids, event_ids=event_ids)
    by_start: dict[tuple[str, datetime], list[Stored]] = {}
    for one in stored:
        by_start.setdefault((one.facts["event"], one.facts["starts_at"]), []).append(one)
    givers = {name for row in read.rows for name in row.values[kind.place("providers")] or ()}
    providers = await named(actor, "events_provider", givers)
    venues = await named(actor, "events_venue", texts_of(read, kind.place("venue")))
    resources = {str(one.id): one for known in (providers, venues) for several in known.values() for one in several}
    closed = await db.rows("SELECT organisation, year FROM programmes_year WHERE state = 'closed'")
    return KnownSessions(
        actor,
        now,
        programmes,
        {one.id: one for one in stored},
        by_start,
        providers,
        venues,
        await units_of(actor, texts_of(read, kind.place("host"))),
        await _ties(actor, [UUID(id_) for id_ in resources], min(days), max(days)),
        frozenset((one["organisation"], one["year"]) for one in closed),
        {str(event.id): _menu(one, event) for one in listed for several in one.events.values() for event in several},
        resources,
    )


def _menu(programme: ProgrammeFacts, event: EventFacts) -> MenuFacts:
    return MenuFacts(
        event.title,
        event.kind,
        event.duration_minutes,
        programme.id,
        programme.path,
        programme.kinds,
        programme.approval_needed,
        programme.confidential,
    )


async def _ties(actor: Actor, resource_ids: Sequence[UUID], first: date, last: date) -> dict[str, list[Tie]]:
    """What ties the resources around these days; the place and hosts of what the caller may not see stay unsaid."""
    starts, ends = day_bounds(first - timedelta(days=1), last + timedelta(days=1))
    found = await db.rows(
        """SELECT c.resource_id, c.session, c.starts_at, c.ends_at, s.title, s.state, s.visibility, o.path, s.host,
                  h.kind
             FROM events_occupation c JOIN events_session s ON s.id = c.session
             JOIN accounts_organisation o ON o.id = s.organisation
             LEFT JOIN accounts_organisation h ON h.id = s.host
            WHERE c.resource_id = ANY($1::uuid[]) AND c.starts_at < $3 AND c.ends_at > $2 ORDER BY c.starts_at, c.id""",
        list(resource_ids),
        starts,
        ends,
    )
    ties: dict[str, list[Tie]] = {}
    for one in found:
        facts = SessionFacts(one["state"], one["visibility"], one["path"], one["host"], one["kind"])
        title = one["title"] if may_see(actor, facts) else None
        tie = Tie(Span(one["starts_at"], one["ends_at"]), str(one["session"]), title)
        ties.setdefault(str(one["resource_id"]), []).append(tie)
    return ties


# --- one row ---------------------------------------------------------------------------------------------------------


def resolve_session(entry: Entry, known: KnownSessions) -> None:
    """Times, programme, event, people and place of a row; ``refs`` gets their ids and ``starts_at``, ``ends_at``."""
    values = entry.values
    if values.get("id") is not None and values["id"] not in known.by_id:
        entry.refuse("id", "id-unknown")
    _resolve_names(entry, known)
    if values.get("start") is not None and "-" in values["start"]:
        values["start"], last = values["start"].split("-")
        values["end"] = values.get("end") or last
    if values.get("end") is not None and "-" in values["end"]:
        entry.refuse("end", "not-clock")
    if values.get("on") is None or values.get("start") is None or entry.is_bad("on", "start", "end"):
        return
    on = _day(values["on"])
    starts_at = datetime.combine(on, _clock(values["start"]), ZONE)
    entry.refs["starts_at"] = starts_at
    programme, event = _item(entry, known, on.year)
    if programme is not None and (programme.organisation_id, on.year) in known.closed:
        entry.refs["closed"] = on.year
    if event is not None:
        entry.refs["event"] = str(event.id)
    if values.get("end") is not None:
        ends_at = datetime.combine(on, _clock(values["end"]), ZONE)
        if ends_at <= starts_at:
            entry.refuse("end", "ends-before-start")
        entry.refs["ends_at"] = ends_at
    elif event is not None:
        entry.refs["ends_at"] = starts_at + timedelta(minutes=event.duration_minutes)


# A year has few days and fewer times, and thousands of rows.
_day = lru_cache(maxsize=4096)(date.fromisoformat)
_clock = lru_cache(maxsize=1440)(time.fromisoformat)


def _item(entry: Entry, known: KnownSessions, year: int) -> tuple[ProgrammeFacts | None, EventFacts | None]:
    """The programme and its menu item; those that were found once are remembered."""
    values = entry.values
    words = (values.get("programme") or "", values.get("event") or "", year)
    if words in known.items:
        found = known.items[words]
        values["programme"] = found[0].name
        return found
    programme = programme_of(entry, known.programmes, year, known.actor)
    event = event_of(entry, programme) if programme is not None else None
    if programme is not None and event is not None:
        known.items[words] = (programme, event)
    return programme, event


def _resolve_names(entry: Entry, known: KnownSessions) -> None:
    values, stored = entry.values, known.by_id.get(entry.values.get("id") or "")
    for column in ("venue", "providers", "host"):
        if values.get(column) is None or entry.is_bad(column):
            continue
        if stored is not None and values[column] == stored.values[column]:
            entry.refs[column] = stored.facts[column]  # perhaps out of use meanwhile, or not the caller's
        elif column == "venue":
            _resolve_venue(entry, known)
        elif column == "providers":
            entry.refs["providers"] = [
                id_ for name in values["providers"] if (id_ := _provider(entry, name, known)) is not None
            ]
        else:
            host = known.hosts.find(entry, "host")
            if host is not None:
                values["host"] = host.label
                entry.refs["host"] = str(host.id)


def _provider(entry: Entry, name: str, known: KnownSessions) -> str | None:
    sure = known.sure_providers.get(name)
    if sure is not None:
        return sure
    found = one_named(entry, "providers", name, known.providers)
    return None if found is None else str(found.id)


def _resolve_venue(entry: Entry, known: KnownSessions) -> None:
    text = entry.values["venue"]
    venue = known.sure_venues.get(text) or one_named(entry, "venue", text, known.venues)
    if venue is None:
        return
    entry.refs["venue"] = str(venue.id)
    if "district" in entry.values and entry.values["district"] is None:
        entry.values["district"] = venue.district or None


def session_key(entry: Entry) -> Hashable | None:
    """The same event at the same moment in the same place."""
    values = entry.values  # days and times are written one way by now, and compared faster than moments
    place = tuple([values.get(column) for column in PLACE])
    return entry.refs.get("event"), values.get("on"), values.get("start"), place


def match_session(entry: Entry, known: KnownSessions) -> Stored | None:
    """The stored session with the row's number, else the one of the event at that moment whose place agrees.

    Where the row is silent about the place it is the stored one's.
    """
    if entry.values.get("id") is not None:
        return known.by_id.get(entry.values["id"])
    if entry.problems:
        return None
    if not known.by_start:
        return None
    found = [
        one
        for one in known.by_start.get((entry.refs["event"], entry.refs["starts_at"]), ())
        if all(entry.values.get(column) in (None, one.values[column]) for column in PLACE)
    ]
    if len(found) > 1:
        entry.refuse("start", "session-several")
    if len(found) != 1:
        return None
    for column in (*PLACE, "district", "providers"):
        if column in entry.values and entry.values[column] is None:
            entry.values[column] = found[0].values[column]
            if found[0].facts.get(column):
                entry.refs[column] = found[0].facts[column]
    return found[0]


def given_of(entry: Entry) -> SessionGiven:
    """The row as somebody would have typed it into the form of a session."""
    values, refs = entry.values, entry.refs
    return SessionGiven(
        event_id=UUID(refs["event"]),
        starts_at=refs["starts_at"],
        ends_at=refs["ends_at"],
        provider_ids=tuple(UUID(one) for one in refs.get("providers", ())),
        venue_id=UUID(refs["venue"]) if "venue" in refs else None,
        host_id=UUID(refs["host"]) if "host" in refs else None,
        address=values.get("address") or "",
        district=values.get("district"),
        capacity=values.get("capacity"),
        claimable=bool(values.get("claimable")),
        visibility=values.get("visibility"),
    )
