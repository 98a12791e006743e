"""A round from its opening to its end, but for the hand-outs: 申报 → 汇总 → 确定 → 发放."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.materials.applications import applications_to_share
from outreach.materials.commands.stock import CONFLICTS, locked_item, owned_programme, quantity_problems, tally_target
from outreach.materials.domain.allocation import HAZARD_PERCENTS, allocate
from outreach.materials.domain.errors import RoundStateError
from outreach.materials.domain.permissions import may_keep
from outreach.materials.domain.states import RoundState, round_may_become
from outreach.materials.queries import RoundRow, kept_item, kept_round, round_by_id
from outreach.notifications.outbox import enqueue_within
from outreach.programmes.commands.storing import lock_year
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import implausible_day, local_day

__all__ = [
    "cancel_round",
    "end_round",
    "gather_round",
    "locked_round",
    "move_within_round",
    "needed",
    "note_round",
    "open_round",
    "propose_within",
    "reopen_round",
]


async def open_round(
    actor: Actor,
    now: datetime,
    *,
    item_id: UUID,
    title: str,
    programme_id: UUID,
    target_id: UUID | None = None,
    quantity: int,
    apply_until: date,
    hazard_percent: int = 150,
    note: str = "",
    form_key: UUID | None = None,
) -> UUID:
    """Ask the units below the item's owner what they need; the same ``form_key`` again returns the round it made.

    Args:
        quantity: what the round gives at most; more than is in stock when the rest is still to come.
        apply_until: the last day to apply.

    Raises:
        NotFoundError: not the caller's item.
        ClosedYearError: the year of the programme is closed.
        InvalidError: names every bad field.
    """
    problems = [*quantity_problems(quantity), *implausible_day("apply_until", apply_until)]
    if not problems and apply_until < local_day(now):
        problems.append(FieldProblem("apply_until", "in-the-past"))
    if not HAZARD_PERCENTS[0] <= hazard_percent <= HAZARD_PERCENTS[1]:
        problems.append(FieldProblem("hazard_percent", "unusable"))
    if not clean_line(title):
        problems.append(FieldProblem("title", "required"))
    if problems:
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        item = await kept_item(actor, item_id)
        known = await db.value("SELECT id FROM materials_round WHERE form_key = $1 AND item = $2", form_key, item_id)
        if form_key is not None and known is not None:
            return UUID(str(known))
        programme = await owned_programme(programme_id, item.organisation_id)
        await lock_year(programme.organisation_id, programme.year)
        await tally_target(programme, target_id)
        made = new_id()
        await db.execute(
            """INSERT INTO materials_round
                      (id, item, programme, target, title, quantity, apply_until, hazard_percent, note, state,
                       cancelled_reason, form_key, created_by, created_at, revision)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'applying', '', $10, $11, $12, 1)""",
            made,
            item_id,
            programme_id,
            target_id,
            clean_line(title),
            quantity,
            apply_until,
            hazard_percent,
            note.strip(),
            form_key,
            actor.person_id,
            now,
        )
        await note_round(actor, now, "opened", await round_by_id(made), None, RoundState.APPLYING)
        return made


async def locked_round(
    actor: Actor, round_id: UUID, *, revision: int | None = None, closed_too: bool = False
) -> RoundRow:
    """The round, held until the end of the transaction with the year it counts for, for who runs it.

    Lock order: year, round, application, item.

    Args:
        closed_too: for what changes no figure and must be possible when the year is closed.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round.
        ClosedYearError: the year of its programme is closed.
        StaleError: it was changed since ``revision``.
    """
    seen = await kept_round(actor, round_id)
    if not closed_too:
        await lock_year(seen.organisation_id, seen.year)
    await db.execute("SELECT 1 FROM materials_round WHERE id = $1 FOR NO KEY UPDATE", round_id)
    row = await round_by_id(round_id)
    if not may_keep(actor, row.organisation_path):
        raise ForbiddenError
    if revision is not None and revision != row.revision:
        raise StaleError(revision=row.revision)
    return row


async def gather_round(actor: Actor, now: datetime, *, round_id: UUID) -> RoundRow:
    """End the applications (汇总) and propose who gets how much.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError: as for ``locked_round``.
        RoundStateError: nobody applies any more, or nobody has applied.
    """
    async with atomic():
        row = await _becoming(actor, round_id, RoundState.GATHERED)
        if not row.applications:
            raise RoundStateError(state=row.state, scope="empty")
        await move_within_round(row, RoundState.GATHERED)
        await propose_within(row)
        await note_round(actor, now, "gathered", row, row.state, RoundState.GATHERED, wanted=row.wanted)
        return await round_by_id(round_id)


async def reopen_round(actor: Actor, now: datetime, *, round_id: UUID, apply_until: date, reason: str) -> RoundRow:
    """Let units apply again until another day; what was decided so far is dropped.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError: as for ``locked_round``.
        RoundStateError: it is not gathered.
        InvalidError: names every bad field.
    """
    problems = [*implausible_day("apply_until", apply_until)]
    if not problems and apply_until < local_day(now):
        problems.append(FieldProblem("apply_until", "in-the-past"))
    if not clean_line(reason):
        problems.append(FieldProblem("reason", "required"))
    if problems:
        raise InvalidError(problems)
    async with atomic():
        row = await _becoming(actor, round_id, RoundState.APPLYING)
        await db.execute(
            """UPDATE materials_application SET granted = NULL, proposed = NULL, earlier = NULL, reason = ''
                WHERE round = $1 AND state = 'submitted'""",
            round_id,
        )
        await db.execute("UPDATE materials_round SET apply_until = $2 WHERE id = $1", round_id, apply_until)
        await move_within_round(row, RoundState.APPLYING)
        await note_round(
            actor, now, "reopened", row, row.state, RoundState.APPLYING,
            reason=clean_line(reason), until=apply_until.isoformat(),
        )  # fmt: skip
        return await round_by_id(round_id)


async def end_round(actor: Actor, now: datetime, *, round_id: UUID, reason: str = "") -> RoundRow:
    """Nothing more is handed out: what nobody came for is free again, for the next year, too.

    Args:
        reason: mandatory when something is left.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round.
        RoundStateError: it is not confirmed.
        InvalidError: names ``reason``.
    """
    async with atomic():
        row = await _becoming(actor, round_id, RoundState.HANDED_OUT, closed_too=True)
        left = row.granted - row.handed
        if left and not clean_line(reason):
            raise invalid("reason", "left-over", left=left, unit=row.unit)
        await locked_item(actor, row.item_id)
        await db.execute(
            "UPDATE materials_item SET reserved = reserved - $2, revision = revision + 1 WHERE id = $1",
            row.item_id,
            left,
        )
        await db.execute(
            """UPDATE materials_application SET state = 'uncollected', revision = revision + 1
                WHERE round = $1 AND state = 'granted'""",
            round_id,
        )
        await db.execute("UPDATE materials_round SET ended_at = $2 WHERE id = $1", round_id, now)
        await move_within_round(row, RoundState.HANDED_OUT)
        await note_round(
            actor, now, "ended", row, row.state, RoundState.HANDED_OUT, reason=clean_line(reason), quantity=row.handed
        )
        return await round_by_id(round_id)


async def cancel_round(actor: Actor, now: datetime, *, round_id: UUID, reason: str) -> RoundRow:
    """Call a round off before anything is promised, and tell those who applied.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round.
        RoundStateError: it is confirmed already, or over.
        InvalidError: names ``reason``.
    """
    said = needed("reason", reason)
    async with atomic():
        row = await _becoming(actor, round_id, RoundState.CANCELLED, closed_too=True)
        await db.execute("UPDATE materials_round SET cancelled_reason = $2 WHERE id = $1", round_id, said)
        await move_within_round(row, RoundState.CANCELLED)
        applied = await db.rows(
            "SELECT organisation FROM materials_application WHERE round = $1 AND state = 'submitted'", round_id
        )
        for one in applied:
            await enqueue_within(
                "materials-cancelled", now, object_kind="material_round", object_id=round_id,
                organisation_id=one["organisation"], facts={"title": row.title, "reason": said},
            )  # fmt: skip
        await note_round(actor, now, "cancelled", row, row.state, RoundState.CANCELLED, reason=said)
        return await round_by_id(round_id)


def needed(field: str, text: str) -> str:
    """The line, cleaned.

    Raises:
        InvalidError: it is empty.
    """
    if not (said := clean_line(text)):
        raise invalid(field, "required")
    return said


async def _becoming(actor: Actor, round_id: UUID, after: RoundState, *, closed_too: bool = False) -> RoundRow:
    row = await locked_round(actor, round_id, closed_too=closed_too)
    if not round_may_become(row.state, after):
        raise RoundStateError(state=row.state)
    return row


async def move_within_round(row: RoundRow, after: RoundState) -> None:
    """The row is locked; the old state is compared all the same."""
    moved = await db.execute(
        "UPDATE materials_round SET state = $3, revision = revision + 1 WHERE id = $1 AND state = $2",
        row.id,
        row.state,
        after,
    )
    if not moved:
        raise RoundStateError(state=row.state)


async def propose_within(row: RoundRow) -> None:
    """What the rule gives everybody; everybody gets that until somebody decides otherwise."""
    applied = await applications_to_share(row.id)
    available = max(0, min(row.quantity, row.free))
    parts = allocate(applied, available, hazard_percent=row.hazard_percent)
    await db.execute(
        """UPDATE materials_application a
              SET proposed = g.part, granted = g.part, earlier = g.earlier, reason = '', revision = a.revision + 1
             FROM unnest($1::uuid[], $2::int[], $3::int[]) AS g (id, part, earlier) WHERE a.id = g.id""",
        [one.id for one in applied],
        [parts[one.id] for one in applied],
        [one.earlier for one in applied],
    )
    await db.execute(
        "UPDATE materials_round SET available = $2, revision = revision + 1 WHERE id = $1", row.id, available
    )


async def note_round(
    actor: Actor,
    now: datetime,
    verb: str,
    row: RoundRow,
    before: RoundState | None = None,
    after: RoundState | None = None,
    reason: str = "",
    **facts: Any,
) -> None:
    await note_within(
        actor, now, f"material_round.{verb}", "material_round", row.id, organisation_id=row.organisation_id,
        from_state=before, to_state=after, reason=reason, facts={"title": row.title, **facts},
    )  # fmt: skip
