"""Ticks of those who keep the list of a session: sent at once or hours later, once or twice, each decided by itself.

One transaction for the whole request, with the session's row locked alone: taps on one list take their turns, so no two
of them can lock people crosswise, a key that is sent twice at once waits for its own answer, and a hall that checks in
by its phones waits a few milliseconds for each request, not for each tap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.journal import Noted, note_each_within
from outreach.attendance.attendees import PersonGiven, record_presence_within, session_for_list_within
from outreach.attendance.doors import kept_session
from outreach.attendance.records import held_within
from outreach.attendance.ticking.answers import Answer, answers_within, refused_by, remember_within, ticked
from outreach.attendance.ticking.board import Board, board_within, identified
from outreach.attendance.ticking.domain.errors import TickKeyReusedError
from outreach.attendance.ticking.domain.ticks import USUAL_REASON, Outcome, Tap
from outreach.attendance.ticking.queries import asks_for_numbers, booked_units
from outreach.bookings.orders.records import lock_order_of_session_within
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, NotFoundError
from outreach.shared.text import clean_line

__all__ = ["TickGiven", "record_ticks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TickGiven:
    """One tap. ``attendee_id`` ``None``: whom ``name``, ``unit`` and perhaps ``phone`` name, added if need be.

    ``key``: the phone's own, so that the tap sent again has no second effect. ``seen_revision``: of the row as the
    phone knew it; ``None``: whatever it is.
    """

    key: UUID
    attendee_id: UUID | None = None
    name: str = ""
    unit: str = ""
    phone: str = ""
    present: bool = True
    seen_revision: int | None = None
    reason: str = ""


async def record_ticks(
    actor: Actor, now: datetime, *, key: bytes, session_id: UUID, on: date, ticks: Sequence[TickGiven]
) -> list[Answer]:
    """Take taps in their order; one answer for each. The time that counts is ``now``, never the phone's.

    Args:
        key: ``attendees.identity_key(settings)``.

    A session that is closed, cancelled or confidential, and a closed year, refuse every tap by itself.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        InvalidError: the session is not on that day, or the day is to come; names ``on``.
        TickKeyReusedError: a key belongs to a tap of another session.
    """
    await kept_session(actor, session_id)  # asked before anybody waits for a lock
    async with db.atomic({"attendance_tick_once": TickKeyReusedError}):
        await lock_order_of_session_within(session_id)
        await db.execute("SELECT 1 FROM events_session WHERE id = $1 FOR NO KEY UPDATE", session_id)
        known = await answers_within(actor, session_id, [one.key for one in ticks])
        fresh = {one.key: one for one in ticks if one.key not in known}
        if fresh:
            made = await _decided_within(actor, now, key, session_id, on, ticks, known)
            await remember_within(actor, now, session_id, made)
            known |= made
    return [known[one.key] for one in ticks]


async def _decided_within(
    actor: Actor,
    now: datetime,
    key: bytes,
    session_id: UUID,
    on: date,
    ticks: Sequence[TickGiven],
    known: Mapping[UUID, Answer],
) -> dict[UUID, Answer]:
    """The answers to the taps that are not ``known``; the others only tell what this phone did before."""
    try:
        session = await session_for_list_within(None, now, session_id=session_id, on=on)
    except ConflictError as error:
        return {one.key: refused_by(error) for one in ticks if one.key not in known}
    numbers = await asks_for_numbers(session.programme_id)
    made: dict[UUID, Answer] = {}
    named: dict[UUID, PersonGiven] = {}
    for one in ticks:
        if one.key not in known and one.attendee_id is None:
            try:
                named[one.key] = identified(key, one.name, one.unit, one.phone if numbers else "")
            except InvalidError as error:
                made[one.key] = refused_by(error)
    ids = [one.attendee_id for one in ticks if one.attendee_id is not None]
    board = await board_within(session_id, on, key, ids, named)
    await _add_within(actor, now, session, on, board, [one for one in ticks if one.present])
    lines: list[Noted] = []
    for one in ticks:
        if one.key in known:
            board.recall(known[one.key])
        elif one.key not in made:
            made[one.key] = _tapped(board, one, now, on, lines)
    await board.write_within(now)
    if lines:
        await note_each_within(actor, now, "session", session_id, lines, organisation_id=session.organisation_id)
    there = any(one.attendee is not None and one.attendee.present for one in made.values())
    if there and session.state == "published" and now >= session.starts_at:
        await held_within(actor, now, session)
    return made


async def _add_within(
    actor: Actor, now: datetime, session: SessionRow, on: date, board: Board, ticks: Sequence[TickGiven]
) -> None:
    """Write those who came and stand on no list."""
    missing = board.missing([one.key for one in ticks])
    if not missing:
        return
    units = await booked_units(session.id)
    people = [replace(one, organisation_id=units.get(one.unit_name)) for one in missing]
    written = await record_presence_within(actor, now, session_id=session.id, on=on, people=people, came_by="list")
    for person, one in zip(people, written, strict=True):
        board.add(person.identity.hash, one.attendee_id, now)


def _tapped(board: Board, one: TickGiven, now: datetime, on: date, lines: list[Noted]) -> Answer:
    """Decide one tap; a line for the journal where it changed something, without a name: names go before it does."""
    person = board.person(one.key, one.attendee_id)
    if person is None:
        # Nobody of this list; of somebody named who is not there an undo has nothing to take back.
        return refused_by(NotFoundError()) if one.attendee_id else Answer(outcome=Outcome.ALREADY)
    came_by = person.came_by
    outcome = person.tap(Tap(one.present, one.seen_revision), now)
    if outcome is Outcome.DONE:
        facts = {"attendee_id": str(person.id), "on": on.isoformat(), "came_by": "list" if one.present else came_by}
        reason = "" if one.present else clean_line(one.reason) or USUAL_REASON
        lines.append(Noted("attendance.present" if one.present else "attendance.undone", reason, facts))
    return Answer(outcome=outcome, attendee=ticked(person))
