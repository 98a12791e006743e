"""What happens to an order when something around it changes: the menu, the tree, the year, the session itself."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from outreach.accounts.tables import Organisation
from outreach.attendance.commands import hold_session
from outreach.bookings import session_changes
from outreach.bookings.commands import book_seats, cancel_booking
from outreach.bookings.domain.errors import BookingClosedError
from outreach.bookings.openings.commands import create_opening
from outreach.bookings.orders import commands
from outreach.bookings.orders.queries import OrderRow, order_by_id
from outreach.bookings.waiting import refuse_offer
from outreach.events.commands import publish_session
from outreach.events.domain.openings import OpeningDraft, OpeningFacts
from outreach.events.queries import session_by_id
from outreach.events.tables import Event, Provider
from outreach.programmes.domain.errors import ClosedYearError
from outreach.programmes.tables import ProgrammeYear
from outreach.shared import db
from outreach.shared.errors import InvalidError, OutreachError
from tests.db.test_orders_races import race
from tests.factories.accounts import make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_provider, make_session
from tests.factories.orders import make_order
from tests.support.orders import RAIN, OrderWorld, codes, journal, told


async def close_year(organisation: Organisation, year: int = 2015) -> None:
    await ProgrammeYear(
        organisation=organisation.id, year=year, title="实事项目", state="closed", created_at=STARTS_AT
    ).save()


async def lines_of(object_id: object) -> list[tuple[str, str | None, str | None]]:
    found = await db.rows(
        "SELECT action, from_state, to_state FROM accounts_journal WHERE object_id = $1 ORDER BY id", object_id
    )
    return [(one["action"], one["from_state"], one["to_state"]) for one in found]


async def approved(world: OrderWorld, now: datetime) -> OrderRow:
    return await world.approve(now, await world.submit(now))


# --- the menu, the tree, the year ------------------------------------------------------------------------------------


async def test_an_item_taken_off_the_menu_still_serves_its_orders(database: None, now: datetime) -> None:
    """Its open orders are assigned, assigned anew and held; only new ones are refused."""
    world = await OrderWorld().build()
    order = await approved(world, now)
    await Event.update({Event.active: False, Event.orderable: False}, force=True)

    assigned = await world.assign(now, order)
    again = await world.assign(now, assigned, starts_at=STARTS_AT + timedelta(days=1), reason="换一天")
    scheduled = await world.accept(now, again)

    assert scheduled.state == "scheduled"
    assert await codes(world.submit(now)) == [("event_id", "not-orderable")]


async def test_a_unit_that_was_dissolved_gets_nobody_sent(database: None, now: datetime) -> None:
    world = await OrderWorld().build()
    waiting, order = await world.submit(now), await approved(world, now)
    await Organisation.update({Organisation.closed_on: now.date()}).where(Organisation.id == world.union.id)

    assert await codes(world.approve(now, waiting)) == [("organisation_id", "organisation-dissolved")]
    assert await codes(world.assign(now, order)) == [("organisation_id", "organisation-dissolved")]
    assert await db.value("SELECT count(*) FROM events_session") == 0
    declined = await commands.decline_order(world.organiser, now, order_id=order.id, reason="单位已经撤销")
    assert declined.state == "declined"


async def test_nothing_is_put_into_a_closed_year(database: None, now: datetime) -> None:
    """It could never be recorded there: assigned, published, moved, by the rain date."""
    world = await OrderWorld().build()
    order = await approved(world, now)
    draft = await make_session(world.event, state="draft", published_at=None)
    published = await make_session(world.event, starts_at=STARTS_AT.replace(year=2016))
    rainy = await world.assign(
        now, await approved(world, now), starts_at=STARTS_AT.replace(year=2016), rain_starts_at=RAIN.replace(year=2017),
        override_reason="明年补办",
    )  # fmt: skip
    rainy = await world.accept(now, rainy)
    assert rainy.session_id is not None
    await close_year(world.root)
    await close_year(world.root, 2017)

    with pytest.raises(ClosedYearError):
        await world.assign(now, order)
    with pytest.raises(ClosedYearError):
        await publish_session(world.organiser, now, session_id=draft.id)
    with pytest.raises(ClosedYearError):
        await session_changes.change_session(
            world.organiser, now, session_id=published.id, changes={"starts_at": STARTS_AT}
        )
    with pytest.raises(ClosedYearError):
        await commands.use_rain_date(world.organiser, now, session_id=rainy.session_id, reason="下雨")
    assert (await order_by_id(order.id)).state == "approved"
    assert (await session_by_id(published.id)).starts_at == STARTS_AT.replace(year=2016)


async def test_the_form_of_an_opening_sent_twice_makes_one(database: None, now: datetime) -> None:
    """Else its sessions would be given away twice over."""
    world = await OrderWorld().build()
    session = await make_session(world.event)
    draft = OpeningDraft(
        programme_id=world.programme.id,
        name="第一批",
        facts=OpeningFacts(opens_at=now + timedelta(days=1), places=25),
        session_ids=(session.id,),
    )
    found = await race(*(create_opening(world.organiser, now, draft=draft) for _click in range(4)))
    assert found == ["InvalidError"] * 3 + ["done"]
    assert await db.value("SELECT count(*) FROM events_opening") == 1
    assert await codes(create_opening(world.organiser, now, draft=draft)) == [("name", "opening-twice")]


# --- the session of an order -----------------------------------------------------------------------------------------


async def test_publishing_by_the_answer_stands_in_the_journal_of_the_session(database: None, now: datetime) -> None:
    world = await OrderWorld().build()
    order = await world.scheduled(now)
    assert ("session.published", "draft", "published") in await lines_of(order.session_id)


async def test_the_host_of_a_scheduled_order_is_not_exchanged(database: None, now: datetime) -> None:
    """Its booking would stand in the name of another; a claimed date likewise."""
    world = await OrderWorld().build()
    order = await world.scheduled(now)
    assert order.session_id is not None
    for host in (world.small.id, None):
        assert await codes(
            session_changes.change_session(world.organiser, now, session_id=order.session_id, changes={"host_id": host})
        ) == [("host_id", "host-has-booked")]


async def test_providers_changed_on_the_page_of_the_session_stay_with_the_order(database: None, now: datetime) -> None:
    """The order shows who comes; an old link opens nothing, and the session is held as usual."""
    world = await OrderWorld().build()
    order = await world.scheduled(now)
    assert order.session_id is not None
    other = await make_provider(world.root)
    await session_changes.change_session(
        world.organiser, now, session_id=order.session_id, changes={"provider_ids": (other.id,)}
    )
    assert (await order_by_id(order.id)).provider_ids == (other.id,)

    await hold_session(world.organiser, STARTS_AT, session_id=order.session_id)

    assert (await order_by_id(order.id)).state == "fulfilled"


async def test_a_provider_who_leaves_between_question_and_answer_may_still_be_answered_for(
    database: None, now: datetime
) -> None:
    world = await OrderWorld().build()
    order = await world.assign(now, await approved(world, now))
    await Provider.update({Provider.active: False}, force=True)

    back = await commands.refuse_order(world.organiser, now, order_id=order.id, by_phone=True, reason="退休了")

    assert back.state == "approved"
    assert await codes(world.assign(now, back)) == [("provider_ids", "not-found")]


async def test_the_same_substitute_twice_is_one(database: None, now: datetime) -> None:
    """A double click asks nobody twice and voids no link."""
    world = await OrderWorld().build()
    order = await world.assign(now, await approved(world, now))
    other = await make_provider(world.root, person=world.stranger.person_id)
    values: dict[str, Any] = {"order_id": order.id, "provider_ids": [other.id], "reason": "生病"}

    first = await commands.substitute_provider(world.organiser, now, **values)
    second = await commands.substitute_provider(world.organiser, now, **values)

    assert (second.assignment, second.revision) == (first.assignment, first.revision)
    assert [line for line in await journal(order) if line[0] == "order.substituted"] == [
        ("order.substituted", None, None)
    ]
    assert (await told("order-asked")).count((None, world.stranger.person_id)) == 1


async def test_a_unit_that_joins_and_hides_keeps_the_session_hidden(database: None, now: datetime) -> None:
    """A barracks stands on no public page, not as 协办 either (rule 10)."""
    world = await OrderWorld().build()
    barracks = await make_organisation(parent=world.union, name="某部队", kind="guest")
    for given in ({"joined_by": (barracks.id,)}, {"organisers": (("support", barracks.id),)}):
        order = await world.approve(now, await world.submit(now, agrees_public=True, **given))
        order = await world.assign(now, order)
        assert order.session_id is not None
        assert (await session_by_id(order.session_id)).visibility == "host"
        await commands.take_back_order(world.organiser, now, order_id=order.id, reason="再来")


async def test_a_cancelled_order_frees_both_dates_and_the_next_takes_them(database: None, now: datetime) -> None:
    world = await OrderWorld().build()
    order = await world.assign(now, await approved(world, now), rain_starts_at=RAIN)
    order = await world.accept(now, order)
    assert order.session_id is not None
    await session_changes.cancel_session(world.organiser, now, session_id=order.session_id, by="weather", reason="台风")
    back = await order_by_id(order.id)
    assert (back.state, back.session_id) == ("approved", None)
    assert await db.value("SELECT count(*) FROM events_occupation") == 0
    assert (await world.assign(now, back, rain_starts_at=RAIN)).state == "assigned"


async def test_the_units_booking_of_an_order_is_given_up_by_the_order_only(database: None, now: datetime) -> None:
    """Whoever asks: the unit, the organiser, before and after the start."""
    world = await OrderWorld().build()
    await world.scheduled(now)
    booking_id = await db.value("SELECT id FROM bookings_booking")
    for actor in (world.contact, world.organiser):
        for moment in (now, STARTS_AT + timedelta(minutes=5)):
            with pytest.raises(OutreachError):
                await cancel_booking(actor, moment, booking_id=booking_id, reason="停产")
    assert await db.value("SELECT state FROM bookings_booking") == "confirmed"


# --- the waiting list ------------------------------------------------------------------------------------------------


async def test_a_date_that_groups_wait_for_is_not_offered_as_a_whole(database: None, now: datetime) -> None:
    """Nobody has a seat, since the only group let its offer go and waits on: the date is still theirs."""
    world = await BookingWorld().build(capacity=20, booking_closes_at=now + timedelta(hours=1))
    seated = await make_booking(world.session, world.other, seats=20)
    waiting = await book_seats(
        world.contact, now, session_id=world.session.id, organisation_id=world.union.id, seats=20,
        contact_name="陈巧云", contact_phone="13800000000", waitlist=True,
    )  # fmt: skip
    later = now + timedelta(hours=2)
    await cancel_booking(world.rival, later, booking_id=seated.id, reason="停产")
    await refuse_offer(world.contact, later, booking_id=waiting.id)
    assert (await session_by_id(world.session.id)).seats_taken == 0

    with pytest.raises(InvalidError) as refused:
        await session_changes.change_session(
            world.organiser, later, session_id=world.session.id, changes={"claimable": True}
        )

    assert [(one.field, one.code) for one in refused.value.problems] == [("claimable", "claimable-but-taken")]
    with pytest.raises(BookingClosedError):
        await book_seats(
            world.rival, STARTS_AT, session_id=world.session.id, organisation_id=world.other.id, seats=1,
            contact_name="顾敏", contact_phone="13800000000", waitlist=True,
        )  # fmt: skip


async def test_a_state_without_a_date_never_keeps_one(database: None, now: datetime) -> None:
    """An order that lies at any step is told of nothing when a foreign session is cancelled."""
    world = await OrderWorld().build()
    await make_order(world.event, world.small, state="approved")
    foreign = await make_session(world.event)
    await session_changes.cancel_session(world.organiser, now, session_id=foreign.id, by="organiser", reason="停办")
    assert await told("order-returned") == []
