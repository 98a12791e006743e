"""What comes into and goes out of a stock outside rounds. Movements are never changed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.materials.domain.allocation import LARGEST_AMOUNT
from outreach.materials.domain.errors import NotEnoughStockError
from outreach.materials.domain.permissions import may_keep
from outreach.materials.queries import ItemRow, MovementRow, item_by_id, kept_item, movement_by_id
from outreach.programmes.commands.storing import lock_year
from outreach.programmes.commands.tallies import add_tally_within
from outreach.programmes.domain.targets import Counting, Metric
from outreach.programmes.queries import ProgrammeRow, TargetRow, programme_by_id, targets_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import implausible_day, local_day

__all__ = [
    "CONFLICTS",
    "Given",
    "day_problems",
    "give_out",
    "given_before_within",
    "locked_item",
    "move_within",
    "owned_programme",
    "quantity_problems",
    "record_change",
    "tally_target",
]


#: A form that was used for something else before.
CONFLICTS: db.Conflicts = {
    name: lambda: invalid("form_key", "unusable")
    for name in ("materials_item_form_key_key", "materials_round_form_key_key", "materials_movement_form_once")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A movement to be written: ``change`` of the stock, ``reserved`` of what was promised, both in the item's unit."""

    kind: Literal["receipt", "handout", "loss", "correction"]
    change: int
    on: date
    reserved: int = 0
    programme_id: UUID | None = None
    application_id: UUID | None = None
    receiver: str = ""
    session_id: UUID | None = None
    tally_id: UUID | None = None
    corrects: UUID | None = None
    note: str = ""
    form_key: UUID | None = None


async def record_change(
    actor: Actor,
    now: datetime,
    *,
    item_id: UUID,
    kind: Literal["receipt", "loss"],
    quantity: int,
    on: date,
    note: str = "",
    form_key: UUID | None = None,
) -> MovementRow:
    """Books came in (入库), or were lost or spoilt (损耗, with the reason in ``note``).

    The same ``form_key`` again returns the movement that it made.

    Raises:
        NotFoundError: not the caller's item.
        InvalidError: names every bad field.
        NotEnoughStockError: more is lost than is free.
    """
    problems = [*quantity_problems(quantity), *day_problems(on, now)]
    if kind == "loss" and not clean_line(note):
        problems.append(FieldProblem("note", "required"))
    if problems:
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        item = await locked_item(actor, item_id)
        if (done := await given_before_within(form_key, item_id=item_id)) is not None:
            return done
        change = quantity if kind == "receipt" else -quantity
        if item.stock + change > LARGEST_AMOUNT:
            raise invalid("quantity", "too-large-number", most=LARGEST_AMOUNT - item.stock)
        given = Given(kind=kind, change=change, on=on, note=note, form_key=form_key)
        return await movement_by_id(await move_within(actor, now, item, given))


async def give_out(
    actor: Actor,
    now: datetime,
    *,
    item_id: UUID,
    quantity: int,
    on: date,
    programme_id: UUID,
    target_id: UUID | None = None,
    receiver: str,
    session_id: UUID | None = None,
    note: str = "",
    form_key: UUID | None = None,
) -> MovementRow:
    """Hand out without a round, at a lecture say; it becomes a tally of ``target_id``.

    Raises:
        NotFoundError: not the caller's item.
        InvalidError: names every bad field.
        ClosedYearError: the year of the programme is closed.
        NotEnoughStockError: so many are not free.
    """
    problems = [*quantity_problems(quantity), *day_problems(on, now)]
    if not clean_line(receiver):
        problems.append(FieldProblem("receiver", "required"))
    if problems:
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        before = await kept_item(actor, item_id)
        programme = await owned_programme(programme_id, before.organisation_id)
        await lock_year(programme.organisation_id, programme.year)
        target = await tally_target(programme, target_id)
        await _check_session(programme, session_id)
        item = await locked_item(actor, item_id)
        if (done := await given_before_within(form_key, item_id=item_id)) is not None:
            return done
        tally_id = None
        if target is not None:
            tally_id = await add_tally_within(
                actor, now, programme_id=programme.id, target=str(target.id), on=on, quantity=quantity,
                receiver=receiver, session_id=session_id, note=item.name,
            )  # fmt: skip
        given = Given(
            kind="handout", change=-quantity, on=on, programme_id=programme.id, receiver=clean_line(receiver),
            session_id=session_id, tally_id=tally_id, note=note, form_key=form_key,
        )  # fmt: skip
        return await movement_by_id(await move_within(actor, now, item, given))


def quantity_problems(quantity: int, *, least: int = 1) -> list[FieldProblem]:
    """What is wrong with an amount."""
    if quantity < least:
        return [FieldProblem("quantity", "too-small", {"least": least})]
    if quantity > LARGEST_AMOUNT:
        return [FieldProblem("quantity", "too-large-number", {"most": LARGEST_AMOUNT})]
    return []


def day_problems(on: date, now: datetime) -> list[FieldProblem]:
    """What is wrong with the day of something that has happened."""
    if problems := implausible_day("on", on):
        return problems
    return [FieldProblem("on", "in-the-future")] if on > local_day(now) else []


async def locked_item(actor: Actor, item_id: UUID) -> ItemRow:
    """The item, held until the end of the transaction, for who keeps it.

    Raises:
        NotFoundError: not the caller's item.
    """
    await db.execute("SELECT 1 FROM materials_item WHERE id = $1 FOR NO KEY UPDATE", item_id)
    item = await item_by_id(item_id)
    if not may_keep(actor, item.organisation_path):
        raise NotFoundError
    return item


async def given_before_within(
    form_key: UUID | None, *, item_id: UUID, application_id: UUID | None = None
) -> MovementRow | None:
    """The movement that the form made when it was sent before; the item's row is locked."""
    if form_key is None:
        return None
    known = await db.row(
        "SELECT id, item FROM materials_movement WHERE form_key = $1 AND application IS NOT DISTINCT FROM $2",
        form_key,
        application_id,
    )
    if known is None:
        return None
    if known["item"] != item_id:
        raise invalid("form_key", "unusable")
    return await movement_by_id(known["id"])


async def owned_programme(programme_id: UUID, organisation_id: UUID) -> ProgrammeRow:
    """A programme of the item's own owner: nobody tallies for another's promise.

    Raises:
        InvalidError: names ``programme_id``.
    """
    try:
        programme = await programme_by_id(programme_id)
    except NotFoundError:
        raise invalid("programme_id", "not-found") from None
    if programme.organisation_id != organisation_id:
        raise invalid("programme_id", "not-found")
    return programme


async def tally_target(programme: ProgrammeRow, target_id: UUID | None) -> TargetRow | None:
    """The target that hand-outs count for: one of the programme that takes entries which add up.

    Raises:
        InvalidError: names ``target_id``.
    """
    if target_id is None:
        return None
    found = next((one for one in (await targets_of([programme.id]))[programme.id] if one.id == target_id), None)
    if found is None:
        raise invalid("target_id", "not-found")
    if found.metric is not Metric.TALLY or found.counting is not Counting.FLOW:
        raise invalid("target_id", "not-handed-out")
    return found


async def _check_session(programme: ProgrammeRow, session_id: UUID | None) -> None:
    if session_id is not None and not await db.value(
        "SELECT 1 FROM events_session WHERE id = $1 AND programme = $2", session_id, programme.id
    ):
        raise invalid("session_id", "not-found")


async def move_within(actor: Actor, now: datetime, item: ItemRow, given: Given) -> UUID:
    """Change the stock and write why, inside the open transaction; return the movement's id.

    The statement itself refuses to go below what is there and promised, whatever was read before.

    Raises:
        NotEnoughStockError: so many are not free.
    """
    stored = await db.value(
        """UPDATE materials_item SET stock = stock + $2, reserved = reserved + $3, revision = revision + 1
            WHERE id = $1 AND reserved + $3 >= 0 AND stock + $2 >= reserved + $3 RETURNING stock""",
        item.id,
        given.change,
        given.reserved,
    )
    if stored is None:
        raise NotEnoughStockError(
            free=item.free, wanted=abs(given.change), unit=item.unit, name=item.name, scope=given.kind
        )
    made = new_id()
    await db.execute(
        """INSERT INTO materials_movement
                  (id, item, kind, change, "on", programme, application, receiver, session, tally_id, corrects, note,
                   form_key, created_by, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)""",
        made,
        item.id,
        given.kind,
        given.change,
        given.on,
        given.programme_id,
        given.application_id,
        given.receiver,
        given.session_id,
        given.tally_id,
        given.corrects,
        clean_line(given.note),
        given.form_key,
        actor.person_id,
        now,
    )
    facts: dict[str, Any] = {
        "title": item.name, "quantity": abs(given.change), "on": given.on.isoformat(), "stock": stored,
    }  # fmt: skip
    if given.receiver:
        facts["receiver"] = given.receiver
    await note_within(
        actor, now, f"material.{_VERBS[given.kind]}", "material", item.id,
        organisation_id=item.organisation_id, reason=clean_line(given.note), facts=facts,
    )  # fmt: skip
    return made


_VERBS = {"receipt": "stocked", "handout": "handed_out", "loss": "lost", "correction": "corrected"}
