"""Lecturers and troupes, and places: kept by an organisation, told apart by name or number."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.events.commands.resources import (
    add_provider_within,
    add_venue_within,
    change_provider_within,
    change_venue_within,
)
from outreach.events.domain.drafts import ProviderDraft, VenueDraft
from outreach.imports.domain.columns import Kind
from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.planning import Entry, Plan, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.lookups import TWICE, Units, owner_of, texts_of, units_of
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["PROVIDERS", "VENUES", "KnownResources", "ResourceRules", "Resources"]

#: What a new one has where its cell is empty.
_DEFAULTS: dict[str, Any] = {"active": True, "parallel_teams": 1, "rooms": 1, "setup_minutes": 0, "takedown_minutes": 0}
_LISTS = ("topics", "available_parts")
_TEXTS = ("title", "home_district", "availability", "phone", "address", "district", "directions")


@dataclass(frozen=True, slots=True)
class KnownResources:
    """Those of the own part of the tree by number, and by kind, name and owner."""

    units: Units
    by_id: Mapping[str, Stored]
    by_name: Mapping[tuple[str, str, str], Sequence[Stored]]


@dataclass(frozen=True, slots=True)
class Resources:
    """Where a kind is kept."""

    kind: Kind
    table: str

    async def _stored(self, actor: Actor, names: list[str] | None, ids: list[UUID]) -> list[Stored]:
        columns = [one.key for one in self.kind.columns if one.key not in ("owner", "id")]
        found = await db.rows(
            f"""WITH {TWICE}
                SELECT r.id, r.organisation, {", ".join(f"r.{one}" for one in columns)},
                       CASE WHEN t.name IS NULL THEN o.name ELSE o.code END AS owner
                  FROM {self.table} r JOIN accounts_organisation o ON o.id = r.organisation
                  LEFT JOIN twice t ON t.name = o.name
                 WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
                   AND ($2::text[] IS NULL OR r.name IN (SELECT unnest($2::text[])) OR r.id = ANY($3::uuid[]))
                 ORDER BY o.path, r.created_at, r.id""",  # noqa: S608 - names of columns
            list(actor.organised_paths),
            names,
            ids,
        )
        return [
            Stored(
                str(one["id"]),
                {**{key: _plain(one[key]) for key in columns}, "owner": one["owner"], "id": str(one["id"])},
                facts={"owner": str(one["organisation"])},
            )
            for one in found
        ]

    async def known_within(self, actor: Actor, _now: datetime, read: Read) -> KnownResources:
        """What the file is held against."""
        ids = [UUID(text) for text in texts_of(read, self.kind.place("id"))]
        stored = await self._stored(actor, texts_of(read, self.kind.place("name")), ids)
        by_name: dict[tuple[str, str, str], list[Stored]] = {}
        for one in stored:
            by_name.setdefault(_name_key(one.values, one.facts["owner"]), []).append(one)
        units = await units_of(actor, texts_of(read, self.kind.place("owner")))
        return KnownResources(units, {one.id: one for one in stored}, by_name)

    async def lock_within(self, ids: Sequence[UUID]) -> None:
        """In the order of everybody who locks several: sessions that are revised along come first."""
        if self.table == "events_venue":
            await db.execute(
                """SELECT 1 FROM events_session WHERE venue = ANY($1::uuid[]) AND state = 'published'
                    ORDER BY id FOR NO KEY UPDATE""",
                list(ids),
            )
        await db.execute(
            f"SELECT 1 FROM {self.table} WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
            list(ids),
        )

    async def store_within(self, actor: Actor, now: datetime, plan: Plan[KnownResources]) -> None:
        """Make and change what the plan says."""
        for entry in plan.of("new"):
            given = _draft(entry, {})
            if self.table == "events_provider":
                await add_provider_within(actor, now, draft=ProviderDraft(**given))
            else:
                await add_venue_within(actor, now, draft=VenueDraft(**given))
        for entry in plan.of("changed"):
            assert entry.stored is not None
            given, id_ = _draft(entry, entry.stored.values), UUID(entry.stored.id)
            if self.table == "events_provider":
                await change_provider_within(actor, now, provider_id=id_, draft=ProviderDraft(**given))
            else:
                await change_venue_within(actor, now, venue_id=id_, draft=VenueDraft(**given))

    async def export_within(self, actor: Actor, _now: datetime) -> list[Mapping[str, Any]]:
        """Everything of the own part of the tree, those out of use too."""
        return [one.values for one in await self._stored(actor, None, [])]


class ResourceRules:
    """See ``planning.Rules``."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def resolve(self, entry: Entry, known: KnownResources) -> None:
        stored = known.by_id.get(entry.values.get("id") or "")
        if entry.values.get("id") is not None and stored is None:
            entry.refuse("id", "id-unknown")
        if stored is not None and entry.values.get("owner") in (None, stored.values["owner"]):
            entry.refs["owner"] = stored.facts["owner"]
            return
        owner = owner_of(entry, known.units)
        if owner is not None:
            entry.refs["owner"] = str(owner.id)

    def key(self, entry: Entry) -> Hashable | None:
        return _name_key(entry.values, entry.refs["owner"])

    def match(self, entry: Entry, known: KnownResources) -> Stored | None:
        if entry.values.get("id") is not None:
            return known.by_id.get(entry.values["id"])
        if entry.problems:
            return None
        found = known.by_name.get(_name_key(entry.values, entry.refs["owner"]), ())
        if len(found) > 1:
            entry.refuse("name", "resource-several")
        return found[0] if len(found) == 1 else None

    def check(self, entry: Entry, known: KnownResources) -> None:
        """Nothing beyond the single cells: limits are their own."""

    def check_all(self, entries: Sequence[Entry], known: KnownResources, cell: Callable[[Entry, str], str]) -> None:
        """Nothing: places and people may be alike."""


def _plain(value: Any) -> Any:
    return (list(value) or None) if isinstance(value, list | tuple) else None if value == "" else value


def _name_key(values: Mapping[str, Any], owner: str) -> tuple[str, str, str]:
    return values.get("kind") or "", values["name"], owner


def _draft(entry: Entry, before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``ProviderDraft`` or ``VenueDraft``: what is stored, what the file says, else the default."""
    after = {
        **before,
        **{key: value for key, value in entry.values.items() if key not in _DEFAULTS or value is not None},
    }
    given: dict[str, Any] = {}
    for key, value in after.items():
        if key in _LISTS:
            given[key] = tuple(value or ())
        elif key in _TEXTS:
            given[key] = value or ""
        elif key in _DEFAULTS:
            given[key] = _DEFAULTS[key] if value is None else value
        elif key not in ("owner", "id"):
            given[key] = value
    return given | {"organisation_id": UUID(entry.refs["owner"])}


PROVIDERS = Resources(KINDS["providers"], "events_provider")
VENUES = Resources(KINDS["venues"], "events_venue")
