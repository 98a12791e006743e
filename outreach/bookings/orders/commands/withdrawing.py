"""A unit gives its order up."""

from datetime import datetime
from uuid import UUID

from outreach.bookings.domain.errors import CancelTooLateError
from outreach.bookings.domain.waiting import cancel_deadline
from outreach.bookings.orders.domain.permissions import may_change
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow
from outreach.bookings.orders.records import (
    allowed,
    drop_session_within,
    locked_order_within,
    move_order_within,
    state_error_within,
    tell_within,
)
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import invalid
from outreach.shared.text import clean_line
from outreach.shared.time import local

__all__ = ["withdraw_order"]


async def withdraw_order(actor: Actor, now: datetime, *, order_id: UUID, reason: str = "") -> OrderRow:
    """Withdraw an order until its session begins; the session is cancelled by its host, and everybody concerned told.

    After the programme's deadline before the start it counts as a late cancellation and needs a reason.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        OrderStateError: it has ended or been fulfilled.
        CancelTooLateError: the session has begun.
        InvalidError: the reason is missing.
    """
    why = clean_line(reason)
    async with atomic():
        order = await locked_order_within(actor, order_id)
        allowed(may_change(actor, order.facts))
        if order.state in (OrderState.ASSIGNED, OrderState.SCHEDULED):
            await _drop_within(actor, now, order, why)
        elif order.state not in (OrderState.SUBMITTED, OrderState.ENDORSED, OrderState.APPROVED):
            raise await state_error_within(actor, order, OrderState.WITHDRAWN)
        after = await move_order_within(
            actor, now, order, OrderState.WITHDRAWN, reason=why, ended_at=now, answer_by=None
        )
        told = (after.owner_id, *after.joined_ids)
        # Who withdraws knows it; the calendars of the unit's people learn of a date that is gone by this message only.
        if not actor.represents(after.organisation_id) or order.state == OrderState.SCHEDULED:
            told = (*told, after.organisation_id)
        await tell_within("order-withdrawn", now, order, organisations=told, reason=why)
    return after


async def _drop_within(actor: Actor, now: datetime, order: OrderRow, why: str) -> None:
    starts_at = order.session_starts_at
    is_late = False
    if order.state == OrderState.SCHEDULED and starts_at is not None:
        if now >= starts_at:
            raise CancelTooLateError(started_at=local(starts_at).isoformat())
        is_late = order.cancel_hours is not None and now >= cancel_deadline(starts_at, order.cancel_hours)
    if is_late and not why:
        raise invalid("reason", "reason-needed")
    await drop_session_within(actor, now, order, by="host", reason=why, is_late=is_late)
