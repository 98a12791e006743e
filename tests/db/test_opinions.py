"""What attendees say: once, whoever races; by nobody that can be found; added up as promised."""

import asyncio
import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from outreach.attendance import people
from outreach.attendance.attendees import PersonGiven, identity_key
from outreach.attendance.checking_in import CheckedIn, check_in
from outreach.attendance.commands import hold_session
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.doors import door_by_token
from outreach.attendance.opening_doors import open_door
from outreach.attendance.opinions import scores
from outreach.attendance.opinions.domain.errors import OpinionClosedError
from outreach.attendance.opinions.giving import Said, asked_of, give_opinion
from outreach.attendance.opinions.queries import (
    check_ins_of_sessions,
    opinions_of_events,
    opinions_of_programmes,
    opinions_of_providers,
    opinions_of_sessions,
    words_of_sessions,
)
from outreach.attendance.opinions.reading import opinions_for
from outreach.attendance.tables import Attendee, Opinion
from outreach.bookings.orders.ratings import ratings_of
from outreach.events.tables import Provider, Session
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import BookingWorld
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

DAY = STARTS_AT.date()
AFTER = STARTS_AT + timedelta(hours=2)
GOOD = Said(5, 5, 4, "nothing")


@pytest.fixture
async def world() -> BookingWorld:
    return await BookingWorld().build()


@pytest.fixture
def key(settings: Settings) -> bytes:
    return identity_key(settings)


async def come(world: BookingWorld, key: bytes, name: str) -> CheckedIn:
    door = await open_door(world.organiser, STARTS_AT, session_id=world.session.id)
    view = await door_by_token(door.token)
    return await check_in(STARTS_AT, door=view, key=key, name=name, unit="胥江机械厂工会", came_by="qr")


async def say(session: Session, *said: Said) -> None:
    """Answers of nobody in particular."""
    for one in said:
        await Opinion(
            id=uuid4(),
            session=session.id,
            given_by=uuid4().hex * 2,
            useful=one.useful,
            delivery=one.delivery,
            arrangement=one.arrangement,
            change=one.change,
            words=one.words,
            on=DAY,
        ).save()


async def giver(world: BookingWorld, session: Session | None = None) -> tuple[Actor, Provider]:
    """A lecturer with a login, who gives the session."""
    actor = await make_actor(Role.PROVIDER, world.root)
    provider = await make_provider(world.root, person=actor.person_id)
    given = session or world.session
    await db.execute(
        "INSERT INTO events_session_provider (id, session, provider, position) VALUES ($1, $2, $3, 1)",
        uuid4(),
        given.id,
        provider.id,
    )
    return actor, provider


# --- giving ----------------------------------------------------------------------------------------------------------


async def test_the_same_person_at_once_has_one_answer(world: BookingWorld, key: bytes) -> None:
    one, two = await come(world, key, "苏婉"), await come(world, key, "顾梅")

    first = await asyncio.gather(
        *(
            give_opinion(AFTER, key=key, attendee_id=who.attendee_id, said=Said(1 + n % 5, 5, 5, "time"))
            for n in range(20)
            for who in (one, two)
        )
    )

    assert sum(first) == 2
    assert await Opinion.count() == 2


async def test_the_first_answer_stands(world: BookingWorld, key: bytes) -> None:
    who = (await come(world, key, "苏婉")).attendee_id

    assert await give_opinion(
        AFTER, key=key, attendee_id=who, said=Said(2, 3, 4, "place", " 话筒小，打13912345678找我 ")
    )
    assert not await give_opinion(AFTER, key=key, attendee_id=who, said=GOOD)
    (row,) = await Opinion.select()
    assert (row["useful"], row["delivery"], row["arrangement"], row["change"], row["words"]) == (
        2, 3, 4, "place", "话筒小，打＊＊＊找我",
    )  # fmt: skip


async def test_the_answer_cannot_be_joined_to_the_person(world: BookingWorld, key: bytes) -> None:
    """No column is, or contains, the check-in's id or identity; nothing is finer than the day; nobody is told."""
    before = await db.value("SELECT count(*) FROM accounts_journal")
    for number in range(12):
        who = await come(world, key, f"职工{number}")
        moment = AFTER + timedelta(minutes=number)
        await give_opinion(moment, key=key, attendee_id=who.attendee_id, said=GOOD)
    attendees, rows = await Attendee.select(), await Opinion.select()

    text = " ".join(str(value) for row in rows for value in row.values()).replace("-", "")
    for one in attendees:
        for mark in (one["id"].hex, one["identity"], one["name"], one["device"]):
            assert not mark or mark not in text
    types = await db.rows(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'attendance_opinion'"
    )
    assert {one["column_name"] for one in types if re.search("time|interval", one["data_type"])} == set()
    assert {row["on"] for row in rows} == {DAY}
    assert {row["id"].version for row in rows} == {4}  # those of other rows carry the time
    assert [one["id"] for one in rows] != sorted(one["id"] for one in rows) or len(rows) < 2
    journal = await db.rows("SELECT action FROM accounts_journal")
    assert {one["action"] for one in journal} <= {"session.door_opened", "session.held"}
    assert len(journal) - before <= 2
    assert await db.value("SELECT count(*) FROM notifications_outbox_message") == 0


async def test_when_and_of_whom_nothing_is_taken(world: BookingWorld, key: bytes) -> None:
    who = (await come(world, key, "苏婉")).attendee_id
    person = PersonGiven(name="顾梅", identity=identity_of(key, name="顾梅"))
    expected = await people.add_person(
        world.organiser, STARTS_AT, session_id=world.session.id, on=DAY, person=person, expected_only=True
    )

    async def refusal(attendee_id: UUID, now: datetime = AFTER, **given: Any) -> Any:
        with pytest.raises((OpinionClosedError, InvalidError)) as refused:
            await give_opinion(now, key=key, attendee_id=attendee_id, said=GOOD, **given)
        error = refused.value
        return error.problems[0].field if isinstance(error, InvalidError) else error.facts["why"]

    assert await refusal(who, STARTS_AT - timedelta(minutes=1)) == "too-early"
    assert await refusal(who, STARTS_AT + timedelta(days=15)) == "over"
    assert await refusal(expected.attendee_id) == "not-there"
    assert await refusal(uuid4()) == "who"
    assert await refusal(who, token="another door") == "who"
    await people.undo_presence(
        world.organiser, STARTS_AT, session_id=world.session.id, attendee_id=who, reason="点错了"
    )
    assert await refusal(who) == "not-there"
    await Session.update({Session.state: "cancelled"}).where(Session.id == world.session.id)
    await Attendee.update({Attendee.present: True, Attendee.came_by: "qr", Attendee.checked_in_at: STARTS_AT}).where(
        Attendee.id == who
    )
    assert await refusal(who) == "cancelled"
    assert await Opinion.count() == 0


async def test_a_closed_session_still_takes_it(world: BookingWorld, key: bytes) -> None:
    who = (await come(world, key, "苏婉")).attendee_id
    await Session.update({Session.state: "closed"}).where(Session.id == world.session.id)

    assert await give_opinion(AFTER + timedelta(days=13), key=key, attendee_id=who, said=GOOD)
    assert (await asked_of(key, who)).answered


async def test_taking_back_and_answering_at_once_end_in_one_order(world: BookingWorld, key: bytes) -> None:
    """Either the answer came first, or it is refused; never a deadlock."""
    for number in range(6):
        who = (await come(world, key, f"职工{number}")).attendee_id
        done = await asyncio.gather(
            give_opinion(AFTER, key=key, attendee_id=who, said=GOOD),
            people.undo_presence(world.organiser, AFTER, session_id=world.session.id, attendee_id=who, reason="错"),
            return_exceptions=True,
        )
        assert done[0] is True or isinstance(done[0], OpinionClosedError)
        assert isinstance(done[1], people.AttendeeRow)


# --- reading ---------------------------------------------------------------------------------------------------------


async def test_who_reads_from_how_many_answers_on(world: BookingWorld) -> None:
    await Session.update({Session.host: world.union.id}).where(Session.id == world.session.id)
    lecturer, _provider = await giver(world)
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    said = [Said(5, 4, 3, "length", f"话{n}") for n in range(5)]

    seen: dict[int, list[tuple[float | None, int]]] = {}
    for number, one in enumerate(said, 1):
        await say(world.session, one)
        readers = (world.organiser, world.contact, evaluator, lecturer)
        found = [await opinions_for(reader, world.session.id) for reader in readers]
        assert {one.answers for one in found} == {number}
        seen[number] = [(one.summary.useful if one.summary else None, len(one.words)) for one in found]
        assert all(one.summary is not None for one in found)
        assert all((one.summary.changes == {}) is (one.missing > 0) for one in found if one.summary)

    few = [(None, 0)] * 3
    # Evaluators read no words: they may name somebody.
    assert seen[1] == seen[2] == [*few, (None, 0)]
    assert seen[3] == [(5.0, 3), (5.0, 3), (5.0, 0), (None, 0)]
    assert seen[4] == [(5.0, 4), (5.0, 4), (5.0, 0), (None, 0)]
    assert seen[5] == [(5.0, 5), (5.0, 5), (5.0, 0), (5.0, 5)]


async def test_who_reads_nothing(world: BookingWorld) -> None:
    await say(world.session, *[GOOD] * 6)
    district = await make_organisation(parent=world.root, name="东区总工会")
    elsewhere = await make_actor(Role.ORGANISER, district)
    other_lecturer = await make_actor(Role.PROVIDER, world.root)

    for actor in (elsewhere, world.contact, world.rival, other_lecturer):
        with pytest.raises(ForbiddenError):  # the session is public
            await opinions_for(actor, world.session.id)
    await Session.update({Session.visibility: "host"}).where(Session.id == world.session.id)
    for actor in (elsewhere, world.contact, world.rival, other_lecturer):
        with pytest.raises(NotFoundError):
            await opinions_for(actor, world.session.id)


async def test_sessions_are_added_up_in_one_statement_each(world: BookingWorld) -> None:
    sessions = [
        world.session,
        *[await make_session(world.event, starts_at=STARTS_AT + timedelta(days=n)) for n in (1, 2)],
    ]
    silent = await make_session(world.event, starts_at=STARTS_AT + timedelta(days=3))
    for session in sessions:
        await say(session, Said(5, 4, 3, "length", "短一点"), Said(4, 4, 3, "nothing"), Said(3, 1, 3))

    for asked in (sessions[:1], sessions):
        ids = [one.id for one in asked] + [silent.id]
        with counted() as statements:
            found = await opinions_of_sessions(ids)
            words = await words_of_sessions(ids, limit=50)
            came = await check_ins_of_sessions(ids)
        assert (len(statements), len(found), len(words), came) == (3, len(asked), len(asked), {})
    found = await opinions_of_sessions([world.session.id])
    one = found[world.session.id]
    assert (one.answers, one.useful, one.delivery, one.arrangement) == (3, 4.0, 3.0, 3.0)
    assert one.mean == pytest.approx(30 / 9)
    assert one.marks == {"useful": (0, 0, 1, 1, 1), "delivery": (1, 0, 0, 2, 0), "arrangement": (0, 0, 3, 0, 0)}
    assert {code: n for code, n in one.changes.items() if n} == {"length": 1, "nothing": 1}
    words = await words_of_sessions([session.id for session in sessions], limit=50)
    assert [word.session_id for word in words] == [session.id for session in reversed(sessions)]


async def test_words_of_few_are_not_told_and_come_in_an_order_that_tells_nothing(world: BookingWorld) -> None:
    small = await make_session(world.event, starts_at=STARTS_AT + timedelta(days=1))
    await say(small, Said(1, 1, 1, "", "只有我们两个"), Said(1, 1, 1, "", "认得出"))
    await say(world.session, *[Said(5, 5, 5, "", f"第{n}个说的") for n in range(30)], Said(5, 5, 5))

    found = await words_of_sessions([world.session.id, small.id], limit=100)

    assert {one.session_id for one in found} == {world.session.id}
    assert len(found) == 30
    assert [one.words for one in found] != [f"第{n}个说的" for n in range(30)]
    by_id = await db.rows(
        "SELECT words FROM attendance_opinion WHERE words <> '' AND session = $1 ORDER BY id", world.session.id
    )
    assert [one.words for one in found] == [one["words"] for one in by_id]
    assert (len(await words_of_sessions([world.session.id], limit=7)), found[0].title, found[0].on) == (
        7, world.session.title, DAY,
    )  # fmt: skip


async def test_programmes_by_the_day_of_the_session(world: BookingWorld) -> None:
    """Held and closed ones of that year, started by that day; too small ones enter no sum."""
    other = await make_programme(world.root)

    async def held(on: datetime, *said: Said, state: str = "held") -> None:
        session = await make_session(world.event, starts_at=on, state=state)
        await say(session, *said)

    await held(STARTS_AT, Said(5, 5, 5, "time"), Said(5, 5, 5), Said(5, 5, 5))
    await held(STARTS_AT + timedelta(days=2), Said(2, 2, 2), Said(2, 2, 2), Said(2, 2, 2), state="closed")
    await held(STARTS_AT - timedelta(days=30), Said(1, 1, 1, "place"), Said(1, 1, 1))  # too few
    await held(STARTS_AT - timedelta(days=365), *[Said(1, 1, 1)] * 3)  # another year
    await held(STARTS_AT - timedelta(days=9), *[Said(1, 1, 1)] * 3, state="published")  # never recorded
    ids = [world.programme.id, other.id]

    with counted() as statements:
        later = await opinions_of_programmes(ids, year=2015, as_of=DAY + timedelta(days=2))
    first = await opinions_of_programmes(ids, year=2015, as_of=DAY)
    before = await opinions_of_programmes(ids, year=2015, as_of=DAY - timedelta(days=1))

    assert len(statements) == 1
    assert [*later] == [*first] == [world.programme.id]
    assert (first[world.programme.id].answers, first[world.programme.id].mean) == (3, 5.0)
    assert (later[world.programme.id].answers, later[world.programme.id].mean) == (6, 3.5)
    assert later[world.programme.id].changes["place"] == 0
    assert before == {}
    assert (await opinions_of_programmes(ids, year=2014, as_of=date(2015, 12, 31)))[world.programme.id].answers == 3


async def test_few_answers_are_drawn_to_the_mean_of_the_programme(world: BookingWorld) -> None:
    """An event's score is of all three questions, a provider's of the delivery; hosts' ratings stay apart."""
    new_event = await make_event(world.programme)
    friend, public = await make_provider(world.root), await make_provider(world.root)

    async def held(event: Any, provider: Provider, *said: Said, days: int) -> None:
        session = await make_session(
            event, providers=(provider,), state="held", starts_at=STARTS_AT - timedelta(days=days)
        )
        await say(session, *said)

    await held(new_event, friend, *[Said(5, 5, 5)] * 5, days=10)
    await held(world.event, public, *[Said(4, 4, 1)] * 15, days=11)
    await held(world.event, public, *[Said(1, 1, 1)] * 4, days=12)  # too few to enter a sum

    with counted() as statements:
        events = await opinions_of_events([world.event.id, new_event.id])
        providers = await opinions_of_providers([friend.id, public.id])

    usual, delivery = (5 * 15 + 15 * 9) / 60, (5 * 5 + 15 * 4) / 20
    assert len(statements) == 2
    assert events[new_event.id] == pytest.approx((5.0, 5, (25 + 5 * usual) / 10))
    assert events[world.event.id] == pytest.approx((3.0, 15, (45 + 5 * usual) / 20))
    assert providers[friend.id] == pytest.approx((5.0, 5, (25 + 5 * delivery) / 10))
    assert providers[public.id] == pytest.approx((4.0, 15, (60 + 5 * delivery) / 20))
    assert await ratings_of(event_ids=[new_event.id], provider_ids=[friend.id]) == {}
    assert await opinions_of_events([]) == {}
    assert await opinions_of_providers([uuid4()]) == {}


async def test_one_of_several_programmes_is_drawn_to_each_by_its_answers(world: BookingWorld) -> None:
    other = await make_event(await make_programme(world.root))
    provider, rest = await make_provider(world.root), await make_provider(world.root)
    for event, who, mark, number, days in (
        (world.event, provider, 5, 5, 1), (world.event, rest, 3, 5, 2), (other, provider, 2, 10, 3),
    ):  # fmt: skip
        session = await make_session(event, providers=(who,), state="held", starts_at=STARTS_AT - timedelta(days=days))
        await say(session, *[Said(1, mark, 1)] * number)

    found = (await opinions_of_providers([provider.id]))[provider.id]

    prior = (5 * 4.0 + 10 * 2.0) / 15
    assert found == pytest.approx((3.0, 15, (45 + 5 * prior) / 20))


async def test_own_sessions_and_scores_of_a_provider(world: BookingWorld) -> None:
    lecturer, provider = await giver(world)
    await Session.update({Session.state: "held"}).where(Session.id == world.session.id)
    await say(world.session, *[GOOD] * 4)
    (few,) = await scores.given_sessions(lecturer, AFTER)
    assert (few.missing, few.summary and few.summary.answers, few.summary and few.summary.mean) == (1, 4, None)
    assert [(one.id, one.attendees) for one in await scores.own_score(lecturer)] == [(provider.id, None)]

    await say(world.session, GOOD)
    for more in (0, 2):
        for days in range(more):
            session = await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=9 + days))
            await db.execute(
                "INSERT INTO events_session_provider (id, session, provider, position) VALUES ($1, $2, $3, 1)",
                uuid4(), session.id, provider.id,
            )  # fmt: skip
        with counted() as statements:
            given = await scores.given_sessions(lecturer, AFTER)
        assert (len(statements), len(given)) == (2, 1 + more)
    given = await scores.given_sessions(lecturer, AFTER)
    assert [one.missing for one in given] == [0, 5, 5]
    assert given[0].summary is not None
    assert given[0].summary.mean == pytest.approx(14 / 3)
    (own,) = await scores.own_score(lecturer)
    assert own.attendees is not None
    assert own.attendees.answers == 5
    assert await scores.given_sessions(await make_actor(Role.PROVIDER, world.root), AFTER) == []


async def test_staff_read_scores_of_what_they_run_alone(world: BookingWorld) -> None:
    district = await make_organisation(parent=world.root, name="东区总工会")
    below = await make_actor(Role.ORGANISER, district)
    theirs = await make_event(await make_programme(district))
    await make_provider(district, name="东区讲师")
    await hold_session(world.organiser, AFTER, session_id=world.session.id)
    await say(world.session, *[GOOD] * 5)

    for actor, ids in ((below, [theirs.id]), (world.organiser, [world.event.id, theirs.id])):
        with counted() as statements:
            events = await scores.event_scores(actor, 2015)
            providers = await scores.provider_scores(actor)
        assert (len(statements), sorted(one.id for one in events)) == (6, sorted(ids))
        assert [one.name for one in providers] == ["东区讲师"]
    (mine,) = [one for one in await scores.event_scores(world.organiser, 2015) if one.id == world.event.id]
    assert mine.hosts is None
    assert mine.attendees is not None
    assert mine.attendees.answers == 5
