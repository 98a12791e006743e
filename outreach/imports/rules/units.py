"""Organisations: codes tell them apart, parents may stand anywhere in the file, nobody is moved."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from outreach.accounts.commands.organisations import (
    OrganisationChanges,
    change_organisation_within,
    create_organisation_within,
    lock_tree,
)
from outreach.accounts.domain.organisations import OrganisationKind, Ownership, check_place
from outreach.accounts.queries import organisation_by_id
from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.planning import Entry, Plan, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.lookups import Units, texts_of, units_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.time import local_day

__all__ = ["KIND", "KnownUnits", "UnitRules", "export_within", "known_within", "store_within"]

KIND = KINDS["units"]
_FIELDS = {"parent_id": "parent", "kind": "kind"}
_TEXTS = ("district", "industry")


@dataclass(frozen=True, slots=True)
class KnownUnits:
    """``stored`` by code; ``foreign``: codes that others use; ``below``: codes of those with something below them;
    ``kinds`` and ``codes``: what the file itself says, by code and by name."""

    stored: Mapping[str, Stored]
    foreign: frozenset[str]
    below: frozenset[str]
    units: Units
    kinds: Mapping[str, str | None]
    codes: Mapping[str, Sequence[str]]
    may_have_roots: bool
    today: date


_STORED = """
SELECT o.id, o.code, o.name, o.kind, p.code AS parent, p.name AS parent_name, o.district, o.ownership, o.industry,
       o.member_count, o.member_count_on, o.women_count,
       EXISTS (SELECT 1 FROM accounts_organisation c WHERE c.parent = o.id) AS below
  FROM accounts_organisation o LEFT JOIN accounts_organisation p ON p.id = o.parent
 WHERE o.closed_on IS NULL AND EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
   AND ($2::text[] IS NULL OR o.code IN (SELECT unnest($2::text[])))
 ORDER BY o.path
"""


async def _stored(actor: Actor, codes: list[str] | None) -> list[tuple[Stored, bool]]:
    found = await db.rows(_STORED, list(actor.organised_paths), codes)
    keys = [one.key for one in KIND.columns]
    return [
        (
            Stored(
                str(one["id"]),
                {**{key: one[key] or None for key in keys}, **_figures(one)},
                facts={"parent_name": one["parent_name"]},
            ),
            one["below"],
        )
        for one in found
    ]


def _figures(one: Any) -> dict[str, Any]:
    on = one["member_count_on"]
    return {
        "member_count": one["member_count"],
        "women_count": one["women_count"],
        "member_count_on": on.isoformat() if on else None,
    }


async def known_within(actor: Actor, now: datetime, read: Read) -> KnownUnits:
    """What the file is held against."""
    code, name, kind, parent = (KIND.place(key) for key in ("code", "name", "kind", "parent"))
    codes = texts_of(read, code)
    stored = await _stored(actor, codes)
    mine = {one.values["code"]: one for one, _below in stored}
    taken = await db.rows("SELECT code FROM accounts_organisation WHERE code IN (SELECT unnest($1::text[]))", codes)
    by_name: dict[str, list[str]] = {}
    for row in read.rows:
        if row.values[name] and row.values[code]:
            by_name.setdefault(row.values[name], []).append(row.values[code])
    return KnownUnits(
        mine,
        frozenset(one["code"] for one in taken) - mine.keys(),
        frozenset(one.values["code"] for one, below in stored if below),
        await units_of(actor, texts_of(read, parent)),
        {row.values[code]: row.values[kind] for row in read.rows if row.values[code]},
        by_name,
        actor.is_administrator,
        local_day(now),
    )


class UnitRules:
    """See ``planning.Rules``."""

    kind = KIND

    def resolve(self, entry: Entry, known: KnownUnits) -> None:
        if entry.values.get("code") in known.foreign:
            entry.refuse("code", "code-taken")
        text = entry.values.get("parent")
        if text is None or entry.is_bad("parent"):
            return
        stored = known.stored.get(entry.values.get("code") or "")
        if stored is not None and text in (stored.values["parent"], stored.facts["parent_name"]):
            entry.values["parent"] = stored.values["parent"]
        elif text in known.kinds:
            pass  # a code of the file itself
        elif text not in known.units.by_code and len(known.codes.get(text, ())) == 1:
            entry.values["parent"] = known.codes[text][0]
        else:
            found = known.units.find(entry, "parent")
            entry.values["parent"] = found.code if found else text

    def key(self, entry: Entry) -> Hashable | None:
        return str(entry.values["code"])

    def match(self, entry: Entry, known: KnownUnits) -> Stored | None:
        return known.stored.get(entry.values.get("code") or "")

    def check(self, entry: Entry, known: KnownUnits) -> None:
        self._check_day(entry, known.today)
        if entry.stored is not None and "parent" in entry.changes:
            entry.refuse("parent", "parent-differs")
            return
        if entry.stored is None or "kind" in entry.changes:
            self._check_place(entry, known)
        is_root = entry.stored is None and entry.values.get("parent") is None
        if is_root and not known.may_have_roots:
            entry.refuse("parent", "parent-required")

    def _check_day(self, entry: Entry, today: date) -> None:
        text = entry.values.get("member_count_on")
        if text is None:
            return
        if text > today.isoformat():
            entry.refuse("member_count_on", "in-the-future")

    def _check_place(self, entry: Entry, known: KnownUnits) -> None:
        kind, parent = entry.values.get("kind"), self._parent(entry)
        if kind is None or entry.is_bad("kind", "parent"):
            return
        above = known.units.by_code.get(parent or "")
        parent_kind = known.kinds.get(parent or "") or (above.kind if above else None)
        if parent is not None and parent_kind is None:
            return  # above the own part of the tree, or its row says no kind
        problem = _place_problem(kind, parent_kind, entry.values["code"] in known.below)
        if problem is not None:
            entry.refuse(_FIELDS.get(problem.field, "kind"), problem.code, **problem.facts)

    def _parent(self, entry: Entry) -> str | None:
        given: str | None = entry.values.get("parent", entry.stored.values["parent"] if entry.stored else None)
        return given

    def check_all(self, entries: Sequence[Entry], known: KnownUnits, cell: Callable[[Entry, str], str]) -> None:
        """A parent that is refused takes what is below it along; a circle has no top."""
        by_code = {one.values.get("code"): one for one in reversed(entries) if not one.first}
        done: set[str] = set()
        waiting = [one for one in entries if one.stored is None and not one.first]
        while waiting:
            left = []
            for entry in waiting:
                above = by_code.get(entry.values.get("parent")) if entry.values.get("parent") else None
                if above is None or above.stored is not None or above.values.get("code") in done:
                    done.add(entry.values.get("code") or "")
                    if above is not None and above.problems:
                        entry.refuse("parent", "parent-rejected", cell=cell(above, above.problems[0].column))
                else:
                    left.append(entry)
            if len(left) == len(waiting):
                for entry in left:
                    entry.refuse("parent", "parent-circle")
                return
            waiting = left


@cache
def _place_problem(kind: str, parent_kind: str | None, has_below: bool) -> FieldProblem | None:
    """What ``check_place`` refuses; there are few kinds and many rows."""
    try:
        check_place(OrganisationKind(kind), OrganisationKind(parent_kind) if parent_kind else None, has_below=has_below)
    except InvalidError as error:
        return error.problems[0]
    return None


def _given(entry: Entry, keys: Sequence[str]) -> dict[str, Any]:
    """Values by the names of the commands."""
    given: dict[str, Any] = {key: entry.values.get(key) for key in keys if key in entry.values}
    for key in _TEXTS:
        if key in given:
            given[key] = given[key] or ""
    if "kind" in given:
        given["kind"] = OrganisationKind(given["kind"])
    if "ownership" in given:
        given["ownership"] = Ownership(given["ownership"] or "")
    if given.get("member_count_on"):
        given["member_count_on"] = date.fromisoformat(given["member_count_on"])
    return given


async def store_within(actor: Actor, now: datetime, plan: Plan[KnownUnits]) -> None:
    """Make and change what the plan says, parents first; the tree is locked already."""
    ids: dict[str, UUID] = {code: UUID(one.id) for code, one in plan.known.stored.items()}
    ids |= {code: one.id for code, one in plan.known.units.by_code.items()}
    columns = [one.key for one in KIND.columns if one.key != "parent"]
    waiting = plan.of("new")
    while waiting:
        left = []
        for entry in waiting:
            parent = entry.values.get("parent")
            if parent is not None and parent not in ids:
                left.append(entry)
                continue
            ids[entry.values["code"]] = await create_organisation_within(
                actor, now, parent_id=ids[parent] if parent else None, **_given(entry, columns)
            )
        assert len(left) < len(waiting)  # a circle was refused before
        waiting = left
    for entry in plan.of("changed"):
        assert entry.stored is not None
        before = await organisation_by_id(UUID(entry.stored.id))
        assert before is not None  # locked
        given = _given(entry, list(entry.changes))
        await change_organisation_within(actor, now, before, cast("OrganisationChanges", given))


async def lock_within(ids: Sequence[UUID]) -> None:
    """Nobody hangs anything into the tree meanwhile."""
    await lock_tree(alone=True)
    await db.execute(
        "SELECT 1 FROM accounts_organisation WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", list(ids)
    )


async def export_within(actor: Actor, _now: datetime) -> list[Mapping[str, Any]]:
    """Everything that the actor runs, parents first."""
    return [one.values for one, _below in await _stored(actor, None)]
