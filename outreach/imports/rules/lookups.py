"""What the names in a file mean to the person who sends it. Nobody learns what lies beyond the own part of the tree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from outreach.events.domain.permissions import may_know_programme
from outreach.imports.domain.planning import Entry
from outreach.imports.domain.reading import Read
from outreach.shared import db
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.i18n import phrase

__all__ = [
    "EventFacts",
    "Named",
    "ProgrammeFacts",
    "Unit",
    "Units",
    "at_the_machine",
    "named",
    "owner_of",
    "programmes_of",
    "texts_of",
    "units_of",
]

#: Names that stand more than once in the tree: there the code is written.
TWICE = "twice AS (SELECT name FROM accounts_organisation GROUP BY name HAVING count(*) > 1)"
MACHINE = phrase("命令行")


def at_the_machine() -> Actor:
    """Whoever sits at the machine: runs everything, and is nobody who could log in."""
    return Actor(UUID(int=0), MACHINE, (Grant(Role.ADMINISTRATOR, None, "", "/"),))


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation of the own part of the tree; ``label``: its name, or its code where the name is not enough."""

    id: UUID
    code: str
    name: str
    kind: str
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Units:
    """Organisations by code and by name."""

    by_code: Mapping[str, Unit]
    by_name: Mapping[str, Sequence[Unit]]
    home: Unit | None = None

    def find(self, entry: Entry, column: str) -> Unit | None:
        """The one that a cell names; refuses what is unknown or could be several."""
        text = entry.values.get(column)
        if text is None or entry.is_bad(column):
            return None
        if text in self.by_code:
            return self.by_code[text]
        found = self.by_name.get(text, ())
        if len(found) == 1:
            return found[0]
        entry.refuse(column, "unit-several" if found else "unit-unknown")
        return None


def texts_of(read: Read, place: int) -> list[str]:
    """What stands in a column."""
    return list({row.values[place] for row in read.rows if isinstance(row.values[place], str)})


def _unit(record: Any) -> Unit:
    label = record["code"] if record["twice"] else record["name"]
    return Unit(record["id"], record["code"], record["name"], record["kind"], record["path"], label)


async def units_of(actor: Actor, texts: Iterable[str]) -> Units:
    """Organisations that the actor runs and whose code or name is one of ``texts``, and the actor's own."""
    # Here and elsewhere IN (SELECT unnest(…)): PostgreSQL looks thousands of texts up by hash there, whereas it
    # compares with each of them for ``= ANY`` as soon as it keeps the plan of the statement.
    wanted = list(texts)
    found = await db.rows(
        f"""WITH {TWICE}
            SELECT o.id, o.code, o.name, o.kind, o.path, t.name IS NOT NULL AS twice
              FROM accounts_organisation o LEFT JOIN twice t ON t.name = o.name
             WHERE (o.code IN (SELECT unnest($1::text[])) OR o.name IN (SELECT unnest($1::text[])))
               AND o.closed_on IS NULL
               AND EXISTS (SELECT 1 FROM unnest($2::text[]) mine WHERE starts_with(o.path, mine))""",  # noqa: S608
        wanted,
        list(actor.organised_paths),
    )
    units = [_unit(one) for one in found]
    by_name: dict[str, list[Unit]] = {}
    for one in units:
        by_name.setdefault(one.name, []).append(one)
    return Units({one.code: one for one in units}, by_name, await _home(actor))


async def _home(actor: Actor) -> Unit | None:
    """Whose what has no owner becomes: the organiser's own organisation, an administrator's only root."""
    own = next((g.organisation_id for g in actor.grants if g.role is Role.ORGANISER and g.organisation_id), None)
    found = await db.rows(
        f"""WITH {TWICE}
            SELECT o.id, o.code, o.name, o.kind, o.path, t.name IS NOT NULL AS twice
              FROM accounts_organisation o LEFT JOIN twice t ON t.name = o.name
             WHERE CASE WHEN $1::uuid IS NULL THEN o.parent IS NULL ELSE o.id = $1 END LIMIT 2""",  # noqa: S608
        own,
    )
    return _unit(found[0]) if len(found) == 1 else None


def owner_of(entry: Entry, units: Units) -> Unit | None:
    """The organisation that a row belongs to: the one it names, else the caller's own."""
    if entry.values.get("owner") is None:
        if units.home is None:
            entry.refuse("owner", "required")
        return units.home
    unit = units.find(entry, "owner")
    if unit is not None:
        entry.values["owner"] = unit.label
    return unit


# --- the menu --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventFacts:
    """A menu item."""

    id: UUID
    title: str
    kind: str
    duration_minutes: int
    active: bool


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """A programme, with its menu and its targets by what people call them."""

    id: UUID
    organisation_id: UUID
    path: str
    year: int
    code: str
    name: str
    short_name: str
    kinds: tuple[str, ...]
    approval_needed: bool
    confidential: bool
    events: dict[str, list[EventFacts]] = field(default_factory=dict)


async def programmes_of(actor: Actor, years: Iterable[int], *, events: bool = True) -> dict[str, list[ProgrammeFacts]]:
    """Programmes of the years that the actor may know, by code, name and short name, with what is on their menus."""
    found = await db.rows(
        """SELECT p.id, p.organisation AS organisation_id, o.path, p.year, p.code, p.name, p.short_name, p.kinds,
                  p.approval_needed, p.confidential
             FROM programmes_programme p JOIN accounts_organisation o ON o.id = p.organisation
            WHERE p.year = ANY($1::int[]) ORDER BY length(o.path), p.position""",
        list(years),
    )
    known = {
        one["id"]: ProgrammeFacts(**{**dict(one), "kinds": tuple(one["kinds"])})
        for one in found
        if may_know_programme(actor, one["path"])
    }
    if events:
        listed = await db.rows(
            """SELECT id, title, kind, duration_minutes, active, programme FROM events_event
                WHERE programme = ANY($1::uuid[]) ORDER BY active DESC, created_at, id""",
            list(known),
        )
        for one in listed:
            facts = EventFacts(one["id"], one["title"], one["kind"], one["duration_minutes"], one["active"])
            known[one["programme"]].events.setdefault(one["title"], []).append(facts)
    by_word: dict[str, list[ProgrammeFacts]] = {}
    for programme in known.values():
        for word in {programme.code, programme.name, programme.short_name} - {""}:
            by_word.setdefault(word, []).append(programme)
    return by_word


def programme_of(
    entry: Entry, programmes: Mapping[str, Sequence[ProgrammeFacts]], year: int, actor: Actor
) -> ProgrammeFacts | None:
    """The programme of that year that a row names; of several the one that the actor runs."""
    text = entry.values.get("programme")
    if text is None or entry.is_bad("programme"):
        return None
    found = [one for one in programmes.get(text, ()) if one.year == year]
    if len(found) > 1:
        own = [one for one in found if actor.organises(one.path)]
        found = own if len(own) == 1 else found
    if len(found) != 1:
        code = "programme-several" if found else "programme-unknown"
        entry.refuse("programme", code, year=year)
        return None
    entry.values["programme"] = found[0].name
    return found[0]


def event_of(entry: Entry, programme: ProgrammeFacts) -> EventFacts | None:
    """The menu item of the programme that a row names."""
    text = entry.values.get("event")
    if text is None or entry.is_bad("event"):
        return None
    found = programme.events.get(text, [])
    active = [one for one in found if one.active]
    if len(active) == 1 or len(found) == 1:
        return (active or found)[0]
    entry.refuse("event", "event-several" if found else "event-unknown", programme=programme.name)
    return None


# --- lecturers, troupes, places --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A lecturer, a troupe or a place of the own part of the tree; ``slots``: teams or rooms."""

    id: UUID
    name: str
    slots: int
    active: bool
    district: str = ""
    capacity: int | None = None
    setup_minutes: int = 0
    takedown_minutes: int = 0


async def named(actor: Actor, table: str, names: Iterable[str]) -> dict[str, list[Named]]:
    """Those with these names, by name. ``table``: ``events_provider`` or ``events_venue``."""
    columns = (
        "t.parallel_teams AS slots, t.home_district AS district, NULL::int AS capacity, 0 AS setup_minutes,"
        " 0 AS takedown_minutes"
        if table == "events_provider"
        else "t.rooms AS slots, t.district, t.capacity, t.setup_minutes, t.takedown_minutes"
    )
    found = await db.rows(
        f"""SELECT t.id, t.name, t.active, {columns} FROM {table} t
              JOIN accounts_organisation o ON o.id = t.organisation
             WHERE t.name IN (SELECT unnest($1::text[]))
               AND EXISTS (SELECT 1 FROM unnest($2::text[]) mine WHERE starts_with(o.path, mine))
             ORDER BY t.active DESC, t.created_at, t.id""",  # noqa: S608 - one of two names
        list(names),
        list(actor.organised_paths),
    )
    by_name: dict[str, list[Named]] = {}
    for one in found:
        by_name.setdefault(one["name"], []).append(Named(**dict(one)))
    return by_name


def one_named(entry: Entry, column: str, text: str, known: Mapping[str, Sequence[Named]]) -> Named | None:
    """The one with that name that is in use; refuses what is unknown or could be several."""
    found = known.get(text, ())
    active = [one for one in found if one.active]
    if len(active) == 1:
        return active[0]
    if not active:
        entry.refuse(column, "name-inactive" if found else "name-unknown", name=text)
    else:
        entry.refuse(column, "name-several", name=text)
    return None
