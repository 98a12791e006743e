"""Entries for what no session yields."""

from datetime import date, datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.programmes.commands.storing import CONFLICTS, lock_year
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.domain.tallies import tally_problems
from outreach.programmes.queries import ProgrammeRow, TargetRow, programme_by_id, target_by_id, targets_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import implausible_day, local_day

__all__ = ["add_tally", "add_tally_within", "change_tally_within", "remove_tally"]


async def add_tally(
    actor: Actor,
    now: datetime,
    *,
    programme_id: UUID,
    target: str,
    on: date,
    quantity: float,
    receiver: str = "",
    session_id: UUID | None = None,
    note: str = "",
) -> UUID:
    """Enter ``quantity`` for a target of the programme on a day; return the entry's id.

    Args:
        target: the target's id, or its key within the programme.
        session_id: a session of the programme that it came from.

    Raises:
        NotFoundError: the actor may not know the programme.
        ForbiddenError: the actor does not run its owner.
        ClosedYearError: the year is closed.
        InvalidError: names the bad field.
    """
    async with db.atomic(CONFLICTS):
        return await add_tally_within(
            actor,
            now,
            programme_id=programme_id,
            target=target,
            on=on,
            quantity=quantity,
            receiver=receiver,
            session_id=session_id,
            note=note,
        )


async def add_tally_within(
    actor: Actor,
    now: datetime,
    *,
    programme_id: UUID,
    target: str,
    on: date,
    quantity: float,
    receiver: str = "",
    session_id: UUID | None = None,
    note: str = "",
) -> UUID:
    """``add_tally`` inside the open transaction."""
    programme = await _changeable(actor, programme_id)
    found = await _target(programme_id, target)
    problems = implausible_day("on", on) or tally_problems(
        found.metric,
        found.counting,
        found.unit,
        programme.year,
        on=on,
        quantity=quantity,
        today=local_day(now),
    )
    if problems:
        raise InvalidError(problems)
    await _check_session(session_id, programme_id)
    made = new_id()
    await db.execute(
        """INSERT INTO programmes_tally
               (id, target, "on", quantity, receiver, session_id, note, created_by, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        made,
        found.id,
        on,
        quantity,
        clean_line(receiver),
        session_id,
        clean_line(note),
        actor.person_id,
        now,
    )
    await note_within(
        actor,
        now,
        "tally.added",
        "tally",
        made,
        organisation_id=programme.organisation_id,
        facts={"target": found.key, "on": on.isoformat(), "quantity": quantity},
    )
    return made


async def change_tally_within(
    actor: Actor, now: datetime, *, tally_id: UUID, on: date, quantity: float, receiver: str, note: str
) -> None:
    """Write an entry anew inside the open transaction; the journal keeps what it said.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError, InvalidError: as for ``add_tally``.
    """
    row = await db.row(
        'SELECT target, "on", quantity, receiver, note FROM programmes_tally WHERE id = $1 FOR UPDATE', tally_id
    )
    if row is None:
        raise NotFoundError
    target = await target_by_id(row["target"])
    programme = await _changeable(actor, target.programme_id)
    problems = implausible_day("on", on) or tally_problems(
        target.metric, target.counting, target.unit, programme.year, on=on, quantity=quantity, today=local_day(now)
    )
    if problems:
        raise InvalidError(problems)
    await db.execute(
        'UPDATE programmes_tally SET "on" = $2, quantity = $3, receiver = $4, note = $5 WHERE id = $1',
        tally_id,
        on,
        quantity,
        clean_line(receiver),
        clean_line(note),
    )
    before = {
        "on": row["on"].isoformat(),
        "quantity": row["quantity"],
        "receiver": row["receiver"],
        "note": row["note"],
    }
    await note_within(
        actor,
        now,
        "tally.changed",
        "tally",
        tally_id,
        organisation_id=programme.organisation_id,
        facts={"target": target.key, "from": before, "on": on.isoformat(), "quantity": quantity},
    )


async def remove_tally(actor: Actor, now: datetime, tally_id: UUID, *, reason: str) -> None:
    """Take a mistaken entry back; the journal keeps what it said.

    Raises:
        NotFoundError: no such entry, or the actor may not know its programme.
        ForbiddenError: the actor does not run its owner.
        ClosedYearError: the year is closed.
    """
    async with db.atomic(CONFLICTS):
        row = await db.row(
            'SELECT target, "on", quantity, receiver, note FROM programmes_tally WHERE id = $1 FOR UPDATE', tally_id
        )
        if row is None:
            raise NotFoundError
        target = await target_by_id(row["target"])
        programme = await _changeable(actor, target.programme_id)
        await db.execute("DELETE FROM programmes_tally WHERE id = $1", tally_id)
        await note_within(
            actor,
            now,
            "tally.removed",
            "tally",
            tally_id,
            organisation_id=programme.organisation_id,
            reason=reason,
            facts={
                "target": target.key,
                "on": row["on"].isoformat(),
                "quantity": row["quantity"],
                "receiver": row["receiver"],
                "note": row["note"],
            },
        )


async def _changeable(actor: Actor, programme_id: UUID) -> ProgrammeRow:
    programme = await programme_by_id(programme_id)
    if not may_read_programme(actor, programme.organisation_path):
        raise NotFoundError
    if not may_change_programme(actor, programme.organisation_path):
        raise ForbiddenError
    await lock_year(programme.organisation_id, programme.year)
    return programme


async def _target(programme_id: UUID, given: str) -> TargetRow:
    targets = (await targets_of([programme_id]))[programme_id]
    found = next((one for one in targets if given in (str(one.id), one.key)), None)
    if found is None:
        raise invalid("target_id", "not-found")
    return found


async def _check_session(session_id: UUID | None, programme_id: UUID) -> None:
    # Sessions lie in a later feature; that the row exists in this programme is all that matters here.
    if session_id is None:
        return
    known = await db.value("SELECT 1 FROM events_session WHERE id = $1 AND programme = $2", session_id, programme_id)
    if known is None:
        raise invalid("session_id", "not-found")
