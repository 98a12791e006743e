"""Draft, change and publish sessions. Moving and cancelling published ones touches bookings and lies there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.events.commands.checking import checked, surroundings_of
from outreach.events.domain.drafts import SessionDraft, SessionGiven
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState
from outreach.events.domain.visibility import may_manage, may_see
from outreach.events.queries import SessionRow, session_by_id
from outreach.programmes.commands import lock_year
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, NotFoundError, StaleError
from outreach.shared.ids import new_id
from outreach.shared.time import local_day

__all__ = [
    "change_draft",
    "create_session",
    "create_within",
    "insert_drafts_within",
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
    await insert_drafts_within(actor, now, [(session_id, draft)])
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
    around = await surroundings_of([given], stored.organisation_id if stored else None)
    return checked(actor, given, around, stored, ordered=ordered)


async def recheck_within(actor: Actor, stored: SessionRow, draft: SessionDraft) -> SessionDraft:
    """A stored session with some values replaced, held against every rule; return it with its texts cleaned.

    Raises:
        InvalidError: names every bad field.
    """
    given = SessionGiven(**{name: getattr(draft, name) for name in SessionDraft.__dataclass_fields__})
    return await _checked(actor, replace(given, unlimited=draft.capacity is None), stored)


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


_NUMBERS = ", ".join(f"${number}" for number in range(4, 4 + len(_COLUMNS)))
_INSERT = f"""INSERT INTO events_session (id, created_by, created_at, revised_at, programme, state, seats_taken,
                   revision, cancelled_by, cancel_reason, {", ".join(_COLUMNS)})
            VALUES ($1, $2, $3, $3, (SELECT programme FROM events_event WHERE id = $4), 'draft', 0, 1, '', '',
                   {_NUMBERS})"""  # noqa: S608 - names of columns and numbers of arguments


async def insert_drafts_within(actor: Actor, now: datetime, drafts: Sequence[tuple[UUID, SessionDraft]]) -> None:
    """Store new drafts that were checked, with their people, under these ids."""
    connection = db.connection()
    await connection.executemany(
        _INSERT,
        [
            (session_id, actor.person_id, now, *(getattr(draft, name) for name in _COLUMNS.values()))
            for session_id, draft in drafts
        ],
    )
    await _write_people(drafts)


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
    await _write_people([(session_id, draft)])
    return int(await db.value("SELECT revision FROM events_session WHERE id = $1", session_id))


async def _write_people(drafts: Sequence[tuple[UUID, SessionDraft]]) -> None:
    connection = db.connection()
    providers = [
        (new_id(), session_id, provider_id, position)
        for session_id, draft in drafts
        for position, provider_id in enumerate(draft.provider_ids, 1)
    ]
    organisers = [
        (new_id(), session_id, organisation_id, part)
        for session_id, draft in drafts
        for part, organisation_id in draft.organisers
    ]
    if providers:
        await connection.executemany(
            "INSERT INTO events_session_provider (id, session, provider, position) VALUES ($1, $2, $3, $4)", providers
        )
    if organisers:
        await connection.executemany(
            "INSERT INTO events_session_organiser (id, session, organisation, part) VALUES ($1, $2, $3, $4)", organisers
        )
