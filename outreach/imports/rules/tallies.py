"""Entries for what no session yields: told apart by target, day and receiver, or by the system's number."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.planning import Entry, Plan, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.lookups import ProgrammeFacts, programme_of, programmes_of, texts_of
from outreach.programmes.commands.tallies import add_tally_within, change_tally_within
from outreach.programmes.domain.tallies import tally_problems
from outreach.programmes.domain.targets import Counting, Metric
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day

__all__ = ["KIND", "KnownTallies", "TallyRules", "export_within", "known_within", "lock_within", "store_within"]

KIND = KINDS["tallies"]


@dataclass(frozen=True, slots=True)
class _Target:
    id: UUID
    programme_id: UUID
    label: str
    metric: Metric
    counting: Counting
    unit: str


@dataclass(frozen=True, slots=True)
class KnownTallies:
    """``targets`` by programme and by what they are called; ``closed``: years that take nothing any more."""

    actor: Actor
    programmes: Mapping[str, Sequence[ProgrammeFacts]]
    targets: Mapping[UUID, Mapping[str, Sequence[_Target]]]
    by_id: Mapping[str, Stored]
    by_key: Mapping[tuple[str, str, str], Sequence[Stored]]
    closed: frozenset[tuple[UUID, int]]
    today: date


_STORED = """
SELECT y.id, p.name AS programme, coalesce(nullif(t.label, ''), nullif(t.wording, ''), t.key) AS target,
       t.id AS target_id, y."on", y.quantity, y.receiver, y.note, coalesce(c.state = 'closed', false) AS closed
  FROM programmes_tally y JOIN programmes_target t ON t.id = y.target JOIN programmes_programme p ON p.id = t.programme
  JOIN accounts_organisation o ON o.id = p.organisation
  LEFT JOIN programmes_year c ON c.organisation = p.organisation AND c.year = p.year
 WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
   AND ($2::int[] IS NULL OR p.year = ANY($2::int[]) OR y.id = ANY($3::uuid[]))
 ORDER BY p.year, o.path, p.position, t.position, y."on", y.id
"""


async def _stored(actor: Actor, years: list[int] | None, ids: list[UUID]) -> list[Stored]:
    found = await db.rows(_STORED, list(actor.organised_paths), years, ids)
    return [
        Stored(
            str(one["id"]),
            {
                "programme": one["programme"],
                "target": one["target"],
                "on": one["on"].isoformat(),
                "quantity": one["quantity"],
                "receiver": one["receiver"] or None,
                "note": one["note"] or None,
                "id": str(one["id"]),
            },
            locked="closed-year-row" if one["closed"] else "",
            facts={"target": str(one["target_id"])},
        )
        for one in found
    ]


async def known_within(actor: Actor, now: datetime, read: Read) -> KnownTallies:
    """What the file is held against."""
    years = {int(text[:4]) for text in texts_of(read, KIND.place("on"))}
    years |= {year + 1 for year in years}  # a level may have been taken in the year before
    programmes = await programmes_of(actor, years, events=False)
    ids = [UUID(text) for text in texts_of(read, KIND.place("id"))]
    stored = await _stored(actor, sorted(years), ids)
    by_key: dict[tuple[str, str, str], list[Stored]] = {}
    for one in stored:
        by_key.setdefault(_key(one.facts["target"], one.values), []).append(one)
    closed = await db.rows("SELECT organisation, year FROM programmes_year WHERE state = 'closed'")
    return KnownTallies(
        actor,
        programmes,
        await _targets([one.id for several in programmes.values() for one in several]),
        {one.id: one for one in stored},
        by_key,
        frozenset((one["organisation"], one["year"]) for one in closed),
        local_day(now),
    )


async def _targets(programme_ids: Sequence[UUID]) -> dict[UUID, dict[str, list[_Target]]]:
    found = await db.rows(
        """SELECT id, programme, key, label, wording, metric, counting, unit FROM programmes_target
            WHERE programme = ANY($1::uuid[]) ORDER BY position""",
        list(set(programme_ids)),
    )
    by_programme: dict[UUID, dict[str, list[_Target]]] = {}
    for one in found:
        label = one["label"] or one["wording"] or one["key"]
        target = _Target(
            one["id"], one["programme"], label, Metric(one["metric"]), Counting(one["counting"]), one["unit"]
        )
        for word in {one["key"], one["label"], one["wording"]} - {""}:
            by_programme.setdefault(one["programme"], {}).setdefault(word, []).append(target)
    return by_programme


class TallyRules:
    """See ``planning.Rules``."""

    kind = KIND

    def resolve(self, entry: Entry, known: KnownTallies) -> None:
        stored = known.by_id.get(entry.values.get("id") or "")
        if entry.values.get("id") is not None and stored is None:
            entry.refuse("id", "id-unknown")
        if entry.values.get("on") is None:
            return
        on = date.fromisoformat(entry.values["on"])
        following = self._following(entry, known, on)
        programme = following or programme_of(entry, known.programmes, on.year, known.actor)
        if programme is None:
            return
        entry.values["programme"] = programme.name
        if not known.actor.organises(programme.path):
            entry.refuse("programme", "programme-of-another")
        target = self._target(entry, known, programme)
        if target is None:
            return
        entry.refs = {"programme": str(programme.id), "target": str(target.id)}
        entry.values["target"] = target.label
        is_known = stored is not None or _key(str(target.id), entry.values) in known.by_key
        if (programme.organisation_id, programme.year) in known.closed and not is_known:
            entry.refuse("on", "closed-year-row", year=programme.year)
        if entry.values.get("quantity") is not None:
            for problem in tally_problems(
                target.metric, target.counting, target.unit, programme.year,
                on=on, quantity=entry.values["quantity"], today=known.today,
            ):  # fmt: skip
                entry.refuse(problem.field.replace("target_id", "target"), problem.code, **problem.facts)

    def _following(self, entry: Entry, known: KnownTallies, on: date) -> ProgrammeFacts | None:
        """A level taken the year before belongs to the programme of the year after, where that one has the target."""
        own = [one for one in known.programmes.get(entry.values.get("programme") or "", ()) if one.year == on.year]
        later = [
            one for one in known.programmes.get(entry.values.get("programme") or "", ()) if one.year == on.year + 1
        ]
        if own or len(later) != 1:
            return None
        found = known.targets.get(later[0].id, {}).get(entry.values.get("target") or "", ())
        return later[0] if any(one.counting is Counting.LEVEL for one in found) else None

    def _target(self, entry: Entry, known: KnownTallies, programme: ProgrammeFacts) -> _Target | None:
        text = entry.values.get("target")
        if text is None or entry.is_bad("target"):
            return None
        found = known.targets.get(programme.id, {}).get(text, ())
        if len(found) == 1:
            return found[0]
        entry.refuse("target", "target-several" if found else "target-unknown", programme=programme.name)
        return None

    def key(self, entry: Entry) -> Hashable | None:
        return entry.values.get("id") or _key(entry.refs["target"], entry.values)

    def match(self, entry: Entry, known: KnownTallies) -> Stored | None:
        if entry.values.get("id") is not None:
            stored = known.by_id.get(entry.values["id"])
            if stored is not None and entry.refs and stored.facts["target"] != entry.refs["target"]:
                entry.refuse("target", "target-moved")
            return stored
        if entry.problems:
            return None
        found = known.by_key.get(_key(entry.refs["target"], entry.values), ())
        if len(found) > 1:
            same = [one for one in found if one.values["quantity"] == entry.values["quantity"]]
            if same:
                return same[0]
            entry.refuse("quantity", "tally-several")
        return found[0] if len(found) == 1 else None

    def check(self, entry: Entry, known: KnownTallies) -> None:
        """Everything is asked where the target is found."""

    def check_all(self, entries: Sequence[Entry], known: KnownTallies, cell: Callable[[Entry, str], str]) -> None:
        """Nothing."""


def _key(target: str, values: Mapping[str, Any]) -> tuple[str, str, str]:
    return target, values["on"], values.get("receiver") or ""


async def lock_within(ids: Sequence[UUID]) -> None:
    """The entries that are about to change."""
    await db.execute("SELECT 1 FROM programmes_tally WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(ids))


async def store_within(actor: Actor, now: datetime, plan: Plan[KnownTallies]) -> None:
    """Make and change what the plan says."""
    for entry in plan.of("new"):
        await add_tally_within(
            actor,
            now,
            programme_id=UUID(entry.refs["programme"]),
            target=entry.refs["target"],
            on=date.fromisoformat(entry.values["on"]),
            quantity=entry.values["quantity"],
            receiver=entry.values.get("receiver") or "",
            note=entry.values.get("note") or "",
        )
    for entry in plan.of("changed"):
        assert entry.stored is not None
        after = {**entry.stored.values, **entry.values}
        await change_tally_within(
            actor,
            now,
            tally_id=UUID(entry.stored.id),
            on=date.fromisoformat(after["on"]),
            quantity=after["quantity"],
            receiver=after["receiver"] or "",
            note=after["note"] or "",
        )


async def export_within(actor: Actor, _now: datetime) -> list[Mapping[str, Any]]:
    """Every entry of the own part of the tree."""
    return [one.values for one in await _stored(actor, None, [])]
