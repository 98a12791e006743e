"""Making doors and changing who may use them and when."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.attendance.domain.doors import LONGEST_AFTER, LONGEST_BEFORE
from outreach.attendance.domain.errors import NoNamesError
from outreach.attendance.doors import DoorRow, door_of, kept_session
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.visibility import may_manage
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError
from outreach.shared.ids import new_id

__all__ = ["change_door", "open_door"]

#: Advisory lock: two doors made at once never get the same code.
_MAKING = 4_150_001


async def open_door(actor: Actor, now: datetime, *, session_id: UUID) -> DoorRow:
    """The session's door, made if there is none; a second call finds the first one's.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is neither published nor held.
        NoNamesError: its programme is confidential.
    """
    async with db.atomic():
        return await _door_within(actor, now, await kept_session(actor, session_id))


async def _door_within(actor: Actor, now: datetime, session: SessionRow) -> DoorRow:
    if (found := await door_of(session.id)) is not None:
        return found
    if session.confidential:
        raise NoNamesError
    if session.state not in ("published", "held"):
        raise SessionStateError(state=session.state)
    await db.execute("SELECT pg_advisory_xact_lock($1)", _MAKING)
    made = await db.execute(
        """INSERT INTO attendance_door (id, session, token, code, created_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (session) DO NOTHING""",
        new_id(),
        session.id,
        secrets.token_urlsafe(18),
        await _free_code_within(),
        now,
    )
    if made:
        await note_within(
            actor, now, "session.door_opened", "session", session.id, organisation_id=session.organisation_id
        )
    return await _stored(session.id)


async def _stored(session_id: UUID) -> DoorRow:
    found = await door_of(session_id)
    assert found is not None
    return found


async def _free_code_within() -> str:
    """Six digits that no door of a session still to be closed has."""
    while True:
        code = f"{secrets.randbelow(10**6):06d}"
        taken = await db.value(
            """SELECT 1 FROM attendance_door d JOIN events_session s ON s.id = d.session
                WHERE d.code = $1 AND s.state IN ('published', 'held') LIMIT 1""",
            code,
        )
        if taken is None:
            return code


async def change_door(
    actor: Actor, now: datetime, *, session_id: UUID, walk_ins: bool, opens_minutes: int, closes_minutes: int
) -> DoorRow:
    """Set who may check in and when; makes the door if there is none.

    Raises:
        NotFoundError, ForbiddenError: the caller does not run the session.
        SessionStateError, NoNamesError: as ``open_door``.
        InvalidError: names the field with too many minutes.
    """
    problems = [
        FieldProblem(name, "too-large-number", {"most": f"{most:,}"})
        for name, minutes, most in (
            ("opens_minutes", opens_minutes, LONGEST_BEFORE),
            ("closes_minutes", closes_minutes, LONGEST_AFTER),
        )
        if not 0 <= minutes <= most
    ]
    if problems:
        raise InvalidError(problems)
    async with db.atomic():
        session = await kept_session(actor, session_id)
        if not may_manage(actor, session.facts):
            raise ForbiddenError
        before = await _door_within(actor, now, session)
        await db.execute(
            "UPDATE attendance_door SET walk_ins = $2, opens_minutes = $3, closes_minutes = $4 WHERE session = $1",
            session_id,
            walk_ins,
            opens_minutes,
            closes_minutes,
        )
        after = await _stored(session_id)
        if after != before:
            await note_within(
                actor,
                now,
                "session.door_changed",
                "session",
                session_id,
                organisation_id=session.organisation_id,
                facts={"from": _settings_of(before), "to": _settings_of(after)},
            )
        return after


def _settings_of(door: DoorRow) -> dict[str, Any]:
    return {
        "walk_ins": door.walk_ins,
        "opens_minutes": door.opens_minutes,
        "closes_minutes": door.closes_minutes,
    }
