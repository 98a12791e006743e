"""What a phone was told of its taps: stored by key, so that the same tap again gets the same answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.attendance.ticking.domain.errors import TickKeyReusedError
from outreach.attendance.ticking.domain.ticks import KEPT, Outcome, Person
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import FieldProblem, InvalidError, OutreachError
from outreach.shared.ids import new_id
from outreach.shared.time import local

__all__ = ["Answer", "Refusal", "Ticked", "answers_within", "forget_ticks", "refused_by", "remember_within", "ticked"]


class Ticked(msgspec.Struct, kw_only=True):
    """The person's row after the tap. No name: the list has it, and it may have to go before the answer does."""

    id: UUID
    present: bool
    checked_in_at: datetime | None
    came_by: str
    revision: int


class Refusal(msgspec.Struct, kw_only=True):
    """Why not, without words: those are said in the language of who asks."""

    code: str
    facts: dict[str, Any] = {}
    fields: list[FieldProblem] = []


class Answer(msgspec.Struct, kw_only=True):
    """``attendee``: the row as it stands, ``None`` where there is none or the tap was refused."""

    outcome: Outcome
    attendee: Ticked | None = None
    refusal: Refusal | None = None


def ticked(person: Person) -> Ticked:
    """The row as the phone is told it."""
    return Ticked(
        id=person.id,
        present=person.present,
        checked_in_at=local(person.checked_in_at) if person.checked_in_at else None,
        came_by=person.came_by,
        revision=person.revision,
    )


def refused_by(error: OutreachError) -> Answer:
    """The answer to a tap that cannot be taken."""
    fields = list(error.problems) if isinstance(error, InvalidError) else []
    return Answer(outcome=Outcome.REFUSED, refusal=Refusal(code=error.code, facts=error.facts, fields=fields))


async def answers_within(actor: Actor, session_id: UUID, keys: Sequence[UUID]) -> dict[UUID, Answer]:
    """What this person was told before, by key.

    Raises:
        TickKeyReusedError: a key belongs to a tap of another session.
    """
    found = await db.rows(
        "SELECT key, session, answer FROM attendance_tick WHERE recorded_by = $1 AND key = ANY($2::uuid[])",
        actor.person_id,
        list(keys),
    )
    if any(one["session"] != session_id for one in found):
        raise TickKeyReusedError
    return {one["key"]: msgspec.json.decode(one["answer"], type=Answer) for one in found}


async def remember_within(actor: Actor, now: datetime, session_id: UUID, answers: Mapping[UUID, Answer]) -> None:
    """Store the answers by key, all by one statement."""
    await db.execute(
        """INSERT INTO attendance_tick (id, key, session, recorded_by, attendee, answer, recorded_at)
           SELECT g.id, g.key, $1, $2, g.attendee, g.answer::jsonb, $3
             FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[]) AS g (id, key, attendee, answer)
            ORDER BY g.key""",
        session_id,
        actor.person_id,
        now,
        [new_id() for _ in answers],
        list(answers),
        [one.attendee.id if one.attendee else None for one in answers.values()],
        [msgspec.json.encode(one).decode() for one in answers.values()],
    )


async def forget_ticks(now: datetime) -> int:
    """Delete the answers that are older than 30 days; return how many."""
    async with db.atomic():
        return await db.execute("DELETE FROM attendance_tick WHERE recorded_at < $1", now - KEPT)
