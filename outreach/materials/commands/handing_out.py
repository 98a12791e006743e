"""发放: what was promised leaves the stock and becomes a tally; corrections of what was entered wrong."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.materials.applications import ApplicationRow, application_by_id
from outreach.materials.commands.rounds import locked_round, needed
from outreach.materials.commands.stock import (
    CONFLICTS,
    Given,
    day_problems,
    given_before_within,
    locked_item,
    move_within,
    quantity_problems,
)
from outreach.materials.domain.allocation import LARGEST_AMOUNT
from outreach.materials.domain.errors import ApplicationStateError, NotEnoughStockError, RoundStateError
from outreach.materials.domain.states import (
    ApplicationState,
    RoundState,
    application_may_become,
    handed_state,
)
from outreach.materials.queries import ItemRow, MovementRow, RoundRow, kept_item, movement_by_id
from outreach.notifications.outbox import enqueue_within
from outreach.programmes.commands.storing import lock_year
from outreach.programmes.commands.tallies import add_tally_within, change_tally_within
from outreach.programmes.queries import programme_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError, NotFoundError, invalid
from outreach.shared.text import clean_line

__all__ = ["change_grant", "correct_movement", "hand_out"]

#: Units of one hand-out.
MOST_AT_ONCE = 500


async def hand_out(
    actor: Actor,
    now: datetime,
    *,
    round_id: UUID,
    on: date,
    lines: Mapping[UUID, int | None],
    note: str = "",
    form_key: UUID | None = None,
) -> list[MovementRow]:
    """Hand out to units of a confirmed round, all lines or none; each becomes a movement and a tally of its own.

    Args:
        lines: by application how many; ``None``: all that is left of what was granted.
        form_key: sent again, it changes nothing and returns what it made.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round.
        ClosedYearError: the year of its programme is closed.
        RoundStateError: it is not confirmed, or over.
        NotEnoughStockError: there is less in stock than is promised (somebody counted wrong).
        InvalidError: names ``on``, ``lines`` or ``quantity-<application>``.
    """
    problems = day_problems(on, now)
    if not lines:
        problems.append(FieldProblem("lines", "nobody-to-hand-out"))
    if len(lines) > MOST_AT_ONCE:
        problems.append(FieldProblem("lines", "too-many-items", {"most": MOST_AT_ONCE, "count": len(lines)}))
    if problems:
        raise InvalidError(problems)
    async with atomic(CONFLICTS):
        row = await locked_round(actor, round_id)
        await db.execute(
            "SELECT 1 FROM materials_application WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", list(lines)
        )
        item = await locked_item(actor, row.item_id)
        done = [
            before
            for one in lines
            if (before := await given_before_within(form_key, item_id=item.id, application_id=one)) is not None
        ]
        if done:
            return done
        if row.state is not RoundState.CONFIRMED:
            raise RoundStateError(state=row.state)
        checked = await _checked(row, lines)
        return [
            await _hand_out_within(actor, now, row, item, one, quantity, on, note, form_key)
            for one, quantity in checked
        ]


async def _checked(row: RoundRow, lines: Mapping[UUID, int | None]) -> list[tuple[ApplicationRow, int]]:
    """Every line with its quantity, if each may be handed out."""
    checked: list[tuple[ApplicationRow, int]] = []
    problems: list[FieldProblem] = []
    for id_, given in lines.items():
        try:
            one = await application_by_id(id_)
        except NotFoundError:
            one = None
        if one is None or one.round_id != row.id:
            problems.append(FieldProblem("lines", "not-found"))
            continue
        quantity = one.left if given is None else given
        if not one.left or not application_may_become(one.state, ApplicationState.HANDED_OUT):
            problems.append(FieldProblem("lines", "nothing-left", {"name": one.organisation_name}))
        elif not 1 <= quantity <= one.left:
            problems.append(FieldProblem(f"quantity-{id_}", "more-than-granted", {"most": one.left}))
        checked.append((one, quantity))
    if problems:
        raise InvalidError(problems)
    return checked


async def _hand_out_within(
    actor: Actor,
    now: datetime,
    row: RoundRow,
    item: ItemRow,
    one: ApplicationRow,
    quantity: int,
    on: date,
    note: str,
    form_key: UUID | None,
) -> MovementRow:
    await db.execute(
        """UPDATE materials_application SET handed = handed + $2, state = 'handed_out', received_at = NULL,
                  received_by = NULL, revision = revision + 1
            WHERE id = $1 AND handed + $2 <= granted""",
        one.id,
        quantity,
    )
    tally_id = None
    if row.target_id is not None:
        tally_id = await add_tally_within(
            actor, now, programme_id=row.programme_id, target=str(row.target_id), on=on, quantity=quantity,
            receiver=one.organisation_name, note=row.title,
        )  # fmt: skip
    given = Given(
        kind="handout", change=-quantity, reserved=-quantity, on=on, programme_id=row.programme_id,
        application_id=one.id, receiver=one.organisation_name, tally_id=tally_id, note=note, form_key=form_key,
    )  # fmt: skip
    return await movement_by_id(await move_within(actor, now, item, given))


async def correct_movement(
    actor: Actor, now: datetime, *, movement_id: UUID, quantity: int, reason: str, form_key: UUID | None = None
) -> MovementRow:
    """Say how many it really were; the movement stays, what differs is a movement of its own.

    The tally of a hand-out is changed with it (one that somebody took back since stays taken back), and so is what its
    unit still has to get: while the round runs, what came back is promised again; the unit has to sign anew.

    Args:
        quantity: what it should have been from the start; 0: it never was.
        form_key: sent again, it changes nothing.

    Raises:
        NotFoundError: not the caller's, or itself a correction.
        ClosedYearError: the year of its programme is closed.
        NotEnoughStockError: the stock does not allow it.
        InvalidError: names ``quantity`` or ``reason``.
    """
    if problems := quantity_problems(quantity, least=0):
        raise InvalidError(problems)
    said = needed("reason", reason)
    async with atomic(CONFLICTS):
        seen = await movement_by_id(movement_id)
        item = await kept_item(actor, seen.item_id)
        if seen.kind == "correction":
            raise NotFoundError
        round_ended = await _lock_owners(actor, seen)
        item = await locked_item(actor, item.id)
        done = await given_before_within(form_key, item_id=item.id, application_id=seen.application_id)
        if done is not None:
            return done
        seen = await movement_by_id(movement_id)
        more = quantity - seen.now_is
        if not more:
            raise invalid("quantity", "same-as-before")
        change = more if seen.kind == "receipt" else -more
        if item.stock + change > LARGEST_AMOUNT:
            raise invalid("quantity", "too-large-number", most=LARGEST_AMOUNT)
        reserved = 0
        if seen.application_id is not None:
            await _correct_application(seen.application_id, more, round_ended=round_ended)
            reserved = 0 if round_ended else -more
        if seen.tally_id is not None:
            await _correct_tally(actor, now, seen, seen.tally_id, quantity)
        given = Given(
            kind="correction", change=change, reserved=reserved, on=seen.on, programme_id=seen.programme_id,
            application_id=seen.application_id, receiver=seen.receiver, session_id=seen.session_id, corrects=seen.id,
            note=said, form_key=form_key,
        )  # fmt: skip
        return await movement_by_id(await move_within(actor, now, item, given))


async def _lock_owners(actor: Actor, seen: MovementRow) -> bool:
    """Hold year, round and application of a movement, in this order; return whether the round is over."""
    ended = False
    if seen.round_id is not None:
        ended = (await locked_round(actor, seen.round_id)).state is not RoundState.CONFIRMED
        await db.execute("SELECT 1 FROM materials_application WHERE id = $1 FOR NO KEY UPDATE", seen.application_id)
    elif seen.programme_id is not None:
        programme = await programme_by_id(seen.programme_id)
        await lock_year(programme.organisation_id, programme.year)
    return ended


async def _correct_application(application_id: UUID, more: int, *, round_ended: bool) -> None:
    one = await application_by_id(application_id)
    after = one.handed + more
    if after > (one.granted or 0):
        raise invalid("quantity", "more-than-granted", most=(one.granted or 0) - one.handed)
    await db.execute(
        """UPDATE materials_application SET handed = $2, state = $3, received_at = NULL, received_by = NULL,
                  revision = revision + 1 WHERE id = $1""",
        application_id,
        after,
        handed_state(after, round_ended=round_ended),
    )


async def _correct_tally(actor: Actor, now: datetime, seen: MovementRow, tally_id: UUID, quantity: int) -> None:
    kept = await db.row('SELECT "on", receiver, note FROM programmes_tally WHERE id = $1 FOR UPDATE', tally_id)
    if kept is not None:
        await change_tally_within(
            actor, now, tally_id=tally_id, on=kept["on"], quantity=quantity, receiver=kept["receiver"],
            note=kept["note"],
        )  # fmt: skip


async def change_grant(
    actor: Actor, now: datetime, *, application_id: UUID, granted: int, reason: str
) -> ApplicationRow:
    """Change what one unit gets after the round was confirmed, with the reason; the unit is told.

    Raises:
        NotFoundError, ForbiddenError: not the caller's round.
        ClosedYearError: the year of its programme is closed.
        RoundStateError: the round is not confirmed.
        ApplicationStateError: the application was withdrawn.
        NotEnoughStockError: so many are not free, or the round gives no more.
        InvalidError: names ``granted`` or ``reason``.
    """
    said = needed("reason", reason)
    seen = await application_by_id(application_id)
    async with atomic():
        row = await locked_round(actor, seen.round_id)
        if row.state is not RoundState.CONFIRMED:
            raise RoundStateError(state=row.state)
        await db.execute("SELECT 1 FROM materials_application WHERE id = $1 FOR NO KEY UPDATE", application_id)
        one = await application_by_id(application_id)
        if one.state is ApplicationState.WITHDRAWN:
            raise ApplicationStateError(state=one.state)
        _check_grant(one, granted)
        more = granted - (one.granted or 0)
        item = await locked_item(actor, row.item_id)
        if row.granted + more > row.quantity:
            free = row.quantity - row.granted + (one.granted or 0)
            raise NotEnoughStockError(free=free, wanted=granted, unit=row.unit, scope="round")
        held = await db.value(
            """UPDATE materials_item SET reserved = reserved + $2, revision = revision + 1
                WHERE id = $1 AND reserved + $2 BETWEEN 0 AND stock RETURNING id""",
            item.id,
            more,
        )
        if held is None:
            raise NotEnoughStockError(free=item.free, wanted=more, unit=row.unit, scope="confirm")
        await _store_grant(actor, now, row, one, granted, clean_line(said))
        return await application_by_id(application_id)


def _check_grant(one: ApplicationRow, granted: int) -> None:
    if granted == one.granted:
        raise invalid("granted", "same-as-before")
    if not one.handed <= granted <= one.wanted:
        raise invalid("granted", "not-within", least=one.handed, most=one.wanted)


async def _store_grant(
    actor: Actor, now: datetime, row: RoundRow, one: ApplicationRow, granted: int, reason: str
) -> None:
    after = one.state
    if not one.handed:
        after = ApplicationState.GRANTED if granted else ApplicationState.DECLINED
    await db.execute(
        "UPDATE materials_application SET granted = $2, reason = $3, state = $4, revision = revision + 1 WHERE id = $1",
        one.id,
        granted,
        reason,
        after,
    )
    await db.execute("UPDATE materials_round SET revision = revision + 1 WHERE id = $1", row.id)
    await note_within(
        actor, now, "material_application.granted", "material_application", one.id,
        organisation_id=row.organisation_id, from_state=one.state, to_state=after, reason=reason,
        facts={"title": row.title, "organisation": one.organisation_name, "from": one.granted, "to": granted},
    )  # fmt: skip
    kind = "materials-granted" if granted else "materials-declined"
    await enqueue_within(
        kind, now, object_kind="material_round", object_id=row.id, organisation_id=one.organisation_id,
        facts={"title": row.title, "summary": f"{granted}{row.unit}", "reason": reason},
    )  # fmt: skip
