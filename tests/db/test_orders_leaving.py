"""退出拼场: a unit leaves an order that somebody else made with it, and its limit is free again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from outreach.bookings.domain.errors import CancelTooLateError, LimitReachedError
from outreach.bookings.orders import commands
from outreach.bookings.orders.queries import OrderRow, order_by_id, own_orders, readable_order
from outreach.bookings.tables import OrderOrganiser
from outreach.events.queries import session_by_id
from outreach.programmes.tables import Programme
from outreach.shared import db
from outreach.shared.actors import Actor, Grant, Role
from outreach.shared.errors import ForbiddenError, NotFoundError, StaleError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import STARTS_AT, make_session
from tests.factories.orders import make_order
from tests.support.orders import OrderWorld as World
from tests.support.orders import codes, journal, refusal, said, told


async def joined(now: datetime, **programme: Any) -> tuple[World, OrderRow]:
    """An order of the union's that names the small unit."""
    world = await World().build(**programme)
    return world, await world.submit(now, joined_by=(world.small.id,))


async def organisers_of(order: OrderRow) -> list[tuple[Any, str]]:
    found = await db.rows(
        "SELECT organisation, part FROM events_session_organiser WHERE session = $1 ORDER BY id", order.session_id
    )
    return [(one["organisation"], one["part"]) for one in found]


async def test_a_unit_that_was_named_leaves_and_counts_no_more(database: None, now: datetime) -> None:
    """Those it leaves are told, it reads the order no longer, and its one order of the limit is its own again."""
    world, order = await joined(now)
    await Programme.update({Programme.max_per_organisation: 1}, force=True)
    own = world.draft(organisation_id=world.small.id)
    with pytest.raises(LimitReachedError):
        await commands.submit_order(world.rival, now, draft=own)

    left = await commands.leave_order(world.rival, now, order_id=order.id, reason="人手不够")

    assert (left.state, left.joined_ids, left.revision) == ("submitted", (), order.revision + 1)
    assert (await journal(order))[-1] == ("order.left", None, None)
    assert await told("order-left") == [(world.union.id, None), (world.root.id, None)]
    facts = await said("order-left")
    assert (facts["organisation"], facts["reason"]) == ("虞山服饰工会", "人手不够")
    assert await own_orders(world.rival) == []
    with pytest.raises(NotFoundError):
        await readable_order(world.rival, order.id)
    with pytest.raises(NotFoundError):
        await commands.leave_order(world.rival, now, order_id=order.id)
    assert (await commands.submit_order(world.rival, now, draft=own)).state == "submitted"


@pytest.mark.parametrize("accepted", [False, True])
async def test_leaving_takes_the_unit_out_of_the_session(database: None, now: datetime, accepted: bool) -> None:
    """It is no more 协办, there and in what the order named; the session goes on with a new revision."""
    world, order = await joined(now)
    await OrderOrganiser(order_id=order.id, organisation=world.small.id, part="support").save()
    order = await world.assign(now, await world.approve(now, order))
    if accepted:
        order = await world.accept(now, order)
    assert order.session_id is not None
    before = await session_by_id(order.session_id)
    assert (world.small.id, "support") in await organisers_of(order)

    left = await commands.leave_order(world.rival, STARTS_AT - timedelta(minutes=1), order_id=order.id)

    after = await session_by_id(order.session_id)
    assert await organisers_of(order) == [(world.root.id, "host"), (world.union.id, "organiser")]
    assert (left.state, left.organisers, left.provider_ids) == (order.state, (), order.provider_ids)
    assert (after.state, after.starts_at, after.revision) == (before.state, before.starts_at, before.revision + 1)


@pytest.mark.parametrize("accepted", [False, True])
async def test_nobody_leaves_a_session_that_has_begun(database: None, now: datetime, accepted: bool) -> None:
    world, order = await joined(now)
    order = await world.assign(now, await world.approve(now, order))
    if accepted:
        await world.accept(now, order)

    with pytest.raises(CancelTooLateError) as late:
        await commands.leave_order(world.rival, STARTS_AT, order_id=order.id)

    assert late.value.facts == {"started_at": "2015-09-24T14:00:00+08:00"}
    assert (await order_by_id(order.id)).joined_ids == (world.small.id,)


@pytest.mark.parametrize("state", ["fulfilled", "reviewed", "declined", "withdrawn"])
async def test_nobody_leaves_an_order_that_is_over(database: None, now: datetime, state: str) -> None:
    world = await World().build()
    given: dict[str, Any] = {"state": state}
    if state in ("fulfilled", "reviewed"):
        given["session"] = (await make_session(world.event, state="held")).id
    order = await make_order(world.event, world.union, joined=(world.small,), **given)

    assert (await refusal(commands.leave_order(world.rival, now, order_id=order.id)))["state"] == state
    assert await told("order-left") == []


async def test_only_the_unit_and_who_runs_it_take_it_out(database: None, now: datetime) -> None:
    """Strangers find nothing; those who order do not put others out this way; staff name the unit, which is told."""
    world, order = await joined(now)
    outsider = await make_actor(Role.CONTACT, await make_organisation(parent=world.root))
    small: dict[str, Any] = {"order_id": order.id, "organisation_id": world.small.id}

    for unit in (world.small.id, world.union.id, None):
        with pytest.raises(NotFoundError):
            await commands.leave_order(outsider, now, order_id=order.id, organisation_id=unit)
    with pytest.raises(ForbiddenError):
        await commands.leave_order(world.contact, now, **small)
    for actor, unit in ((world.contact, None), (world.rival, world.union.id), (world.organiser, world.foreign.id)):
        with pytest.raises(NotFoundError) as unknown:
            await commands.leave_order(actor, now, order_id=order.id, organisation_id=unit)
        assert unknown.value.facts == {"field": "organisation_id"}
    left = await commands.leave_order(world.organiser, now, **small, reason="电话里说不来了")

    assert left.joined_ids == ()
    assert await told("order-left") == [(world.union.id, None), (world.root.id, None), (world.small.id, None)]


async def test_who_runs_only_the_joined_unit_takes_it_out(database: None, now: datetime) -> None:
    """Though the order is of another district and not to be read."""
    world = await World().build()
    district = await make_organisation(parent=world.root, kind="federation")
    unit = await make_organisation(parent=district)
    order = await make_order(world.event, world.union, joined=(unit,))
    staff = await make_actor(Role.ORGANISER, district)

    left = await commands.leave_order(staff, now, order_id=order.id, organisation_id=unit.id)

    assert left.joined_ids == ()


async def test_the_contact_of_several_says_which_one_leaves(database: None, now: datetime) -> None:
    world = await World().build()
    second = await make_organisation(parent=world.district)
    order = await make_order(world.event, world.union, joined=(world.small, second))
    more = Grant(Role.CONTACT, second.id, second.name, second.path)
    both = Actor(world.rival.person_id, world.rival.name, (*world.rival.grants, more))

    assert await codes(commands.leave_order(both, now, order_id=order.id)) == [("organisation_id", "required")]
    left = await commands.leave_order(both, now, order_id=order.id, organisation_id=second.id)

    assert left.joined_ids == (world.small.id,)


async def test_what_was_read_before_somebody_left_is_stale(database: None, now: datetime) -> None:
    """So the unit that orders does not put it back by saving an old form."""
    world, order = await joined(now)
    await commands.leave_order(world.rival, now, order_id=order.id)

    with pytest.raises(StaleError):
        await commands.change_order(
            world.contact, now, order_id=order.id, changes={"audience": 60}, revision=order.revision
        )
