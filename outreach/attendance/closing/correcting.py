"""Corrections: one figure of a session that took place, changed with a reason; the old value stays in sight."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from outreach.attendance.domain.headcounts import CORRECTABLE, MOST_VISITS, day_problems, headcount_problems
from outreach.attendance.people import presence_by_day
from outreach.attendance.queries import CorrectionRow, HeadcountRow
from outreach.attendance.records import Figures, headcount_within, note_figures_within, store_within
from outreach.attendance.reported.settling import settle_reports_within
from outreach.events.commands import locked_within
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState
from outreach.events.queries import SessionRow
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local_day

__all__ = ["correct_headcount"]


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

    Of a day without a head-count the people who were there by name are what counted: they are the old values, and
    become a head-count with the one figure changed.

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
        before = await headcount_within(session_id, on) or await _checked_in_within(session_id, on)
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


async def _checked_in_within(session_id: UUID, on: date) -> Figures | None:
    """What counted on a day of which nobody gave a head-count; ``None``: nobody was there by name either."""
    day = next((one for one in await presence_by_day(session_id) if one.on == on), None)
    if day is None:
        return None
    return Figures(on=on, total=day.present, workers=day.workers, breakdown=day.groups)


def _corrected(before: HeadcountRow | Figures | None, field_name: str, on: date, value: int | None) -> Figures:
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


def _value_of(row: HeadcountRow | Figures | None, field_name: str) -> int | None:
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
    before: HeadcountRow | Figures | None,
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
