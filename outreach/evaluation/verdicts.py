"""Verdicts: what was decided of each programme, and deciding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.evaluation.domain.verdicts import Decision, verdict_problems
from outreach.programmes.domain.permissions import may_change_programme, may_read_programme
from outreach.programmes.queries import programme_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.ids import new_id

__all__ = ["VerdictRow", "give_verdict", "verdicts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """What the organiser decided; ``decided_by_name`` is empty when the person is not known any more."""

    programme_id: UUID
    decision: Decision
    note: str
    decided_by_name: str
    decided_at: datetime
    revision: int


async def verdicts_of(programme_ids: Sequence[UUID]) -> dict[UUID, VerdictRow]:
    """The verdict of each programme that has one."""
    found = await db.rows(
        """SELECT v.programme AS programme_id, v.decision, v.note, coalesce(p.name, '') AS decided_by_name,
                  v.decided_at, v.revision
             FROM evaluation_verdict v LEFT JOIN accounts_person p ON p.id = v.decided_by
            WHERE v.programme = ANY($1::uuid[])""",
        list(programme_ids),
    )
    return {one["programme_id"]: VerdictRow(**{**one, "decision": Decision(one["decision"])}) for one in found}


async def give_verdict(
    actor: Actor,
    now: datetime,
    *,
    programme_id: UUID,
    decision: Decision,
    note: str = "",
    expected_revision: int | None = None,
) -> VerdictRow:
    """Decide what becomes of the programme next year, or decide again. The same once more changes nothing.

    A closed year does not matter: it is about the next one.

    Args:
        expected_revision: of the verdict that the caller saw, 0 for none; ``None``: not asked.

    Raises:
        NotFoundError, ForbiddenError: not for this caller.
        StaleError: somebody else decided meanwhile.
        InvalidError: to change or drop it without a note.
    """
    note = note.strip()
    async with db.atomic():
        await db.value("SELECT 1 FROM programmes_programme WHERE id = $1 FOR UPDATE", programme_id)
        programme = await programme_by_id(programme_id)
        if not may_read_programme(actor, programme.organisation_path):
            raise NotFoundError
        if not may_change_programme(actor, programme.organisation_path):
            raise ForbiddenError
        if problems := verdict_problems(decision, note):
            raise InvalidError(problems)
        before = (await verdicts_of([programme_id])).get(programme_id)
        if before is not None and (before.decision, before.note) == (decision, note):
            return before
        if expected_revision is not None and expected_revision != (before.revision if before else 0):
            raise StaleError
        await _store_within(actor, now, programme_id, decision, note)
        await note_within(
            actor,
            now,
            "verdict.given",
            "programme",
            programme_id,
            organisation_id=programme.organisation_id,
            from_state=before.decision if before else None,
            to_state=decision,
            reason=note,
            facts={"code": programme.code, "year": programme.year, "note_before": before.note if before else ""},
        )
        return (await verdicts_of([programme_id]))[programme_id]


async def _store_within(actor: Actor, now: datetime, programme_id: UUID, decision: Decision, note: str) -> None:
    await db.execute(
        """INSERT INTO evaluation_verdict AS v (id, programme, decision, note, decided_by, decided_at, revision)
           VALUES ($1, $2, $3, $4, $5, $6, 1)
           ON CONFLICT (programme) DO UPDATE
              SET decision = EXCLUDED.decision, note = EXCLUDED.note, decided_by = EXCLUDED.decided_by,
                  decided_at = EXCLUDED.decided_at, revision = v.revision + 1""",
        new_id(),
        programme_id,
        decision.value,
        note,
        actor.person_id,
        now,
    )
