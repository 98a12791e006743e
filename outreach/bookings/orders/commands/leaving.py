"""退出拼场: a unit that somebody named in an order takes itself out of it; its limit is free again."""

from datetime import datetime
from uuid import UUID

from outreach.bookings.domain.errors import CancelTooLateError
from outreach.bookings.domain.permissions import may_act_for
from outreach.bookings.orders.domain.permissions import LEAVABLE, may_read, units_to_leave
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow, order_by_id
from outreach.bookings.orders.records import (
    locked_order_within,
    note_order_within,
    order_facts,
    state_error_within,
    tell_within,
)
from outreach.bookings.records import lock_session_within
from outreach.events.commands import revise_within
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.text import clean_line
from outreach.shared.time import local

__all__ = ["leave_order"]


async def leave_order(
    actor: Actor, now: datetime, *, order_id: UUID, organisation_id: UUID | None = None, reason: str = ""
) -> OrderRow:
    """Take a unit out of an order that it joined, until the session begins; the order itself goes on without it.

    The unit is no more 协办 of the order or of its session, may no longer read it, and its limits do not count it.

    Args:
        organisation_id: the unit; ``None``: the only one of those joined whose contact the actor is.

    Raises:
        NotFoundError: no such order for this caller; or, naming ``organisation_id``, the unit has not joined it.
        ForbiddenError: the unit is not the caller's.
        OrderStateError: the order has been fulfilled or has ended.
        CancelTooLateError: the session has begun.
        InvalidError: the caller acts for several of those joined and names none.
    """
    why = clean_line(reason)
    async with atomic():
        order = await locked_order_within(None, order_id)
        unit_id = await _leaving_within(actor, order, organisation_id)
        if order.state not in LEAVABLE:
            raise await state_error_within(actor, order, OrderState(order.state))
        if order.session_starts_at is not None and order.has_begun(now):
            raise CancelTooLateError(started_at=local(order.session_starts_at).isoformat())
        await _take_out_within(now, order, unit_id)
        after = await order_by_id(order_id)
        name = dict(zip(order.joined_ids, order.joined_names, strict=True))[unit_id]
        await note_order_within(
            actor, now, "order.left", after, reason=why, facts={"unit": name, "unit_id": str(unit_id)}
        )
        told = (after.organisation_id, after.owner_id)
        await tell_within("order-left", now, after, organisations=told, reason=why, organisation=name)
        if not actor.represents(unit_id):
            # Its page of the order is closed to it by now: this message leads to its own list.
            facts = order_facts(after, reason=why, organisation=name)
            facts.pop("session_id", None)
            await enqueue_within(
                "order-left", now, object_kind="organisation", object_id=unit_id, organisation_id=unit_id, facts=facts
            )
    return after


async def _leaving_within(actor: Actor, order: OrderRow, organisation_id: UUID | None) -> UUID:
    """The joined unit for which the caller speaks; who runs it may not know the order otherwise."""
    own = units_to_leave(actor, order.facts)
    if organisation_id is None and len(own) == 1:
        return own[0]
    joined = organisation_id in order.joined_ids
    if organisation_id is not None and joined:
        path = await db.value("SELECT path FROM accounts_organisation WHERE id = $1", organisation_id)
        if may_act_for(actor, organisation_id, path):
            return organisation_id
    if not may_read(actor, order.facts):
        raise NotFoundError
    if organisation_id is None and own:
        raise invalid("organisation_id", "required")
    if not joined:
        raise NotFoundError(field="organisation_id")
    raise ForbiddenError


async def _take_out_within(now: datetime, order: OrderRow, unit_id: UUID) -> None:
    """The unit's rows of the order and of its session; both get a new revision."""
    await db.execute("DELETE FROM bookings_order_unit WHERE order_id = $1 AND organisation = $2", order.id, unit_id)
    await db.execute(
        "DELETE FROM bookings_order_organiser WHERE order_id = $1 AND organisation = $2 AND part = 'support'",
        order.id,
        unit_id,
    )
    await db.execute("UPDATE bookings_order SET changed_at = $2, revision = revision + 1 WHERE id = $1", order.id, now)
    if order.session_id is None:
        return
    await lock_session_within(order.session_id)
    await db.execute(
        "DELETE FROM events_session_organiser WHERE session = $1 AND organisation = $2 AND part = 'support'",
        order.session_id,
        unit_id,
    )
    await revise_within(order.session_id, now)
