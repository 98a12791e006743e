"""审核: the unit's parent endorses where the programme asks for it, the programme's owner approves or declines."""

from datetime import datetime
from uuid import UUID

from outreach.bookings.orders.domain.drafts import window_problems
from outreach.bookings.orders.domain.permissions import may_approve, may_decline, may_endorse
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow
from outreach.bookings.orders.records import (
    allowed,
    locked_order_within,
    move_order_within,
    refuse_dissolved,
    state_error_within,
    tell_units_within,
    tell_within,
)
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import InvalidError, invalid
from outreach.shared.text import clean_line

__all__ = ["approve_order", "decline_order", "endorse_order"]


async def endorse_order(actor: Actor, now: datetime, *, order_id: UUID) -> OrderRow:
    """Agree as the unit's parent organisation, where the programme asks for two steps.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to endorse.
        OrderStateError: nothing is to be endorsed, or somebody was faster.
    """
    async with atomic():
        order = await locked_order_within(actor, order_id)
        allowed(may_endorse(actor, order.facts))
        if not order.two_step:
            raise await state_error_within(actor, order, OrderState.ENDORSED)
        after = await move_order_within(actor, now, order, OrderState.ENDORSED, endorsed_at=now)
        await tell_within("order-endorsed", now, after, organisations=(after.owner_id, after.organisation_id))
    return after


async def approve_order(actor: Actor, now: datetime, *, order_id: UUID) -> OrderRow:
    """Approve as the programme's owner; looks again whether a window is still ahead (rule 4).

    Raises:
        NotFoundError, ForbiddenError: not this caller's to approve.
        OrderStateError: it is not endorsed yet (``endorse_first``), or somebody was faster; tells who.
        InvalidError: all its windows are past, or the unit is dissolved.
    """
    async with atomic():
        order = await locked_order_within(actor, order_id)
        allowed(may_approve(actor, order.facts))
        if order.state == OrderState.SUBMITTED and order.two_step:
            refusal = await state_error_within(actor, order, OrderState.APPROVED)
            refusal.facts["endorse_first"] = True
            raise refusal
        if order.state in (OrderState.SUBMITTED, OrderState.ENDORSED):
            past = window_problems(order.windows, now, kept=order.windows)
            if len(past) == len(order.windows):
                raise InvalidError(past)
            await refuse_dissolved(order, now)
        elif order.state != OrderState.APPROVED:
            raise await state_error_within(actor, order, OrderState.APPROVED)
        after = await move_order_within(actor, now, order, OrderState.APPROVED, approved_at=now)
        await tell_units_within("order-approved", now, after)
    return after


async def decline_order(actor: Actor, now: datetime, *, order_id: UUID, reason: str) -> OrderRow:
    """Refuse an order before it is assigned, with a reason that the unit reads.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to decline.
        OrderStateError: it is assigned or has ended, or somebody was faster; tells who.
        InvalidError: the reason is missing.
    """
    why = clean_line(reason)
    async with atomic():
        order = await locked_order_within(actor, order_id)
        allowed(may_decline(actor, order.facts))
        if order.state not in (OrderState.SUBMITTED, OrderState.ENDORSED, OrderState.APPROVED):
            raise await state_error_within(actor, order, OrderState.DECLINED)
        if not why:
            raise invalid("reason", "reason-needed")
        after = await move_order_within(actor, now, order, OrderState.DECLINED, reason=why, ended_at=now)
        await tell_units_within("order-declined", now, after, reason=why)
    return after
