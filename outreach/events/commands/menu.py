"""Keep the menu."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.commands.keeping import as_staff, insert_within, update_within
from outreach.events.domain.drafts import EventDraft, event_problems
from outreach.events.domain.permissions import may_keep
from outreach.programmes.commands.storing import lock_year
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = ["add_event", "add_event_within", "change_event", "change_event_within"]

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


async def add_event(actor: Actor, now: datetime, *, draft: EventDraft) -> UUID:
    """Put something on the menu; return its id.

    Raises:
        ForbiddenError: the caller is no organiser.
        ClosedYearError: the programme's year is closed.
        InvalidError: names every bad field.
    """
    async with as_staff(actor):
        return await add_event_within(actor, now, draft=draft)


async def add_event_within(actor: Actor, now: datetime, *, draft: EventDraft) -> UUID:
    """``add_event`` inside the open transaction, for somebody who is staff."""
    draft, owner_id = await _checked_event(actor, draft, ())
    await _hold_year_open_within(draft.programme_id)
    event_id = await insert_within("events_event", _EVENT_COLUMNS, draft, now)
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
    async with as_staff(actor):
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
    new_revision = await update_within("events_event", _EVENT_COLUMNS, event_id, draft, stored["revision"], revision)
    await db.execute("DELETE FROM events_event_provider WHERE event = $1", event_id)
    await _write_givers(event_id, draft.provider_ids)
    await note_within(actor, now, "event.changed", "event", event_id, organisation_id=owner_id)
    return new_revision


async def _hold_year_open_within(programme_id: UUID) -> None:
    """Who gives the items of a programme is one of its figures: a closed year has no new ones.

    Raises:
        ClosedYearError: the programme's year is closed.
    """
    found = await db.row("SELECT organisation, year FROM programmes_programme WHERE id = $1", programme_id)
    assert found is not None  # checked before
    await lock_year(found["organisation"], found["year"])


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


async def _write_givers(event_id: UUID, provider_ids: tuple[UUID, ...]) -> None:
    for provider_id in provider_ids:
        await db.execute(
            "INSERT INTO events_event_provider (id, event, provider) VALUES ($1, $2, $3)",
            new_id(),
            event_id,
            provider_id,
        )
