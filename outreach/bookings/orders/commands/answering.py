"""接单: those assigned answer, logged in, by their link, or on the telephone; staff enter the latter (电话确认)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.states import BookingState
from outreach.bookings.orders.domain.errors import AnswerTooLateError, OrderStateError
from outreach.bookings.orders.domain.permissions import gives, may_answer, may_assign
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.links import LinkGrant
from outreach.bookings.orders.queries import OrderRow, check_link, order_by_id
from outreach.bookings.orders.records import (
    CONFLICTS,
    allowed,
    drop_session_within,
    locked_order_within,
    move_order_within,
    note_order_within,
    state_error_within,
    tell_people_within,
    tell_units_within,
    tell_within,
)
from outreach.bookings.queries import BookingRow
from outreach.bookings.records import insert_within, lock_session_within
from outreach.events.commands import refuse_closed_year
from outreach.events.queries import session_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import invalid
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line
from outreach.shared.time import local

__all__ = ["accept_by_link", "accept_order", "refuse_by_link", "refuse_order"]


async def accept_order(
    actor: Actor, now: datetime, *, order_id: UUID, by_phone: bool = False, provider_id: UUID | None = None
) -> OrderRow:
    """Accept an assignment. When all who are assigned have, the session is published with the unit as its host.

    Args:
        by_phone: staff called.
        provider_id: whom they called; ``None``: all who had not answered.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to answer.
        OrderStateError: it is not assigned, or was taken back or withdrawn before.
        AnswerTooLateError: the session has begun; staff enter it after a call.
        ClosedYearError: the year in which it starts was closed meanwhile.
        InvalidError: staff answer for others and do not say that they called.
    """
    async with atomic(CONFLICTS):
        order = await locked_order_within(actor, order_id)
        answering = await _answering_within(actor, order, by_phone, provider_id, OrderState.SCHEDULED)
        # A unit that saw nobody come must not read afterwards that somebody had accepted.
        if not by_phone and order.session_starts_at is not None and order.has_begun(now):
            started_at = local(order.session_starts_at).isoformat()
            raise AnswerTooLateError(started_at=started_at, organisation=order.owner_name)
        way = "phone" if by_phone else "login"
        return await _accept_within(actor, now, order, answering, way)


async def refuse_order(
    actor: Actor,
    now: datetime,
    *,
    order_id: UUID,
    reason: str = "",
    by_phone: bool = False,
    provider_id: UUID | None = None,
) -> OrderRow:
    """Decline an assignment: its draft is cancelled, the order waits for another provider, its organiser is told.

    Args:
        by_phone: staff called.
        provider_id: whom they called; ``None``: all who had not answered.

    Raises:
        NotFoundError, ForbiddenError: not this caller's to answer.
        OrderStateError: it is not assigned, or was taken back or withdrawn before.
        InvalidError: staff answer for others and do not say that they called.
    """
    async with atomic():
        order = await locked_order_within(actor, order_id)
        answering = await _answering_within(actor, order, by_phone, provider_id, OrderState.APPROVED)
        way = "phone" if by_phone else "login"
        return await _refuse_within(actor, now, order, answering, way, clean_line(reason))


async def accept_by_link(now: datetime, *, grant: LinkGrant) -> OrderRow:
    """``accept_order`` by who holds the provider's link; again, nothing happens.

    Raises:
        NotFoundError: the order does not exist.
        LinkExpiredError: its time has passed, the session has begun, or the order was assigned anew.
    """
    async with atomic(CONFLICTS):
        order = await locked_order_within(None, grant.order_id)
        check_link(order, now, grant)
        if order.state == OrderState.SCHEDULED or grant.provider_id in order.accepted_ids:
            return order
        return await _accept_within(None, now, order, (grant.provider_id,), "link")


async def refuse_by_link(now: datetime, *, grant: LinkGrant, reason: str = "") -> OrderRow:
    """``refuse_order`` by who holds the provider's link.

    Raises:
        NotFoundError: the order does not exist.
        LinkExpiredError: its time has passed, or the order was assigned anew.
        OrderStateError: it was accepted already.
    """
    async with atomic():
        order = await locked_order_within(None, grant.order_id)
        check_link(order, now, grant)
        if order.state != OrderState.ASSIGNED:
            raise OrderStateError(state=order.state, wanted=OrderState.APPROVED.value)
        return await _refuse_within(None, now, order, (grant.provider_id,), "link", clean_line(reason))


async def _answering_within(
    actor: Actor, order: OrderRow, by_phone: bool, provider_id: UUID | None, wanted: OrderState
) -> tuple[UUID, ...]:
    """The providers for whom the caller speaks."""
    allowed(may_answer(actor, order.facts))
    own = gives(actor, order.facts)
    if by_phone:
        allowed(may_assign(actor, order.facts))
    elif not own:
        raise invalid("by_phone", "say-by-phone")
    if order.state != OrderState.ASSIGNED:
        raise await state_error_within(actor, order, wanted)
    if by_phone and provider_id is not None and provider_id not in order.provider_ids:
        raise invalid("provider_id", "not-found")
    if by_phone:
        return order.unanswered_ids if provider_id is None else (provider_id,)
    pairs = zip(order.provider_ids, order.person_ids, strict=True)
    return tuple(id_ for id_, person in pairs if person == actor.person_id)


async def _accept_within(
    actor: Actor | None, now: datetime, order: OrderRow, answering: Sequence[UUID], way: str
) -> OrderRow:
    new = [id_ for id_ in answering if id_ not in order.accepted_ids]
    if not new:
        return order
    await _store_within(now, order, new, way, accepted=True)
    facts = {"by_phone": way == "phone", "way": way, "providers": _names(order, new)}
    if set(order.unanswered_ids) - set(new):
        await note_order_within(actor, now, "order.accepted", order, facts=facts)
        return await order_by_id(order.id)
    await _publish_within(actor, now, order)
    after = await move_order_within(
        actor, now, order, OrderState.SCHEDULED, action="order.accepted", facts=facts, scheduled_at=now
    )
    names = list(after.provider_names)
    await tell_units_within("order-scheduled", now, after, providers=names)
    await tell_people_within("order-scheduled", now, after, providers=names)
    await tell_within("order-accepted", now, after, organisations=(after.owner_id,), providers=names)
    return after


async def _refuse_within(
    actor: Actor | None, now: datetime, order: OrderRow, answering: Sequence[UUID], way: str, reason: str
) -> OrderRow:
    await _store_within(now, order, answering, way, accepted=False)
    await drop_session_within(actor, now, order, by="provider", reason=reason)
    names = _names(order, answering)
    after = await move_order_within(
        actor,
        now,
        order,
        OrderState.APPROVED,
        action="order.refused",
        reason=reason,
        facts={"by_phone": way == "phone", "way": way, "providers": names},
        session=None,
        answer_by=None,
    )
    await tell_within("order-refused", now, order, organisations=(order.owner_id,), reason=reason, providers=names)
    return after


def _names(order: OrderRow, provider_ids: Sequence[UUID]) -> list[str]:
    by_id = dict(zip(order.provider_ids, order.provider_names, strict=True))
    return [by_id[id_] for id_ in provider_ids]


async def _store_within(
    now: datetime, order: OrderRow, provider_ids: Sequence[UUID], way: str, *, accepted: bool
) -> None:
    await db.execute(
        """INSERT INTO bookings_order_answer (id, order_id, assignment, provider, accepted, way, answered_at)
           SELECT id, $1, $2, provider, $5, $6, $7 FROM unnest($3::uuid[], $4::uuid[]) AS given (id, provider)
           ON CONFLICT (order_id, assignment, provider) DO UPDATE
              SET accepted = excluded.accepted, way = excluded.way, answered_at = excluded.answered_at""",
        order.id,
        order.assignment,
        [new_id() for _one in provider_ids],
        list(provider_ids),
        accepted,
        way,
        now,
    )


async def _publish_within(actor: Actor | None, now: datetime, order: OrderRow) -> None:
    """The draft becomes the session, with the unit as host and one confirmed booking of all its people."""
    if order.session_id is None:
        raise OrderStateError(state=order.state)
    await lock_session_within(order.session_id)
    if order.session_starts_at is not None:
        await refuse_closed_year(order.programme_id, order.session_starts_at)
    published = await db.execute(
        """UPDATE events_session SET state = 'published', assigned = false, published_at = $2, seats_taken = $3,
                  capacity = greatest(capacity, $3), revision = revision + 1, revised_at = $2
            WHERE id = $1 AND state = 'draft' AND assigned""",
        order.session_id,
        now,
        order.audience,
    )
    if not published:
        raise OrderStateError(state=order.state)
    session = await session_by_id(order.session_id)
    await note_within(
        actor,
        now,
        "session.published",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        from_state="draft",
        to_state=session.state,
        facts={"order_id": str(order.id)},
    )
    booking = BookingRow(
        id=new_id(),
        session_id=session.id,
        organisation_id=order.organisation_id,
        organisation_name=order.organisation_name,
        organisation_path=order.organisation_path,
        seats=order.audience,
        state=BookingState.CONFIRMED.value,
        is_host=True,
        contact_name=order.contact_name,
        contact_phone=order.contact_phone,
        note=order.note,
        reason="",
        created_at=now,
        changed_at=now,
        revision=1,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        session_state=session.state,
        session_organisation_id=order.owner_id,
        session_organisation_name=order.owner_name,
        session_organisation_path=order.owner_path,
        programme_mark=order.programme_mark,
        programme_name=order.programme_name,
        opening_id=order.opening_id,
    )
    await insert_within(actor, now, booking, action="booking.confirmed")
