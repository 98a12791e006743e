"""The rain date of an order's session: moved to when the weather asks for it, released when it does not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.orders.domain.permissions import may_assign
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow, order_by_id, order_of_session
from outreach.bookings.orders.records import (
    CONFLICTS,
    allowed,
    locked_order_within,
    note_order_within,
    state_error_within,
    tell_people_within,
    tell_units_within,
    tell_within,
)
from outreach.bookings.records import live_bookings_within, lock_session_within
from outreach.events.commands import occupy_within, refuse_closed_year, release_rain_within, revise_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.text import clean_line
from outreach.shared.time import local

__all__ = ["release_rain_date", "use_rain_date"]


async def use_rain_date(actor: Actor, now: datetime, *, session_id: UUID, reason: str) -> OrderRow:
    """Move the published session of an order to its rain date; everybody concerned is told.

    Raises:
        NotFoundError, ForbiddenError: not this caller's, or no session of an order.
        OrderStateError: the order is not scheduled.
        InvalidError: there is no rain date to come, or no reason.
        ClosedYearError: its year is closed.
    """
    why = clean_line(reason)
    async with atomic(CONFLICTS):
        order = await _order_within(actor, session_id)
        if order.state != OrderState.SCHEDULED or order.session_state != "published":
            raise await state_error_within(actor, order, OrderState.SCHEDULED)
        if order.rain_starts_at is None or order.rain_starts_at <= now:
            raise invalid("use", "no-rain-date")
        if not why:
            raise invalid("reason", "reason-needed")
        for starts_at in (order.session_starts_at, order.rain_starts_at):
            if starts_at is not None:
                await refuse_closed_year(order.programme_id, starts_at)
        await db.execute(
            """UPDATE events_session SET moved_from = starts_at, starts_at = rain_starts_at, ends_at = rain_ends_at,
                      rain_starts_at = NULL, rain_ends_at = NULL WHERE id = $1""",
            session_id,
        )
        await occupy_within(actor, session_id)
        await revise_within(session_id, now)
        await _touch_within(now, order)
        after = await order_by_id(order.id)
        old = local(order.session_starts_at).isoformat() if order.session_starts_at is not None else ""
        facts = {"from": old, "to": local(order.rain_starts_at).isoformat()}
        await note_within(
            actor, now, "session.moved", "session", session_id, organisation_id=order.owner_id, reason=why, facts=facts
        )
        await note_order_within(actor, now, "order.rain_date_used", after, reason=why, facts=facts)
        told: dict[str, Any] = {"reason": why, "old_starts_at": old}
        await tell_units_within("rain-date-used", now, after, **told)
        await tell_people_within("rain-date-used", now, after, **told)
        units = {after.organisation_id, *after.joined_ids}
        booked = [one.organisation_id for one in await live_bookings_within(session_id)]
        await tell_within(
            "session-moved", now, after, organisations=[id_ for id_ in booked if id_ not in units], **told
        )
    return after


async def release_rain_date(actor: Actor, now: datetime, *, session_id: UUID, reason: str = "") -> OrderRow:
    """Give up the rain date: those who were kept for it are free then, and are told.

    Raises:
        NotFoundError, ForbiddenError: not this caller's, or no session of an order.
        OrderStateError: the order has no session to come.
        InvalidError: there is no rain date.
    """
    async with atomic():
        order = await _order_within(actor, session_id)
        if order.state not in (OrderState.ASSIGNED, OrderState.SCHEDULED):
            raise await state_error_within(actor, order, OrderState.SCHEDULED)
        if order.rain_starts_at is None:
            raise invalid("use", "no-rain-date")
        await release_rain_within(session_id)
        await revise_within(session_id, now)
        await _touch_within(now, order)
        after = await order_by_id(order.id)
        released = {"rain_starts_at": local(order.rain_starts_at).isoformat()}
        await note_order_within(
            actor, now, "order.rain_date_released", after, reason=clean_line(reason), facts=released
        )
        await tell_units_within("rain-date-released", now, after, reason=clean_line(reason), **released)
        await tell_people_within("rain-date-released", now, after, reason=clean_line(reason), **released)
    return after


async def _order_within(actor: Actor, session_id: UUID) -> OrderRow:
    """The order of the session, both locked, for somebody who dispatches it."""
    found = await order_of_session(session_id)
    if found is None:
        raise NotFoundError
    order = await locked_order_within(actor, found.id)
    allowed(may_assign(actor, order.facts))
    if order.session_id != session_id:
        raise NotFoundError
    await lock_session_within(session_id)
    return await order_by_id(order.id)


async def _touch_within(now: datetime, order: OrderRow) -> None:
    await db.execute("UPDATE bookings_order SET changed_at = $2, revision = revision + 1 WHERE id = $1", order.id, now)
