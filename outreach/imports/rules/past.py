"""Sessions that were, with their figures (补录): one that is known gets its figures, another is entered as held."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.attendance.commands import record_many_past_within
from outreach.attendance.domain.headcounts import GROUPS, headcount_problems
from outreach.attendance.recording import open_session_within, put_headcount_within
from outreach.attendance.records import Figures
from outreach.bookings.orders.records import lock_order_of_session_within
from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.planning import Entry, Plan, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.held_against import (
    KnownSessions,
    given_of,
    known_sessions,
    match_session,
    resolve_session,
    session_key,
    stored_sessions,
)
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day

__all__ = ["KIND", "PastRules", "export_within", "known_within", "lock_within", "store_within"]

KIND = KINDS["past"]
_FIGURES = ("total", "workers", *GROUPS, "estimated")


async def known_within(actor: Actor, now: datetime, read: Read) -> KnownSessions:
    """What the file is held against."""
    return await known_sessions(actor, now, KIND, read)


def _with_figures(stored: Stored) -> Stored:
    """The session with its head-count of the first day as the export writes it."""
    total, workers, estimated, breakdown = stored.facts["figures"]
    groups: dict[str, int] = msgspec.json.decode(breakdown) if breakdown else {}
    figures = {"total": total, "workers": workers, "estimated": bool(estimated)}
    return replace(stored, values={**stored.values, **figures, **{group: groups.get(group) for group in GROUPS}})


class PastRules:
    """See ``planning.Rules``."""

    kind = KIND

    def resolve(self, entry: Entry, known: KnownSessions) -> None:
        resolve_session(entry, known)

    def key(self, entry: Entry) -> Hashable | None:
        return entry.values.get("id") or session_key(entry)

    def match(self, entry: Entry, known: KnownSessions) -> Stored | None:
        found = match_session(entry, known)
        if found is None:
            if (entry.refs.get("event"), entry.refs.get("starts_at")) in known.by_start:
                entry.note("start", "same-time", {})
            return None
        stored, state = _with_figures(found), found.facts["state"]
        locked = {"closed": "session-closed-row", "draft": "session-draft-row"}.get(state, "")
        return replace(stored, locked=locked)

    def check(self, entry: Entry, known: KnownSessions) -> None:
        if entry.stored is not None and not entry.changes:
            return
        for column in entry.changes:
            if column not in _FIGURES:
                entry.refuse(column, "only-figures")
        if "ends_at" in entry.refs and entry.refs["ends_at"] > known.now:
            entry.refuse("on", "not-over-yet")
        if "closed" in entry.refs:
            entry.refuse("on", "closed-year-row", year=entry.refs["closed"])
        if entry.stored is None and not any(entry.values.get(one) for one in ("venue", "address", "host")):
            entry.refuse("address" if "address" in entry.values else "venue", "no-place-yet")
        if entry.values.get("total") is not None and not entry.is_bad("total"):
            figures = figures_after(entry)
            for problem in headcount_problems(figures.total, figures.workers, figures.breakdown):
                entry.refuse(problem.field.removeprefix("breakdown."), problem.code, **problem.facts)

    def check_all(self, entries: Sequence[Entry], known: KnownSessions, cell: Callable[[Entry, str], str]) -> None:
        """Nothing: what is past ties nobody."""


def figures_after(entry: Entry) -> Figures:
    """The head-count as it is after the import: what the file does not say stays."""
    before: Mapping[str, Any] = entry.stored.values if entry.stored else {}
    after: dict[str, Any] = {column: entry.values.get(column, before.get(column)) for column in _FIGURES}
    estimated = before.get("estimated") if after["estimated"] is None else after["estimated"]
    return Figures(
        on=date.fromisoformat(entry.values["on"]) if entry.values.get("on") else date.min,
        total=after["total"],
        workers=after["workers"],
        estimated=bool(estimated),
        breakdown={group: after[group] for group in GROUPS if after[group] is not None},
    )


async def lock_within(ids: Sequence[UUID]) -> None:
    """The sessions whose figures are about to change, their orders before them."""
    for id_ in sorted(ids):
        await lock_order_of_session_within(id_)
    await db.execute("SELECT 1 FROM events_session WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", list(ids))


async def store_within(actor: Actor, now: datetime, plan: Plan[KnownSessions]) -> None:
    """Enter what was, and the figures of what is known."""
    new = plan.of("new")
    await record_many_past_within(
        actor, now, given=[given_of(one) for one in new], headcounts=[[figures_after(one)] for one in new]
    )
    for entry in plan.of("changed"):
        assert entry.stored is not None
        session = await open_session_within(actor, now, UUID(entry.stored.id))
        await put_headcount_within(actor, now, session, figures_after(entry))


async def export_within(actor: Actor, now: datetime) -> list[Mapping[str, Any]]:
    """Held and closed sessions of this year and the one before, with the figures of their first day."""
    year = local_day(now).year
    stored = await stored_sessions(actor, date(year - 1, 1, 1), local_day(now))
    return [_with_figures(one).values for one in stored if one.facts["state"] in ("held", "closed")]
