"""The menu: told apart by programme and title, or by the system's number. Titles are what plans are written with."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.events.commands.menu import add_event_within, change_event_within
from outreach.events.domain.drafts import EventDraft, event_problems
from outreach.imports.domain.cell_text import Refused
from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.parsing import parser_of
from outreach.imports.domain.planning import Entry, Plan, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.lookups import (
    Named,
    ProgrammeFacts,
    named,
    one_named,
    programme_of,
    programmes_of,
    texts_of,
)
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day

__all__ = ["KIND", "EventRules", "KnownEvents", "export_within", "known_within", "lock_within", "store_within"]

KIND = KINDS["events"]
#: What a new item has where its cell is empty.
_DEFAULTS: dict[str, Any] = {"active": True, "orderable": True, "lead_days": 0}
_LINES = ("title", "kind", "topic", "audience")
_TEXTS = ("summary", "site_needs")
_NUMBERS = ("duration_minutes", "min_audience", "max_audience")
_COLUMNS = (*_LINES, *_TEXTS, *_NUMBERS, *_DEFAULTS)
#: An empty cell is nothing, and an empty text is stored.
_EMPTY = dict.fromkeys((*_LINES, *_TEXTS), "")


@dataclass(frozen=True, slots=True)
class KnownEvents:
    """Menus of the own part of the tree by number and by programme and title; ``closed``: owners and years."""

    actor: Actor
    this_year: int
    programmes: Mapping[str, Sequence[ProgrammeFacts]]
    by_programme: Mapping[str, ProgrammeFacts]
    by_id: Mapping[str, Stored]
    by_title: Mapping[tuple[str, str], Sequence[Stored]]
    providers: Mapping[str, Sequence[Named]]
    closed: frozenset[tuple[UUID, int]]

    def is_closed(self, programme_id: str) -> bool:
        programme = self.by_programme[programme_id]
        return (programme.organisation_id, programme.year) in self.closed


_STORED = f"""
SELECT e.id, p.id AS programme_id, p.name AS programme, p.year, {", ".join(f"e.{one}" for one in _COLUMNS)},
       givers.ids, givers.names
  FROM events_event e JOIN programmes_programme p ON p.id = e.programme
  JOIN accounts_organisation o ON o.id = p.organisation
 CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(r.id ORDER BY ep.id), '{{}}') AS ids,
              coalesce(array_agg(r.name ORDER BY ep.id), '{{}}') AS names
         FROM events_event_provider ep JOIN events_provider r ON r.id = ep.provider WHERE ep.event = e.id) givers
 WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
   AND ($2::text[] IS NULL OR e.title IN (SELECT unnest($2::text[])) OR e.id = ANY($3::uuid[]))
 ORDER BY p.year DESC, o.path, p.position, p.id, e.active DESC, e.created_at, e.id
"""  # noqa: S608 - names of columns


async def _stored(actor: Actor, titles: list[str] | None, ids: list[UUID]) -> list[Stored]:
    found = await db.rows(_STORED, list(actor.organised_paths), titles, ids)
    return [_one_stored(one) for one in found]


def _one_stored(one: Any) -> Stored:
    givers: dict[str, list[str]] = {}
    for name, id_ in zip(one["names"], one["ids"], strict=True):
        givers.setdefault(name, []).append(str(id_))
    values = {
        "programme": one["programme"],
        "year": str(one["year"]),
        **{key: _as_read(key, one[key]) for key in _COLUMNS},
        "providers": list(givers) or None,
        "id": str(one["id"]),
    }
    facts = {"programme": str(one["programme_id"]), "givers": givers, "raw": {key: one[key] for key in _COLUMNS}}
    return Stored(str(one["id"]), values, facts=facts)


def _as_read(key: str, value: Any) -> Any:
    """A stored value as its cell in the export is read again: a text of several lines as the sheet gives it back."""
    if not isinstance(value, str):
        return value
    try:
        return parser_of(KIND.column(key))(value)
    except Refused:
        return value or None


async def known_within(actor: Actor, now: datetime, read: Read) -> KnownEvents:
    """What the file is held against."""
    this_year = local_day(now).year
    ids = [UUID(text) for text in texts_of(read, KIND.place("id"))]
    stored = await _stored(actor, texts_of(read, KIND.place("title")), ids)
    years = {int(text) for text in texts_of(read, KIND.place("year"))} | {this_year, this_year + 1}
    programmes = await programmes_of(actor, years | {int(one.values["year"]) for one in stored}, events=False)
    by_title: dict[tuple[str, str], list[Stored]] = {}
    for one in stored:
        by_title.setdefault((one.facts["programme"], one.values["title"]), []).append(one)
    givers = {name for row in read.rows for name in row.values[KIND.place("providers")] or ()}
    closed = await db.rows("SELECT organisation, year FROM programmes_year WHERE state = 'closed'")
    return KnownEvents(
        actor,
        this_year,
        programmes,
        {str(one.id): one for several in programmes.values() for one in several},
        {one.id: one for one in stored},
        by_title,
        await named(actor, "events_provider", givers),
        frozenset((one["organisation"], one["year"]) for one in closed),
    )


class EventRules:
    """See ``planning.Rules``."""

    kind = KIND

    def resolve(self, entry: Entry, known: KnownEvents) -> None:
        stored = known.by_id.get(entry.values.get("id") or "")
        if entry.values.get("id") is not None and stored is None:
            entry.refuse("id", "id-unknown")
        programme = _programme(entry, known, stored)
        if programme is not None:
            entry.refs["programme"] = str(programme.id)
            entry.values |= {"programme": programme.name, "year": str(programme.year)}
            if not known.actor.organises(programme.path):
                entry.refuse("programme", "programme-of-another")
            found = _titled(entry, known)
            if stored is None and len(found) == 1:
                stored = found[0]
        if entry.values.get("providers") is not None:
            _resolve_givers(entry, known, stored)

    def key(self, entry: Entry) -> Hashable | None:
        return entry.values.get("id") or _key(entry)

    def match(self, entry: Entry, known: KnownEvents) -> Stored | None:
        if entry.values.get("id") is not None:
            return known.by_id.get(entry.values["id"])
        if entry.problems:
            return None
        found = _titled(entry, known)
        if len(found) > 1:
            entry.refuse("title", "resource-several")
        return found[0] if len(found) == 1 else None

    def check(self, entry: Entry, known: KnownEvents) -> None:
        if "programme" not in entry.refs or entry.problems or (entry.stored is not None and not entry.changes):
            return
        programme = known.by_programme[entry.refs["programme"]]
        for problem in event_problems(_draft(entry), programme.kinds):
            entry.refuse(problem.field, problem.code, **problem.facts)
        if entry.stored is None or "year" in entry.changes or "programme" in entry.changes:
            column = "year"
        elif "providers" in entry.changes:
            column = "providers"
        else:
            return
        # Who gives the items of a programme is one of its figures: of both, where one moves between them.
        for id_ in {entry.refs["programme"], entry.stored.facts["programme"] if entry.stored else ""} - {""}:
            if known.is_closed(id_):
                entry.refuse(column, "closed-year-row", year=known.by_programme[id_].year)

    def check_all(self, entries: Sequence[Entry], known: KnownEvents, cell: Callable[[Entry, str], str]) -> None:
        """No row makes a second item of the same title, or sessions could not say which of them they are."""
        writing = [one for one in entries if one.status in ("new", "changed")]
        touched = {one.stored.id for one in writing if one.stored is not None}
        titles = Counter(
            (one.facts["programme"], one.values["title"])
            for one in known.by_id.values()
            if one.values["active"] and one.id not in touched
        )
        drafts = [_draft(one) for one in writing]
        titles.update((str(draft.programme_id), draft.title) for draft in drafts if draft.active)
        for entry, draft in zip(writing, drafts, strict=True):
            is_other = entry.stored is None or {"programme", "year", "title", "active"} & entry.changes.keys()
            if is_other and draft.active and titles[str(draft.programme_id), draft.title] > 1:
                entry.refuse("title", "event-several", programme=entry.values["programme"])


def _programme(entry: Entry, known: KnownEvents, stored: Stored | None) -> ProgrammeFacts | None:
    """The programme of the row's year; without one the stored item's, for a new one this year's, else next year's."""
    text, year = entry.values.get("programme"), entry.values.get("year")
    if stored is not None:
        year = year or stored.values["year"]
        if (text, year) == (stored.values["programme"], stored.values["year"]):
            return known.by_programme.get(stored.facts["programme"])
    if year is None:
        years = {one.year for one in known.programmes.get(text or "", ())}
        year = known.this_year + (known.this_year not in years and known.this_year + 1 in years)
    return programme_of(entry, known.programmes, int(year), known.actor)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.refs["programme"], entry.values.get("title") or ""


def _titled(entry: Entry, known: KnownEvents) -> Sequence[Stored]:
    """Stored items of that programme and title; of several the one in use, where it is only one."""
    found = known.by_title.get(_key(entry), ())
    active = [one for one in found if one.values["active"]]
    return active if len(active) == 1 else found


def _resolve_givers(entry: Entry, known: KnownEvents, stored: Stored | None) -> None:
    """Who gives the item already may go on though out of use meanwhile; the order of the names says nothing."""
    before: Mapping[str, list[str]] = stored.facts["givers"] if stored is not None else {}
    names: list[str] = entry.values["providers"]
    ids: list[str] = []
    for name in names:
        found = None if name in before else one_named(entry, "providers", name, known.providers)
        ids += before.get(name, ()) if found is None else [str(found.id)]
    if set(names) == set(before):
        entry.values["providers"] = list(before)
    entry.refs["providers"] = sorted(ids)


def _draft(entry: Entry) -> EventDraft:
    """The item as it would be: what is stored, what the file says, else the default."""
    stored = entry.stored
    if stored is None:
        given: dict[str, Any] = {key: entry.values.get(key) for key in _COLUMNS}
        givers = entry.refs.get("providers", ())
    else:
        given = {**stored.facts["raw"], **{key: new for key, (_old, new) in entry.changes.items() if key in _COLUMNS}}
        givers = [id_ for ids in stored.facts["givers"].values() for id_ in ids]
        if "providers" in entry.changes:
            givers = entry.refs.get("providers", ())
    for key, default in (_DEFAULTS | _EMPTY).items():
        given[key] = default if given[key] is None else given[key]
    return EventDraft(
        programme_id=UUID(entry.refs["programme"]), provider_ids=tuple(UUID(id_) for id_ in givers), **given
    )


async def lock_within(ids: Sequence[UUID]) -> None:
    """The items that are about to change; sessions that refer to them go on."""
    await db.execute("SELECT 1 FROM events_event WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", list(ids))


async def store_within(actor: Actor, now: datetime, plan: Plan[KnownEvents]) -> None:
    """Make and change what the plan says."""
    for entry in plan.of("changed"):
        assert entry.stored is not None
        await change_event_within(actor, now, event_id=UUID(entry.stored.id), draft=_draft(entry))
    for entry in plan.of("new"):
        await add_event_within(actor, now, draft=_draft(entry))


async def export_within(actor: Actor, _now: datetime) -> list[Mapping[str, Any]]:
    """Every menu of the own part of the tree, this year's before older ones, items off the menu too."""
    return [one.values for one in await _stored(actor, None, [])]
