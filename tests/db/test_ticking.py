"""Ticks as phones really send them: twice, in parallel, hours later, after others changed the same people."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from outreach.attendance import commands, people
from outreach.attendance.attendees import PersonGiven, identity_key, record_presence_within
from outreach.attendance.checking_in import check_in
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.doors import door_by_token
from outreach.attendance.opening_doors import open_door
from outreach.attendance.queries import journal_of_session
from outreach.attendance.tables import Attendee, Tick
from outreach.attendance.ticking.answers import Answer, forget_ticks
from outreach.attendance.ticking.commands import TickGiven, record_ticks
from outreach.attendance.ticking.domain.errors import TickKeyReusedError
from outreach.attendance.ticking.domain.ticks import Outcome
from outreach.attendance.ticking.queries import list_of_day
from outreach.events.queries import session_by_id
from outreach.events.tables import Session
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_session
from tests.factories.programmes import make_year
from tests.support.dispatching import Dispatch
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

DAY = STARTS_AT.date()
MINUTE = timedelta(minutes=1)
DONE, ALREADY, CONFLICT, REFUSED = Outcome.DONE, Outcome.ALREADY, Outcome.CONFLICT, Outcome.REFUSED


@pytest.fixture
async def world() -> BookingWorld:
    return await BookingWorld().build()


@pytest.fixture
def key(settings: Settings) -> bytes:
    return identity_key(settings)


async def expect(
    world: BookingWorld, key: bytes, *names: str, unit: str = "胥江机械厂工会", number: str = ""
) -> list[UUID]:
    given = [
        PersonGiven(name=name, unit_name=unit, identity=identity_of(key, number=number, name=name, unit=unit))
        for name in names
    ]
    async with db.atomic():
        made = await record_presence_within(
            world.organiser, STARTS_AT, session_id=world.session.id, on=DAY, people=given, came_by="list",
            expected_only=True,
        )  # fmt: skip
    return [one.attendee_id for one in made]


def tick(attendee_id: UUID | None = None, **given: Any) -> TickGiven:
    return TickGiven(**{"key": uuid4(), "attendee_id": attendee_id, **given})


async def send(world: BookingWorld, key: bytes, *ticks: TickGiven, **given: Any) -> list[Answer]:
    actor, at = given.pop("actor", world.organiser), given.pop("at", STARTS_AT)
    wanted = {"session_id": world.session.id, "on": DAY, **given}
    return await record_ticks(actor, at, key=key, ticks=ticks, **wanted)


async def stored() -> list[dict[str, Any]]:
    return await Attendee.select().order_by(Attendee.id)


async def journal(world: BookingWorld) -> list[str]:
    lines = await journal_of_session(world.session.id)
    return sorted(line.action for line in lines if line.action.startswith(("attendance", "session")))


async def test_a_tick_makes_present_and_the_session_held(world: BookingWorld, key: bytes) -> None:
    ids = await expect(world, key, "苏婉", "顾梅")

    (answer,) = await send(world, key, tick(ids[0], seen_revision=1), at=STARTS_AT + MINUTE)

    assert answer.outcome is DONE
    assert answer.attendee is not None
    assert (answer.attendee.id, answer.attendee.present, answer.attendee.came_by) == (ids[0], True, "list")
    assert (answer.attendee.checked_in_at, answer.attendee.revision) == (STARTS_AT + MINUTE, 2)
    rows = {
        row["id"]: (row["present"], row["came_by"], row["checked_in_at"], row["revision"]) for row in await stored()
    }
    assert rows == {ids[0]: (True, "list", STARTS_AT + MINUTE, 2), ids[1]: (False, "", None, 1)}
    assert (await session_by_id(world.session.id)).state == "held"
    assert await journal(world) == ["attendance.present", "session.held"]


async def test_before_the_start_nothing_is_held_yet(world: BookingWorld, key: bytes) -> None:
    (id_,) = await expect(world, key, "苏婉")
    await send(world, key, tick(id_), at=STARTS_AT - MINUTE)
    assert (await session_by_id(world.session.id)).state == "published"


async def test_the_same_key_gets_the_same_answer_and_no_second_effect(world: BookingWorld, key: bytes) -> None:
    (id_,) = await expect(world, key, "苏婉")
    sent = [tick(id_, seen_revision=1), tick(name="顾梅", unit="胥江机械厂工会"), tick(uuid4())]

    first = await send(world, key, *sent)
    before = await stored(), await journal(world)
    again = await send(world, key, *sent, at=STARTS_AT + 60 * MINUTE)

    assert [one.outcome for one in first] == [DONE, DONE, REFUSED]
    assert again == first
    assert (await stored(), await journal(world)) == before
    assert await Tick.count() == 3


async def test_a_queue_sent_ten_times_at_once_counts_once(world: BookingWorld, key: bytes) -> None:
    """The phone sends on every occasion; two tabs and a bad network send together."""
    ids = await expect(world, key, *(f"职工{n}" for n in range(20)))
    sent = [tick(id_, seen_revision=1) for id_ in ids] + [tick(name=f"新来{n}") for n in range(5)]

    answers = await asyncio.gather(*(send(world, key, *sent, at=STARTS_AT + n * MINUTE) for n in range(10)))

    assert all(one == answers[0] for one in answers)
    assert {one.outcome for one in answers[0]} == {DONE}
    rows = await stored()
    assert len(rows) == 25
    assert all(row["present"] and row["revision"] == (2 if row["expected"] else 1) for row in rows)
    assert await Tick.count() == 25
    assert (await journal(world)).count("attendance.present") == 25
    assert (await journal(world)).count("session.held") == 1


async def test_keepers_posters_and_lists_at_once(world: BookingWorld, key: bytes) -> None:
    """Two keepers tick crosswise and add the same people while those check in themselves: nobody is there twice."""
    names = [f"职工{n}" for n in range(12)]
    ids = await expect(world, key, *names)
    second = await make_actor(Role.ORGANISER, world.root)
    door = await door_by_token((await open_door(world.organiser, STARTS_AT, session_id=world.session.id)).token)
    walk_ins: list[dict[str, Any]] = [{"name": f"新来{n}", "unit": "外厂"} for n in range(4)]

    async def keeper(actor: Any, order: list[UUID], people_: list[dict[str, Any]]) -> list[Answer]:
        ticks = [*(tick(id_, seen_revision=1) for id_ in order), *(tick(**one) for one in people_)]
        return await send(world, key, *ticks, actor=actor)

    kept = asyncio.gather(keeper(world.organiser, ids, walk_ins), keeper(second, ids[::-1], walk_ins[::-1]))
    await asyncio.gather(
        *(check_in(STARTS_AT, door=door, key=key, name=name, unit="胥江机械厂工会", came_by="qr") for name in names),
        *(check_in(STARTS_AT, door=door, key=key, name=f"新来{n}", unit="外厂", came_by="qr") for n in range(4)),
    )

    one, other = await kept
    assert {answer.outcome for answer in [*one, *other]} <= {DONE, ALREADY}
    rows = await stored()
    assert len(rows) == 16
    assert all(row["present"] for row in rows)
    lines = await journal(world)
    assert lines.count("attendance.present") == sum(answer.outcome is DONE for answer in [*one, *other])


async def test_who_checked_in_before_stays_as_first_recorded(world: BookingWorld, key: bytes) -> None:
    (id_,) = await expect(world, key, "苏婉")
    door = await door_by_token((await open_door(world.organiser, STARTS_AT, session_id=world.session.id)).token)
    await check_in(STARTS_AT, door=door, key=key, name="苏婉", unit="胥江机械厂工会", came_by="qr")

    (answer,) = await send(world, key, tick(id_, seen_revision=1), at=STARTS_AT + 9 * MINUTE)

    assert answer.outcome is ALREADY
    assert answer.attendee is not None
    assert (answer.attendee.came_by, answer.attendee.checked_in_at) == ("qr", STARTS_AT)


async def test_an_undo_of_what_others_changed_is_for_a_person_to_decide(world: BookingWorld, key: bytes) -> None:
    (id_,) = await expect(world, key, "苏婉")
    second = await make_actor(Role.ORGANISER, world.root)
    await send(world, key, tick(id_, seen_revision=1))  # this phone: 2
    await send(world, key, tick(id_, present=False, seen_revision=2, reason="人没来"), actor=second)  # 3
    await send(world, key, tick(id_, seen_revision=3), actor=second)  # 4

    (old,) = await send(world, key, tick(id_, present=False, seen_revision=2))
    assert old.outcome is CONFLICT
    assert old.attendee is not None
    assert (old.attendee.present, old.attendee.revision) == (True, 4)
    (row,) = await stored()
    assert (row["present"], row["revision"]) == (True, 4)

    (decided,) = await send(world, key, tick(id_, present=False, seen_revision=4, reason=""))
    assert decided.outcome is DONE
    reasons = [line.reason for line in await journal_of_session(world.session.id) if line.action == "attendance.undone"]
    assert sorted(reasons) == sorted(["人没来", "点错了"])


async def test_a_tick_of_whom_others_took_back_is_a_conflict(world: BookingWorld, key: bytes) -> None:
    (id_,) = await expect(world, key, "苏婉")
    second = await make_actor(Role.ORGANISER, world.root)
    await send(world, key, tick(id_), actor=second)
    await send(world, key, tick(id_, present=False), actor=second)

    (late,) = await send(world, key, tick(id_, seen_revision=1))

    assert late.outcome is CONFLICT
    assert late.attendee is not None
    assert (late.attendee.present, late.attendee.revision) == (False, 3)
    (again,) = await send(world, key, tick(id_, seen_revision=3))
    assert again.outcome is DONE


async def test_what_one_phone_did_offline_arrives_as_it_was_done(world: BookingWorld, key: bytes) -> None:
    """Tick, undo, tick of one; a walk-in that was a slip; all with what the phone knew in the morning."""
    (id_,) = await expect(world, key, "苏婉")
    slip: dict[str, Any] = {"name": "错的人", "unit": "外厂"}
    answers = await send(
        world, key,
        tick(id_, seen_revision=1), tick(id_, present=False, seen_revision=1), tick(id_, seen_revision=1),
        tick(**slip), tick(**slip, present=False),
    )  # fmt: skip

    assert [one.outcome for one in answers] == [DONE] * 5
    assert [(row["name"], row["present"], row["revision"]) for row in await stored()] == [
        ("苏婉", True, 4),
        ("错的人", False, 2),
    ]
    assert await journal(world) == [*["attendance.present"] * 3, *["attendance.undone"] * 2, "session.held"]


async def test_an_undo_after_a_lost_answer_is_no_conflict(world: BookingWorld, key: bytes) -> None:
    """The tick arrived, its answer did not; the phone sends it again together with the undo."""
    (id_,) = await expect(world, key, "苏婉")
    lost = tick(id_, seen_revision=1)
    await send(world, key, lost)

    answers = await send(world, key, lost, tick(id_, present=False, seen_revision=1))

    assert [one.outcome for one in answers] == [DONE, DONE]
    assert (await stored())[0]["present"] is False


async def test_a_walk_in_whom_the_list_knows_is_that_person(key: bytes) -> None:
    world = await BookingWorld().build(programme={"real_names": True})
    (id_,) = await expect(world, key, "苏婉", number="13912345678")
    answers = await send(
        world, key,
        tick(name="苏 婉", unit="胥江机械厂工会"),
        tick(name="苏婉", unit="胥江机械厂工会", phone="139 1234 5678"),
        tick(name="苏婉", unit="胥江机械厂工会", phone="13900000000"),
        tick(name="新来的", unit="外厂", phone="13811112222"), tick(name="新来的", unit="外厂"),
    )  # fmt: skip

    assert [one.outcome for one in answers] == [DONE, ALREADY, DONE, DONE, ALREADY]
    assert {one.attendee.id for one in answers[:2] if one.attendee} == {id_}
    assert sorted((row["name"], row["tail"], row["present"]) for row in await stored()) == [
        ("新来的", "2222", True),
        ("苏婉", "0000", True),
        ("苏婉", "5678", True),
    ]


async def test_a_walk_in_of_a_booked_unit_counts_for_it(world: BookingWorld, key: bytes) -> None:
    await make_booking(world.session, world.union)
    await send(world, key, tick(name="苏婉", unit=world.union.name), tick(name="顾梅", unit="别处"))
    assert {row["name"]: row["organisation"] for row in await stored()} == {"苏婉": world.union.id, "顾梅": None}


async def test_a_number_is_kept_only_where_the_programme_asks_and_never_in_full(
    world: BookingWorld, key: bytes
) -> None:
    await send(world, key, tick(name="苏婉", unit="外厂", phone="13912345678"))
    assert [(row["by_number"], row["tail"]) for row in await stored()] == [(False, "")]
    await db.execute("UPDATE programmes_programme SET real_names = true")
    bad, _good = await send(
        world, key, tick(name="顾梅", unit="外厂", phone="139"), tick(name="顾梅", unit="外厂", phone="13912345678")
    )
    assert bad.outcome is REFUSED
    assert bad.refusal is not None
    assert [one.field for one in bad.refusal.fields] == ["phone"]

    tables = await db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = [table["tablename"] for table in tables]
    for word in ("13912345678", "顾梅"):
        found = {
            name
            for name in names
            if await db.value(f'SELECT 1 FROM "{name}" t WHERE t::text LIKE $1 LIMIT 1', f"%{word}%")
        }
        assert found == (set() if word.isdigit() else {"attendance_attendee"})


async def test_nobody_of_this_list_and_nameless_ones_are_refused_alone(world: BookingWorld, key: bytes) -> None:
    """A person of another session, of another day, nobody at all, no name; the others of the request are taken."""
    (id_,) = await expect(world, key, "苏婉")
    elsewhere = await make_session(world.event, starts_at=STARTS_AT)
    person = PersonGiven(name="顾梅", identity=identity_of(key, name="顾梅"))
    other = await people.add_person(world.organiser, STARTS_AT, session_id=elsewhere.id, on=DAY, person=person)

    answers = await send(
        world,
        key,
        tick(other.attendee_id),
        tick(uuid4()),
        tick(name=" "),
        tick(id_),
        tick(name="没来过", present=False),
    )

    assert [one.outcome for one in answers] == [REFUSED, REFUSED, REFUSED, DONE, ALREADY]
    assert [one.refusal.code for one in answers[:3] if one.refusal] == ["not-found", "not-found", "invalid"]
    assert [row["revision"] for row in await stored() if row["id"] == other.attendee_id] == [1]


@pytest.mark.parametrize("state", ["closed", "cancelled", "draft"])
async def test_a_session_that_takes_none_refuses_each_by_itself(world: BookingWorld, key: bytes, state: str) -> None:
    (id_,) = await expect(world, key, "苏婉")
    await Session.update({Session.state: state}).where(Session.id == world.session.id)
    given = tick(id_)

    answers = await send(world, key, given, tick(name="顾梅"), tick(id_, present=False))

    assert [one.outcome for one in answers] == [REFUSED] * 3
    assert {one.refusal.code for one in answers if one.refusal} == {"wrong-state"}
    assert [(row["name"], row["present"]) for row in await stored()] == [("苏婉", False)]
    await Session.update({Session.state: "published"}).where(Session.id == world.session.id)
    (again,) = await send(world, key, given)
    assert again == answers[0]


async def test_a_closed_year_and_a_confidential_programme_refuse(world: BookingWorld, key: bytes) -> None:
    await make_year(world.root, state="closed")
    (closed,) = await send(world, key, tick(name="苏婉"))
    await db.execute("UPDATE programmes_year SET state = 'open'")
    await db.execute("UPDATE programmes_programme SET confidential = true")
    (nameless,) = await send(world, key, tick(name="苏婉"))

    assert [one.refusal.code for one in (closed, nameless) if one.refusal] == ["closed-year", "no-names"]
    assert await stored() == []


async def test_the_day_is_one_of_the_session_and_not_to_come(key: bytes) -> None:
    world = await BookingWorld().build(ends_at=STARTS_AT + timedelta(days=2))
    for on in (DAY - timedelta(days=1), DAY + timedelta(days=3), DAY + timedelta(days=1)):
        with pytest.raises(InvalidError) as refused:
            await send(world, key, tick(name="苏婉"), on=on)
        assert [one.field for one in refused.value.problems] == ["on"]
    await send(world, key, tick(name="苏婉"), on=DAY + timedelta(days=1), at=STARTS_AT + timedelta(days=1))
    assert [row["on"] for row in await stored()] == [DAY + timedelta(days=1)]


async def test_who_keeps_the_list_and_who_does_not(key: bytes) -> None:
    world = await BookingWorld().build()
    union = world.union
    await Session.update({Session.host: union.id, Session.visibility: "host"}).where(Session.id == world.session.id)
    district = await make_organisation(parent=world.root)
    (answer,) = await send(world, key, tick(name="苏婉"), actor=world.contact)
    assert answer.outcome is DONE
    for role, place in ((Role.ORGANISER, district), (Role.CONTACT, world.other)):
        with pytest.raises(NotFoundError):
            await send(world, key, tick(name="苏婉"), actor=await make_actor(role, place))
    await Session.update({Session.visibility: "public"}).where(Session.id == world.session.id)
    for role, place in ((Role.EVALUATOR, world.root), (Role.PROVIDER, world.root), (Role.CONTACT, world.other)):
        with pytest.raises(ForbiddenError):
            await send(world, key, tick(name="顾梅"), actor=await make_actor(role, place))
    assert len(await stored()) == 1


async def test_one_key_for_taps_of_two_sessions_is_refused(world: BookingWorld, key: bytes) -> None:
    elsewhere = await make_session(world.event, starts_at=STARTS_AT)
    given = tick(name="苏婉")
    await send(world, key, given)
    with pytest.raises(TickKeyReusedError):
        await send(world, key, given, session_id=elsewhere.id)
    second = await make_actor(Role.ORGANISER, world.root)
    (own,) = await send(world, key, given, actor=second)  # another phone may have made the same key
    assert own.outcome is ALREADY


async def test_a_tick_fulfils_the_order_behind_the_session(key: bytes) -> None:
    dispatch = await Dispatch().build()
    order = await dispatch.scheduled()
    assert order.session_id is not None
    session = await session_by_id(order.session_id)
    on = session.starts_at.astimezone(STARTS_AT.tzinfo).date()
    await record_ticks(
        dispatch.contact, session.starts_at, key=key, session_id=session.id, on=on, ticks=[tick(name="苏婉")]
    )
    found = await db.row(
        "SELECT o.state, s.state AS session FROM bookings_order o JOIN events_session s ON s.id = o.session"
    )
    assert found is not None
    assert dict(found) == {"state": "fulfilled", "session": "held"}


async def test_ticks_and_closing_at_once(world: BookingWorld, key: bytes) -> None:
    """Whoever is first: a tick is either counted before the session is closed, or refused."""
    ids = await expect(world, key, *(f"职工{n}" for n in range(6)))
    await commands.hold_session(world.organiser, STARTS_AT, session_id=world.session.id)

    async def close() -> None:
        await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)

    closing = asyncio.create_task(close())
    answers = await asyncio.gather(*(send(world, key, tick(id_)) for id_ in ids))
    await closing

    present = {row["id"] for row in await stored() if row["present"]}
    outcomes = {id_: answer[0].outcome for id_, answer in zip(ids, answers, strict=True)}
    assert present == {id_ for id_, outcome in outcomes.items() if outcome is DONE}
    assert set(outcomes.values()) <= {DONE, REFUSED}


async def test_statements_do_not_grow_with_the_ticks(world: BookingWorld, key: bytes) -> None:
    async def sent(number: int) -> int:
        ids = await expect(world, key, *(f"名单{uuid4().hex}" for _ in range(number)))
        given = [*(tick(id_) for id_ in ids), *(tick(name=f"新来{uuid4().hex}") for _ in range(number))]
        with counted() as statements:
            answers = await send(world, key, *given[:200])
        assert {one.outcome for one in answers} == {DONE}
        return len(statements)

    await sent(1)  # holds the session
    assert [await sent(number) for number in (1, 3, 100)] == [await sent(1)] * 3


async def test_the_list_of_a_day_by_name_or_tail(world: BookingWorld, key: bytes) -> None:
    await expect(world, key, "苏婉", "苏小婉", "阿依古丽·买买提")
    await expect(world, key, "顾梅", number="13912345678", unit="阿厂")
    (hidden,) = await send(world, key, tick(name="走了的"))
    assert hidden.attendee is not None
    await send(world, key, tick(hidden.attendee.id, present=False))
    await send(world, key, tick(name="新来的", unit="外厂"))

    async def found(q: str, **given: Any) -> list[str]:
        return [one.name for one in (await list_of_day(world.session.id, DAY, q=q, **given)).people]

    everybody = await list_of_day(world.session.id, DAY)
    assert (everybody.found, everybody.present, everybody.expected) == (5, 1, 4)
    assert set(await found("苏")) == {"苏婉", "苏小婉"}
    assert await found("苏 婉") == ["苏婉"]
    assert await found("５６７８") == ["顾梅"]
    assert await found("678") == []
    assert await found("%") == []
    assert len(await found("", limit=2)) == 2
    assert (await list_of_day(world.session.id, DAY, limit=2)).found == 5
    assert await found("走了") == []


async def test_answers_go_after_thirty_days(world: BookingWorld, key: bytes) -> None:
    await send(world, key, tick(name="苏婉"))
    await send(world, key, tick(name="顾梅"), at=STARTS_AT + MINUTE)
    assert await forget_ticks(STARTS_AT + timedelta(days=30)) == 0
    assert await forget_ticks(STARTS_AT + timedelta(days=30, seconds=1)) == 1
    assert await Tick.count() == 1
