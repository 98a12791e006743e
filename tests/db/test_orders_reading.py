"""Every forbidden step, who reads what, and lists of orders."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from outreach.bookings.orders import commands
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import (
    OrderFilter,
    OrderRow,
    order_by_id,
    orders_page,
    own_orders,
    readable_order,
    rivals_of,
    state_counts,
)
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.orders import make_giver, make_order
from tests.factories.programmes import make_programme
from tests.support.orders import LATER, refusal
from tests.support.orders import OrderWorld as World
from tests.support.queries import counted

# --- every forbidden step ---------------------------------------------------------------------------------------------

STEPS: dict[str, set[OrderState]] = {
    "endorse": {OrderState.SUBMITTED},
    "approve": {OrderState.ENDORSED},
    "decline": {OrderState.SUBMITTED, OrderState.ENDORSED, OrderState.APPROVED},
    "withdraw": {
        OrderState.SUBMITTED,
        OrderState.ENDORSED,
        OrderState.APPROVED,
        OrderState.ASSIGNED,
        OrderState.SCHEDULED,
    },
    "assign": {OrderState.APPROVED},
    "accept": {OrderState.ASSIGNED},
    "refuse": {OrderState.ASSIGNED},
    "take_back": {OrderState.ASSIGNED},
    "substitute": {OrderState.ASSIGNED, OrderState.SCHEDULED},
    "review": {OrderState.FULFILLED},
    "change": {OrderState.SUBMITTED, OrderState.ENDORSED, OrderState.APPROVED},
}


@pytest.mark.parametrize("state", list(OrderState))
async def test_every_forbidden_step_is_refused_and_changes_nothing(
    database: None, now: datetime, state: OrderState
) -> None:
    """Each command in each state: exactly those of the table go through."""
    world = await World().build(two_step_orders=True)
    other = await make_provider(world.root)
    stages = {
        OrderState.ASSIGNED: ("draft", True),
        OrderState.SCHEDULED: ("published", False),
        OrderState.FULFILLED: ("held", False),
        OrderState.REVIEWED: ("held", False),
    }

    async def order_in_state() -> OrderRow:
        await db.execute("DELETE FROM events_occupation")
        given: dict[str, Any] = {}
        if state in stages:
            session_state, assigned = stages[state]
            session = await make_session(
                world.event, providers=(world.provider,), state=session_state, assigned=assigned, host=world.union.id
            )
            given = {"session": session.id, "assignment": 1}
        made = await make_order(world.event, world.union, state=state.value, **given)
        return await order_by_id(made.id)

    def attempt(name: str, order: OrderRow) -> Awaitable[OrderRow]:
        id_, staff, unit = order.id, world.organiser, world.contact
        marks: dict[str, Any] = {"lecturer": 5, "content": 5, "organising": 5, "again": True}
        attempts: dict[str, Callable[[], Awaitable[OrderRow]]] = {
            "endorse": lambda: commands.endorse_order(world.endorser, now, order_id=id_),
            "approve": lambda: commands.approve_order(staff, now, order_id=id_),
            "decline": lambda: commands.decline_order(staff, now, order_id=id_, reason="排满了"),
            "withdraw": lambda: commands.withdraw_order(unit, now, order_id=id_, reason="不办了"),
            "assign": lambda: world.assign(now, order, provider_ids=[other.id]),
            "accept": lambda: commands.accept_order(staff, now, order_id=id_, by_phone=True),
            "refuse": lambda: commands.refuse_order(staff, now, order_id=id_, by_phone=True),
            "take_back": lambda: commands.take_back_order(staff, now, order_id=id_, reason=""),
            "substitute": lambda: commands.substitute_provider(
                staff, now, order_id=id_, provider_ids=[other.id], reason="住院"
            ),
            "review": lambda: commands.review_order(unit, now, order_id=id_, **marks),
            "change": lambda: commands.change_order(unit, now, order_id=id_, changes={"note": "改了"}),
        }
        return attempts[name]()

    for name, states in STEPS.items():
        order = await order_in_state()
        if state in states:
            await attempt(name, order)
        else:
            assert (await refusal(attempt(name, order)))["state"] == state.value
            assert await order_by_id(order.id) == order
        await db.execute("UPDATE bookings_order SET state = 'declined', session = NULL WHERE id = $1", order.id)


# --- who reads what ---------------------------------------------------------------------------------------------------


async def test_ids_of_others_are_not_found(database: None, now: datetime) -> None:
    """A contact of another unit, a provider of another order, an organiser beside: nobody learns that it exists."""
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    beside = await make_organisation(parent=world.root)
    nobodies = [
        world.rival,
        world.stranger,
        await make_actor(Role.ORGANISER, beside),
        await make_actor(Role.ORGANISER, world.foreign),
        await make_actor(Role.CONTACT, world.district),
    ]

    for nobody in nobodies:
        for attempt in (
            readable_order(nobody, order.id),
            commands.approve_order(nobody, now, order_id=order.id),
            commands.withdraw_order(nobody, now, order_id=order.id),
            commands.accept_order(nobody, now, order_id=order.id),
            commands.refuse_order(nobody, now, order_id=order.id, by_phone=True),
            commands.assign_order(nobody, now, order_id=order.id, provider_ids=[], starts_at=STARTS_AT),
        ):
            with pytest.raises(NotFoundError):
                await attempt
    for known in (world.contact, world.organiser, world.endorser, world.lecturer):
        assert await readable_order(known, order.id) == order


async def test_the_list_shows_exactly_what_may_be_read(database: None, now: datetime) -> None:
    """``may_read`` and the condition in SQL agree for every person and every order."""
    world = await World().build()
    district_event = await make_event(await make_programme(world.district))
    own = await world.assign(now, await world.approve(now, await world.submit(now)))
    joined = await make_order(world.event, world.union, joined=(world.small,))
    foreign_event = await make_event(await make_programme(world.foreign))
    foreign = await make_order(foreign_event, world.foreign)
    below = await make_order(district_event, world.small)
    everything = [await order_by_id(one.id) for one in (own, joined, foreign, below)]
    people = [
        world.contact, world.rival, world.organiser, world.endorser, world.lecturer, world.stranger,
        await make_actor(Role.EVALUATOR, world.root), await make_actor(Role.ADMINISTRATOR, None),
        await make_actor(Role.ORGANISER, world.union),
    ]  # fmt: skip

    shown = [{one.id for one in (await orders_page(who, OrderFilter(), limit=50)).items} for who in people]

    from outreach.bookings.orders.domain.permissions import may_read

    assert shown == [{one.id for one in everything if may_read(who, one.facts)} for who in people]
    assert [len(one) for one in shown] == [2, 2, 3, 3, 1, 0, 0, 4, 2]


@pytest.mark.parametrize("number", [1, 3])
async def test_lists_of_orders_take_the_same_statements_for_any_number(
    database: None, now: datetime, number: int
) -> None:
    world = await World().build()
    for _one in range(number):
        await make_order(world.event, world.union, joined=(world.small,))
    order = await order_by_id((await make_order(world.event, world.small)).id)

    with counted() as page:
        found = await orders_page(world.organiser, OrderFilter(open=True), limit=50)
    with counted() as own:
        mine = await own_orders(world.contact)
    with counted() as rivals:
        others = await rivals_of(order)
    with counted() as counts:
        by_state = await state_counts(world.organiser)

    assert (len(page), len(own), len(rivals), len(counts)) == (2, 1, 1, 1)
    assert (found.total, len(mine), len(others), by_state) == (number + 1, number, number, {"submitted": number + 1})


async def test_orders_are_found_by_words_state_and_the_end_of_a_number(database: None, now: datetime) -> None:
    """Whose number it is not to know cannot find by it."""
    world = await World().build()
    first = await make_order(world.event, world.union, contact_name="陈巧云", contact_phone="13812345678")
    second = await make_order(world.event, world.small, state="approved", joined=(world.union,))

    async def found(actor: Actor, **wanted: Any) -> list[Any]:
        return [one.id for one in (await orders_page(actor, OrderFilter(**wanted), limit=50)).items]

    staff = world.organiser
    assert await found(staff) == [first.id, second.id]
    assert await found(staff, oldest_first=False) == [second.id, first.id]
    assert await found(staff, q="胥江 陈巧云") == [first.id]
    assert await found(staff, q="5678") == [first.id]
    assert await found(staff, q="567") == []
    assert await found(staff, state="approved") == [second.id]
    assert await found(staff, programme=world.programme.code) == [first.id, second.id]
    assert await found(staff, programme="nothing") == []
    assert await found(staff, organisation_id=world.small.id) == [second.id]
    assert await found(world.contact, q="5678") == [first.id]
    assert await found(world.contact, q="0000") == []
    page = await orders_page(staff, OrderFilter(), limit=1)
    assert (page.total, page.next is not None) == (2, True)


async def test_rivals_want_the_same_people_at_the_same_time(database: None, now: datetime) -> None:
    world = await World().build()
    shared = await make_event(world.programme)
    await make_giver(shared, world.provider)
    order = await order_by_id((await make_order(world.event, world.union)).id)
    same = await make_order(shared, world.small)
    elsewhen = await make_order(shared, world.small, windows=((LATER.on, LATER.part),))
    await make_order(await make_event(world.programme), world.small)
    await make_order(shared, world.small, state="scheduled", session=(await make_session(shared)).id)

    assert [one.id for one in await rivals_of(order)] == [same.id]
    assert [one.id for one in await rivals_of(order, provider_id=world.provider.id)] == [same.id]
    assert await rivals_of(order, provider_id=new_id()) == []
    starts_at = datetime(2015, 9, 25, 10, 0, tzinfo=ZONE)
    assert [one.id for one in await rivals_of(order, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))] == [
        elsewhen.id
    ]


async def test_a_programme_that_was_closed_to_orders_still_serves_those_it_has(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.submit(now)
    await Programme.update({Programme.cancel_hours: 24}).where(Programme.id == world.programme.id)
    await db.execute("UPDATE events_event SET orderable = false")

    changed = await commands.change_order(world.contact, now, order_id=order.id, changes={"audience": 90})

    assert (changed.audience, changed.cancel_hours) == (90, 24)
