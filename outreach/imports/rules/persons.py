"""People with their roles: a telephone number tells who it is, else the name in that unit and role."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.accounts.commands.people import create_person_within
from outreach.accounts.commands.roles import check_span, grant_role_within
from outreach.accounts.domain.permissions import Held, may_manage_person
from outreach.accounts.journal import note_within
from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.planning import Entry, Plan, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.lookups import TWICE, Unit, Units, texts_of, units_of
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import InvalidError
from outreach.shared.time import local_day

__all__ = ["KIND", "KnownPersons", "PersonRules", "export_within", "known_within", "lock_within", "store_within"]

KIND = KINDS["persons"]
_OWN = ("name", "phone", "email")
_OF_ROLE = ("from_on", "until_on", "is_deputy")


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    name: str
    phone: str | None
    manageable: bool


@dataclass(frozen=True, slots=True)
class KnownPersons:
    """Roles that are held in the own part of the tree, by person, unit and role and by name, unit and role;
    ``foreign``: numbers of people whom the caller may not know."""

    units: Units
    by_phone: Mapping[str, _Person]
    foreign: frozenset[str]
    grants: Mapping[tuple[UUID, UUID, str], Stored]
    by_name: Mapping[tuple[str, UUID, str], Sequence[Stored]]
    today: date
    units_by_text: dict[str, Unit] = field(default_factory=dict)


_GRANTS = f"""
WITH {TWICE}
SELECT g.id, g.person, g.organisation, g.role, g.from_on, g.until_on, g.is_deputy, p.name, p.phone, p.email,
       CASE WHEN t.name IS NULL THEN o.name ELSE o.code END AS unit
  FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person
  JOIN accounts_organisation o ON o.id = g.organisation LEFT JOIN twice t ON t.name = o.name
 WHERE p.disabled_at IS NULL AND (g.until_on IS NULL OR g.until_on > $2)
   AND EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
   AND ($3::text[] IS NULL OR p.phone IN (SELECT unnest($3::text[])) OR p.name IN (SELECT unnest($4::text[])))
 ORDER BY o.path, g.role, p.name, g.id
"""  # noqa: S608 - our own text


def _stored(one: Any, manageable: bool = True) -> Stored:
    values = {
        "name": one["name"],
        "unit": one["unit"],
        "role": one["role"],
        "phone": one["phone"] or None,
        "email": one["email"] or None,
        "is_deputy": one["is_deputy"],
        "from_on": one["from_on"].isoformat(),
        "until_on": one["until_on"].isoformat() if one["until_on"] else None,
    }
    return Stored(str(one["id"]), values, facts={"person": str(one["person"]), "manageable": manageable})


async def known_within(actor: Actor, now: datetime, read: Read) -> KnownPersons:
    """What the file is held against."""
    today = local_day(now)
    phones, names = (texts_of(read, KIND.place(key)) for key in ("phone", "name"))
    found = await db.rows(_GRANTS, list(actor.organised_paths), today, phones, names)
    manageable = await _manageable(actor, today, [one["person"] for one in found])
    held = await db.rows(
        "SELECT id, name, phone FROM accounts_person WHERE phone IN (SELECT unnest($1::text[]))", phones
    )
    seen = {one["person"] for one in found} | await _seen(actor, [one["id"] for one in held])
    manageable |= await _manageable(actor, today, [one["id"] for one in held if one["id"] in seen])
    grants: dict[tuple[UUID, UUID, str], Stored] = {}
    by_name: dict[tuple[str, UUID, str], list[Stored]] = {}
    for one in found:
        stored = _stored(one, one["person"] in manageable)
        grants[one["person"], one["organisation"], one["role"]] = stored
        by_name.setdefault((one["name"], one["organisation"], one["role"]), []).append(stored)
    return KnownPersons(
        await units_of(actor, texts_of(read, KIND.place("unit"))),
        {one["phone"]: _Person(one["id"], one["name"], one["phone"], one["id"] in manageable)
         for one in held if one["id"] in seen},
        frozenset(one["phone"] for one in held if one["id"] not in seen),
        grants,
        by_name,
        today,
    )  # fmt: skip


async def _seen(actor: Actor, person_ids: Sequence[UUID]) -> set[UUID]:
    """Those who have or had a role in the own part of the tree."""
    found = await db.rows(
        """SELECT DISTINCT g.person FROM accounts_role_grant g JOIN accounts_organisation o ON o.id = g.organisation
            WHERE g.person = ANY($1::uuid[])
              AND EXISTS (SELECT 1 FROM unnest($2::text[]) mine WHERE starts_with(o.path, mine))""",
        list(person_ids),
        list(actor.organised_paths),
    )
    return {one["person"] for one in found} | (set(person_ids) if actor.is_administrator else set())


async def _manageable(actor: Actor, today: date, person_ids: Sequence[UUID]) -> set[UUID]:
    """Those who can do nothing beyond the caller's reach."""
    found = await db.rows(
        """SELECT g.person, g.role, coalesce(o.path, '/') AS path, coalesce(g.until_on <= $2, false) AS is_over
             FROM accounts_role_grant g LEFT JOIN accounts_organisation o ON o.id = g.organisation
            WHERE g.person = ANY($1::uuid[])""",
        list(person_ids),
        today,
    )
    held: dict[UUID, list[Held]] = {}
    for one in found:
        held.setdefault(one["person"], []).append(Held(Role(one["role"]), one["path"], one["is_over"]))
    return {id_ for id_, roles in held.items() if may_manage_person(actor, roles)}


class PersonRules:
    """See ``planning.Rules``."""

    kind = KIND

    def resolve(self, entry: Entry, known: KnownPersons) -> None:
        unit = known.units.find(entry, "unit")
        if unit is not None:
            entry.values["unit"] = unit.label
            entry.refs["unit"] = str(unit.id)
        if entry.values.get("phone") in known.foreign:
            entry.refuse("phone", "phone-taken")

    def key(self, entry: Entry) -> Hashable | None:
        return entry.values.get("phone") or entry.values["name"], entry.refs["unit"], entry.values["role"]

    def match(self, entry: Entry, known: KnownPersons) -> Stored | None:
        unit, role, phone = entry.refs.get("unit"), entry.values.get("role"), entry.values.get("phone")
        if unit is None or role is None or entry.problems:
            return None
        person = known.by_phone.get(phone or "")
        if person is not None:
            entry.refs["person"] = str(person.id)
            stored = known.grants.get((person.id, UUID(unit), role))
            if stored is None and person.name != entry.values["name"]:
                entry.refuse("phone", "phone-of-another", name=person.name)
            return stored
        found = known.by_name.get((entry.values["name"], UUID(unit), role), ())
        if len(found) > 1:
            entry.refuse("name", "person-several")
            return None
        if found:
            entry.refs["person"] = found[0].facts["person"]
        return found[0] if found else None

    def check(self, entry: Entry, known: KnownPersons) -> None:
        for column in _OWN:
            if column in entry.changes and entry.stored is not None and not entry.stored.facts["manageable"]:
                entry.refuse(column, "person-beyond")
        given = {**(entry.stored.values if entry.stored else {}), **{k: v for k, v in entry.values.items() if v}}
        until = entry.values["until_on"] if "until_on" in entry.values else given.get("until_on")
        if entry.is_bad("from_on", "until_on"):
            return
        try:
            check_span(_day(given.get("from_on")) or known.today, _day(until))
        except InvalidError as error:
            for problem in error.problems:
                entry.refuse(problem.field, problem.code, **problem.facts)

    def check_all(self, entries: Sequence[Entry], known: KnownPersons, cell: Callable[[Entry, str], str]) -> None:
        """One number is one person's."""
        names: dict[str, Entry] = {}
        for entry in entries:
            phone = entry.values.get("phone")
            if phone is None or entry.problems:
                continue
            first = names.setdefault(phone, entry)
            if first.values["name"] != entry.values["name"]:
                entry.refuse("phone", "phone-twice", cell=cell(first, "phone"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def lock_within(ids: Sequence[UUID]) -> None:
    """The people whose roles are about to change, then the roles."""
    await db.execute(
        """SELECT 1 FROM accounts_person WHERE id IN (SELECT person FROM accounts_role_grant WHERE id = ANY($1::uuid[]))
            ORDER BY id FOR NO KEY UPDATE""",
        list(ids),
    )
    await db.execute("SELECT 1 FROM accounts_role_grant WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(ids))


async def store_within(actor: Actor, now: datetime, plan: Plan[KnownPersons]) -> None:
    """Make people and give roles; change what differs. A mail address is to be confirmed by its owner."""
    made: dict[str, UUID] = {}
    for entry in plan.of("new"):
        values, unit = entry.values, UUID(entry.refs["unit"])
        phone = values.get("phone")
        person = UUID(entry.refs["person"]) if "person" in entry.refs else made.get(phone or "")
        if person is None:
            person = await create_person_within(actor, now, name=values["name"], phone=phone, organisation_id=unit)
            if phone is not None:
                made[phone] = person
            if values.get("email"):
                await db.execute("UPDATE accounts_person SET email = $2 WHERE id = $1", person, values["email"])
        await grant_role_within(
            actor,
            now,
            person_id=person,
            role=Role(values["role"]),
            organisation_id=unit,
            from_on=_day(values.get("from_on")),
            until_on=_day(values.get("until_on")),
            is_deputy=bool(values.get("is_deputy")),
        )
    for entry in plan.of("changed"):
        await _change_within(actor, now, entry)


async def _change_within(actor: Actor, now: datetime, entry: Entry) -> None:
    assert entry.stored is not None
    person, unit = UUID(entry.stored.facts["person"]), UUID(entry.refs["unit"])
    after = {**entry.stored.values, **{name: new for name, (_old, new) in entry.changes.items()}}
    own = [name for name in _OWN if name in entry.changes]
    if own:
        await db.execute(
            """UPDATE accounts_person SET name = $2, phone = $3, email = $4::text, revision = revision + 1,
                      email_confirmed_at = CASE WHEN email IS NOT DISTINCT FROM $4::text THEN email_confirmed_at END
                WHERE id = $1""",
            person,
            *(after[name] for name in _OWN),
        )
        facts: dict[str, Any] = {"name": after["name"], "fields": sorted(own)}
        await note_within(actor, now, "person.changed", "person", person, organisation_id=unit, facts=facts)
    span = [name for name in _OF_ROLE if name in entry.changes]
    if span:
        await db.execute(
            "UPDATE accounts_role_grant SET from_on = $2, until_on = $3, is_deputy = $4 WHERE id = $1",
            UUID(entry.stored.id),
            _day(after["from_on"]),
            _day(after["until_on"]),
            after["is_deputy"],
        )
        facts = {"name": after["name"], "role": after["role"], "fields": sorted(span)}
        await note_within(actor, now, "role.changed", "person", person, organisation_id=unit, facts=facts)


async def export_within(actor: Actor, now: datetime) -> list[Mapping[str, Any]]:
    """Every role held in the own part of the tree, but administrators'."""
    found = await db.rows(_GRANTS, list(actor.organised_paths), local_day(now), None, None)
    return [_stored(one).values for one in found]
