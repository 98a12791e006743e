"""Draft, change and publish sessions. Moving and cancelling published ones touches bookings and lies there."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.domain.drafts import (
    MenuFacts,
    SessionDraft,
    SessionGiven,
    VenueFacts,
    completed,
    session_problems,
    time_problems,
)
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.permissions import may_add_session, may_know_programme
from outreach.events.domain.states import SessionState
from outreach.events.domain.visibility import may_manage, may_see
from outreach.events.queries import SessionRow, session_by_id
from outreach.programmes.commands import lock_year
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import (
    FieldProblem,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = [
    "change_draft",
    "create_session",
    "create_within",
    "locked_within",
    "recheck_within",
    "refuse_assigned",
    "refuse_closed_past",
    "refuse_closed_year",
    "store_within",
]


async def create_session(actor: Actor, now: datetime, *, given: SessionGiven) -> UUID:
    """Store a draft; what was left open comes from the menu, the venue and the programme. Return its id.

    Raises:
        ForbiddenError: the caller is no organiser.
        InvalidError: names every bad field.
    """
    async with atomic() as _connection:
        return await create_within(actor, now, given=given)


async def create_within(actor: Actor, now: datetime, *, given: SessionGiven, ordered: bool = False) -> UUID:
    """``create_session`` inside the open transaction.

    Args:
        ordered: for an order, which is served even when its item was taken off the menu meanwhile.
    """
    if not actor.is_staff:
        raise ForbiddenError
    draft = await _checked(actor, given, None, ordered=ordered)
    session_id = new_id()
    await _insert(session_id, draft, actor, now)
    await note_within(
        actor, now, "session.drafted", "session", session_id,
        organisation_id=draft.organisation_id, to_state=SessionState.DRAFT.value,
    )  # fmt: skip
    return session_id


async def change_draft(
    actor: Actor, now: datetime, *, session_id: UUID, given: SessionGiven, revision: int | None = None
) -> int:
    """Write a draft anew; return its new revision.

    Args:
        revision: the one that the caller read; ``None``: whatever it is.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller sees it and does not run it.
        SessionStateError: it is no draft any more, or the draft of an order.
        StaleError: it was changed since.
        InvalidError: names every bad field.
    """
    async with atomic() as _connection:
        session = await locked_within(actor, session_id, revision=revision)
        refuse_assigned(session)
        if session.state != SessionState.DRAFT:
            raise SessionStateError(state=session.state)
        draft = await _checked(actor, given, session)
        new_revision = await store_within(session_id, now, draft)
        await note_within(actor, now, "session.changed", "session", session_id, organisation_id=draft.organisation_id)
    return new_revision


def refuse_assigned(session: SessionRow) -> None:
    """The draft of an order is changed, published and cancelled through its order only.

    Raises:
        SessionStateError: it is one.
    """
    if session.state == SessionState.DRAFT and session.assigned:
        raise SessionStateError(state="assigned")


async def refuse_closed_year(programme_id: UUID, starts_at: datetime) -> None:
    """Nothing is put into a closed year, where it could never be recorded. The year stays open until the commit.

    Raises:
        ClosedYearError: the year in which it starts is closed for the programme's owner.
    """
    owner_id = await db.value("SELECT organisation FROM programmes_programme WHERE id = $1", programme_id)
    await lock_year(owner_id, local_day(starts_at).year)


async def refuse_closed_past(now: datetime, session: SessionRow) -> None:
    """What a closed year says of a day that is over stays: its unrecorded sessions are not cancelled afterwards.

    One that is still to come may be, since everybody booked must be told that it does not take place.

    Raises:
        ClosedYearError: the session is published, has begun, and its year is closed.
    """
    if session.state == SessionState.PUBLISHED and session.starts_at <= now:
        await refuse_closed_year(session.programme_id, session.starts_at)


async def locked_within(actor: Actor | None, session_id: UUID, *, revision: int | None = None) -> SessionRow:
    """Lock the session's row and return it to somebody who runs it.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller sees it and does not run it.
        StaleError: ``revision`` is given and is not the present one.
    """
    # Not FOR UPDATE: who gives a slot of ours to another session refers to our row while it holds what we wait for.
    if await db.row("SELECT 1 FROM events_session WHERE id = $1 FOR NO KEY UPDATE", session_id) is None:
        raise NotFoundError
    session = await session_by_id(session_id)
    if not may_manage(actor, session.facts):
        raise ForbiddenError if may_see(actor, session.facts) else NotFoundError
    if revision is not None and revision != session.revision:
        raise StaleError(revision=session.revision)
    return session


async def _checked(
    actor: Actor, given: SessionGiven, stored: SessionRow | None, *, ordered: bool = False
) -> SessionDraft:
    """The whole draft, or every problem at once."""
    problems = time_problems(given.starts_at, given.ends_at, given.booking_opens_at, given.booking_closes_at)
    kept = ordered or (stored is not None and stored.event_id == given.event_id)
    menu = await _menu_of(actor, given.event_id, kept=kept)
    if menu is None:
        problems.append(FieldProblem("event_id", "not-found"))
    elif given.programme_id not in (None, menu.programme_id):
        problems.append(FieldProblem("programme_id", "other-programme"))
    owner_id = await _owner_of(actor, given.organisation_id or (stored.organisation_id if stored else None), menu)
    if owner_id is None and menu is not None:
        problems.append(FieldProblem("organisation_id", "not-found"))
    problems += await _unknown_providers(actor, given.provider_ids, stored.provider_ids if stored else ())
    venue = await _venue_of(actor, given.venue_id, stored)
    if given.venue_id is not None and venue is None:
        problems.append(FieldProblem("venue_id", "not-found"))
    if not await _is_known_host(actor, given.host_id, stored):
        problems.append(FieldProblem("host_id", "not-found"))
    problems += await _unknown_organisers(given.organisers)
    if problems or menu is None or owner_id is None:
        raise InvalidError(problems)
    draft = completed(_cleaned(given), owner_id, menu, venue)
    problems = session_problems(draft, menu)
    if problems:
        raise InvalidError(problems)
    return draft


async def recheck_within(actor: Actor, stored: SessionRow, draft: SessionDraft) -> SessionDraft:
    """A stored session with some values replaced, held against every rule; return it with its texts cleaned.

    Raises:
        InvalidError: names every bad field.
    """
    given = SessionGiven(**{name: getattr(draft, name) for name in SessionDraft.__dataclass_fields__})
    return await _checked(actor, replace(given, unlimited=draft.capacity is None), stored)


async def _menu_of(actor: Actor, event_id: UUID, *, kept: bool) -> MenuFacts | None:
    """The item; ``None``: unknown to the caller, or off the menu and not ``kept`` from before."""
    found = await db.row(
        """SELECT e.title, e.kind, e.duration_minutes, e.active, p.id AS programme_id, o.path, p.kinds,
                  p.approval_needed, p.confidential
             FROM events_event e JOIN programmes_programme p ON p.id = e.programme
             JOIN accounts_organisation o ON o.id = p.organisation WHERE e.id = $1""",
        event_id,
    )
    if found is None or not may_know_programme(actor, found["path"]):
        return None
    if not found["active"] and not kept:
        return None
    return MenuFacts(
        found["title"],
        found["kind"],
        found["duration_minutes"],
        found["programme_id"],
        found["path"],
        tuple(found["kinds"]),
        found["approval_needed"],
        found["confidential"],
    )


async def _owner_of(actor: Actor, organisation_id: UUID | None, menu: MenuFacts | None) -> UUID | None:
    """The organisation asked for, else the programme's, else the caller's own below it; ``None``: not allowed."""
    if menu is None:
        return None
    if organisation_id is not None:
        path = await db.value("SELECT path FROM accounts_organisation WHERE id = $1", organisation_id)
        return organisation_id if path and may_add_session(actor, menu.programme_path, path) else None
    if actor.organises(menu.programme_path):
        return UUID(menu.programme_path.rstrip("/").rsplit("/", 1)[-1])
    below = [path for path in actor.organised_paths if may_add_session(actor, menu.programme_path, path)]
    return UUID(below[0].rstrip("/").rsplit("/", 1)[-1]) if below else None


async def _unknown_providers(actor: Actor, wanted: tuple[UUID, ...], kept: tuple[UUID, ...]) -> list[FieldProblem]:
    new = [id_ for id_ in wanted if id_ not in kept]
    if not new:
        return []
    found = await db.rows(
        """SELECT r.id, o.path FROM events_provider r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.active AND r.id = ANY($1::uuid[])""",
        new,
    )
    known = {one["id"] for one in found if actor.organises(one["path"])}
    return [] if known.issuperset(new) else [FieldProblem("provider_ids", "not-found")]


async def _venue_of(actor: Actor, venue_id: UUID | None, stored: SessionRow | None) -> VenueFacts | None:
    if venue_id is None:
        return None
    found = await db.row(
        """SELECT v.district, v.capacity, v.setup_minutes, v.takedown_minutes, v.active, o.path
             FROM events_venue v JOIN accounts_organisation o ON o.id = v.organisation WHERE v.id = $1""",
        venue_id,
    )
    kept = stored is not None and stored.venue_id == venue_id
    if found is None or not (kept or (found["active"] and actor.organises(found["path"]))):
        return None
    return VenueFacts(found["district"], found["capacity"], found["setup_minutes"], found["takedown_minutes"])


async def _is_known_host(actor: Actor, host_id: UUID | None, stored: SessionRow | None) -> bool:
    if host_id is None or (stored is not None and stored.host_id == host_id):
        return True
    path = await db.value("SELECT path FROM accounts_organisation WHERE id = $1", host_id)
    return path is not None and actor.organises(path)


async def _unknown_organisers(organisers: tuple[tuple[str, UUID], ...]) -> list[FieldProblem]:
    """主办 and 承办 may lie above the caller or beside it; they only have to exist."""
    wanted = {id_ for _part, id_ in organisers}
    if not wanted:
        return []
    number = await db.value("SELECT count(*) FROM accounts_organisation WHERE id = ANY($1::uuid[])", list(wanted))
    return [] if number == len(wanted) else [FieldProblem("organisers", "not-found")]


def _cleaned(given: SessionGiven) -> SessionGiven:
    return replace(
        given,
        title=clean_line(given.title or "") or None,
        kind=clean_line(given.kind or "") or None,
        address=clean_line(given.address),
        district=None if given.district is None else clean_line(given.district),
        note=given.note.strip(),
    )


#: Column → field of ``SessionDraft``.
_COLUMNS = {
    "event": "event_id",
    "organisation": "organisation_id",
    "title": "title",
    "kind": "kind",
    "host": "host_id",
    "venue": "venue_id",
    "address": "address",
    "district": "district",
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "multi_day": "multi_day",
    "setup_minutes": "setup_minutes",
    "takedown_minutes": "takedown_minutes",
    "capacity": "capacity",
    "claimable": "claimable",
    "visibility": "visibility",
    "approval_needed": "approval_needed",
    "booking_opens_at": "booking_opens_at",
    "booking_closes_at": "booking_closes_at",
    "max_seats_per_booking": "max_seats_per_booking",
    "note": "note",
}


async def _insert(session_id: UUID, draft: SessionDraft, actor: Actor, now: datetime) -> None:
    values = [getattr(draft, name) for name in _COLUMNS.values()]
    numbers = ", ".join(f"${number}" for number in range(4, 4 + len(values)))
    await db.execute(
        f"""INSERT INTO events_session (id, created_by, created_at, revised_at, programme, state, seats_taken, revision,
                   cancelled_by, cancel_reason, {", ".join(_COLUMNS)})
            VALUES ($1, $2, $3, $3, (SELECT programme FROM events_event WHERE id = $4), 'draft', 0, 1, '', '',
                   {numbers})""",  # noqa: S608 - names of columns and numbers of arguments
        session_id,
        actor.person_id,
        now,
        *values,
    )
    await _write_people(session_id, draft)


async def store_within(session_id: UUID, now: datetime, draft: SessionDraft) -> int:
    """Write everything that staff decide about a session and raise its revision; return the new one.

    The caller holds the lock, has checked the draft (``recheck_within``), and sees to what the session occupies.
    """
    values = [getattr(draft, name) for name in _COLUMNS.values()]
    settings = ", ".join(f"{column} = ${number}" for number, column in enumerate(_COLUMNS, 3))
    await db.execute(
        f"""UPDATE events_session SET {settings}, programme = (SELECT programme FROM events_event WHERE id = $3),
                   revision = revision + 1, revised_at = $2 WHERE id = $1""",  # noqa: S608 - names of columns
        session_id,
        now,
        *values,
    )
    await db.execute("DELETE FROM events_session_provider WHERE session = $1", session_id)
    await db.execute("DELETE FROM events_session_organiser WHERE session = $1", session_id)
    await _write_people(session_id, draft)
    return int(await db.value("SELECT revision FROM events_session WHERE id = $1", session_id))


async def _write_people(session_id: UUID, draft: SessionDraft) -> None:
    for position, provider_id in enumerate(draft.provider_ids, 1):
        await db.execute(
            "INSERT INTO events_session_provider (id, session, provider, position) VALUES ($1, $2, $3, $4)",
            new_id(),
            session_id,
            provider_id,
            position,
        )
    for part, organisation_id in draft.organisers:
        await db.execute(
            "INSERT INTO events_session_organiser (id, session, organisation, part) VALUES ($1, $2, $3, $4)",
            new_id(),
            session_id,
            organisation_id,
            part,
        )
