"""候补: who is served when seats are freed, what groups and organisers do, and the races around it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.accounts.tables import Organisation
from outreach.bookings import claims, commands, session_changes, waiting
from outreach.bookings.changing import change_booking
from outreach.bookings.domain.errors import (
    AlreadyBookedError,
    BookingClosedError,
    BookingStateError,
    CancelTooLateError,
    LimitReachedError,
    OfferExpiredError,
    OrderedSessionError,
    SessionFullError,
)
from outreach.bookings.queries import BookingRow, booking_by_id
from outreach.bookings.tables import Booking
from outreach.events.domain.errors import NeedsReasonError, SessionStateError
from outreach.events.queries import session_by_id
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, OutreachError
from outreach.work import work_once
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.orders import make_order
from tests.factories.programmes import make_programme

#: Booking ends two days before the start in the sessions that are asked first.
CLOSES_AT = STARTS_AT - timedelta(days=2)
LATE = CLOSES_AT + timedelta(hours=1)
#: How often each race is run.
TIMES = 20


async def book(
    actor: Actor, now: datetime, session: Session, organisation: Organisation, seats: int, *, waitlist: bool = True
) -> BookingRow:
    return await commands.book_seats(
        actor,
        now,
        session_id=session.id,
        organisation_id=organisation.id,
        seats=seats,
        contact_name="陈巧云",
        contact_phone="13800000000",
        waitlist=waitlist,
    )


async def full(capacity: int = 30, **session: Any) -> tuple[BookingWorld, Booking]:
    """A session whose seats are all taken by one booking of the first union."""
    world = await BookingWorld().build(capacity=capacity, **session)
    return world, await make_booking(world.session, world.union, seats=capacity)


async def queue(world: BookingWorld, *seats: int) -> list[Booking]:
    """Groups of so many seats that wait, in this order."""
    unions = await world.unions(len(seats))
    return [
        await make_booking(world.session, union, seats=number, state="waitlisted", contact_name=actor.name)
        for number, (actor, union) in zip(seats, unions, strict=True)
    ]


async def states(bookings: list[Booking]) -> list[str]:
    found = {one["id"]: one["state"] for one in await db.rows("SELECT id, state FROM bookings_booking")}
    return [found[one.id] for one in bookings]


async def seats_taken(session: Session) -> int:
    """As the session counts them; they are what its bookings hold."""
    found = await db.row(
        """SELECT seats_taken, capacity, (SELECT coalesce(sum(seats), 0) FROM bookings_booking b WHERE b.session = s.id
                      AND b.state IN ('pending', 'offered', 'confirmed')) AS held
             FROM events_session s WHERE id = $1""",
        session.id,
    )
    assert found is not None
    assert found["seats_taken"] == found["held"]
    assert found["capacity"] is None or found["held"] <= found["capacity"]
    return int(found["seats_taken"])


async def told() -> Counter[str]:
    return Counter(one["kind"] for one in await db.rows("SELECT kind FROM notifications_outbox_message"))


async def forget_messages() -> None:
    await db.execute("DELETE FROM notifications_outbox_message")


async def lines(booking_id: UUID) -> list[tuple[str, str | None]]:
    found = await db.rows("SELECT action, to_state FROM accounts_journal WHERE object_id = $1 ORDER BY id", booking_id)
    return [(one["action"], one["to_state"]) for one in found]


async def at_once(*attempts: Awaitable[Any]) -> list[Any]:
    """Results and refusals of commands that run side by side; anything but a named refusal fails the test."""
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, OutreachError)] == []
    return outcomes


# --- queueing --------------------------------------------------------------------------------------------------------


async def test_a_full_session_puts_who_asks_for_it_into_the_queue(database: None, now: datetime) -> None:
    world, _taker = await full()

    waits = await book(world.rival, now, world.session, world.other, 12)

    assert (waits.state, waits.seats, waits.queue_number, waits.place_in_queue) == ("waitlisted", 12, 1, 1)
    assert await seats_taken(world.session) == 30
    assert await told() == {"booking-waitlisted": 1}
    assert await lines(waits.id) == [("booking.queued", "waitlisted")]
    with pytest.raises(AlreadyBookedError):
        await book(world.rival, now, world.session, world.other, 1)


async def test_who_asks_to_wait_is_booked_where_there_are_seats(database: None, now: datetime) -> None:
    world = await BookingWorld().build(capacity=30)

    assert (await book(world.contact, now, world.session, world.union, 30)).state == "confirmed"
    with pytest.raises(SessionFullError):
        await book(world.rival, now, world.session, world.other, 1, waitlist=False)


async def test_a_group_larger_than_the_session_does_not_wait_in_vain(database: None, now: datetime) -> None:
    world, _taker = await full(capacity=30)

    with pytest.raises(InvalidError) as refusal:
        await book(world.rival, now, world.session, world.other, 31)

    assert [(one.field, one.code, one.facts) for one in refusal.value.problems] == [
        ("seats", "more-than-capacity", {"most": 30})
    ]
    assert await db.value("SELECT count(*) FROM bookings_booking WHERE state = 'waitlisted'") == 0


async def test_nobody_queues_after_the_end_of_booking(database: None) -> None:
    world, _taker = await full(booking_closes_at=CLOSES_AT)

    with pytest.raises(BookingClosedError) as refusal:
        await book(world.rival, CLOSES_AT, world.session, world.other, 5)

    assert refusal.value.facts["why"] == "over"


async def test_waiting_counts_for_the_limit_of_a_unit(database: None, now: datetime) -> None:
    world = await BookingWorld().build(programme={"max_per_organisation": 1}, capacity=10)
    await make_booking(world.session, world.union, seats=10)
    second = await make_session(world.event, starts_at=STARTS_AT + timedelta(days=1))

    waits = await book(world.rival, now, world.session, world.other, 5)
    with pytest.raises(LimitReachedError):
        await book(world.rival, now, second, world.other, 5)

    assert waits.state == "waitlisted"
    await commands.cancel_booking(world.rival, now, booking_id=waits.id)
    assert (await book(world.rival, now, second, world.other, 5)).state == "confirmed"


# --- being served ----------------------------------------------------------------------------------------------------


async def test_freed_seats_go_to_the_first_group_that_fits_and_the_skipped_are_recorded(
    database: None, now: datetime
) -> None:
    """30 seats are freed; 40 do not fit, 12 and 15 do, 10 no longer, 3 still does."""
    world, taker = await full(capacity=30)
    groups = await queue(world, 40, 12, 15, 10, 3)

    await commands.cancel_booking(world.contact, now, booking_id=taker.id, reason="生产任务紧")

    assert await states(groups) == ["waitlisted", "confirmed", "confirmed", "waitlisted", "confirmed"]
    assert await seats_taken(world.session) == 30
    skipped = [(await booking_by_id(one.id)).times_skipped for one in groups]
    assert skipped == [3, 0, 0, 1, 0]
    assert await lines(groups[1].id) == [("booking.promoted", "confirmed")]
    assert await lines(groups[0].id) == [("booking.skipped", None)]
    assert await told() == {"booking-cancelled": 1, "booking-promoted": 3}
    left = [await booking_by_id(one.id) for one in (groups[0], groups[3])]
    assert [(one.place_in_queue, one.queue_number) for one in left] == [(1, 1), (2, 4)]


async def test_promotion_commits_with_the_release_or_not_at_all(database: None, now: datetime) -> None:
    """The journal of both is one transaction's, so nobody ever sees the seats free."""
    world, taker = await full()
    groups = await queue(world, 30)

    await commands.cancel_booking(world.contact, now, booking_id=taker.id)

    found = await db.rows("SELECT xmin::text AS transaction FROM bookings_booking ORDER BY id")
    assert len({one["transaction"] for one in found}) == 1
    assert await states(groups) == ["confirmed"]


async def test_a_promoted_group_waits_for_approval_where_all_do(database: None, now: datetime) -> None:
    world, taker = await full(approval_needed=True)
    (group,) = await queue(world, 10)

    await commands.cancel_booking(world.contact, now, booking_id=taker.id)

    assert await states([group]) == ["pending"]
    assert await told() == {"booking-cancelled": 1, "booking-promoted-pending": 1, "booking-received": 1}


@pytest.mark.parametrize("way", ["decline", "fewer", "capacity", "unlimited", "smaller group"])
async def test_every_way_of_freeing_seats_serves_the_queue(database: None, now: datetime, way: str) -> None:
    world = await BookingWorld().build(capacity=30)
    taker = await make_booking(
        world.session, world.union, seats=30, state="pending" if way == "decline" else "confirmed"
    )
    (group,) = await queue(world, 10)
    staff, id_ = world.organiser, world.session.id

    match way:
        case "decline":
            await commands.decline_booking(staff, now, booking_id=taker.id, reason="先给没来过的单位")
        case "fewer":
            await change_booking(world.contact, now, booking_id=taker.id, changes={"seats": 20})
        case "capacity":
            await session_changes.change_session(staff, now, session_id=id_, changes={"capacity": 40})
        case "unlimited":
            await session_changes.change_session(staff, now, session_id=id_, changes={"capacity": None})
        case _:
            await db.execute("UPDATE events_session SET capacity = 35 WHERE id = $1", id_)
            await change_booking(staff, now, booking_id=group.id, changes={"seats": 5})

    assert await states([group]) == ["confirmed"]
    await seats_taken(world.session)


async def test_a_newcomer_passes_the_queue_only_where_nobody_who_waits_fits(database: None, now: datetime) -> None:
    """Three seats are free, ten wait for five: a newcomer for three is booked, one for four is not."""
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=27)
    await queue(world, 5)
    ((third, union),) = await world.unions(1)

    with pytest.raises(SessionFullError) as refusal:
        await book(world.rival, now, world.session, world.other, 4, waitlist=False)
    assert refusal.value.facts == {"free": 3, "wanted": 4}
    assert (await book(third, now, world.session, union, 3)).state == "confirmed"


async def test_seats_that_nobody_gave_on_go_to_the_queue_before_a_newcomer(database: None, now: datetime) -> None:
    """However they came to be free: the statement that books looks at the queue itself."""
    world = await BookingWorld().build(capacity=30)
    (group,) = await queue(world, 25)

    with pytest.raises(SessionFullError) as refusal:
        await book(world.contact, now, world.session, world.union, 10, waitlist=False)
    made = await book(world.contact, now, world.session, world.union, 5)

    assert refusal.value.facts == {"free": 5, "wanted": 10}
    assert (made.state, await states([group])) == ("confirmed", ["confirmed"])


# --- offers ----------------------------------------------------------------------------------------------------------


async def test_after_the_end_of_booking_a_group_is_asked_first(database: None) -> None:
    world, taker = await full(booking_closes_at=CLOSES_AT)
    (group,) = await queue(world, 10)

    await commands.cancel_booking(world.contact, LATE, booking_id=taker.id)
    offered = await booking_by_id(group.id)
    taken = await waiting.take_offer(world.organiser, LATE, booking_id=group.id)

    assert (offered.state, offered.seats, offered.seats_wanted) == ("offered", 10, 10)
    assert offered.offer_expires_at == LATE + timedelta(hours=24)
    assert (taken.state, taken.seats, taken.seats_wanted, taken.queue_number) == ("confirmed", 10, None, None)
    assert await seats_taken(world.session) == 10
    assert await told() == {"booking-cancelled": 1, "booking-offered": 1, "booking-confirmed": 1}


async def test_an_offer_never_stands_beyond_the_start(database: None) -> None:
    world, taker = await full(booking_closes_at=CLOSES_AT)
    (group,) = await queue(world, 10)

    await commands.cancel_booking(world.contact, STARTS_AT - timedelta(hours=3), booking_id=taker.id)

    assert (await booking_by_id(group.id)).offer_expires_at == STARTS_AT


async def test_an_offer_that_runs_out_goes_to_the_next_and_not_back(database: None) -> None:
    """The background round does it; the group that did not answer waits behind the others and is not asked again."""
    world, taker = await full(capacity=10, booking_closes_at=CLOSES_AT)
    first, second = await queue(world, 10, 10)
    await commands.cancel_booking(world.contact, LATE, booking_id=taker.id)
    await forget_messages()

    await work_once(LATE + timedelta(hours=23, minutes=59))
    assert await states([first, second]) == ["offered", "waitlisted"]
    await work_once(LATE + timedelta(hours=24))
    assert await states([first, second]) == ["waitlisted", "offered"]
    assert await told() == {"booking-offer-expired": 1, "booking-offered": 1}
    await waiting.refuse_offer(world.organiser, LATE + timedelta(hours=25), booking_id=second.id)
    assert await states([first, second]) == ["waitlisted", "waitlisted"]
    assert [(await booking_by_id(one.id)).place_in_queue for one in (first, second)] == [1, 2]
    assert await seats_taken(world.session) == 0


async def test_who_let_an_offer_go_is_asked_again_for_other_seats(database: None) -> None:
    world, taker = await full(capacity=20, booking_closes_at=CLOSES_AT)
    small = await make_booking(await _grown(world, 25), world.other, seats=5)
    (group,) = await queue(world, 10)
    await commands.cancel_booking(world.contact, LATE, booking_id=taker.id)
    await waiting.refuse_offer(world.organiser, LATE, booking_id=group.id)
    assert await states([group]) == ["waitlisted"]

    await commands.cancel_booking(world.rival, LATE, booking_id=small.id)

    assert await states([group]) == ["offered"]


async def _grown(world: BookingWorld, capacity: int) -> Session:
    await db.execute("UPDATE events_session SET capacity = $2 WHERE id = $1", world.session.id, capacity)
    return world.session


async def test_an_expired_offer_cannot_be_taken_and_changes_nothing(database: None) -> None:
    """Neither before the background round has come by nor after it."""
    world, taker = await full(capacity=10, booking_closes_at=CLOSES_AT)
    first, second = await queue(world, 10, 10)
    await commands.cancel_booking(world.contact, LATE, booking_id=taker.id)
    too_late = LATE + timedelta(hours=24)
    before = await db.rows("SELECT * FROM bookings_booking ORDER BY id")

    with pytest.raises(OfferExpiredError) as refusal:
        await waiting.take_offer(world.organiser, too_late, booking_id=first.id)
    assert refusal.value.facts == {"expired_at": "2015-09-23T15:00:00+08:00"}
    assert await db.rows("SELECT * FROM bookings_booking ORDER BY id") == before
    await waiting.expire_offers(too_late)
    with pytest.raises(OfferExpiredError):
        await waiting.take_offer(world.organiser, too_late, booking_id=first.id)
    with pytest.raises(OfferExpiredError):
        await waiting.refuse_offer(world.organiser, too_late, booking_id=first.id)
    assert await states([first, second]) == ["waitlisted", "offered"]


async def test_an_expired_offer_keeps_no_seats_from_anybody(database: None, now: datetime) -> None:
    """Even before the background round: a newcomer finds the seats, after the groups that wait."""
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=15)
    held = await make_booking(
        world.session, world.other, seats=15, state="offered", seats_wanted=25, offer_expires_at=now
    )
    (group,) = await queue(world, 10)
    ((third, union),) = await world.unions(1)

    made = await book(third, now, world.session, union, 5)

    assert (made.state, await states([held, group])) == ("confirmed", ["waitlisted", "confirmed"])
    back = await booking_by_id(held.id)
    assert (back.seats, back.seats_wanted, back.offer_expires_at, back.place_in_queue) == (25, None, None, 1)
    assert await seats_taken(world.session) == 30


async def test_the_organiser_offers_a_part_and_the_group_keeps_its_place_if_it_declines(
    database: None, now: datetime
) -> None:
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=24)
    first, second = await queue(world, 20, 10)

    offered = await waiting.offer_part(world.organiser, now, booking_id=first.id, seats=6)
    assert (offered.state, offered.seats, offered.seats_wanted) == ("offered", 6, 20)
    assert await seats_taken(world.session) == 30
    back = await waiting.refuse_offer(world.organiser, now, booking_id=first.id)
    assert (back.state, back.seats, back.place_in_queue) == ("waitlisted", 20, 1)
    await waiting.offer_part(world.organiser, now, booking_id=first.id, seats=6)
    taken = await waiting.take_offer(world.organiser, now, booking_id=first.id)

    assert (taken.state, taken.seats, taken.seats_wanted) == ("confirmed", 6, None)
    assert await states([second]) == ["waitlisted"]
    assert await seats_taken(world.session) == 30


async def test_passing_over_earlier_groups_needs_a_reason(database: None, now: datetime) -> None:
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=26)
    _first, second, third = await queue(world, 20, 10, 8)

    with pytest.raises(InvalidError) as offering:
        await waiting.offer_part(world.organiser, now, booking_id=second.id, seats=4)
    with pytest.raises(InvalidError) as moving:
        await waiting.move_in_queue(world.organiser, now, booking_id=third.id, place=1, reason=" ")
    moved = await waiting.move_in_queue(world.organiser, now, booking_id=third.id, place=1, reason="还没有参加过")
    offered = await waiting.offer_part(world.organiser, now, booking_id=second.id, seats=4, reason="离得近，可以拼车")

    assert [one.field for one in (*offering.value.problems, *moving.value.problems)] == ["reason", "reason"]
    assert (moved.place_in_queue, offered.state) == (1, "offered")
    reasons = await db.rows("SELECT action, reason FROM accounts_journal WHERE reason <> '' ORDER BY id")
    assert [tuple(one) for one in reasons] == [
        ("booking.queue_moved", "还没有参加过"),
        ("booking.offered", "离得近，可以拼车"),
    ]


async def test_offers_and_places_are_bounded(database: None, now: datetime) -> None:
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=26)
    (group,) = await queue(world, 10)
    staff, id_ = world.organiser, group.id

    for seats in (0, -1, 11):
        with pytest.raises(InvalidError):
            await waiting.offer_part(staff, now, booking_id=id_, seats=seats)
    with pytest.raises(SessionFullError) as refusal:
        await waiting.offer_part(staff, now, booking_id=id_, seats=5)
    for place in (0, 2):
        with pytest.raises(InvalidError):
            await waiting.move_in_queue(staff, now, booking_id=id_, place=place, reason="x")
    with pytest.raises(BookingClosedError):
        await waiting.offer_part(staff, STARTS_AT, booking_id=id_, seats=1)

    assert refusal.value.facts == {"free": 4, "wanted": 5}
    assert await states([group]) == ["waitlisted"]


async def test_arranging_the_queue_belongs_to_who_runs_the_session(database: None, now: datetime) -> None:
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=26)
    waits = await make_booking(world.session, world.other, seats=10, state="waitlisted")

    with pytest.raises(ForbiddenError):
        await waiting.offer_part(world.rival, now, booking_id=waits.id, seats=4)
    with pytest.raises(ForbiddenError):
        await waiting.move_in_queue(world.rival, now, booking_id=waits.id, place=1, reason="x")
    for command in (
        waiting.offer_part(world.contact, now, booking_id=waits.id, seats=4),
        waiting.move_in_queue(world.contact, now, booking_id=waits.id, place=1, reason="x"),
        waiting.take_offer(world.contact, now, booking_id=waits.id),
        waiting.refuse_offer(world.contact, now, booking_id=waits.id),
    ):
        with pytest.raises(NotFoundError):
            await command
    with pytest.raises(BookingStateError) as refusal:
        await waiting.take_offer(world.rival, now, booking_id=waits.id)
    assert refusal.value.facts == {"state": "waitlisted"}


async def test_what_is_offered_is_taken_as_it_is(database: None, now: datetime) -> None:
    """Its seats do not change; what its group would like to have changes when it waits again."""
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=26)
    (group,) = await queue(world, 10)
    await waiting.offer_part(world.organiser, now, booking_id=group.id, seats=4)

    with pytest.raises(BookingStateError):
        await change_booking(world.organiser, now, booking_id=group.id, changes={"seats": 3})
    renamed = await change_booking(world.organiser, now, booking_id=group.id, changes={"contact_name": "沈若兰"})

    assert (renamed.contact_name, renamed.seats, renamed.state) == ("沈若兰", 4, "offered")


async def test_a_moved_session_takes_its_offers_along_and_a_cancelled_one_ends_them(
    database: None, now: datetime
) -> None:
    world = await BookingWorld().build(capacity=30)
    await make_booking(world.session, world.union, seats=26)
    first, second = await queue(world, 10, 9)
    await waiting.offer_part(world.organiser, now, booking_id=first.id, seats=4)
    await forget_messages()

    earlier = now + timedelta(hours=2)
    await session_changes.change_session(
        world.organiser, now, session_id=world.session.id, changes={"starts_at": earlier}
    )
    assert (await booking_by_id(first.id)).offer_expires_at == earlier
    assert await told() == {"session-moved": 3}
    await session_changes.cancel_session(world.organiser, now, session_id=world.session.id, by="weather", reason="台风")

    gone = [await booking_by_id(one.id) for one in (first, second)]
    assert [(one.state, one.cancelled_by, one.reason, one.is_late) for one in gone] == [
        ("cancelled", "session", "台风", False)
    ] * 2
    assert await told() == {"session-moved": 3, "session-cancelled": 3}
    assert await seats_taken(world.session) == 0


async def test_who_gives_a_session_no_longer_is_told(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    first, second = [await make_actor(Role.PROVIDER, world.root) for _ in range(2)]
    old = await make_provider(world.root, person=first.person_id)
    new = await make_provider(world.root, person=second.person_id)
    session = await make_session(world.event, providers=(old,), occupying=True)

    await session_changes.change_session(
        world.organiser, now, session_id=session.id, changes={"provider_ids": (new.id,)}, reason="生病"
    )

    found = await db.rows("SELECT kind, person_id FROM notifications_outbox_message")
    assert {tuple(one) for one in found} == {
        ("session-moved", second.person_id),
        ("session-taken-over", first.person_id),
    }


# --- cancelling ------------------------------------------------------------------------------------------------------


async def test_a_late_cancellation_needs_a_reason_and_is_kept_as_such(database: None) -> None:
    """Two days are the programme's deadline; who cancels in time owes nobody a reason."""
    world = await BookingWorld().build(programme={"cancel_hours": 48})
    deadline = STARTS_AT - timedelta(hours=48)
    late = await make_booking(world.session, world.union)
    early = await make_booking(world.session, world.other)

    gone = await commands.cancel_booking(world.rival, deadline - timedelta(seconds=1), booking_id=early.id)
    with pytest.raises(InvalidError) as refusal:
        await commands.cancel_booking(world.contact, deadline, booking_id=late.id, reason=" ")
    after = await commands.cancel_booking(world.contact, deadline, booking_id=late.id, reason="产线停不下来")

    assert [(one.field, one.code) for one in refusal.value.problems] == [("reason", "reason-needed")]
    assert (gone.is_late, gone.cancelled_by, gone.reason) == (False, "unit", "")
    assert (after.is_late, after.cancelled_by, after.reason) == (True, "unit", "产线停不下来")


async def test_only_the_units_own_late_cancellation_counts(database: None) -> None:
    """What the organiser calls off is not the unit's doing, unless staff enter what the unit said."""
    world = await BookingWorld().build(programme={"cancel_hours": 48})
    afterwards = STARTS_AT - timedelta(hours=1)
    ours = await make_booking(world.session, world.union)
    by_phone = await make_booking(world.session, world.other)
    waits = await make_booking(await make_session(world.event, capacity=1), world.union, seats=1, state="waitlisted")

    called_off = await commands.cancel_booking(world.organiser, afterwards, booking_id=ours.id)
    phoned = await commands.cancel_booking(
        world.organiser, afterwards, booking_id=by_phone.id, by="unit", reason="电话：人走不开"
    )
    left = await commands.cancel_booking(world.contact, afterwards, booking_id=waits.id)

    assert [(one.cancelled_by, one.is_late) for one in (called_off, phoned, left)] == [
        ("organiser", False),
        ("unit", True),
        ("unit", False),
    ]


async def test_after_the_deadline_only_the_organiser_takes_seats_back(database: None) -> None:
    world = await BookingWorld().build(programme={"cancel_hours": 48})
    deadline = STARTS_AT - timedelta(hours=48)
    made = await make_booking(world.session, world.union, seats=20)

    fewer = await change_booking(
        world.contact, deadline - timedelta(seconds=1), booking_id=made.id, changes={"seats": 15}
    )
    with pytest.raises(CancelTooLateError) as refusal:
        await change_booking(world.contact, deadline, booking_id=made.id, changes={"seats": 14})
    more = await change_booking(world.contact, deadline, booking_id=made.id, changes={"seats": 18})
    by_staff = await change_booking(world.organiser, deadline, booking_id=made.id, changes={"seats": 10})

    assert refusal.value.facts == {"deadline_at": "2015-09-22T14:00:00+08:00"}
    assert [one.seats for one in (fewer, more, by_staff)] == [15, 18, 10]


async def test_the_host_books_the_whole_of_its_session(database: None, now: datetime) -> None:
    """However large it is; giving it up leaves the session to the organiser, who made it for this host."""
    world = await BookingWorld().build(visibility="host", max_seats_per_booking=5)
    await db.execute("UPDATE events_session SET host = $2 WHERE id = $1", world.session.id, world.union.id)

    made = await book(world.contact, now, world.session, world.union, 80)
    with pytest.raises(NotFoundError):
        await book(world.rival, now, world.session, world.other, 1)
    await commands.cancel_booking(world.contact, now, booking_id=made.id)

    assert (made.is_host, made.state) == (True, "confirmed")
    session = await session_by_id(world.session.id)
    assert (session.host_id, session.claimable, session.visibility) == (world.union.id, False, "host")


async def test_the_host_of_an_order_withdraws_the_order_instead(database: None, now: datetime) -> None:
    """The booking alone cannot go; when the organiser calls the session off, the order waits for another date."""
    world = await BookingWorld().build(visibility="host")
    await db.execute("UPDATE events_session SET host = $2 WHERE id = $1", world.session.id, world.union.id)
    made = await make_booking(world.session, world.union, is_host=True, seats=80)
    order = await make_order(world.event, world.union, state="scheduled", session=world.session.id)

    for who in (world.contact, world.organiser):
        with pytest.raises(OrderedSessionError) as refusal:
            await commands.cancel_booking(who, now, booking_id=made.id, reason="生产任务紧")
        assert refusal.value.facts == {"order_id": str(order.id)}
    await session_changes.cancel_session(
        world.organiser, now, session_id=world.session.id, by="provider", reason="讲师生病"
    )

    assert (await booking_by_id(made.id)).state == "cancelled"
    after = await db.row("SELECT state, session FROM bookings_order WHERE id = $1", order.id)
    assert tuple(after or ()) == ("approved", None)


async def test_the_draft_of_an_order_is_changed_and_cancelled_by_its_order_only(database: None, now: datetime) -> None:
    world = await BookingWorld().build(state="draft", assigned=True)
    id_ = world.session.id

    for command in (
        session_changes.change_session(world.organiser, now, session_id=id_, changes={"capacity": 5}),
        session_changes.cancel_session(world.organiser, now, session_id=id_, by="organiser", reason="x"),
    ):
        with pytest.raises(SessionStateError) as refusal:
            await command
        assert refusal.value.facts == {"state": "assigned"}


async def test_moving_against_a_warning_needs_a_reason_where_one_is_asked_for(database: None, now: datetime) -> None:
    """A lecturer who gives one session a day is moved to a day that has one: the reason stands on the session."""
    world = await BookingWorld().build()
    lecturer = await make_provider(world.root, max_per_day=1)
    await make_session(world.event, providers=(lecturer,), occupying=True, starts_at=STARTS_AT + timedelta(days=1))
    session = await make_session(world.event, providers=(lecturer,), occupying=True)
    changes = {"starts_at": STARTS_AT + timedelta(days=1, hours=5)}
    staff, id_ = world.organiser, session.id

    with pytest.raises(NeedsReasonError) as refusal:
        await session_changes.change_session(staff, now, session_id=id_, changes=changes, strict=True)
    assert (await session_by_id(id_)).starts_at == STARTS_AT
    moved = await session_changes.change_session(
        staff, now, session_id=id_, changes=changes, strict=True, override_reason="讲师同意"
    )

    assert [one["code"] for one in refusal.value.facts["warnings"]] == ["load-day"]
    assert (moved.starts_at, moved.override_reason) == (changes["starts_at"], "讲师同意")
    facts = await db.value("SELECT facts FROM accounts_journal WHERE object_id = $1 AND action = 'session.moved'", id_)
    assert "load-day" in str(facts)
    assert "讲师同意" in str(facts)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "seats", "error"),
    [
        ({"state": "cancelled"}, 5, BookingClosedError),
        ({"starts_at": STARTS_AT - timedelta(days=30)}, 5, BookingClosedError),
        ({"state": "draft"}, 5, NotFoundError),
        ({"state": "draft", "assigned": True}, 5, NotFoundError),
        ({"capacity": 20}, 21, SessionFullError),
    ],
)
@pytest.mark.parametrize("waitlist", [True, False])
async def test_what_cannot_be_booked_is_refused_by_its_name_and_nothing_is_stored(
    database: None, now: datetime, given: dict[str, Any], seats: int, error: type[OutreachError], waitlist: bool
) -> None:
    world = await BookingWorld().build(**given)
    if waitlist and error is SessionFullError:
        error = InvalidError  # more than it ever holds

    with pytest.raises(error):
        await book(world.contact, now, world.session, world.union, seats, waitlist=waitlist)

    assert await db.value("SELECT count(*) FROM bookings_booking") == 0
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE object_kind = 'booking'") == 0
    assert await told() == {}
    assert await seats_taken(world.session) == 0


async def test_sessions_of_another_tree_are_unknown(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    foreign = await make_session(
        await make_event(await make_programme(await make_organisation())), visibility="members", capacity=1
    )

    for waitlist in (True, False):
        with pytest.raises(NotFoundError):
            await book(world.contact, now, foreign, world.union, 1, waitlist=waitlist)
    assert await db.value("SELECT count(*) FROM bookings_booking") == 0


# --- races -----------------------------------------------------------------------------------------------------------


async def test_two_hundred_clients_on_twenty_five_places(database: None, now: datetime) -> None:
    """Exactly 25 are booked, each time; every refusal says that nothing is left."""
    world = await BookingWorld().build()
    unions = [await make_organisation(parent=world.root) for _ in range(200)]

    for _time in range(TIMES):
        session = await make_session(world.event, capacity=25)
        outcomes = await at_once(*(book(world.organiser, now, session, one, 1, waitlist=False) for one in unions))
        refused = [one for one in outcomes if isinstance(one, SessionFullError)]
        assert (len(outcomes) - len(refused), len(refused)) == (25, 175)
        assert {one.facts["free"] for one in refused} == {0}
        assert await seats_taken(session) == 25


async def test_queueing_at_once_gives_everyone_a_place_of_its_own(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    unions = [await make_organisation(parent=world.root) for _ in range(8)]

    for _time in range(TIMES):
        session = await make_session(world.event, capacity=3)
        outcomes = await at_once(*(book(world.organiser, now, session, one, 1) for one in unions))
        assert Counter(one.state for one in outcomes) == {"confirmed": 3, "waitlisted": 5}
        places = [one.place_in_queue for one in outcomes if one.state == "waitlisted"]
        assert sorted(places) == [1, 2, 3, 4, 5]


async def test_two_approvers_of_one_booking(database: None, now: datetime) -> None:
    """One wins, the other is told in which state it is; the unit gets one message."""
    world = await BookingWorld().build(approval_needed=True)
    second = await make_actor(Role.ORGANISER, world.root)

    for _time in range(TIMES):
        session = await make_session(world.event, approval_needed=True)
        made = await make_booking(session, world.union, state="pending")
        await forget_messages()
        outcomes = await at_once(
            commands.confirm_booking(world.organiser, now, booking_id=made.id),
            commands.confirm_booking(second, now, booking_id=made.id),
        )
        (loser,) = [one for one in outcomes if isinstance(one, BookingStateError)]
        assert loser.facts["state"] == "confirmed"
        assert await told() == {"booking-confirmed": 1}


async def test_approval_against_the_units_own_cancellation(database: None, now: datetime) -> None:
    """The unit that gave up has nothing afterwards, and its seats went to who waited."""
    world = await BookingWorld().build()

    for _time in range(TIMES):
        world.session = await make_session(world.event, approval_needed=True, capacity=20)
        made = await make_booking(world.session, world.union, state="pending", seats=20)
        group = await make_booking(world.session, world.other, state="waitlisted", seats=15)
        outcomes = await at_once(
            commands.confirm_booking(world.organiser, now, booking_id=made.id),
            commands.cancel_booking(world.contact, now, booking_id=made.id, reason="改期"),
        )
        assert isinstance(outcomes[1], BookingRow)
        if isinstance(outcomes[0], BookingStateError):
            assert outcomes[0].facts["state"] == "cancelled"
        assert await states([made, group]) == ["cancelled", "pending"]
        assert await seats_taken(world.session) == 15


async def test_promotion_against_cancellation(database: None, now: datetime) -> None:
    """The group that would be served leaves at the same moment: then the next one has the seats."""
    world = await BookingWorld().build()
    ((third, union),) = await world.unions(1)

    for _time in range(TIMES):
        world.session = await make_session(world.event, capacity=20)
        taker = await make_booking(world.session, world.union, seats=20)
        first = await make_booking(world.session, world.other, state="waitlisted", seats=20)
        next_one = await make_booking(world.session, union, state="waitlisted", seats=20)
        outcomes = await at_once(
            commands.cancel_booking(world.contact, now, booking_id=taker.id),
            commands.cancel_booking(world.rival, now, booking_id=first.id),
        )
        assert [one.state for one in outcomes] == ["cancelled", "cancelled"]
        assert await states([taker, first, next_one]) == ["cancelled", "cancelled", "confirmed"]
        assert await seats_taken(world.session) == 20
    assert third.represents(union.id)


async def test_an_offer_taken_while_it_runs_out(database: None) -> None:
    """Either it was taken, or the next group is asked; never both."""
    world = await BookingWorld().build()
    ends_at = LATE + timedelta(hours=1)

    for _time in range(TIMES):
        world.session = await make_session(world.event, capacity=10, booking_closes_at=CLOSES_AT)
        held = await make_booking(
            world.session, world.other, state="offered", seats=10, seats_wanted=10, offer_expires_at=ends_at
        )
        next_one = await make_booking(world.session, world.union, state="waitlisted", seats=10)
        outcomes = await at_once(
            waiting.take_offer(world.rival, ends_at - timedelta(seconds=1), booking_id=held.id),
            waiting.expire_offers(ends_at),
        )
        was_taken = isinstance(outcomes[0], BookingRow)
        assert was_taken or isinstance(outcomes[0], OfferExpiredError)
        after = ["confirmed", "waitlisted"] if was_taken else ["waitlisted", "offered"]
        assert await states([held, next_one]) == after
        assert await seats_taken(world.session) == 10


async def test_a_session_moved_while_it_is_booked(database: None, now: datetime) -> None:
    """Whoever is booked afterwards was told of the move, or booked the new time."""
    world = await BookingWorld().build()
    later = STARTS_AT + timedelta(days=7)

    for _time in range(TIMES):
        session = await make_session(world.event)
        await forget_messages()
        booked, moved = await at_once(
            book(world.contact, now, session, world.union, 5),
            session_changes.change_session(world.organiser, now, session_id=session.id, changes={"starts_at": later}),
        )
        assert (moved.starts_at, booked.state) == (later, "confirmed")
        expected = (
            {"booking-confirmed": 1} if booked.starts_at == later else {"booking-confirmed": 1, "session-moved": 1}
        )
        assert await told() == expected
        assert await seats_taken(session) == 5


async def test_a_claim_and_a_booking_of_the_same_date(database: None, now: datetime) -> None:
    """What is on offer as a whole is not sold by seats beside it."""
    world = await BookingWorld().build()

    for _time in range(TIMES):
        session = await make_session(world.event, claimable=True)
        outcomes = await at_once(
            claims.claim_session(
                world.contact, now, session_id=session.id, organisation_id=world.union.id, address="食堂",
                audience=80, contact_name="陈巧云", contact_phone="13800000000",
            ),
            book(world.rival, now, session, world.other, 5),
        )  # fmt: skip
        assert isinstance(outcomes[0], BookingRow)
        assert isinstance(outcomes[1], BookingClosedError | NotFoundError)
        assert await seats_taken(session) == 80
