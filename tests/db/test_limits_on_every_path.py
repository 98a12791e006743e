"""The same limits whichever way a unit takes: seats, a whole date, an order; by itself or by staff."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest

from outreach.accounts.tables import Organisation
from outreach.bookings.claims import claim_session
from outreach.bookings.commands import book_seats, cancel_booking
from outreach.bookings.domain.errors import BookingClosedError, LimitReachedError, QuotaUsedError
from outreach.bookings.openings.counting import places_taken
from outreach.bookings.orders.commands import submit_order
from outreach.bookings.orders.domain.drafts import OrderDraft, Window
from outreach.bookings.tables import Booking, Order
from outreach.events.domain.parts import DayPart
from outreach.events.tables import Event, Opening, OpeningSession, Session
from outreach.programmes.tables import Programme, ProgrammeYear
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import make_event, make_session
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme, make_year
from tests.support.queries import counted

PATHS = ["seats", "claim", "order"]


class World:
    """A city with its organiser, a programme, and a union with its contact and its women's committee."""

    city: Organisation
    union: Organisation
    women: Organisation
    programme: Programme
    event: Event
    organiser: Actor
    contact: Actor
    committee: Actor
    opening: Opening | None = None

    async def take(
        self, path: str, now: datetime, *, actor: Actor | None = None, unit: Organisation | None = None
    ) -> Any:
        """One more by that path, of a session of its own: only limits can stand in the way."""
        who, whose = actor or self.contact, (unit or self.union).id
        person: dict[str, Any] = {"contact_name": "陈巧云", "contact_phone": "13800000000"}
        if path == "order":
            draft = OrderDraft(
                event_id=self.event.id,
                organisation_id=whose,
                windows=(Window(date(2015, 10, 22), DayPart.AFTERNOON),),
                audience=40,
                address="一号车间",
                **person,
            )
            return await submit_order(who, now, draft=draft)
        session = await make_session(self.event, claimable=path == "claim")
        await self.open(session)
        if path == "claim":
            return await claim_session(
                who, now, session_id=session.id, organisation_id=whose, address="一号车间", audience=40, **person
            )
        return await book_seats(who, now, session_id=session.id, organisation_id=whose, seats=5, **person)

    async def open(self, session: Session) -> None:
        """Let the session go through the opening of this world, if it has one."""
        if self.opening is not None:
            await OpeningSession(opening=self.opening.id, session=session.id).save()


@pytest.fixture
async def world(database: None) -> World:
    made = World()
    made.city = await make_organisation()
    made.union = await make_organisation(parent=made.city, district="吴中区")
    made.women = await make_organisation(parent=made.union, kind="womens_committee", district="")
    made.programme = await make_programme(made.city)
    made.event = await make_event(made.programme)
    made.organiser = await make_actor(Role.ORGANISER, made.city)
    made.contact = await make_actor(Role.CONTACT, made.union)
    made.committee = await make_actor(Role.CONTACT, made.women)
    return made


@pytest.mark.parametrize("scope", ["programme", "year", "opening"])
@pytest.mark.parametrize("last", PATHS)
async def test_three_ways_use_one_limit(world: World, now: datetime, scope: str, last: str) -> None:
    """Two are allowed; the third is refused on every path, to staff and to the women's committee as well."""
    if scope == "programme":
        await Programme.update({Programme.max_per_organisation: 2}).where(Programme.id == world.programme.id)
    elif scope == "year":
        await make_year(world.city, max_per_organisation=2)
    else:
        world.opening = await make_opening(world.programme, events=(world.event,), max_per_organisation=2)
    first, second = (path for path in PATHS if path != last)

    await world.take(first, now)
    await world.take(second, now, actor=world.committee, unit=world.women)

    for actor, unit in ((world.contact, world.union), (world.committee, world.women), (world.organiser, world.union)):
        with pytest.raises(LimitReachedError) as refused:
            await world.take(last, now, actor=actor, unit=unit)
        assert (refused.value.facts["scope"], refused.value.facts["used"]) == (scope, 2)
    assert await Booking.count() + await Order.count() == 2


@pytest.mark.parametrize("path", PATHS)
async def test_the_opening_is_kept_with_what_came_through_it(world: World, now: datetime, path: str) -> None:
    """And a place is free again once it is given up."""
    opening = world.opening = await make_opening(world.programme, events=(world.event,), opens_at=now, places=1)

    made = await world.take(path, now)

    assert made.opening_id == opening.id
    assert await places_taken([opening.id]) == {opening.id: {"吴中区": 1}}
    with pytest.raises(QuotaUsedError):
        await world.take(path, now)
    if path == "seats":
        await cancel_booking(world.contact, now, booking_id=made.id, reason="生产任务")
        assert (await world.take(path, now)).opening_id == opening.id


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_comes_through_before_its_time(world: World, now: datetime, path: str) -> None:
    """Nor for another district, staff included."""
    world.opening = await make_opening(
        world.programme,
        events=(world.event,),
        opens_at=now.replace(minute=1),
        for_whom="districts",
        districts=["虎丘区"],
    )
    far = await make_organisation(parent=world.city, district="虎丘区")

    with pytest.raises(BookingClosedError) as foreign:
        await world.take(path, now, actor=world.organiser)
    with pytest.raises(BookingClosedError) as early:
        await world.take(path, now, actor=world.organiser, unit=far)

    assert foreign.value.facts["why"] == "not-for-you"
    assert early.value.facts == {"why": "not-open-yet", "opens_at": "2015-09-15T09:01:00+08:00"}
    assert (await Booking.count(), await Order.count()) == (0, 0)


@pytest.mark.parametrize("paths", [("seats", "seats"), ("claim", "claim"), ("order", "order"), ("seats", "order")])
async def test_rivals_of_one_union(world: World, now: datetime, paths: tuple[str, str]) -> None:
    """The union and its women's committee at once, one left in the year: exactly one, twenty times."""
    await make_year(world.city, max_per_organisation=1)

    for _run in range(20):
        answers = await asyncio.gather(
            world.take(paths[0], now),
            world.take(paths[1], now, actor=world.committee, unit=world.women),
            return_exceptions=True,
        )
        assert [isinstance(one, LimitReachedError) for one in answers].count(True) == 1, answers
        assert await Booking.count() + await Order.count() == 1
        await db.execute("TRUNCATE bookings_booking, bookings_order CASCADE")
    assert await ProgrammeYear.count() == 1


async def test_a_rush_of_orders_at_the_second_of_opening(world: World, now: datetime) -> None:
    """200 unions order at once; thirty places, twelve of them kept for two districts."""
    opening = world.opening = await make_opening(
        world.programme,
        events=(world.event,),
        opens_at=now,
        places=30,
        max_per_organisation=1,
        quotas={"吴中区": 8, "虎丘区": 4},
    )
    districts = ["吴中区"] * 20 + ["虎丘区"] * 3 + ["姑苏区"] * 177
    units = [await make_organisation(parent=world.city, district=district) for district in districts]

    answers = await asyncio.gather(
        *(world.take("order", now, actor=world.organiser, unit=unit) for unit in reversed(units)),
        return_exceptions=True,
    )

    refused = [one for one in answers if isinstance(one, Exception)]
    assert {type(one) for one in refused} == {QuotaUsedError}
    [taken] = (await places_taken([opening.id])).values()
    over = max(0, taken["吴中区"] - 8) + taken["姑苏区"]
    assert sum(taken.values()) == len(answers) - len(refused) == await Order.count() == 29
    assert (taken["虎丘区"], over) == (3, 18)
    assert taken["吴中区"] >= 8


@pytest.mark.parametrize("limited", [False, True])
async def test_statements_of_a_booking(world: World, now: datetime, limited: bool) -> None:
    """Six for a plain one; four more where a limit and an opening with a quota are asked under their locks."""
    if limited:
        await Programme.update({Programme.max_per_organisation: 9}).where(Programme.id == world.programme.id)
        world.opening = await make_opening(
            world.programme, places=9, quotas={"吴中区": 9}, max_per_organisation=9, events=(world.event,)
        )
    session = await make_session(world.event)
    await world.open(session)

    with counted() as sent:
        await book_seats(
            world.contact, now, session_id=session.id, organisation_id=world.union.id, seats=5,
            contact_name="陈巧云", contact_phone="13800000000",
        )  # fmt: skip

    own = [" ".join(one.split()) for one in sent if "pg_advisory_unlock_all" not in one]
    assert len(own) == (10 if limited else 6)
    assert len([one for one in own if "FOR NO KEY UPDATE" in one]) == (1 if limited else 0)
