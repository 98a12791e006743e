"""Bookings written to the database: outcomes, races, and the sum that must always hold."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

import pytest

from outreach.accounts.tables import Organisation
from outreach.bookings import claims, commands, session_changes
from outreach.bookings.changing import change_booking
from outreach.bookings.domain.errors import (
    AlreadyBookedError,
    BookingClosedError,
    BookingStateError,
    CancelTooLateError,
    SessionFullError,
)
from outreach.bookings.queries import (
    BookingFilter,
    BookingRow,
    bookings_page,
    own_bookings,
    rivals_of_bookings,
    unit_history,
)
from outreach.events.domain.errors import ClashError, SessionStateError
from outreach.events.queries import session_by_id
from outreach.events.tables import Session
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, OutreachError, StaleError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme
from tests.support.queries import counted


async def book(
    actor: Actor, now: datetime, session: Session, organisation: Organisation, seats: int = 20
) -> BookingRow:
    return await commands.book_seats(
        actor,
        now,
        session_id=session.id,
        organisation_id=organisation.id,
        seats=seats,
        contact_name="陈巧云",
        contact_phone="138 0000-0000",
    )


async def claim(
    actor: Actor, now: datetime, session: Session, organisation: Organisation, audience: int = 80
) -> BookingRow:
    return await claims.claim_session(
        actor,
        now,
        session_id=session.id,
        organisation_id=organisation.id,
        address="胥江路9号职工食堂",
        audience=audience,
        contact_name="陈巧云",
        contact_phone="13800000000",
    )


async def taken(session: Session) -> tuple[int, int]:
    """Seats as the session counts them, and as its bookings add up."""
    stored = await db.value("SELECT seats_taken FROM events_session WHERE id = $1", session.id)
    summed = await db.value(
        """SELECT coalesce(sum(seats), 0)::int FROM bookings_booking
            WHERE session = $1 AND state IN ('pending', 'offered', 'confirmed')""",
        session.id,
    )
    return stored, summed


async def states(session: Session) -> Counter[str]:
    found = await db.rows("SELECT state FROM bookings_booking WHERE session = $1", session.id)
    return Counter(one["state"] for one in found)


def questions(statements: list[str]) -> int:
    """How many of the statements ask; the pool's own clean-up between two of them is none of ours."""
    return sum("pg_advisory_unlock_all" not in one for one in statements)


async def at_once(*attempts: Awaitable[Any]) -> list[Any]:
    """Results and refusals of commands that run side by side; anything but a named refusal fails the test."""
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, OutreachError)] == []
    return outcomes


# --- booking ---------------------------------------------------------------------------------------------------------


async def test_a_booking_is_confirmed_journalled_and_told(database: None, now: datetime) -> None:
    """One command writes the booking, the seats, the journal and the message."""
    world = await BookingWorld().build()

    made = await book(world.contact, now, world.session, world.union)

    assert (made.state, made.seats, made.contact_phone, made.is_host) == ("confirmed", 20, "13800000000", False)
    assert await taken(world.session) == (20, 20)
    journal = await db.row("SELECT action, actor_name, to_state FROM accounts_journal WHERE object_id = $1", made.id)
    assert dict(journal or {}) == {
        "action": "booking.submitted", "actor_name": world.contact.name, "to_state": "confirmed",
    }  # fmt: skip
    told = await db.rows("SELECT kind, organisation_id FROM notifications_outbox_message")
    assert [(one["kind"], one["organisation_id"]) for one in told] == [("booking-confirmed", world.union.id)]


async def test_a_session_with_approval_makes_it_pending_and_tells_the_organiser(database: None, now: datetime) -> None:
    """Pending holds its seats at once; who has to answer is told."""
    world = await BookingWorld().build(approval_needed=True)

    made = await book(world.contact, now, world.session, world.union)

    assert made.state == "pending"
    assert await taken(world.session) == (20, 20)
    told = await db.rows("SELECT kind, organisation_id FROM notifications_outbox_message")
    assert [(one["kind"], one["organisation_id"]) for one in told] == [("booking-received", world.root.id)]


async def test_rivals_never_oversell_the_last_seats(database: None, now: datetime) -> None:
    """Twelve unions want 10 seats each of 50: five get them."""
    world = await BookingWorld().build(capacity=50)
    unions = await world.unions(12)

    outcomes = await at_once(*(book(actor, now, world.session, union, 10) for actor, union in unions))

    refused = [one for one in outcomes if isinstance(one, SessionFullError)]
    assert (len(outcomes) - len(refused), len(refused)) == (5, 7)
    assert {one.facts["free"] for one in refused} == {0}
    assert await taken(world.session) == (50, 50)


async def test_nothing_is_booked_in_part_and_the_rest_is_told(database: None, now: datetime) -> None:
    """Five seats are left, six are asked."""
    world = await BookingWorld().build(capacity=25)
    await book(world.rival, now, world.session, world.other, 20)

    with pytest.raises(SessionFullError) as refusal:
        await book(world.contact, now, world.session, world.union, 6)

    assert refusal.value.facts == {"free": 5, "wanted": 6}
    assert await taken(world.session) == (20, 20)


async def test_the_same_union_twice_at_once_has_one_booking(database: None, now: datetime) -> None:
    """Two colleagues press the button together."""
    world = await BookingWorld().build()

    outcomes = await at_once(*(book(world.contact, now, world.session, world.union) for _ in range(4)))

    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyBookedError"] * 3 + ["BookingRow"]
    assert await taken(world.session) == (20, 20)


async def test_a_full_session_tells_who_booked_already_of_that_first(database: None, now: datetime) -> None:
    world = await BookingWorld().build(capacity=20)
    await book(world.contact, now, world.session, world.union, 20)

    with pytest.raises(AlreadyBookedError):
        await book(world.contact, now, world.session, world.union, 1)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "held"}, "held"),
        ({"booking_opens_at": STARTS_AT - timedelta(days=1)}, "not-open-yet"),
        ({"booking_closes_at": STARTS_AT - timedelta(days=30)}, "over"),
        ({"starts_at": STARTS_AT - timedelta(days=30)}, "over"),
        ({"claimable": True}, "claimable"),
    ],
)
async def test_a_session_that_is_not_open_says_why(
    database: None, now: datetime, given: dict[str, Any], why: str
) -> None:
    world = await BookingWorld().build(**given)

    with pytest.raises(BookingClosedError) as refusal:
        await book(world.contact, now, world.session, world.union)

    assert refusal.value.facts["why"] == why
    assert await taken(world.session) == (0, 0)


async def test_one_booking_takes_at_most_what_the_session_allows(database: None, now: datetime) -> None:
    world = await BookingWorld().build(max_seats_per_booking=40)

    with pytest.raises(InvalidError) as refusal:
        await book(world.contact, now, world.session, world.union, 41)

    assert [(one.field, one.facts) for one in refusal.value.problems] == [("seats", {"most": 40})]
    assert (await book(world.contact, now, world.session, world.union, 40)).seats == 40


@pytest.mark.parametrize("phone", ["1380000000", "138000000001", "12", "0512-6", "－－"])
async def test_a_phone_that_cannot_be_called_is_refused(database: None, now: datetime, phone: str) -> None:
    world = await BookingWorld().build()

    with pytest.raises(InvalidError) as refusal:
        await commands.book_seats(
            world.contact, now, session_id=world.session.id, organisation_id=world.union.id, seats=1,
            contact_name="陈巧云", contact_phone=phone,
        )  # fmt: skip

    assert [one.field for one in refusal.value.problems] == ["contact_phone"]


# --- who may ---------------------------------------------------------------------------------------------------------


async def test_a_contact_books_for_its_own_organisation_only(database: None, now: datetime) -> None:
    """Neither a neighbour nor the women's committee below the union; the answer is the one for an unknown id."""
    world = await BookingWorld().build()
    women = await make_organisation(parent=world.union, kind="womens_committee")

    for organisation in (world.other, women):
        with pytest.raises(NotFoundError):
            await book(world.contact, now, world.session, organisation)
    assert await taken(world.session) == (0, 0)


async def test_staff_book_for_those_below_them_and_for_no_others(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    district = await make_organisation(parent=world.root, kind="federation")
    below = await make_organisation(parent=district)
    staff = await make_actor(Role.ORGANISER, district)

    made = await book(staff, now, world.session, below)

    assert (made.organisation_id, made.state) == (below.id, "confirmed")
    with pytest.raises(NotFoundError):
        await book(staff, now, world.session, world.union)


async def test_sessions_of_members_and_hosts_stay_hidden_from_others(database: None, now: datetime) -> None:
    """Rule 10: a contact of another tree learns nothing of a members' session, nobody of a host's."""
    world = await BookingWorld().build(visibility="members")
    stranger_union = await make_organisation(parent=await make_organisation())
    stranger = await make_actor(Role.CONTACT, stranger_union)
    hosted = await make_session(world.event, visibility="host", host=world.other.id)

    with pytest.raises(NotFoundError):
        await book(stranger, now, world.session, stranger_union)
    with pytest.raises(NotFoundError):
        await book(world.contact, now, hosted, world.union)
    assert (await book(world.contact, now, world.session, world.union)).state == "confirmed"


async def test_a_draft_is_booked_by_nobody(database: None, now: datetime) -> None:
    world = await BookingWorld().build(state="draft")

    with pytest.raises(NotFoundError):
        await book(world.contact, now, world.session, world.union)
    with pytest.raises(BookingClosedError):
        await book(world.organiser, now, world.session, world.union)


# --- confirm, decline, cancel ----------------------------------------------------------------------------------------


async def test_confirming_and_declining_at_once_leaves_one_outcome(database: None, now: datetime) -> None:
    """Rule 4: the loser is told which state it is in."""
    world = await BookingWorld().build(approval_needed=True)
    made = await book(world.contact, now, world.session, world.union)

    outcomes = await at_once(
        commands.confirm_booking(world.organiser, now, booking_id=made.id),
        commands.decline_booking(world.organiser, now, booking_id=made.id, reason="名额先给没参加过的单位"),
    )

    winner = next(one for one in outcomes if isinstance(one, BookingRow))
    loser = next(one for one in outcomes if isinstance(one, BookingStateError))
    assert loser.facts["state"] == winner.state
    assert await taken(world.session) == ((20, 20) if winner.state == "confirmed" else (0, 0))


async def test_cancelling_while_it_is_confirmed_ends_cancelled(database: None, now: datetime) -> None:
    """Whoever comes first, the union that gave up its booking has none, and its seats are free."""
    for _round in range(4):
        world = await BookingWorld().build(approval_needed=True)
        made = await book(world.contact, now, world.session, world.union)

        outcomes = await at_once(
            commands.confirm_booking(world.organiser, now, booking_id=made.id),
            commands.cancel_booking(world.contact, now, booking_id=made.id, reason="改期"),
        )

        assert isinstance(outcomes[1], BookingRow)
        assert outcomes[1].state == "cancelled"
        if isinstance(outcomes[0], BookingStateError):
            assert outcomes[0].facts["state"] == "cancelled"
        assert await states(world.session) == {"cancelled": 1}
        assert await taken(world.session) == (0, 0)


async def test_cancelled_seats_go_to_the_next_who_asks(database: None, now: datetime) -> None:
    world = await BookingWorld().build(capacity=20)
    made = await book(world.contact, now, world.session, world.union, 20)

    after = await commands.cancel_booking(world.contact, now, booking_id=made.id, reason="生产任务紧")

    assert (after.state, after.reason) == ("cancelled", "生产任务紧")
    assert (await book(world.rival, now, world.session, world.other, 20)).state == "confirmed"
    assert (await book_refused(world.contact, now, world.session, world.union)).facts == {"free": 0, "wanted": 20}
    with pytest.raises(BookingStateError) as refusal:
        await commands.cancel_booking(world.contact, now, booking_id=made.id)
    assert refusal.value.facts["state"] == "cancelled"


async def book_refused(actor: Actor, now: datetime, session: Session, organisation: Organisation) -> SessionFullError:
    with pytest.raises(SessionFullError) as refusal:
        await book(actor, now, session, organisation)
    return refusal.value


async def test_after_the_start_only_staff_cancel(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    made = await book(world.contact, now, world.session, world.union)
    begun = STARTS_AT

    with pytest.raises(CancelTooLateError):
        await commands.cancel_booking(world.contact, begun, booking_id=made.id)
    after = await commands.cancel_booking(world.organiser, begun, booking_id=made.id, reason="登记错了")

    assert after.state == "cancelled"


async def test_decisions_belong_to_who_runs_the_session(database: None, now: datetime) -> None:
    """A foreign union's id does not exist; one's own may not be confirmed by oneself."""
    world = await BookingWorld().build(approval_needed=True)
    made = await book(world.contact, now, world.session, world.union)

    with pytest.raises(ForbiddenError):
        await commands.confirm_booking(world.contact, now, booking_id=made.id)
    for command in (
        commands.confirm_booking(world.rival, now, booking_id=made.id),
        commands.decline_booking(world.rival, now, booking_id=made.id, reason="x"),
        commands.cancel_booking(world.rival, now, booking_id=made.id),
        change_booking(world.rival, now, booking_id=made.id, changes={"seats": 1}),
    ):
        with pytest.raises(NotFoundError):
            await command
    assert await states(world.session) == {"pending": 1}


# --- changing --------------------------------------------------------------------------------------------------------


async def test_seats_go_down_freely_and_up_while_there_are_some(database: None, now: datetime) -> None:
    world = await BookingWorld().build(capacity=30)
    made = await book(world.contact, now, world.session, world.union, 20)
    await book(world.rival, now, world.session, world.other, 5)

    fewer = await change_booking(world.contact, now, booking_id=made.id, changes={"seats": 10})
    more = await change_booking(
        world.contact, now, booking_id=made.id, changes={"seats": 25, "note": "两个班组"}, revision=fewer.revision
    )

    assert (fewer.seats, more.seats, more.note) == (10, 25, "两个班组")
    assert await taken(world.session) == (30, 30)
    with pytest.raises(SessionFullError) as refusal:
        await change_booking(world.contact, now, booking_id=made.id, changes={"seats": 26})
    assert refusal.value.facts == {"free": 25, "wanted": 26}
    with pytest.raises(StaleError):
        await change_booking(world.contact, now, booking_id=made.id, changes={"seats": 1}, revision=1)
    assert await taken(world.session) == (30, 30)


async def test_an_approved_booking_does_not_grow_past_its_approval(database: None, now: datetime) -> None:
    world = await BookingWorld().build(approval_needed=True)
    made = await book(world.contact, now, world.session, world.union, 5)
    await commands.confirm_booking(world.organiser, now, booking_id=made.id)

    with pytest.raises(InvalidError) as refusal:
        await change_booking(world.contact, now, booking_id=made.id, changes={"seats": 6})

    assert [(one.field, one.code) for one in refusal.value.problems] == [("seats", "approved-up-to")]
    after = await change_booking(world.organiser, now, booking_id=made.id, changes={"seats": 6})
    assert after.seats == 6


# --- claims ----------------------------------------------------------------------------------------------------------


async def test_a_claimed_date_belongs_to_its_host_alone(database: None, now: datetime) -> None:
    world = await BookingWorld().build(claimable=True, address="", district="", capacity=60)

    made = await claim(world.contact, now, world.session, world.union)

    session = await session_by_id(world.session.id)
    assert (made.is_host, made.state, made.seats) == (True, "confirmed", 80)
    assert (session.host_id, session.address, session.district) == (world.union.id, "胥江路9号职工食堂", "姑苏区")
    assert (session.visibility, session.claimable, session.capacity, session.revision) == ("host", False, 80, 2)
    assert await taken(world.session) == (80, 80)
    told = await db.rows("SELECT kind, organisation_id FROM notifications_outbox_message ORDER BY kind")
    assert [(one["kind"], one["organisation_id"]) for one in told] == [
        ("booking-confirmed", world.union.id),
        ("session-claimed", world.root.id),
    ]


async def test_many_claim_at_once_and_one_wins(database: None, now: datetime) -> None:
    world = await BookingWorld().build(claimable=True)
    unions = await world.unions(8)

    outcomes = await at_once(*(claim(actor, now, world.session, union) for actor, union in unions))

    winners = [one for one in outcomes if isinstance(one, BookingRow)]
    losers = [one for one in outcomes if isinstance(one, BookingClosedError)]
    assert (len(winners), [one.facts for one in losers]) == (1, [{"why": "claimed"}] * 7)
    assert (await session_by_id(world.session.id)).host_id == winners[0].organisation_id
    assert await taken(world.session) == (80, 80)


async def test_an_outsider_learns_nothing_of_a_claimed_date(database: None, now: datetime) -> None:
    world = await BookingWorld().build(claimable=True)
    await claim(world.contact, now, world.session, world.union)
    far_union = await make_organisation(parent=await make_organisation())
    far = await make_actor(Role.CONTACT, far_union)

    with pytest.raises(NotFoundError):
        await claim(far, now, world.session, far_union)
    with pytest.raises(BookingClosedError):
        await claim(world.rival, now, world.session, world.other)


async def test_what_is_not_on_offer_as_a_whole_cannot_be_claimed(database: None, now: datetime) -> None:
    world = await BookingWorld().build()

    with pytest.raises(BookingClosedError) as refusal:
        await claim(world.contact, now, world.session, world.union)

    assert refusal.value.facts == {"why": "not-claimable"}


async def test_an_audience_outside_of_the_events_range_is_refused(database: None, now: datetime) -> None:
    world = await BookingWorld().build(claimable=True)
    await db.execute("UPDATE events_event SET min_audience = 50, max_audience = 300")

    for audience in (49, 301):
        with pytest.raises(InvalidError) as refusal:
            await claim(world.contact, now, world.session, world.union, audience)
        assert [one.field for one in refusal.value.problems] == ["audience"]
    assert (await claim(world.contact, now, world.session, world.union, 300)).seats == 300


async def test_a_claim_given_back_puts_the_date_on_offer_again(database: None, now: datetime) -> None:
    world = await BookingWorld().build(claimable=True)
    made = await claim(world.contact, now, world.session, world.union)

    await commands.cancel_booking(world.contact, now, booking_id=made.id, reason="食堂要装修")

    session = await session_by_id(world.session.id)
    assert (session.host_id, session.address, session.claimable, session.visibility) == (None, "", True, "members")
    assert await taken(world.session) == (0, 0)
    assert (await claim(world.rival, now, world.session, world.other)).is_host


# --- changing and cancelling sessions --------------------------------------------------------------------------------


async def test_moving_a_published_session_tells_everyone_booked(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    lecturer = await make_provider(world.root)
    session = await make_session(world.event, providers=(lecturer,), occupying=True)
    await book(world.contact, now, session, world.union)
    await db.execute("DELETE FROM notifications_outbox_message")
    later = STARTS_AT + timedelta(days=7)

    moved = await session_changes.change_session(
        world.organiser, now, session_id=session.id, changes={"starts_at": later}, reason="讲师出差"
    )

    assert (moved.starts_at, moved.ends_at, moved.moved_from) == (later, later + timedelta(minutes=90), STARTS_AT)
    assert (moved.id, moved.revision) == (session.id, 2)
    tied = await db.row("SELECT starts_at, ends_at FROM events_occupation WHERE session = $1", session.id)
    assert tuple(tied or ()) == (later, later + timedelta(minutes=90))
    told = await db.rows("SELECT kind, organisation_id FROM notifications_outbox_message")
    assert [(one["kind"], one["organisation_id"]) for one in told] == [("session-moved", world.union.id)]


async def test_a_session_does_not_move_onto_another(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    lecturer = await make_provider(world.root)
    later = STARTS_AT + timedelta(days=7)
    await make_session(world.event, providers=(lecturer,), occupying=True, starts_at=later)
    session = await make_session(world.event, providers=(lecturer,), occupying=True)

    with pytest.raises(ClashError):
        await session_changes.change_session(
            world.organiser, now, session_id=session.id, changes={"starts_at": later + timedelta(minutes=30)}
        )

    kept = await session_by_id(session.id)
    assert (kept.starts_at, kept.revision) == (STARTS_AT, 1)
    assert await db.value("SELECT starts_at FROM events_occupation WHERE session = $1", session.id) == STARTS_AT


async def test_capacity_never_falls_below_what_is_taken(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    await book(world.contact, now, world.session, world.union, 50)

    with pytest.raises(InvalidError) as refusal:
        await session_changes.change_session(
            world.organiser, now, session_id=world.session.id, changes={"capacity": 49}
        )

    assert [(one.field, one.facts) for one in refusal.value.problems] == [("capacity", {"taken": 50})]
    changed = await session_changes.change_session(
        world.organiser, now, session_id=world.session.id, changes={"capacity": 50}
    )
    assert changed.seats_left == 0


async def test_cancelling_a_session_cancels_and_tells_its_bookings(database: None, now: datetime) -> None:
    world = await BookingWorld().build()
    lecturer = await make_provider(world.root)
    session = await make_session(world.event, providers=(lecturer,), occupying=True)
    await book(world.contact, now, session, world.union)
    await book(world.rival, now, session, world.other)
    await db.execute("DELETE FROM notifications_outbox_message")

    after = await session_changes.cancel_session(
        world.organiser, now, session_id=session.id, by="weather", reason="台风"
    )

    assert (after.state, after.cancelled_by, after.cancel_reason, after.revision) == ("cancelled", "weather", "台风", 2)
    assert await states(session) == {"cancelled": 2}
    assert await taken(session) == (0, 0)
    assert await db.value("SELECT count(*) FROM events_occupation WHERE session = $1", session.id) == 0
    told = await db.rows("SELECT kind, organisation_id FROM notifications_outbox_message")
    assert {(one["kind"], one["organisation_id"]) for one in told} == {
        ("session-cancelled", world.union.id),
        ("session-cancelled", world.other.id),
    }
    with pytest.raises(SessionStateError):
        await session_changes.cancel_session(world.organiser, now, session_id=session.id, by="weather", reason="台风")


async def test_booking_while_the_session_is_cancelled_leaves_nobody_booked(database: None, now: datetime) -> None:
    """Either the booking came first and was cancelled with it, or it was refused."""
    for _round in range(4):
        world = await BookingWorld().build()

        await at_once(
            book(world.contact, now, world.session, world.union),
            session_changes.cancel_session(
                world.organiser, now, session_id=world.session.id, by="organiser", reason="停电"
            ),
            book(world.rival, now, world.session, world.other),
        )

        assert (await session_by_id(world.session.id)).state == "cancelled"
        assert set(await states(world.session)) <= {"cancelled"}
        assert await taken(world.session) == (0, 0)


# --- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
async def test_lists_ask_the_same_few_questions_however_long(database: None, now: datetime, number: int) -> None:
    world = await BookingWorld().build()
    for actor, union in await world.unions(number):
        await book(actor, now, world.session, union)
    await make_booking(await make_session(world.event), world.union)

    with counted() as page_statements:
        found = await bookings_page(world.organiser, BookingFilter(session_id=world.session.id), limit=50)
    with counted() as own_statements:
        await own_bookings(world.contact, now, past=False)

    assert (len(found.items), found.total) == (number, number)
    assert (questions(page_statements), questions(own_statements)) == (2, 1)


async def test_a_list_shows_each_caller_what_is_theirs(database: None, now: datetime) -> None:
    """A foreign tree's booking is there and is not shown."""
    world = await BookingWorld().build()
    mine = await book(world.contact, now, world.session, world.union)
    await book(world.rival, now, world.session, world.other)
    foreign_root = await make_organisation()
    foreign_session = await make_session(await make_event(await make_programme(foreign_root)))
    await make_booking(foreign_session, await make_organisation(parent=foreign_root))

    of_contact = await bookings_page(world.contact, BookingFilter(), limit=50)
    of_staff = await bookings_page(world.organiser, BookingFilter(), limit=1)
    rest = await bookings_page(world.organiser, BookingFilter(), limit=1, after=of_staff.items[-1].id)

    assert [one.id for one in of_contact.items] == [mine.id]
    assert (of_staff.total, [one.organisation_id for one in [*of_staff.items, *rest.items]]) == (
        2,
        [world.other.id, world.union.id],
    )
    assert (of_staff.next is not None, rest.next) == (True, None)


async def test_the_history_of_units_knows_what_was_their_own_doing(database: None, now: datetime) -> None:
    """No-shows and late cancellations of two years; never what the organiser or the weather cancelled."""
    world = await BookingWorld().build()
    day = timedelta(days=1)

    async def past(days: int, **given: Any) -> None:
        session = await make_session(
            world.event, starts_at=now - days * day, state=given.pop("session_state", "closed")
        )
        await make_booking(session, world.union, **given)

    own = {"state": "cancelled", "is_late": True, "cancelled_by": "unit"}
    await past(10, state="no_show")
    await past(20, state="no_show", session_state="cancelled")
    await past(729, **own)
    await past(800, **own)
    await past(30, **{**own, "cancelled_by": "organiser"})
    await past(40, **{**own, "cancelled_by": "session"})
    await past(50, **{**own, "is_late": False})
    await past(60, state="attended")

    assert await unit_history([world.union.id, world.other.id], now) == {world.union.id: (1, 1)}


async def test_rivals_are_the_bookings_of_a_session_that_nobody_answered(database: None) -> None:
    world = await BookingWorld().build()
    first = await make_booking(world.session, world.union, state="pending")
    second = await make_booking(world.session, world.other, state="pending")
    quiet = await make_session(world.event)
    await make_booking(quiet, world.union)

    found = await rivals_of_bookings([world.session.id, quiet.id])

    assert {id_: [one.id for one in rows] for id_, rows in found.items()} == {world.session.id: [first.id, second.id]}
