"""Keep the providers and the venues."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.commands.absences import write_absences_within
from outreach.events.commands.keeping import as_staff, insert_within, update_within
from outreach.events.domain.drafts import ProviderDraft, VenueDraft, provider_problems
from outreach.events.domain.parts import PART_CODES
from outreach.events.domain.permissions import may_keep
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import InvalidError, NotFoundError, invalid
from outreach.shared.text import clean_line, normal_phone

__all__ = [
    "add_provider",
    "add_provider_within",
    "add_venue",
    "add_venue_within",
    "change_provider",
    "change_provider_within",
    "change_venue",
    "change_venue_within",
]

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


async def add_provider(actor: Actor, now: datetime, *, draft: ProviderDraft) -> UUID:
    """Take in a lecturer or a troupe; return the id.

    Raises:
        ForbiddenError: the caller is no organiser.
        InvalidError: names every bad field.
    """
    async with as_staff(actor):
        return await add_provider_within(actor, now, draft=draft)


async def add_provider_within(actor: Actor, now: datetime, *, draft: ProviderDraft) -> UUID:
    """``add_provider`` inside the open transaction, for somebody who is staff."""
    draft = await _checked_provider(actor, draft)
    provider_id = await insert_within("events_provider", _PROVIDER_COLUMNS, draft, now)
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
    async with as_staff(actor):
        return await change_provider_within(actor, now, provider_id=provider_id, draft=draft, revision=revision)


async def change_provider_within(
    actor: Actor, now: datetime, *, provider_id: UUID, draft: ProviderDraft, revision: int | None = None
) -> int:
    """``change_provider`` inside the open transaction, for somebody who is staff."""
    stored = await _locked(actor, "events_provider", provider_id)
    draft = await _checked_provider(actor, draft)
    new_revision = await update_within("events_provider", _PROVIDER_COLUMNS, provider_id, draft, stored, revision)
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
    async with as_staff(actor):
        return await add_venue_within(actor, now, draft=draft)


async def add_venue_within(actor: Actor, now: datetime, *, draft: VenueDraft) -> UUID:
    """``add_venue`` inside the open transaction, for somebody who is staff."""
    draft = await _checked_venue(actor, draft)
    venue_id = await insert_within("events_venue", _VENUE_COLUMNS, draft, now)
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
    async with as_staff(actor):
        return await change_venue_within(actor, now, venue_id=venue_id, draft=draft, revision=revision)


async def change_venue_within(
    actor: Actor, now: datetime, *, venue_id: UUID, draft: VenueDraft, revision: int | None = None
) -> int:
    """``change_venue`` inside the open transaction, for somebody who is staff."""
    to_come = await _hold_sessions_at_within(venue_id, now)  # sessions before what they tie, as everywhere
    stored = await _locked(actor, "events_venue", venue_id)
    draft = await _checked_venue(actor, draft)
    await _revise_renamed_within(venue_id, draft, to_come, now)
    new_revision = await update_within("events_venue", _VENUE_COLUMNS, venue_id, draft, stored, revision)
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
