"""The real race (rule 4), on the real database: one wins, one is told, nothing is half-made."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Any

import pytest

from outreach.attendance.commands import hold_session
from outreach.bookings import session_changes
from outreach.bookings.orders import commands
from outreach.bookings.orders.domain.errors import OrderStateError
from outreach.bookings.orders.queries import order_by_id
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import OutreachError
from outreach.shared.ids import new_id
from tests.factories.accounts import make_actor
from tests.factories.events import STARTS_AT, make_provider
from tests.factories.orders import make_order
from tests.support.orders import OrderWorld

RUNS = 20


async def outcome(awaited: Awaitable[Any]) -> str:
    """``done``, or the name of the refusal; anything else is a fault."""
    try:
        await awaited
    except OutreachError as refused:
        return type(refused).__name__
    return "done"


async def race(*rivals: Awaitable[Any]) -> list[str]:
    return sorted(await asyncio.gather(*(outcome(one) for one in rivals)))


async def whole() -> None:
    """What the tables say fits together, whoever won."""
    half_made = await db.rows(
        """SELECT q.id, q.state, s.state AS session FROM bookings_order q LEFT JOIN events_session s ON s.id = q.session
            WHERE (q.state = 'assigned' AND (s.state <> 'draft' OR NOT s.assigned))
               OR (q.state = 'scheduled' AND s.state <> 'published')
               OR (q.state = 'scheduled' AND s.seats_taken <> q.audience)
               OR (q.state IN ('submitted', 'endorsed', 'approved') AND q.session IS NOT NULL)"""
    )
    loose = await db.rows(
        """SELECT s.id FROM events_session s LEFT JOIN bookings_order q ON q.session = s.id
            WHERE s.state IN ('draft', 'published') AND q.state IS DISTINCT FROM
                  CASE s.state WHEN 'draft' THEN 'assigned' ELSE 'scheduled' END"""
    )
    tied = await db.rows(
        """SELECT s.id FROM events_session s WHERE s.state <> 'held' AND (s.state <> 'cancelled') <>
              EXISTS (SELECT 1 FROM events_occupation x WHERE x.session = s.id)"""
    )
    assert (half_made, loose, tied) == ([], [], [])


async def test_two_approvers_of_one_order(database: None, now: datetime) -> None:
    """One approves, the other is told by whom it was; one message goes out."""
    world = await OrderWorld().build()
    second = await make_actor(Role.ORGANISER, world.root, name="另一位")
    for _run in range(RUNS):
        order = await make_order(world.event, world.union)
        assert await race(
            commands.approve_order(world.organiser, now, order_id=order.id),
            commands.approve_order(second, now, order_id=order.id),
        ) == ["OrderStateError", "done"]
        with pytest.raises(OrderStateError) as lost:
            await commands.approve_order(second, now, order_id=order.id)
        assert lost.value.facts["by"] in ("高蕾", "另一位")

    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'order.approved'") == RUNS
    assert await db.value("SELECT count(*) FROM notifications_outbox_message WHERE kind = 'order-approved'") == RUNS


async def test_two_assigners_of_one_provider(database: None, now: datetime) -> None:
    """Two orders, one lecturer, one afternoon: one gets her, the other is told who was faster."""
    world = await OrderWorld().build()
    second = await make_actor(Role.ORGANISER, world.root)
    for _run in range(RUNS):
        first = await make_order(world.event, world.union, state="approved")
        other = await make_order(world.event, world.small, state="approved")
        values: dict[str, Any] = {"provider_ids": [world.provider.id], "starts_at": STARTS_AT}
        assert await race(
            commands.assign_order(world.organiser, now, order_id=first.id, **values),
            commands.assign_order(second, now, order_id=other.id, **values),
        ) == ["ClashError", "done"]
        await whole()
        states = {one.id: (await order_by_id(one.id)).state for one in (first, other)}
        assert sorted(states.values()) == ["approved", "assigned"]
        winner = next(id_ for id_, state in states.items() if state == "assigned")
        await commands.take_back_order(world.organiser, now, order_id=winner, reason="再来")
        await db.execute("UPDATE bookings_order SET state = 'declined'")


async def test_two_assigners_of_one_order(database: None, now: datetime) -> None:
    """Each with another lecturer: one assignment stands, and the other lecturer is free."""
    world = await OrderWorld().build()
    other = await make_provider(world.root)
    second = await make_actor(Role.ORGANISER, world.root)
    for _run in range(RUNS):
        order = await make_order(world.event, world.union, state="approved")
        assert await race(
            world.assign(now, await order_by_id(order.id)),
            commands.assign_order(second, now, order_id=order.id, provider_ids=[other.id], starts_at=STARTS_AT),
        ) == ["OrderStateError", "done"]
        await whole()
        await commands.withdraw_order(world.contact, now, order_id=order.id)


async def test_accepting_against_withdrawing(database: None, now: datetime) -> None:
    """Either the unit was first and nothing is published, or the session was, and is cancelled with its booking."""
    world = await OrderWorld().build()
    for _run in range(RUNS):
        approved = await make_order(world.event, world.union, state="approved")
        order = await world.assign(now, await order_by_id(approved.id))
        found = await race(
            commands.accept_order(world.lecturer, now, order_id=order.id),
            commands.withdraw_order(world.contact, now, order_id=order.id, reason="停产"),
        )
        assert found in (["OrderStateError", "done"], ["done", "done"])
        assert (await order_by_id(order.id)).state == "withdrawn"
        await whole()
    live = "SELECT count(*) FROM bookings_booking WHERE state = 'confirmed'"
    assert await db.value(live) == await db.value("SELECT count(*) FROM events_occupation") == 0


async def test_accepting_twice_against_taking_back(database: None, now: datetime) -> None:
    """By link and by telephone at once there is one session and one booking; who took it back in time has it back."""
    world = await OrderWorld().build()
    for _run in range(RUNS):
        approved = await make_order(world.event, world.union, state="approved")
        order = await world.assign(now, await order_by_id(approved.id))
        await race(
            commands.accept_by_link(now, grant=world.grant(order)),
            commands.accept_order(world.organiser, now, order_id=order.id, by_phone=True),
            commands.take_back_order(world.organiser, now, order_id=order.id, reason="改天"),
        )
        await whole()
        after = await order_by_id(order.id)
        assert after.state in ("approved", "scheduled")
        expected = 1 if after.state == "scheduled" else 0
        assert await db.value("SELECT count(*) FROM bookings_booking WHERE state = 'confirmed'") == expected
        await commands.withdraw_order(world.contact, now, order_id=order.id)


async def test_cancelling_against_withdrawing_and_holding_waits_in_line(database: None, now: datetime) -> None:
    """Order before session on every path: no deadlock, and the order ends up where its session is."""
    world = await OrderWorld().build()
    for _run in range(RUNS):
        order = await world.scheduled(now)
        assert order.session_id is not None
        found = await race(
            session_changes.cancel_session(
                world.organiser, now, session_id=order.session_id, by="weather", reason="台风"
            ),
            commands.withdraw_order(world.contact, now, order_id=order.id, reason="停产"),
            hold_session(world.organiser, STARTS_AT, session_id=order.session_id),
        )
        assert "UnavailableError" not in found
        after = await order_by_id(order.id)
        assert after.state in ("approved", "withdrawn", "fulfilled")
        assert after.session_state in (None, "cancelled", "held")
        if after.state == "approved":
            await commands.withdraw_order(world.contact, now, order_id=order.id)
        await db.execute("DELETE FROM events_occupation")  # a held session keeps its lecturer, who is needed again


async def test_a_form_sent_many_times_at_once_is_one_order(database: None, now: datetime) -> None:
    """Also where the limit is one: the second does not read that the first has used it."""
    world = await OrderWorld().build(max_per_organisation=1)
    key = new_id()

    made = await asyncio.gather(
        *(commands.submit_order(world.contact, now, draft=world.draft(), form_key=key) for _ in range(8))
    )

    assert len({one.id for one in made}) == 1
    assert await db.value("SELECT count(*) FROM bookings_order") == 1


async def test_rivals_for_the_last_turn_of_a_limit(database: None, now: datetime) -> None:
    """Orders of one unit, and one that joins it, at once: exactly as many as the limit allows."""
    world = await OrderWorld().build(max_per_organisation=2)
    joining = world.draft(organisation_id=world.small.id, joined_by=(world.union.id,))

    found = await race(
        *(commands.submit_order(world.contact, now, draft=world.draft()) for _ in range(6)),
        *(commands.submit_order(world.rival, now, draft=joining) for _ in range(2)),
    )

    assert found == ["LimitReachedError"] * 6 + ["done"] * 2
