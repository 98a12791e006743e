"""A planned year: sessions to come, as drafts or published; who is wanted twice at a time is told before."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.bookings.session_changes import change_session_within
from outreach.events.commands import create_many_within
from outreach.events.commands.publishing import publish_within
from outreach.events.domain.drafts import kind_problems, time_problems
from outreach.events.domain.occupation import Span, place_span
from outreach.events.domain.states import Visibility
from outreach.imports.domain.kinds import KINDS
from outreach.imports.domain.planning import Entry, Plan, Stored
from outreach.imports.domain.reading import Read
from outreach.imports.rules.clashes import Clash, Ties, Wanted, clashes_among, days_of
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

__all__ = ["KIND", "SessionRules", "export_within", "known_within", "lock_within", "store_within"]

KIND = KINDS["sessions"]
#: Field of a session → column of the file.
_COLUMNS = {
    "starts_at": "start", "ends_at": "end", "kind": "event",
}  # fmt: skip


async def known_within(actor: Actor, now: datetime, read: Read) -> KnownSessions:
    """What the file is held against."""
    return await known_sessions(actor, now, KIND, read)


class SessionRules:
    """See ``planning.Rules``."""

    kind = KIND

    def resolve(self, entry: Entry, known: KnownSessions) -> None:
        resolve_session(entry, known)

    def key(self, entry: Entry) -> Hashable | None:
        return entry.values.get("id") or session_key(entry)

    def match(self, entry: Entry, known: KnownSessions) -> Stored | None:
        stored = match_session(entry, known)
        if stored is None:
            return None
        facts = stored.facts
        locked = ""
        if facts["state"] not in ("draft", "published"):
            locked = "session-over"
        elif facts["assigned"]:
            locked = "session-of-order"
        elif facts["many_days"]:
            locked = "session-many-days"
        if facts["state"] in ("held", "closed") and entry.values.get("state") in ("published", None):
            # The plan says what came true: nothing is to be changed.
            return replace(stored, locked=locked, values={**stored.values, "state": entry.values.get("state")})
        return replace(stored, locked=locked)

    def check(self, entry: Entry, known: KnownSessions) -> None:
        changes = entry.changes
        if entry.stored is not None and not changes:
            return
        if entry.stored is not None and changes.get("state", ("", ""))[1] == "draft":
            entry.refuse("state", "cannot-unpublish")
        if "event" not in entry.refs or "ends_at" not in entry.refs:
            return
        if "closed" in entry.refs:
            entry.refuse("on", "closed-year-row", year=entry.refs["closed"])
        starts_at = entry.refs["starts_at"]
        if starts_at <= known.now and (entry.stored is None or {"on", "start", "state"} & changes.keys()):
            entry.refuse("on", "start-is-past-row")
        menu = known.menu[entry.refs["event"]]
        for problem in (*time_problems(starts_at, entry.refs["ends_at"]), *kind_problems(menu.kind, menu.kinds)):
            entry.refuse(_COLUMNS[problem.field], problem.code, **problem.facts)
        venue = known.resources.get(entry.refs.get("venue", ""))
        after = {name: _after(entry, name) for name in ("visibility", "claimable", "capacity")}
        if menu.confidential and after["visibility"] not in (None, Visibility.HOST):
            entry.refuse("visibility", "confidential-programme")
        is_somewhere = venue is not None or entry.values.get("address") or after["claimable"]
        if _state(entry) == "published" and not is_somewhere:
            entry.refuse("address" if "address" in entry.values else "venue", "no-place-yet")
        capacity = after["capacity"] or (venue.capacity if venue else None)
        if venue is not None and venue.capacity is not None and (capacity or 0) > venue.capacity:
            entry.note("capacity", "above-venue", {"venue": venue.name, "capacity": venue.capacity})
        self._check_bookings(entry, capacity)

    def _check_bookings(self, entry: Entry, capacity: int | None) -> None:
        """What those who booked forbid; the command asks again."""
        if entry.stored is None:
            return
        facts, changes = entry.stored.facts, entry.changes
        if "capacity" in changes and capacity is not None and capacity < facts["seats_taken"]:
            entry.refuse("capacity", "capacity-below-taken", taken=facts["seats_taken"])
        if changes.get("claimable", (None, False))[1] and (facts["seats_taken"] or entry.refs.get("host")):
            entry.refuse("claimable", "claimable-but-taken")
        if "host" in changes and facts["host_booked"]:
            entry.refuse("host", "host-has-booked")

    def check_all(self, entries: Sequence[Entry], known: KnownSessions, cell: Callable[[Entry, str], str]) -> None:
        writing = [one for one in entries if one.status in ("new", "changed") and "ends_at" in one.refs]
        moving = {one.stored.id for one in writing if one.stored is not None}
        ties = Ties(lambda number: cell(writing[number], "on"))
        for resource, tied in known.ties.items():
            for one in tied:
                if one.session_id not in moving:
                    ties.tie(resource, one.span, one.title)
        rows = [(_state(one) == "published", self._wanted(one, known)) for one in writing]

        def report(number: int, clash: Clash) -> None:
            entry = writing[number]
            if rows[number][0]:
                entry.refuse(clash.column, clash.code, **clash.facts)
            else:
                entry.note(clash.column, clash.code, clash.facts)

        clashes_among(rows, ties, report)

    def _wanted(self, entry: Entry, known: KnownSessions) -> list[Wanted]:
        span = Span(entry.refs["starts_at"], entry.refs["ends_at"])
        days, wanted = days_of(span), []
        for id_ in dict.fromkeys(entry.refs.get("providers", ())):
            giver = known.resources.get(id_)
            if giver is not None:
                wanted.append(Wanted("providers", id_, giver.name, giver.slots, span, days))
        venue = known.resources.get(entry.refs.get("venue", ""))
        if venue is not None:
            room, of_room = span, days
            if venue.setup_minutes or venue.takedown_minutes:
                room = place_span(
                    span.starts_at, span.ends_at,
                    setup_minutes=venue.setup_minutes, takedown_minutes=venue.takedown_minutes,
                )  # fmt: skip
                of_room = days_of(room)
            wanted.append(Wanted("venue", entry.refs["venue"], venue.name, venue.slots, room, of_room))
        return wanted


def _after(entry: Entry, column: str) -> Any:
    """A value as it is after the import: an empty cell keeps what is stored; ``None``: the default."""
    given = entry.values.get(column)
    return entry.stored.values[column] if given is None and entry.stored is not None else given


def _state(entry: Entry) -> str:
    given: str | None = entry.values.get("state")
    return given or (entry.stored.values["state"] if entry.stored else "draft")


async def lock_within(ids: Sequence[UUID]) -> None:
    """The sessions that are about to change."""
    await db.execute("SELECT 1 FROM events_session WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", list(ids))


async def store_within(actor: Actor, now: datetime, plan: Plan[KnownSessions]) -> None:
    """Make, change and publish what the plan says. People and places are locked at once, each in the order of all."""
    if plan.of("changed"):
        await _lock_resources_within([*plan.of("new"), *plan.of("changed")])
    for entry in plan.of("changed"):
        assert entry.stored is not None
        session_id = UUID(entry.stored.id)
        changes = _changes(entry)
        if changes:
            await change_session_within(actor, now, session_id=session_id, changes=changes)
        if "state" in entry.changes:
            await publish_within(actor, now, session_id=session_id)
    new = plan.of("new")
    await create_many_within(
        actor, now, given=[given_of(one) for one in new], published=[_state(one) == "published" for one in new]
    )


async def _lock_resources_within(entries: Sequence[Entry]) -> None:
    providers = {UUID(id_) for one in entries for id_ in one.refs.get("providers", ())}
    venues = {UUID(one.refs["venue"]) for one in entries if "venue" in one.refs}
    for table, ids in (("events_provider", providers), ("events_venue", venues)):
        await db.execute(
            f"SELECT 1 FROM {table} WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
            list(ids),
        )


def _changes(entry: Entry) -> dict[str, Any]:
    """Fields of ``SessionDraft`` that differ; without an end in the row the session keeps its length."""
    given, columns = given_of(entry), entry.changes.keys()
    changes: dict[str, Any] = {}
    if columns & {"on", "start"}:
        changes["starts_at"] = given.starts_at
    if entry.values.get("end") is not None and columns & {"on", "start", "end"}:
        changes["ends_at"] = given.ends_at
    if columns & {"programme", "event"}:
        changes["event_id"] = given.event_id
    for column, field in (("venue", "venue_id"), ("providers", "provider_ids"), ("host", "host_id")):
        if column in columns:
            changes[field] = getattr(given, field)
    for column in ("address", "capacity", "visibility", "claimable"):
        if column in columns:
            changes[column] = getattr(given, column)
    if "district" in columns:
        changes["district"] = given.district or ""
    return changes


async def export_within(actor: Actor, now: datetime) -> list[Mapping[str, Any]]:
    """Drafts and published sessions from the first day of this year on; what was is exported with its figures."""
    stored = await stored_sessions(actor, date(local_day(now).year, 1, 1), date(local_day(now).year + 2, 12, 31))
    return [
        one.values
        for one in stored
        if one.facts["state"] in ("draft", "published") and not one.facts["assigned"] and not one.facts["many_days"]
    ]
