"""Writes of costs: record, change and remove a line."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.attendance.costs.domain.drafts import CostDraft, line_words, may_have_costs, refuse_unless_fits
from outreach.attendance.costs.domain.errors import TooManyCostsError
from outreach.attendance.costs.queries import CostRow, cost_by_id
from outreach.attendance.queries import year_is_closed
from outreach.events.commands import locked_within
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState
from outreach.events.queries import SessionRow
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import NotFoundError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["MOST_COSTS", "change_cost", "record_cost", "remove_cost"]

#: Lines of one session.
MOST_COSTS = 200


async def record_cost(
    actor: Actor, now: datetime, *, session_id: UUID, draft: CostDraft, form_key: UUID | None = None
) -> CostRow:
    """Add a line to a session that is decided on; the same ``form_key`` again returns the line that it made.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        SessionStateError: it is a draft.
        ClosedYearError: its year is closed.
        TooManyCostsError: it has ``MOST_COSTS`` lines.
        InvalidError: names every bad field.
    """
    async with atomic({"attendance_cost_form_key_key": lambda: invalid("form_key", "unusable")}):
        session = await _open_within(actor, session_id)
        if form_key is not None and (made := await _made_by_form(session_id, form_key)) is not None:
            return made
        refuse_unless_fits(draft, session.provider_ids)
        there = await db.value(
            "SELECT count(*) FROM attendance_cost WHERE session = $1 AND removed_at IS NULL", session_id
        )
        if there >= MOST_COSTS:
            raise TooManyCostsError(most=MOST_COSTS)
        id_ = new_id()
        await db.execute(
            """INSERT INTO attendance_cost
                      (id, session, kind, provider, amount_fen, half_hours, source, note, form_key, created_by,
                       created_at, changed_at, revision)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, 1)""",
            id_,
            session_id,
            draft.kind,
            draft.provider_id,
            draft.amount_fen,
            draft.half_hours,
            draft.source,
            draft.note,
            form_key,
            actor.person_id,
            now,
        )
        made = await cost_by_id(id_)
        await _note_within(actor, now, "cost.recorded", session, None, made)
    return made


async def change_cost(
    actor: Actor,
    now: datetime,
    *,
    cost_id: UUID,
    changed: Callable[[CostRow], CostDraft],
    revision: int | None = None,
    reason: str = "",
) -> CostRow:
    """Change a line; both amounts stay in the journal. The same values again change nothing.

    Args:
        changed: the line as it is to be, from the line as it stands.
        revision: as the caller read it; ``None``: whatever it is.
        reason: asked for once the session is closed.

    Raises:
        NotFoundError, ForbiddenError: no such line, or not the caller's session.
        ClosedYearError: the year of the session is closed.
        StaleError: the line was changed since.
        InvalidError: names every bad field.
    """
    async with atomic():
        session, before = await _locked_line_within(actor, cost_id, revision)
        draft = changed(before)
        refuse_unless_fits(draft, session.provider_ids, kept=before.provider_id)
        if draft == _draft(before):
            return before
        why = _reason(session, reason)
        await db.execute(
            """UPDATE attendance_cost SET kind = $2, provider = $3, amount_fen = $4, half_hours = $5, source = $6,
                      note = $7, changed_at = $8, revision = revision + 1 WHERE id = $1""",
            cost_id,
            draft.kind,
            draft.provider_id,
            draft.amount_fen,
            draft.half_hours,
            draft.source,
            draft.note,
            now,
        )
        after = await cost_by_id(cost_id)
        await _note_within(actor, now, "cost.changed", session, before, after, why)
    return after


async def remove_cost(
    actor: Actor, now: datetime, *, cost_id: UUID, reason: str, revision: int | None = None
) -> CostRow:
    """Take a line back, with the reason; return what it said, which the journal keeps, too.

    Raises:
        NotFoundError, ForbiddenError: no such line (any more), or not the caller's session.
        ClosedYearError: the year of the session is closed.
        StaleError: the line was changed since.
        InvalidError: no reason.
    """
    async with atomic():
        session, before = await _locked_line_within(actor, cost_id, revision)
        if not clean_line(reason):
            raise invalid("reason", "required")
        await db.execute(
            "UPDATE attendance_cost SET removed_at = $2, changed_at = $2, revision = revision + 1 WHERE id = $1",
            cost_id,
            now,
        )
        await _note_within(actor, now, "cost.removed", session, before, None, clean_line(reason))
    return before


async def _open_within(actor: Actor, session_id: UUID) -> SessionRow:
    session = await locked_within(actor, session_id)
    if not may_have_costs(session.state):
        raise SessionStateError(state=session.state)
    if await year_is_closed(session):
        raise ClosedYearError(year=local_day(session.starts_at).year)
    return session


async def _locked_line_within(actor: Actor, cost_id: UUID, revision: int | None) -> tuple[SessionRow, CostRow]:
    """The session, locked, and the line as it stands under that lock."""
    session_id = await db.value("SELECT session FROM attendance_cost WHERE id = $1", cost_id)
    if session_id is None:
        raise NotFoundError
    session = await _open_within(actor, session_id)
    line = await cost_by_id(cost_id)
    if revision is not None and revision != line.revision:
        raise StaleError(revision=line.revision)
    return session, line


async def _made_by_form(session_id: UUID, form_key: UUID) -> CostRow | None:
    id_ = await db.value(
        "SELECT id FROM attendance_cost WHERE form_key = $1 AND session = $2 AND removed_at IS NULL",
        form_key,
        session_id,
    )
    return await cost_by_id(id_) if id_ is not None else None


def _reason(session: SessionRow, reason: str) -> str:
    """A closed session changes with a reason only (rule 7)."""
    said = clean_line(reason)
    if session.state == SessionState.CLOSED and not said:
        raise invalid("reason", "required")
    return said


def _draft(row: CostRow) -> CostDraft:
    return CostDraft(**{name: getattr(row, name) for name in CostDraft.__dataclass_fields__})


async def _note_within(
    actor: Actor,
    now: datetime,
    action: str,
    session: SessionRow,
    before: CostRow | None,
    after: CostRow | None,
    reason: str = "",
) -> None:
    facts: dict[str, Any] = {}
    for name, row in (("from", before), ("to", after)):
        facts[name] = _words(row)
        facts[f"{name}_fen"] = row.amount_fen if row else None
    await note_within(
        actor, now, action, "session", session.id, organisation_id=session.organisation_id, reason=reason, facts=facts
    )


def _words(row: CostRow | None) -> list[str]:
    """The line in words; a dash where there is none, so that the journal shows the other side."""
    return line_words(_draft(row), {row.provider_id: row.provider_name} if row.provider_id else {}) if row else ["—"]
