"""What follows an assignment: answers, links, substitutes, withdrawals, rain dates, losers, reviews."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from outreach.attendance.commands import hold_session
from outreach.bookings import session_changes
from outreach.bookings.domain.errors import CancelTooLateError
from outreach.bookings.orders import commands
from outreach.bookings.orders.domain.errors import AnswerTooLateError, LinkExpiredError, OrderStateError
from outreach.bookings.orders.queries import (
    OrderRow,
    order_by_id,
    order_for_link,
    ratings_of,
    readable_order,
)
from outreach.bookings.tables import Review
from outreach.events.domain.errors import ClashError
from outreach.events.queries import session_by_id
from outreach.shared import db
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.shared.ids import new_id
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.orders import make_giver, make_order
from tests.support.orders import AFTERNOON, LATER, RAIN, codes, journal, occupied, refusal, said, told
from tests.support.orders import OrderWorld as World
from tests.support.queries import counted

# --- answering --------------------------------------------------------------------------------------------------------


async def test_a_refusal_gives_the_time_back_and_tells_the_organiser(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))

    back = await commands.refuse_order(world.lecturer, now, order_id=order.id, reason="那天上课")

    assert (back.state, back.session_id, back.reason, back.answer_by) == ("approved", None, "那天上课", None)
    assert await occupied() == []
    assert await told("order-refused") == [(world.root.id, None)]
    cancelled = await db.row("SELECT state, cancelled_by, assigned FROM events_session")
    assert cancelled is not None
    assert tuple(cancelled) == ("cancelled", "provider", False)
    with pytest.raises(NotFoundError):
        await readable_order(world.lecturer, order.id)


async def test_staff_enter_what_was_said_on_the_telephone(database: None, now: datetime) -> None:
    """Journalled as such; without saying so staff do not answer for others."""
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))

    assert await codes(commands.accept_order(world.organiser, now, order_id=order.id)) == [("by_phone", "say-by-phone")]
    assert await codes(commands.refuse_order(world.organiser, now, order_id=order.id)) == [("by_phone", "say-by-phone")]
    with pytest.raises(ForbiddenError):
        await commands.accept_order(world.lecturer, now, order_id=order.id, by_phone=True)
    with pytest.raises(ForbiddenError):
        await commands.accept_order(world.contact, now, order_id=order.id)
    with pytest.raises(NotFoundError):
        await commands.accept_order(world.stranger, now, order_id=order.id)
    accepted = await commands.accept_order(world.organiser, now, order_id=order.id, by_phone=True)

    facts = await db.value("SELECT facts FROM accounts_journal WHERE action = 'order.accepted'")
    assert accepted.state == "scheduled"
    assert msgspec.json.decode(facts)["by_phone"] is True


async def test_several_providers_must_all_accept(database: None, now: datetime) -> None:
    """The first acceptance waits, the last one publishes; one refusal ends it for all."""
    world = await World().build()
    second = await make_provider(world.root, name="周立群", person=world.stranger.person_id)
    order = await world.approve(now, await world.submit(now))
    order = await world.assign(now, order, provider_ids=[world.provider.id, second.id])

    waiting = await world.accept(now, order)
    again = await world.accept(now, order)
    done = await commands.accept_order(world.organiser, now, order_id=order.id, by_phone=True, provider_id=second.id)

    assert (waiting.state, waiting.accepted_ids, waiting.unanswered_ids) == (
        "assigned",
        (world.provider.id,),
        (second.id,),
    )
    assert again == waiting
    assert done.state == "scheduled"
    assert [line for line in await journal(order) if line[0] == "order.accepted"] == [
        ("order.accepted", None, None),
        ("order.accepted", "assigned", "scheduled"),
    ]


async def test_the_provider_answers_by_the_link(database: None, now: datetime) -> None:
    """Opening it changes nothing; accepting twice is one acceptance; afterwards it cannot decline any more."""
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    grant = world.grant(order)

    assert (await order_for_link(now, grant)).state == "assigned"
    accepted = await commands.accept_by_link(now, grant=grant)
    assert accepted.state == "scheduled"
    assert await commands.accept_by_link(now, grant=grant) == accepted
    with pytest.raises(OrderStateError):
        await commands.refuse_by_link(now, grant=grant, reason="不去了")
    assert await db.value("SELECT actor_name FROM accounts_journal WHERE action = 'order.accepted'") == ""


async def test_nobody_accepts_by_himself_what_has_begun(database: None, now: datetime) -> None:
    """Neither logged in nor by a link, however long that holds; staff may enter it, since they called."""
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    grant = world.grant(order, expires_at=STARTS_AT + timedelta(days=1))

    with pytest.raises(AnswerTooLateError) as late:
        await world.accept(STARTS_AT, order)
    with pytest.raises(LinkExpiredError) as gone:
        await commands.accept_by_link(STARTS_AT, grant=grant)
    with pytest.raises(LinkExpiredError):
        await order_for_link(STARTS_AT, grant)
    untouched = await order_by_id(order.id)
    entered = await commands.accept_order(world.organiser, STARTS_AT, order_id=order.id, by_phone=True)

    assert late.value.facts == {"started_at": "2015-09-24T14:00:00+08:00", "organisation": "市总工会"}
    assert (gone.value.facts["why"], gone.value.facts["organisation"]) == ("over", "市总工会")
    assert (untouched.state, untouched.accepted_ids) == ("assigned", ())
    assert entered.state == "scheduled"


@pytest.mark.parametrize("answer", [commands.accept_by_link, commands.refuse_by_link])
async def test_a_link_over_replaced_or_of_another_answers_nothing(
    database: None, now: datetime, answer: Callable[..., Awaitable[OrderRow]]
) -> None:
    world = await World().build()
    other = await make_provider(world.root)
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    grant = world.grant(order)

    why = {}
    for name, moment, changed in (
        ("over", grant.expires_at, grant),
        ("another provider", now, replace(grant, provider_id=other.id)),
        ("another assignment", now, replace(grant, assignment=2)),
    ):
        with pytest.raises(LinkExpiredError) as gone:
            await answer(moment, grant=changed)
        why[name] = gone.value.facts["why"]
    with pytest.raises(NotFoundError):
        await answer(now, grant=replace(grant, order_id=new_id()))
    await commands.take_back_order(world.organiser, now, order_id=order.id, reason="")
    with pytest.raises(LinkExpiredError) as gone:
        await answer(now, grant=grant)

    assert why == {"over": "over", "another provider": "replaced", "another assignment": "replaced"}
    assert gone.value.facts["why"] == "replaced"


async def test_the_provider_declines_by_the_link(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.assign(now, await world.approve(now, await world.submit(now)))

    back = await commands.refuse_by_link(now, grant=world.grant(order), reason="出差")

    assert (back.state, back.reason) == ("approved", "出差")


# --- substitutes, withdrawals, cancellations --------------------------------------------------------------------------


async def test_a_substitute_comes_to_the_same_session(database: None, now: datetime) -> None:
    """A published session keeps its identity, its revision goes up, and all three sides are told."""
    world = await World().build()
    second = await make_provider(world.root, name="周立群", person=world.stranger.person_id)
    order = await world.scheduled(now)
    assert order.session_revision is not None

    assert await codes(
        commands.substitute_provider(world.organiser, now, order_id=order.id, provider_ids=[second.id], reason="")
    ) == [("reason", "reason-needed")]
    after = await commands.substitute_provider(
        world.organiser, now, order_id=order.id, provider_ids=[second.id], reason="讲师住院"
    )

    assert (after.state, after.session_id, after.provider_names) == ("scheduled", order.session_id, ("周立群",))
    assert after.session_revision == order.session_revision + 1
    assert await occupied() == [(second.id, STARTS_AT, False)]
    assert await told("session-taken-over") == [(None, world.lecturer.person_id), (world.union.id, None)]
    assert (await told("order-scheduled"))[-1] == (None, world.stranger.person_id)
    assert ("order.substituted", None, None) in await journal(order)


async def test_the_substitute_of_an_assigned_order_is_asked(database: None, now: datetime) -> None:
    world = await World().build()
    second = await make_provider(world.root, person=world.stranger.person_id)
    order = await world.assign(now, await world.approve(now, await world.submit(now)))
    grant = world.grant(order)

    after = await commands.substitute_provider(
        world.organiser, now + timedelta(hours=1), order_id=order.id, provider_ids=[second.id], reason="讲师住院"
    )

    assert (after.state, after.assignment, after.answer_by) == ("assigned", 2, now + timedelta(hours=73))
    assert (await told("order-asked"))[-1] == (None, world.stranger.person_id)
    with pytest.raises(LinkExpiredError):
        await commands.accept_by_link(now, grant=grant)


async def test_a_substitute_who_is_taken_is_a_clash(database: None, now: datetime) -> None:
    world = await World().build()
    second = await make_provider(world.root)
    await make_session(world.event, providers=(second,), occupying=True)
    order = await world.scheduled(now)

    with pytest.raises(ClashError):
        await commands.substitute_provider(
            world.organiser, now, order_id=order.id, provider_ids=[second.id], reason="讲师住院"
        )

    assert (await order_by_id(order.id)).provider_ids == (world.provider.id,)


async def test_a_unit_withdraws_at_every_step(database: None, now: datetime) -> None:
    world = await World().build()
    submitted = await world.submit(now)
    approved = await world.approve(now, await world.submit(now))
    assigned = await world.assign(now, await world.approve(now, await world.submit(now)))

    for order in (submitted, approved, assigned):
        done = await commands.withdraw_order(world.contact, now, order_id=order.id, reason="生产任务重")
        assert (done.state, done.reason, done.ended_at) == ("withdrawn", "生产任务重", now)

    assert await told("order-withdrawn") == [(world.root.id, None)] * 3
    assert await told("order-taken-back") == [(None, world.lecturer.person_id)]
    assert await occupied() == []


async def test_withdrawing_a_scheduled_order_cancels_its_session(database: None, now: datetime) -> None:
    """By the host; late is late and needs a reason; once it has begun it cannot be withdrawn."""
    world = await World().build(cancel_hours=48)
    order = await world.scheduled(now)
    late = STARTS_AT - timedelta(hours=47)

    with pytest.raises(CancelTooLateError):
        await commands.withdraw_order(world.contact, STARTS_AT, order_id=order.id, reason="不办了")
    assert await codes(commands.withdraw_order(world.contact, late, order_id=order.id)) == [("reason", "reason-needed")]
    done = await commands.withdraw_order(world.contact, late, order_id=order.id, reason="停电")

    assert done.state == "withdrawn"
    session = await db.row("SELECT state, cancelled_by, seats_taken FROM events_session")
    booking = await db.row("SELECT state, cancelled_by, is_late FROM bookings_booking")
    assert (session and tuple(session), booking and tuple(booking)) == (
        ("cancelled", "host", 0),
        ("cancelled", "unit", True),
    )
    assert await told("session-cancelled") == [(None, world.lecturer.person_id)]


async def test_a_cancelled_session_returns_its_order(database: None, now: datetime) -> None:
    """The weather is nobody's fault: the order waits for a new date, and may get one."""
    world = await World().build()
    order = await world.scheduled(now)
    assert order.session_id is not None

    await session_changes.cancel_session(world.organiser, now, session_id=order.session_id, by="weather", reason="台风")
    back = await order_by_id(order.id)
    again = await world.accept(now, await world.assign(now, back, starts_at=RAIN))

    assert (back.state, back.session_id, back.reason) == ("approved", None, "台风")
    assert await told("order-returned") == [(world.union.id, None)]
    assert (again.state, again.session_starts_at) == ("scheduled", RAIN)
    assert await db.value("SELECT is_late FROM bookings_booking WHERE state = 'cancelled'") is False


# --- rain dates -------------------------------------------------------------------------------------------------------


async def test_a_rain_date_ties_both_days_until_it_is_released(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.approve(now, await world.submit(now))
    order = await world.accept(now, await world.assign(now, order, rain_starts_at=RAIN))
    assert order.session_id is not None
    both = await occupied()

    released = await commands.release_rain_date(world.organiser, now, session_id=order.session_id)

    assert both == [(world.provider.id, STARTS_AT, False), (world.provider.id, RAIN, True)]
    assert (released.rain_starts_at, await occupied()) == (None, [(world.provider.id, STARTS_AT, False)])
    assert await told("rain-date-released") == [(world.union.id, None), (None, world.lecturer.person_id)]
    assert await codes(commands.release_rain_date(world.organiser, now, session_id=order.session_id)) == [
        ("use", "no-rain-date")
    ]


async def test_a_session_moves_to_its_rain_date(database: None, now: datetime) -> None:
    """Everybody is told the old time and the reason; the first day is free again."""
    world = await World().build()
    order = await world.approve(now, await world.submit(now))
    order = await world.assign(now, order, rain_starts_at=RAIN)
    assert order.session_id is not None

    early = await refusal(commands.use_rain_date(world.organiser, now, session_id=order.session_id, reason="大雨"))
    await world.accept(now, order)
    with pytest.raises(ForbiddenError):
        await commands.use_rain_date(world.contact, now, session_id=order.session_id, reason="大雨")
    assert await codes(commands.use_rain_date(world.organiser, now, session_id=order.session_id, reason="")) == [
        ("reason", "reason-needed")
    ]
    moved = await commands.use_rain_date(world.organiser, now, session_id=order.session_id, reason="大雨")

    assert early["state"] == "assigned"
    assert (moved.session_starts_at, moved.rain_starts_at) == (RAIN, None)
    assert moved.session_ends_at == RAIN + timedelta(minutes=90)
    assert await occupied() == [(world.provider.id, RAIN, False)]
    assert await told("rain-date-used") == [(world.union.id, None), (None, world.lecturer.person_id)]
    facts = await said("rain-date-used")
    assert (facts["old_starts_at"], facts["starts_at"], facts["reason"]) == (
        "2015-09-24T14:00:00+08:00",
        "2015-09-29T14:00:00+08:00",
        "大雨",
    )
    assert (await session_by_id(order.session_id)).moved_from == STARTS_AT


async def test_a_session_without_an_order_has_no_rain_date(database: None, now: datetime) -> None:
    world = await World().build()
    session = await make_session(world.event)

    with pytest.raises(NotFoundError):
        await commands.use_rain_date(world.organiser, now, session_id=session.id, reason="大雨")


# --- losers of an assignment ------------------------------------------------------------------------------------------


async def test_who_loses_the_only_time_is_told(database: None, now: datetime) -> None:
    """Not who has another window, nor who can have another lecturer, nor who had none anyway; eight statements more."""
    world = await World().build()
    other_event = await make_event(world.programme)
    await make_giver(other_event, world.provider)
    await make_giver(other_event, await make_provider(world.root))
    order = await world.approve(now, await world.submit(now))
    loser = await make_order(world.event, world.small)
    await make_order(world.event, world.small, windows=((AFTERNOON.on, AFTERNOON.part), (LATER.on, LATER.part)))
    await make_order(other_event, world.small)
    await make_order(await make_event(world.programme), world.small)
    await make_order(world.event, world.small, state="declined")

    assigned = await world.assign(now, order)

    assert await told("order-window-taken") == [(world.small.id, None)]
    facts = await said("order-window-taken")
    assert (facts["order_id"], facts["starts_at"], facts["organisation"]) == (
        str(loser.id),
        "2015-09-24T14:00:00+08:00",
        "虞山服饰工会",
    )
    assert assigned.state == "assigned"


@pytest.mark.parametrize("number", [1, 3])
async def test_telling_losers_takes_the_same_statements_for_any_number(
    database: None, now: datetime, number: int
) -> None:
    world = await World().build()
    order = await world.approve(now, await world.submit(now))
    for _one in range(number):
        await make_order(world.event, world.small)
    from outreach.bookings.orders.losing import tell_losers_within
    from outreach.shared.db import atomic

    assigned = await world.assign(now, order)
    await db.execute("DELETE FROM notifications_outbox_message")
    async with atomic():
        with counted() as statements:
            assert await tell_losers_within(now, assigned) == number

    assert len(statements) == 3
    assert len(await told("order-window-taken")) == number


# --- reviews ----------------------------------------------------------------------------------------------------------


async def test_a_review_is_given_once_by_the_unit(database: None, now: datetime) -> None:
    world = await World().build()
    order = await world.scheduled(now)
    marks: dict[str, Any] = {"lecturer": 5, "content": 4, "organising": 3, "again": True}
    later = STARTS_AT + timedelta(hours=2)

    assert (await refusal(commands.review_order(world.contact, now, order_id=order.id, **marks)))["state"] == (
        "scheduled"
    )
    assert order.session_id is not None
    await hold_session(world.organiser, later, session_id=order.session_id)
    with pytest.raises(ForbiddenError):
        await commands.review_order(world.organiser, later, order_id=order.id, **marks)
    assert await codes(
        commands.review_order(world.contact, later, order_id=order.id, **{**marks, "content": 6, "lecturer": 0})
    ) == [("lecturer", "mark-out-of-range"), ("content", "mark-out-of-range")]
    await commands.review_order(world.contact, later, order_id=order.id, **marks)

    assert (await refusal(commands.review_order(world.contact, later, order_id=order.id, **marks)))["state"] == (
        "reviewed"
    )
    assert await db.value("SELECT count(*) FROM bookings_review") == 1


@pytest.mark.parametrize("number", [1, 3])
async def test_ratings_are_means_in_one_statement(database: None, now: datetime, number: int) -> None:
    world = await World().build()
    for one in range(number):
        session = await make_session(
            world.event, providers=(world.provider,), starts_at=STARTS_AT + timedelta(days=one)
        )
        await Review(
            session=session.id, organisation=world.union.id, lecturer=5 - one, content=3, organising=1, again=True,
            created_at=now,
        ).save()  # fmt: skip

    with counted() as statements:
        found = await ratings_of(event_ids=[world.event.id], provider_ids=[world.provider.id, new_id()])

    mean = {1: (3.0, 5.0), 3: (8 / 3, 4.0)}[number]
    assert len(statements) == 1
    assert {id_: (round(one.mean, 6), one.answers) for id_, one in found.items()} == {
        world.event.id: (round(mean[0], 6), number),
        world.provider.id: (round(mean[1], 6), number),
    }
