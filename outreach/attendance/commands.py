"""Writes of attendance: head-counts, holding, closing, correcting, and what is entered afterwards."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.attendance.closing.correcting import correct_headcount
from outreach.attendance.closing.missing import missing_of
from outreach.attendance.closing.records import remark_within, store_missing_reason_within
from outreach.attendance.domain.headcounts import day_problems, headcount_problems
from outreach.attendance.queries import HeadcountRow, year_is_closed
from outreach.attendance.recording import open_session_within, put_headcount_within
from outreach.attendance.records import Figures, held_within, note_figures_within, store_within
from outreach.attendance.reported.settling import drop_reports_within
from outreach.bookings.domain.states import BookingState
from outreach.bookings.queries import BookingRow, bookings_of_session
from outreach.bookings.records import live_bookings_within, move_within
from outreach.events.commands import create_many_within, create_within, locked_within
from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState, move
from outreach.events.queries import SessionRow, session_by_id
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = [
    "Figures",
    "close_session",
    "correct_headcount",
    "hold_session",
    "put_headcount",
    "record_many_past_within",
    "record_past_session",
    "record_past_within",
]

#: Kept with a booking that nobody answered before its session was closed.
UNANSWERED = "场次已办结，这个预约没有审核"
#: Kept with a group that waited in vain.
NEVER_SERVED = "场次已办结，候补没有等到名额"


async def put_headcount(
    actor: Actor, now: datetime, *, session_id: UUID, figures: Figures, revision: int | None = None
) -> HeadcountRow:
    """Write the head-count of one day of a session that has begun; the first one makes a published session held.

    Args:
        revision: of the head-count that the caller read; ``None``: whatever it is.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is neither published nor held; a closed one is corrected.
        NotStartedError: it has not begun.
        ClosedYearError: its year is closed.
        StaleError: the head-count was changed since.
        InvalidError: names every bad field.
    """
    async with atomic():
        session = await open_session_within(actor, now, session_id)
        return await put_headcount_within(actor, now, session, figures, revision=revision)


async def hold_session(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    no_shows: Sequence[UUID] = (),
    reasons: Mapping[UUID, str] | None = None,
) -> SessionRow:
    """Say that a session took place, and who had booked and did not come; a held one takes further no-shows.

    Args:
        no_shows: bookings whose organisation did not come.
        reasons: why, of as many of these as is known; the organisation reads it.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is neither published nor held.
        NotStartedError: it has not begun.
        ClosedYearError: its year is closed.
        InvalidError: a no-show is no booking of this session, or a reason is given for another.
        BookingStateError: a no-show's booking is not a confirmed one.
    """
    async with atomic():
        session = await open_session_within(actor, now, session_id)
        by_id = {one.id: one for one in await bookings_of_session(session_id)}
        unknown = [
            FieldProblem(f"no_shows.{number}", "not-found") for number, id_ in enumerate(no_shows) if id_ not in by_id
        ]
        why = {id_: clean_line(reason) for id_, reason in (reasons or {}).items()}
        unknown += [FieldProblem(f"reasons.{id_}", "not-found") for id_ in why if id_ not in no_shows]
        if unknown:
            raise InvalidError(unknown)
        for id_ in dict.fromkeys(no_shows):
            if by_id[id_].state != BookingState.NO_SHOW:
                await move_within(
                    actor, now, by_id[id_], BookingState.NO_SHOW, reason=why.get(id_, ""), action="booking.recorded"
                )
        if session.state == SessionState.PUBLISHED:
            await held_within(actor, now, session)
        return await session_by_id(session_id)


async def close_session(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    remarks: str | None = None,
    missing_reason: str = "",
    insisting: bool = False,
) -> SessionRow:
    """Close a held session: confirmed bookings become attended, those that nobody answered are declined.

    Args:
        remarks: 情况说明; ``None``: what was said before stays.
        missing_reason: why it is closed without figures, evidence or remarks, if any of them is not there.
        insisting: refuse where something is not there and nobody says why.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is not held.
        ClosedYearError: its year is closed.
        InvalidError: something is not there, and ``missing_reason`` is empty; names it.
    """
    async with atomic():
        session = await locked_within(actor, session_id)
        move(SessionState(session.state), SessionState.CLOSED)
        if await year_is_closed(session):
            raise ClosedYearError(year=local_day(session.starts_at).year)
        if remarks is not None:
            await remark_within(actor, now, session, remarks.strip())
        lacking = (await missing_of([session_id]))[session_id]
        reason = clean_line(missing_reason) if lacking else ""
        if lacking and insisting and not reason:
            raise invalid("missing_reason", "missing-needs-reason")
        await store_missing_reason_within(actor, now, session_id, reason)
        for booking in await live_bookings_within(session_id):
            await _settle_within(actor, now, booking)
        await drop_reports_within(actor, now, session)
        done = await db.execute(
            """UPDATE events_session SET state = 'closed', closed_at = $2, revision = revision + 1, revised_at = $2
                WHERE id = $1 AND state = 'held'""",
            session_id,
            now,
        )
        if not done:
            raise SessionStateError(state=(await session_by_id(session_id)).state)
        await note_within(
            actor,
            now,
            "session.closed",
            "session",
            session_id,
            organisation_id=session.organisation_id,
            from_state=session.state,
            to_state=SessionState.CLOSED.value,
            reason=reason,
            facts={"missing": list(lacking)} if lacking else None,
        )
        return await session_by_id(session_id)


async def _settle_within(actor: Actor, now: datetime, booking: BookingRow) -> None:
    match booking.state:
        case BookingState.CONFIRMED:
            await move_within(actor, now, booking, BookingState.ATTENDED, action="booking.recorded")
        case BookingState.PENDING:
            await move_within(actor, now, booking, BookingState.DECLINED, reason=UNANSWERED)
        case _:
            await move_within(actor, now, booking, BookingState.CANCELLED, reason=NEVER_SERVED, cancelled_by="session")


async def record_past_session(
    actor: Actor, now: datetime, *, given: SessionGiven, headcounts: Sequence[Figures]
) -> SessionRow:
    """Enter a session that has taken place (补录): it is held at once and ties nobody, since the time is past.

    Args:
        headcounts: at least one.

    Raises:
        ForbiddenError: the caller is no organiser.
        ClosedYearError: its year is closed.
        InvalidError: names every bad field.
    """
    async with atomic():
        return await record_past_within(actor, now, given=given, headcounts=headcounts)


async def record_past_within(
    actor: Actor, now: datetime, *, given: SessionGiven, headcounts: Sequence[Figures]
) -> SessionRow:
    """``record_past_session`` inside the open transaction."""
    session_id = await create_within(actor, now, given=given)
    await _entered_within(actor, now, session_id, headcounts)
    return await session_by_id(session_id)


async def record_many_past_within(
    actor: Actor, now: datetime, *, given: Sequence[SessionGiven], headcounts: Sequence[Sequence[Figures]]
) -> list[UUID]:
    """``record_past_within`` for each; the drafts of all are made at once."""
    session_ids = await create_many_within(actor, now, given=given, published=[False] * len(given))
    for session_id, figures in zip(session_ids, headcounts, strict=True):
        await _entered_within(actor, now, session_id, figures)
    return session_ids


async def _entered_within(actor: Actor, now: datetime, session_id: UUID, headcounts: Sequence[Figures]) -> None:
    """A draft that was made a moment ago becomes held, with its figures."""
    session = await session_by_id(session_id)
    problems = [] if session.ends_at <= now else [FieldProblem("ends_at", "not-over-yet")]
    if not problems:
        problems = _past_problems(session, headcounts, local_day(now))
    if problems:
        raise InvalidError(problems)
    if await year_is_closed(session):
        raise ClosedYearError(year=local_day(session.starts_at).year)
    await held_within(actor, now, session)
    for figures in headcounts:
        after = await store_within(actor, now, session_id, figures)
        await note_figures_within(actor, now, session, "headcount.recorded", None, after)


def _past_problems(session: SessionRow, headcounts: Sequence[Figures], today: date) -> list[FieldProblem]:
    """Problems of every head-count; of the first one by the plain names of its fields."""
    problems = [] if headcounts else [FieldProblem("headcounts", "required")]
    if session.venue_id is None and not session.address and session.host_id is None:
        problems.append(FieldProblem("address", "no-place-yet"))
    days: set[date] = set()
    for number, one in enumerate(headcounts):
        found = day_problems(one.on, session.starts_at, session.ends_at, today)
        found += headcount_problems(one.total, one.workers, one.breakdown)
        if one.on in days:
            found.append(FieldProblem("on", "day-twice"))
        days.add(one.on)
        problems += [FieldProblem(f"headcounts.{number}.{each.field}", each.code, each.facts) for each in found]
    return problems
