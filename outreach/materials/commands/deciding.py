"""分配: what the rule proposes is edited with reasons, and confirmed (确定) under lock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.materials.commands.rounds import locked_round, move_within_round, note_round, propose_within
from outreach.materials.commands.stock import locked_item
from outreach.materials.domain.errors import NotEnoughStockError, RoundStateError
from outreach.materials.domain.states import RoundState
from outreach.materials.queries import RoundRow, round_by_id
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import clean_line

__all__ = ["Decided", "confirm_round", "propose_again", "save_allocation"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What one application gets, and why it is not what the rule says."""

    granted: int
    reason: str = ""


async def propose_again(actor: Actor, now: datetime, *, round_id: UUID, revision: int | None = None) -> RoundRow:
    """Reckon the proposal anew, from the stock and the applications as they are now; edited parts are dropped.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError, StaleError: as for ``locked_round``.
        RoundStateError: it is not gathered.
    """
    async with atomic():
        row = await _gathered(actor, round_id, revision)
        await propose_within(row)
        await note_round(actor, now, "proposed", row)
        return await round_by_id(round_id)


async def save_allocation(
    actor: Actor, now: datetime, *, round_id: UUID, parts: Mapping[UUID, Decided], revision: int | None = None
) -> RoundRow:
    """Change what units of a gathered round get; a part that is not what the rule says needs a reason.

    Args:
        parts: by application; those left out stay as they are.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError, StaleError: as for ``locked_round``.
        RoundStateError: it is not gathered.
        InvalidError: names ``granted-<id>`` or ``reason-<id>``.
    """
    async with atomic():
        row = await _gathered(actor, round_id, revision)
        found = await db.rows(
            """SELECT a.id, a.wanted, a.proposed, a.granted, a.reason, o.name FROM materials_application a
                 JOIN accounts_organisation o ON o.id = a.organisation
                WHERE a.round = $1 AND a.state = 'submitted' AND a.id = ANY($2::uuid[]) ORDER BY a.id""",
            round_id,
            list(parts),
        )
        problems: list[FieldProblem] = []
        changed: list[tuple[Any, Decided]] = []
        for one in found:
            decided = Decided(parts[one["id"]].granted, clean_line(parts[one["id"]].reason))
            if decided.granted == one["proposed"]:
                decided = Decided(decided.granted)
            elif not decided.reason:
                problems.append(FieldProblem(f"reason-{one['id']}", "other-than-proposed"))
            if not 0 <= decided.granted <= one["wanted"]:
                problems.append(FieldProblem(f"granted-{one['id']}", "more-than-wanted", {"most": one["wanted"]}))
            if (decided.granted, decided.reason) != (one["granted"], one["reason"]):
                changed.append((one, decided))
        unknown = set(parts) - {one["id"] for one in found}
        problems += [FieldProblem(f"granted-{one}", "not-found") for one in sorted(unknown)]
        if problems:
            raise InvalidError(problems)
        await _store_within(actor, now, row, changed)
        return await round_by_id(round_id)


async def _store_within(actor: Actor, now: datetime, row: RoundRow, changed: list[tuple[Any, Decided]]) -> None:
    if not changed:
        return
    for one, decided in changed:
        await db.execute(
            "UPDATE materials_application SET granted = $2, reason = $3, revision = revision + 1 WHERE id = $1",
            one["id"],
            decided.granted,
            decided.reason,
        )
        await note_within(
            actor, now, "material_round.allocated", "material_round", row.id, organisation_id=row.organisation_id,
            reason=decided.reason,
            facts={"title": row.title, "organisation": one["name"], "from": one["granted"], "to": decided.granted},
        )  # fmt: skip
    await db.execute("UPDATE materials_round SET revision = revision + 1 WHERE id = $1", row.id)


async def confirm_round(actor: Actor, now: datetime, *, round_id: UUID, revision: int | None = None) -> RoundRow:
    """Fix who gets how much (确定): it is promised from the stock from now on, and every unit is told.

    Checked again under lock: what is promised together is there, is free, and is no more than the round gives.

    Raises:
        NotFoundError, ForbiddenError, ClosedYearError, StaleError: as for ``locked_round``.
        RoundStateError: it is not gathered, or something entered since is not decided.
        NotEnoughStockError: more was decided than is free, or than the round gives.
    """
    async with atomic():
        row = await _gathered(actor, round_id, revision)
        await locked_item(actor, row.item_id)
        row = await round_by_id(round_id)
        if await db.value(
            "SELECT 1 FROM materials_application WHERE round = $1 AND state = 'submitted' AND granted IS NULL LIMIT 1",
            round_id,
        ):
            raise RoundStateError(state=row.state, scope="undecided")
        if row.granted > row.quantity:
            raise NotEnoughStockError(free=row.quantity, wanted=row.granted, unit=row.unit, scope="round")
        held = await db.value(
            """UPDATE materials_item SET reserved = reserved + $2, revision = revision + 1
                WHERE id = $1 AND stock - reserved >= $2 RETURNING id""",
            row.item_id,
            row.granted,
        )
        if held is None:
            raise NotEnoughStockError(free=row.free, wanted=row.granted, unit=row.unit, scope="confirm")
        decided = await db.rows(
            """UPDATE materials_application
                  SET state = CASE WHEN granted > 0 THEN 'granted' ELSE 'declined' END, revision = revision + 1
                WHERE round = $1 AND state = 'submitted' RETURNING id, organisation, granted, reason""",
            round_id,
        )
        await db.execute("UPDATE materials_round SET confirmed_at = $2 WHERE id = $1", round_id, now)
        await move_within_round(row, RoundState.CONFIRMED)
        for one in decided:
            await enqueue_within(
                "materials-granted" if one["granted"] else "materials-declined",
                now,
                object_kind="material_round",
                object_id=round_id,
                organisation_id=one["organisation"],
                facts={"title": row.title, "summary": f"{one['granted']}{row.unit}", "reason": one["reason"]},
            )
        await note_round(actor, now, "confirmed", row, row.state, RoundState.CONFIRMED, quantity=row.granted)
        return await round_by_id(round_id)


async def _gathered(actor: Actor, round_id: UUID, revision: int | None) -> RoundRow:
    row = await locked_round(actor, round_id, revision=revision)
    if row.state is not RoundState.GATHERED:
        raise RoundStateError(state=row.state)
    return row
