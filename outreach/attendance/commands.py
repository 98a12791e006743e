"""Writes of attendance: head-counts, holding, closing, correcting, and what is entered afterwards."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.attendance.domain.headcounts import CORRECTABLE, MOST_VISITS, day_problems, headcount_problems
from outreach.attendance.queries import CorrectionRow, HeadcountRow, year_is_closed
from outreach.attendance.recording import open_session_within, put_headcount_within
from outreach.attendance.records import Figures, headcount_within, held_within, note_figures_within, store_within
from outreach.attendance.reported.settling import drop_reports_within, settle_reports_within
from outreach.bookings.domain.states import BookingState
from outreach.bookings.queries import BookingRow, bookings_of_session
from outreach.bookings.records import live_bookings_within, move_within
from outreach.events.commands import create_within, locked_within
from outreach.events.domain.drafts import SessionGiven
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState, move
from outreach.events.queries import SessionRow, session_by_id
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["Figures", "close_session", "correct_headcount", "hold_session", "put_headcount", "record_past_session"]

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


async def close_session(actor: Actor, now: datetime, *, session_id: UUID) -> SessionRow:
    """Close a held session: confirmed bookings become attended, those that nobody answered are declined.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is not held.
        ClosedYearError: its year is closed.
    """
    async with atomic():
        session = await locked_within(actor, session_id)
        move(SessionState(session.state), SessionState.CLOSED)
        if await year_is_closed(session):
            raise ClosedYearError(year=local_day(session.starts_at).year)
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


async def correct_headcount(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    field_name: str,
    on: date,
    value: int | None,
    reason: str,
) -> CorrectionRow:
    """Change one figure of a held or closed session, also of a closed year; both values and the reason are kept.

    Args:
        field_name: one of ``CORRECTABLE``.
        value: visits; ``None``: not reported (never for ``total``).

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is neither held nor closed.
        InvalidError: names every bad field; a figure that does not fit the others names ``value``.
    """
    async with atomic():
        session = await locked_within(actor, session_id)
        if session.state not in (SessionState.HELD, SessionState.CLOSED):
            raise SessionStateError(state=session.state)
        problems = _correction_problems(session, field_name, on, value, reason, local_day(now))
        before = await headcount_within(session_id, on)
        if before is None and field_name != "total" and not problems:
            problems.append(FieldProblem("on", "no-headcount"))
        if problems:
            raise InvalidError(problems)
        figures = _corrected(before, field_name, on, value)
        if headcount_problems(figures.total, figures.workers, figures.breakdown):
            raise invalid("value", "does-not-fit")
        after = await store_within(actor, now, session_id, figures)
        await note_figures_within(actor, now, session, "headcount.corrected", before, after, clean_line(reason))
        await settle_reports_within(actor, now, session, after)
        return await _store_correction_within(actor, now, session_id, field_name, on, before, value, clean_line(reason))


def _correction_problems(
    session: SessionRow, field_name: str, on: date, value: int | None, reason: str, today: date
) -> list[FieldProblem]:
    problems = day_problems(on, session.starts_at, session.ends_at, today)
    if field_name not in CORRECTABLE:
        problems.append(FieldProblem("field", "not-one-of", {"options": list(CORRECTABLE)}))
    if value is None and field_name == "total":
        problems.append(FieldProblem("value", "required"))
    if value is not None and not 0 <= value <= MOST_VISITS:
        problems.append(FieldProblem("value", "too-large-number", {"most": f"{MOST_VISITS:,}"}))
    if not clean_line(reason):
        problems.append(FieldProblem("reason", "required"))
    return problems


def _corrected(before: HeadcountRow | None, field_name: str, on: date, value: int | None) -> Figures:
    if before is None:
        return Figures(on=on, total=value or 0)
    breakdown = dict(before.breakdown)
    if field_name.startswith("breakdown."):
        breakdown.pop(field_name.removeprefix("breakdown."), None)
        if value is not None:
            breakdown[field_name.removeprefix("breakdown.")] = value
    return Figures(
        on=on,
        total=value if field_name == "total" and value is not None else before.total,
        workers=value if field_name == "workers" else before.workers,
        estimated=before.estimated,
        breakdown=breakdown,
    )


def _value_of(row: HeadcountRow | None, field_name: str) -> int | None:
    if row is None:
        return None
    if field_name.startswith("breakdown."):
        return row.breakdown.get(field_name.removeprefix("breakdown."))
    return row.total if field_name == "total" else row.workers


async def _store_correction_within(
    actor: Actor,
    now: datetime,
    session_id: UUID,
    field_name: str,
    on: date,
    before: HeadcountRow | None,
    value: int | None,
    reason: str,
) -> CorrectionRow:
    made = CorrectionRow(
        id=new_id(),
        session_id=session_id,
        field=field_name,
        on=on,
        old_value=_value_of(before, field_name),
        new_value=value,
        reason=reason,
        corrected_by_name=actor.name,
        corrected_at=now,
    )
    await db.execute(
        """INSERT INTO attendance_correction
                  (id, session, field, "on", old_value, new_value, reason, corrected_by, corrected_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        made.id,
        session_id,
        field_name,
        on,
        msgspec.json.encode(made.old_value).decode(),
        msgspec.json.encode(made.new_value).decode(),
        reason,
        actor.person_id,
        now,
    )
    return made


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
        session_id = await create_within(actor, now, given=given)
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
        return await session_by_id(session_id)


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
