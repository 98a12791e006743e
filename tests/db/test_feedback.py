"""Units say how a session was: hosts without an order, units that were there, and orders by the same way."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from outreach.attendance.commands import hold_session
from outreach.bookings.domain.errors import AlreadyRatedError, NotHeldError
from outreach.bookings.feedback.commands import Review, give_feedback
from outreach.bookings.orders.queries import ratings_of
from outreach.bookings.orders.ratings import EventRatings, event_ratings
from outreach.bookings.tables import Review as ReviewTable
from outreach.events.fitting import fitting_providers
from outreach.shared import db
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.orders import make_giver
from tests.support.orders import OrderWorld
from tests.support.queries import counted

AFTER = STARTS_AT + timedelta(hours=3)
GOOD = Review(5, 4, 4, True, "话筒声音小")


async def claimed(**given: Any) -> BookingWorld:
    """A session that the union hosts without an order."""
    world = await BookingWorld().build()
    world.session = await make_session(
        world.event, **{"host": world.union.id, "visibility": "host", "state": "held", **given}
    )
    await make_booking(world.session, world.union, is_host=True)
    return world


@pytest.mark.parametrize("state", ["held", "closed"])
async def test_a_host_without_an_order_says_how_it_was(database: None, state: str) -> None:
    world = await claimed(state=state)

    made = await give_feedback(world.contact, AFTER, session_id=world.session.id, review=GOOD)

    assert (made.organisation_id, made.lecturer, made.content, made.organising, made.again, made.words) == (
        world.union.id, 5, 4, 4, True, "话筒声音小",
    )  # fmt: skip
    told = await db.row("SELECT kind, organisation_id, facts FROM notifications_outbox_message")
    assert told is not None
    assert (told["kind"], told["organisation_id"]) == ("session-reviewed", world.root.id)
    journal = await db.row("SELECT action, facts FROM accounts_journal")
    assert journal is not None
    assert journal["action"] == "session.reviewed"
    assert "话筒" not in journal["facts"] + told["facts"]
    assert (await ratings_of(event_ids=[world.event.id]))[world.event.id][:2] == pytest.approx((13 / 3, 1))


async def test_every_unit_says_it_once_however_often_it_taps(database: None) -> None:
    world = await claimed(visibility="public")
    await make_booking(world.session, world.other, state="attended")

    made = await asyncio.gather(
        *(
            give_feedback(one, AFTER, session_id=world.session.id, review=GOOD)
            for one in (world.contact, world.rival)
            for _ in range(3)
        ),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in made) == ["AlreadyRatedError"] * 4 + ["ReviewRow"] * 2
    assert await db.value("SELECT count(*) FROM bookings_review") == 2
    assert await db.value("SELECT count(*) FROM notifications_outbox_message") == 2


async def test_who_may_not_and_when_not(database: None) -> None:
    world = await claimed(visibility="public")
    absent, absentee = (await world.unions(1))[0]
    await make_booking(world.session, absentee, state="no_show")

    for who in (world.organiser, absent, world.rival):
        with pytest.raises(ForbiddenError):
            await give_feedback(who, AFTER, session_id=world.session.id, review=GOOD)
    with pytest.raises(InvalidError) as refusal:
        await give_feedback(world.contact, AFTER, session_id=world.session.id, review=Review(0, 6, 3, True))
    assert [one.field for one in refusal.value.problems] == ["lecturer", "content"]
    await db.execute("UPDATE events_session SET visibility = 'host'")
    with pytest.raises(NotFoundError):
        await give_feedback(world.rival, AFTER, session_id=world.session.id, review=GOOD)
    await db.execute("UPDATE events_session SET state = 'published'")
    with pytest.raises(NotHeldError):
        await give_feedback(world.contact, AFTER, session_id=world.session.id, review=GOOD)
    assert await db.value("SELECT count(*) FROM bookings_review") == 0


async def test_the_units_own_order_is_reviewed_by_it(database: None, now: datetime) -> None:
    world = await OrderWorld().build()
    order = await world.scheduled(now)
    assert order.session_id is not None
    await hold_session(world.organiser, AFTER, session_id=order.session_id)

    await give_feedback(world.contact, AFTER, session_id=order.session_id, review=GOOD)

    assert await db.value("SELECT state FROM bookings_order WHERE id = $1", order.id) == "reviewed"
    assert await db.value("SELECT count(*) FROM bookings_review") == 1
    kinds = [one["kind"] for one in await db.rows("SELECT kind FROM notifications_outbox_message")]
    assert (kinds.count("order-reviewed"), kinds.count("session-reviewed")) == (1, 0)
    with pytest.raises(AlreadyRatedError):
        await give_feedback(world.contact, AFTER, session_id=order.session_id, review=GOOD)


# --- what the marks are worth ----------------------------------------------------------------------------------------


async def rate(world: BookingWorld, given: Any, marks: list[int], event: Any = None) -> None:
    """One session and answer a mark."""
    for number, mark in enumerate(marks):
        session = await make_session(
            event or world.event, providers=(given,), state="held", starts_at=STARTS_AT - timedelta(days=60 + number)
        )
        await ReviewTable(
            session=session.id, organisation=world.union.id, lecturer=mark, content=mark, organising=mark, again=True,
            created_at=AFTER,
        ).save()  # fmt: skip


async def test_few_answers_are_drawn_to_the_mean_of_the_programme(database: None) -> None:
    world = await BookingWorld().build()
    friend, public = await make_provider(world.root), await make_provider(world.root)
    other = await make_event(world.programme)
    await rate(world, friend, [5], other)
    await rate(world, public, [4, 4, 4, 4])

    found = await ratings_of(event_ids=[world.event.id, other.id], provider_ids=[friend.id, public.id])

    usual = 21 / 5
    assert found[friend.id] == pytest.approx((5.0, 1, (5 + 5 * usual) / 6))
    assert found[public.id] == pytest.approx((4.0, 4, (16 + 5 * usual) / 9))
    assert found[other.id] == pytest.approx((5.0, 1, (5 + 5 * usual) / 6))


async def test_who_was_never_rated_ranks_as_the_programme_does(database: None) -> None:
    world = await BookingWorld().build()
    poor, new, good = [await make_provider(world.root, name=name) for name in ("甲", "乙", "丙")]
    for one in (poor, new, good):
        await make_giver(world.event, one)
    await rate(world, poor, [2, 2, 2])
    await rate(world, good, [5, 5, 5])
    # What was given before, and lately, weighs more than marks: here all are alike in that.
    await make_session(world.event, providers=(new,), state="held", starts_at=STARTS_AT - timedelta(days=90))

    with counted() as statements:
        rated = await event_ratings(world.event.id)
    fits = await fitting_providers(
        world.event.id,
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + timedelta(hours=1),
        district="",
        now=AFTER,
        ratings=rated.by_provider,
        usual_score=rated.usual,
    )

    assert (len(statements), rated.usual, set(rated.by_provider)) == (1, 3.5, {poor.id, good.id})
    assert [(one.name, one.rating, one.answers) for one in fits] == [("丙", 5.0, 3), ("乙", None, 0), ("甲", 2.0, 3)]


async def test_without_any_answer_nothing_is_usual(database: None) -> None:
    world = await BookingWorld().build()

    assert await event_ratings(world.event.id) == EventRatings({}, None)
