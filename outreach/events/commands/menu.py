"""Keep the menu, the providers and the venues."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.commands.absences import write_absences_within
from outreach.events.domain.drafts import EventDraft, ProviderDraft, VenueDraft, event_problems, provider_problems
from outreach.events.domain.parts import PART_CODES
from outreach.events.domain.permissions import may_keep
from outreach.programmes.commands.storing import lock_year
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line, normal_phone

__all__ = [
    "add_event",
    "add_event_within",
    "add_provider",
    "add_provider_within",
    "add_venue",
    "add_venue_within",
    "change_event",
    "change_event_within",
    "change_provider",
    "change_provider_within",
    "change_venue",
    "change_venue_within",
]

_EVENT_COLUMNS = {
    "programme": "programme_id",
    "title": "title",
    "kind": "kind",
    "topic": "topic",
    "summary": "summary",
    "audience": "audience",
    "duration_minutes": "duration_minutes",
    "site_needs": "site_needs",
    "min_audience": "min_audience",
    "max_audience": "max_audience",
    "active": "active",
    "orderable": "orderable",
    "lead_days": "lead_days",
}
_PROVIDER_COLUMNS = {
    "organisation": "organisation_id",
    "kind": "kind",
    "name": "name",
    "title": "title",
    "topics": "topics",
    "home_district": "home_district",
    "availability": "availability",
    "max_per_day": "max_per_day",
    "max_per_week": "max_per_week",
    "max_per_month": "max_per_month",
    "parallel_teams": "parallel_teams",
    "phone": "phone",
    "active": "active",
    "available_parts": "available_parts",
}
_VENUE_COLUMNS = {
    "organisation": "organisation_id",
    "name": "name",
    "address": "address",
    "district": "district",
    "capacity": "capacity",
    "rooms": "rooms",
    "setup_minutes": "setup_minutes",
    "takedown_minutes": "takedown_minutes",
    "directions": "directions",
    "active": "active",
}


async def add_event(actor: Actor, now: datetime, *, draft: EventDraft) -> UUID:
    """Put something on the menu; return its id.

    Raises:
        ForbiddenError: the caller is no organiser.
        ClosedYearError: the programme's year is closed.
        InvalidError: names every bad field.
    """
    async with _as_staff(actor):
        return await add_event_within(actor, now, draft=draft)


async def add_event_within(actor: Actor, now: datetime, *, draft: EventDraft) -> UUID:
    """``add_event`` inside the open transaction, for somebody who is staff."""
    draft, owner_id = await _checked_event(actor, draft, ())
    await _hold_year_open_within(draft.programme_id)
    event_id = await _insert("events_event", _EVENT_COLUMNS, draft, now)
    await _write_givers(event_id, draft.provider_ids)
    await note_within(actor, now, "event.added", "event", event_id, organisation_id=owner_id)
    return event_id


async def change_event(
    actor: Actor, now: datetime, *, event_id: UUID, draft: EventDraft, revision: int | None = None
) -> int:
    """Write a menu item anew; sessions made of it keep what they have. Return its new revision.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller does not keep it.
        ClosedYearError: other providers are to give it, and the programme's year is closed.
        StaleError: it was changed since ``revision``.
        InvalidError: names every bad field.
    """
    async with _as_staff(actor):
        return await change_event_within(actor, now, event_id=event_id, draft=draft, revision=revision)


async def change_event_within(
    actor: Actor, now: datetime, *, event_id: UUID, draft: EventDraft, revision: int | None = None
) -> int:
    """``change_event`` inside the open transaction, for somebody who is staff."""
    stored = await db.row(
        """SELECT e.revision, o.path, e.active, e.programme,
                  ARRAY(SELECT provider FROM events_event_provider WHERE event = e.id) AS provider_ids
             FROM events_event e JOIN programmes_programme p ON p.id = e.programme
             JOIN accounts_organisation o ON o.id = p.organisation WHERE e.id = $1 FOR NO KEY UPDATE OF e""",
        event_id,
    )
    if stored is None or not (stored["active"] or may_keep(actor, stored["path"])):
        raise NotFoundError
    if not may_keep(actor, stored["path"]):
        raise ForbiddenError
    draft, owner_id = await _checked_event(actor, draft, tuple(stored["provider_ids"]))
    if set(draft.provider_ids) != set(stored["provider_ids"]) or draft.programme_id != stored["programme"]:
        for programme_id in sorted({stored["programme"], draft.programme_id}):
            await _hold_year_open_within(programme_id)
    new_revision = await _update("events_event", _EVENT_COLUMNS, event_id, draft, stored["revision"], revision)
    await db.execute("DELETE FROM events_event_provider WHERE event = $1", event_id)
    await _write_givers(event_id, draft.provider_ids)
    await note_within(actor, now, "event.changed", "event", event_id, organisation_id=owner_id)
    return new_revision


async def add_provider(actor: Actor, now: datetime, *, draft: ProviderDraft) -> UUID:
    """Take in a lecturer or a troupe; return the id.

    Raises:
        ForbiddenError: the caller is no organiser.
        InvalidError: names every bad field.
    """
    async with _as_staff(actor):
        return await add_provider_within(actor, now, draft=draft)


async def add_provider_within(actor: Actor, now: datetime, *, draft: ProviderDraft) -> UUID:
    """``add_provider`` inside the open transaction, for somebody who is staff."""
    draft = await _checked_provider(actor, draft)
    provider_id = await _insert("events_provider", _PROVIDER_COLUMNS, draft, now)
    await write_absences_within(provider_id, draft.absences or (), now)
    await note_within(actor, now, "provider.added", "provider", provider_id, organisation_id=draft.organisation_id)
    return provider_id


async def change_provider(
    actor: Actor, now: datetime, *, provider_id: UUID, draft: ProviderDraft, revision: int | None = None
) -> int:
    """Write a lecturer or a troupe anew; return the new revision. What is already tied stays tied.

    Raises:
        NotFoundError: there is none for this caller.
        StaleError: it was changed since ``revision``.
        InvalidError: names every bad field.
    """
    async with _as_staff(actor):
        return await change_provider_within(actor, now, provider_id=provider_id, draft=draft, revision=revision)


async def change_provider_within(
    actor: Actor, now: datetime, *, provider_id: UUID, draft: ProviderDraft, revision: int | None = None
) -> int:
    """``change_provider`` inside the open transaction, for somebody who is staff."""
    stored = await _locked(actor, "events_provider", provider_id)
    draft = await _checked_provider(actor, draft)
    new_revision = await _update("events_provider", _PROVIDER_COLUMNS, provider_id, draft, stored, revision)
    if draft.absences is not None:
        await db.execute("DELETE FROM events_provider_absence WHERE provider = $1", provider_id)
        await write_absences_within(provider_id, draft.absences, now)
    await note_within(actor, now, "provider.changed", "provider", provider_id, organisation_id=draft.organisation_id)
    return new_revision


async def add_venue(actor: Actor, now: datetime, *, draft: VenueDraft) -> UUID:
    """Take in a place; return its id.

    Raises:
        ForbiddenError: the caller is no organiser.
        InvalidError: names every bad field.
    """
    async with _as_staff(actor):
        return await add_venue_within(actor, now, draft=draft)


async def add_venue_within(actor: Actor, now: datetime, *, draft: VenueDraft) -> UUID:
    """``add_venue`` inside the open transaction, for somebody who is staff."""
    draft = await _checked_venue(actor, draft)
    venue_id = await _insert("events_venue", _VENUE_COLUMNS, draft, now)
    await note_within(actor, now, "venue.added", "venue", venue_id, organisation_id=draft.organisation_id)
    return venue_id


async def change_venue(
    actor: Actor, now: datetime, *, venue_id: UUID, draft: VenueDraft, revision: int | None = None
) -> int:
    """Write a place anew; return its new revision. Sessions that are published keep the times they tie.

    Those to come are revised when the place is called otherwise, since calendars show its name.

    Raises:
        NotFoundError: there is none for this caller.
        StaleError: it was changed since ``revision``.
        InvalidError: names every bad field.
    """
    async with _as_staff(actor):
        return await change_venue_within(actor, now, venue_id=venue_id, draft=draft, revision=revision)


async def change_venue_within(
    actor: Actor, now: datetime, *, venue_id: UUID, draft: VenueDraft, revision: int | None = None
) -> int:
    """``change_venue`` inside the open transaction, for somebody who is staff."""
    to_come = await _hold_sessions_at_within(venue_id, now)  # sessions before what they tie, as everywhere
    stored = await _locked(actor, "events_venue", venue_id)
    draft = await _checked_venue(actor, draft)
    await _revise_renamed_within(venue_id, draft, to_come, now)
    new_revision = await _update("events_venue", _VENUE_COLUMNS, venue_id, draft, stored, revision)
    await note_within(actor, now, "venue.changed", "venue", venue_id, organisation_id=draft.organisation_id)
    return new_revision


async def _hold_sessions_at_within(venue_id: UUID, now: datetime) -> list[UUID]:
    """Lock the published sessions to come at a place."""
    found = await db.rows(
        """SELECT id FROM events_session WHERE venue = $1 AND state = 'published' AND ends_at > $2
            ORDER BY id FOR NO KEY UPDATE""",
        venue_id,
        now,
    )
    return [one["id"] for one in found]


async def _revise_renamed_within(venue_id: UUID, draft: VenueDraft, session_ids: list[UUID], now: datetime) -> None:
    """Revise the sessions whose place reads otherwise now; one with an address of its own does not show the venue's."""
    before = await db.row("SELECT name, address FROM events_venue WHERE id = $1", venue_id)
    if session_ids and before is not None and (before["name"], before["address"]) != (draft.name, draft.address):
        await db.execute(
            """UPDATE events_session SET revision = revision + 1, revised_at = $2
                WHERE id = ANY($1::uuid[]) AND ($3 OR address = '')""",
            session_ids,
            now,
            before["name"] != draft.name,
        )


async def _hold_year_open_within(programme_id: UUID) -> None:
    """Who gives the items of a programme is one of its figures: a closed year has no new ones.

    Raises:
        ClosedYearError: the programme's year is closed.
    """
    found = await db.row("SELECT organisation, year FROM programmes_programme WHERE id = $1", programme_id)
    assert found is not None  # checked before
    await lock_year(found["organisation"], found["year"])


def _as_staff(actor: Actor) -> AbstractAsyncContextManager[Any]:
    if not actor.is_staff:
        raise ForbiddenError
    return atomic()


async def _checked_event(actor: Actor, draft: EventDraft, kept: tuple[UUID, ...]) -> tuple[EventDraft, UUID]:
    """The draft with its texts cleaned, and the owner of its programme."""
    programme = await db.row(
        """SELECT p.kinds, p.organisation, o.path FROM programmes_programme p
             JOIN accounts_organisation o ON o.id = p.organisation WHERE p.id = $1""",
        draft.programme_id,
    )
    problems = []
    if programme is None or not may_keep(actor, programme["path"]):
        problems.append(FieldProblem("programme_id", "not-found"))
    draft = replace(
        draft,
        title=clean_line(draft.title),
        kind=clean_line(draft.kind),
        topic=clean_line(draft.topic),
        audience=clean_line(draft.audience),
        provider_ids=tuple(dict.fromkeys(draft.provider_ids)),
    )
    problems += event_problems(draft, tuple(programme["kinds"]) if programme else ())
    new = [id_ for id_ in draft.provider_ids if id_ not in kept]
    givers = await db.rows(
        """SELECT r.id, o.path FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.id = ANY($1::uuid[])""",
        new,
    )
    if not {one["id"] for one in givers if may_keep(actor, one["path"])}.issuperset(new):
        problems.append(FieldProblem("providers", "not-found"))
    if problems or programme is None:
        raise InvalidError(problems)
    return draft, programme["organisation"]


async def _checked_provider(actor: Actor, draft: ProviderDraft) -> ProviderDraft:
    problems = provider_problems(draft)
    if problems:
        raise InvalidError(problems)
    return replace(
        draft,
        organisation_id=await _owner(actor, draft.organisation_id),
        name=clean_line(draft.name),
        title=clean_line(draft.title),
        topics=tuple(dict.fromkeys(topic for given in draft.topics if (topic := clean_line(given)))),
        home_district=clean_line(draft.home_district),
        available_parts=tuple(code for code in PART_CODES if code in draft.available_parts),
        phone=normal_phone(draft.phone),
    )


async def _checked_venue(actor: Actor, draft: VenueDraft) -> VenueDraft:
    return replace(
        draft,
        organisation_id=await _owner(actor, draft.organisation_id),
        name=clean_line(draft.name),
        address=clean_line(draft.address),
        district=clean_line(draft.district),
        directions=clean_line(draft.directions),
    )


async def _owner(actor: Actor, organisation_id: UUID | None) -> UUID:
    """The organisation asked for, else the caller's own; for an administrator the only root of the tree."""
    if organisation_id is None:
        own = [grant.organisation_id for grant in actor.grants if grant.role is Role.ORGANISER]
        if own and own[0] is not None:
            return own[0]
        roots = await db.rows("SELECT id FROM accounts_organisation WHERE parent IS NULL LIMIT 2")
        if len(roots) != 1:
            raise invalid("organisation_id", "required")
        return UUID(str(roots[0]["id"]))
    path = await db.value("SELECT path FROM accounts_organisation WHERE id = $1", organisation_id)
    if path is None or not may_keep(actor, path):
        raise invalid("organisation_id", "not-found")
    return organisation_id


async def _locked(actor: Actor, table: str, id_: UUID) -> int:
    """Lock a provider or a venue for its keeper; return its revision."""
    found = await db.row(
        f"""SELECT t.revision, o.path FROM {table} t JOIN accounts_organisation o ON o.id = t.organisation
             WHERE t.id = $1 FOR NO KEY UPDATE OF t""",  # noqa: S608 - one of two names above
        id_,
    )
    if found is None or not may_keep(actor, found["path"]):
        raise NotFoundError
    return int(found["revision"])


async def _insert(table: str, columns: dict[str, str], draft: Any, now: datetime) -> UUID:
    id_ = new_id()
    numbers = ", ".join(f"${number}" for number in range(3, 3 + len(columns)))
    await db.execute(
        f"INSERT INTO {table} (id, created_at, revision, {', '.join(columns)}) VALUES ($1, $2, 1, {numbers})",  # noqa: S608
        id_,
        now,
        *_values(columns, draft),
    )
    return id_


async def _update(table: str, columns: dict[str, str], id_: UUID, draft: Any, stored: int, expected: int | None) -> int:
    if expected is not None and expected != stored:
        raise StaleError(revision=stored)
    settings = ", ".join(f"{column} = ${number}" for number, column in enumerate(columns, 2))
    await db.execute(
        f"UPDATE {table} SET {settings}, revision = revision + 1 WHERE id = $1",  # noqa: S608 - names of columns
        id_,
        *_values(columns, draft),
    )
    return stored + 1


def _values(columns: dict[str, str], draft: Any) -> list[Any]:
    given = [getattr(draft, name) for name in columns.values()]
    return [list(value) if isinstance(value, tuple) else value for value in given]


async def _write_givers(event_id: UUID, provider_ids: tuple[UUID, ...]) -> None:
    for provider_id in provider_ids:
        await db.execute(
            "INSERT INTO events_event_provider (id, event, provider) VALUES ($1, $2, $3)",
            new_id(),
            event_id,
            provider_id,
        )
