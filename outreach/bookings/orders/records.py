"""What commands do with an order inside an open transaction: lock, move, tell, give its session up.

Locks are taken in the order unit, opening, order, session, resources (ADR 0010); so whoever is about to lock a session
that may belong to an order calls ``lock_order_of_session_within`` first.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.bookings.domain.states import BookingState
from outreach.bookings.orders.domain.errors import OrderStateError
from outreach.bookings.orders.domain.permissions import may_approve, may_endorse, may_read
from outreach.bookings.orders.domain.states import OrderState, move
from outreach.bookings.orders.queries import OrderRow, order_by_id, order_of_session
from outreach.bookings.records import CONFLICTS as BOOKING_CONFLICTS
from outreach.bookings.records import live_bookings_within, lock_session_within, move_within
from outreach.events.commands import CLASH, refuse_closed_past, release_within
from outreach.events.queries import session_by_id
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import Conflicts
from outreach.shared.errors import ForbiddenError, NotFoundError, StaleError, invalid
from outreach.shared.time import local, local_day

__all__ = [
    "CONFLICTS",
    "allowed",
    "drop_session_within",
    "fulfil_order_within",
    "lock_order_of_session_within",
    "locked_order_within",
    "move_order_within",
    "note_order_within",
    "order_facts",
    "people_of",
    "refuse_dissolved",
    "return_order_within",
    "state_error_within",
    "tell_people_within",
    "tell_units_within",
    "tell_within",
]

#: For ``atomic()`` of every command that makes or publishes a session for an order.
CONFLICTS: Conflicts = {**BOOKING_CONFLICTS, **CLASH}

#: Columns that go with a move; everything else stays.
_COLUMNS = frozenset(
    {
        "session",
        "assignment",
        "answer_by",
        "endorsed_at",
        "approved_at",
        "assigned_at",
        "scheduled_at",
        "fulfilled_at",
        "reviewed_at",
        "ended_at",
    }
)


async def locked_order_within(actor: Actor | None, order_id: UUID, *, revision: int | None = None) -> OrderRow:
    """Lock the order's row and return it to somebody who may read it; ``None``: the holder of a link.

    Raises:
        NotFoundError: there is none for this caller.
        StaleError: ``revision`` is given and is not the present one.
    """
    if await db.row("SELECT 1 FROM bookings_order WHERE id = $1 FOR NO KEY UPDATE", order_id) is None:
        raise NotFoundError
    order = await order_by_id(order_id)
    if actor is not None and not may_read(actor, order.facts):
        raise NotFoundError
    if revision is not None and revision != order.revision:
        raise StaleError(revision=order.revision)
    return order


async def lock_order_of_session_within(session_id: UUID) -> None:
    """Lock the order that the session was made for, if any; before the session's own row."""
    await db.execute("SELECT 1 FROM bookings_order WHERE session = $1 FOR NO KEY UPDATE", session_id)


def allowed(permitted: bool) -> None:
    """Refuse what a caller who may read the order may not do with it."""
    if not permitted:
        raise ForbiddenError


async def refuse_dissolved(order: OrderRow, now: datetime) -> None:
    """Nobody is sent to a unit that does not exist any more; its order is declined or withdrawn.

    Raises:
        InvalidError: it is dissolved.
    """
    closed_on = await db.value("SELECT closed_on FROM accounts_organisation WHERE id = $1", order.organisation_id)
    if closed_on is not None and closed_on <= local_day(now):
        raise invalid("organisation_id", "organisation-dissolved")


async def state_error_within(actor: Actor | None, order: OrderRow, wanted: OrderState) -> OrderStateError:
    """The refusal of a step that the order's state does not allow; staff also learn who was faster (rule 4)."""
    facts: dict[str, Any] = {"state": order.state, "wanted": wanted.value}
    if actor is not None and (may_approve(actor, order.facts) or may_endorse(actor, order.facts)):
        facts["by"] = await db.value(
            """SELECT actor_name FROM accounts_journal WHERE object_kind = 'order' AND object_id = $1 AND to_state = $2
                ORDER BY id DESC LIMIT 1""",
            order.id,
            order.state,
        )
    return OrderStateError(**facts)


async def move_order_within(
    actor: Actor | None,
    now: datetime,
    order: OrderRow,
    to: OrderState,
    *,
    action: str = "",
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    **columns: Any,
) -> OrderRow:
    """Move an order, with the journal's line; the row is locked, and its state is compared in the write all the same.

    Args:
        action: of the journal; by default the word of the state.
        reason: kept with the order; ``None`` leaves the one that is there.
        columns: of ``_COLUMNS``.

    Raises:
        OrderStateError: its state does not allow it, or somebody was faster.
    """
    try:
        move(OrderState(order.state), to)
    except OrderStateError:
        raise await state_error_within(actor, order, to) from None
    if not columns.keys() <= _COLUMNS:
        raise ValueError(f"no columns of a move: {columns.keys() - _COLUMNS}")
    settings = "".join(f", {name} = ${number}" for number, name in enumerate(columns, 6))
    changed = await db.value(
        f"""UPDATE bookings_order SET state = $3, reason = coalesce($4, reason), changed_at = $5,
                   revision = revision + 1{settings} WHERE id = $1 AND state = $2 RETURNING revision""",  # noqa: S608
        order.id,
        order.state,
        to.value,
        reason,
        now,
        *columns.values(),
    )
    after = await order_by_id(order.id)
    if changed is None:
        raise await state_error_within(actor, after, to)
    await note_order_within(
        actor,
        now,
        action or f"order.{to.value}",
        after,
        from_state=order.state,
        to_state=to.value,
        reason=reason or "",
        facts=facts,
    )
    return after


async def note_order_within(
    actor: Actor | None,
    now: datetime,
    action: str,
    order: OrderRow,
    *,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """One line of the journal about an order."""
    await note_within(
        actor,
        now,
        action,
        "order",
        order.id,
        organisation_id=order.owner_id,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        facts={"organisation": order.organisation_name, "title": order.event_title, **(facts or {})},
    )


def order_facts(order: OrderRow, *, reason: str = "", **more: Any) -> dict[str, Any]:
    """What a message about an order says; the times are those of its session, if it has one."""
    facts: dict[str, Any] = {
        "order_id": str(order.id),
        "title": order.event_title,
        "organisation": order.organisation_name,
        "seats": order.audience,
        "reason": reason,
    }
    if order.session_id is not None and order.session_starts_at is not None and order.session_ends_at is not None:
        facts |= {
            "session_id": str(order.session_id),
            "starts_at": local(order.session_starts_at).isoformat(),
            "ends_at": local(order.session_ends_at).isoformat(),
        }
    return {**facts, **more}


async def tell_within(
    kind: str,
    now: datetime,
    order: OrderRow,
    *,
    organisations: Iterable[UUID] = (),
    people: Iterable[UUID] = (),
    reason: str = "",
    **more: Any,
) -> None:
    """Enqueue a message about an order to each of these organisations and people, each once."""
    facts = order_facts(order, reason=reason, **more)
    # What is said of a session leads to its page: who only booked it cannot open the order.
    about = ("order", order.id)
    if kind.startswith("session-") and order.session_id is not None:
        about = ("session", order.session_id)
    for organisation_id in dict.fromkeys(organisations):
        await enqueue_within(
            kind, now, object_kind=about[0], object_id=about[1], organisation_id=organisation_id, facts=facts
        )
    for person_id in dict.fromkeys(people):
        await enqueue_within(kind, now, object_kind=about[0], object_id=about[1], person_id=person_id, facts=facts)


async def tell_units_within(kind: str, now: datetime, order: OrderRow, *, reason: str = "", **more: Any) -> None:
    """The same to the unit that orders and to those that join it."""
    await tell_within(kind, now, order, organisations=(order.organisation_id, *order.joined_ids), reason=reason, **more)


async def tell_people_within(kind: str, now: datetime, order: OrderRow, *, reason: str = "", **more: Any) -> None:
    """The same to the people of those who are assigned in ``order``; who has none is called by the organiser."""
    await tell_within(kind, now, order, people=people_of(order), reason=reason, **more)


def people_of(order: OrderRow) -> tuple[UUID, ...]:
    """The persons of the providers assigned."""
    return tuple(id_ for id_ in order.person_ids if id_ is not None)


async def drop_session_within(
    actor: Actor | None, now: datetime, order: OrderRow, *, by: str, reason: str, is_late: bool = False
) -> None:
    """Cancel the session of an assigned or scheduled order: its bookings end, and what it tied is free.

    The caller moves the order and tells the units. Those assigned are told here, and whoever else had booked.

    Args:
        by: organiser, host, provider, weather.
        is_late: the unit gives it up after the programme's deadline; kept with its booking.

    Raises:
        OrderStateError: the session is over or cancelled.
        ClosedYearError: the session has begun, and its year is closed.
    """
    session_id = order.session_id
    if session_id is None:
        raise OrderStateError(state=order.state)
    await lock_session_within(session_id)
    session = await session_by_id(session_id)
    if session.state not in ("draft", "published"):
        raise OrderStateError(state=order.state, session=session.state)
    await refuse_closed_past(now, session)
    for booking in await live_bookings_within(session_id):
        own = by == "host" and booking.organisation_id == order.organisation_id
        await move_within(
            actor,
            now,
            booking,
            BookingState.CANCELLED,
            reason=reason,
            cancelled_by="unit" if own else "session",
            is_late=own and is_late,
        )
        if booking.organisation_id != order.organisation_id:
            await tell_within("session-cancelled", now, order, organisations=(booking.organisation_id,), reason=reason)
    await db.execute(
        """UPDATE events_session SET state = 'cancelled', assigned = false, cancelled_at = $2, cancelled_by = $3,
                  cancel_reason = $4, revision = revision + 1, revised_at = $2 WHERE id = $1""",
        session_id,
        now,
        by,
        reason,
    )
    await release_within(session_id)
    await note_within(
        actor,
        now,
        "session.cancelled",
        "session",
        session_id,
        organisation_id=session.organisation_id,
        from_state=session.state,
        to_state="cancelled",
        reason=reason,
        facts={"by": by, "order_id": str(order.id)},
    )
    kind = "session-cancelled" if session.state == "published" else "order-taken-back"
    await tell_people_within(kind, now, order, reason=reason)


async def fulfil_order_within(actor: Actor | None, now: datetime, session_id: UUID) -> None:
    """The session has been held: its order, if any, is fulfilled, and the unit is asked how it was.

    The caller locked the order (``lock_order_of_session_within``) before the session.
    """
    order = await order_of_session(session_id)
    if order is None or order.state != OrderState.SCHEDULED:
        return
    after = await move_order_within(actor, now, order, OrderState.FULFILLED, fulfilled_at=now)
    await tell_within("order-fulfilled", now, after, organisations=(after.organisation_id,))


async def return_order_within(
    actor: Actor | None, now: datetime, session_id: UUID, reason: str = "", by: str = ""
) -> None:
    """The session was cancelled otherwise than through its order: the order, if any, waits for a new date.

    The caller locked the order (``lock_order_of_session_within``) before the session, and tells those who give it.
    """
    order = await order_of_session(session_id)
    if order is None or order.state not in (OrderState.ASSIGNED, OrderState.SCHEDULED):
        return
    await move_order_within(
        actor,
        now,
        order,
        OrderState.APPROVED,
        action="order.returned",
        reason=reason,
        facts={"by": by, "session_id": str(session_id)},
        session=None,
        answer_by=None,
    )
    await tell_units_within("order-returned", now, order, reason=reason)
