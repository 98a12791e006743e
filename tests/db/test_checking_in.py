"""Check-ins as people really come: all at once, again, under other spellings, not on the list, taken back."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.attendance import commands, people
from outreach.attendance.attendees import PersonGiven, identity_key, record_presence_within
from outreach.attendance.checking_in import CheckedIn, check_in
from outreach.attendance.domain.errors import CheckinClosedError, NoNamesError
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.doors import DoorRow, door_by_code, door_by_token
from outreach.attendance.opening_doors import change_door, open_door
from outreach.attendance.queries import journal_of_session
from outreach.attendance.tables import Attendee
from outreach.events.domain.errors import SessionStateError
from outreach.events.queries import session_by_id
from outreach.events.tables import Session
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from tests.factories.accounts import make_actor
from tests.factories.bookings import BookingWorld, make_booking, make_headcount
from tests.factories.events import STARTS_AT
from tests.support.dispatching import Dispatch

pytestmark = pytest.mark.usefixtures("database")

DAY = STARTS_AT.date()
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def world() -> BookingWorld:
    return await BookingWorld().build()


@pytest.fixture
def key(settings: Settings) -> bytes:
    return identity_key(settings)


async def opened(world: BookingWorld, **settings: Any) -> DoorRow:
    """The session's door; ``settings`` change it."""
    door = await open_door(world.organiser, STARTS_AT, session_id=world.session.id)
    if settings:
        given = {"walk_ins": True, "opens_minutes": 60, "closes_minutes": 120, **settings}
        door = await change_door(world.organiser, STARTS_AT, session_id=world.session.id, **given)
    return door


async def come(door: DoorRow, key: bytes, name: str, unit: str = "胥江机械厂工会", **given: Any) -> CheckedIn:
    at = given.pop("at", STARTS_AT)
    view = await door_by_token(door.token)
    return await check_in(at, door=view, key=key, name=name, unit=unit, **{"came_by": "qr", **given})


async def expect(world: BookingWorld, key: bytes, name: str, number: str = "", unit: str = "胥江机械厂工会") -> UUID:
    person = PersonGiven(name=name, unit_name=unit, identity=identity_of(key, number=number, name=name, unit=unit))
    made = await people.add_person(
        world.organiser, STARTS_AT, session_id=world.session.id, on=DAY, person=person, expected_only=True
    )
    return made.attendee_id


async def stored() -> list[dict[str, Any]]:
    return await Attendee.select().order_by(Attendee.id)


async def test_five_hundred_check_ins_of_three_hundred_people_at_once(world: BookingWorld, key: bytes) -> None:
    """300 attendees, every one told the same first time; the session is held once."""
    door = await opened(world)
    numbers = [*range(300), *range(200)]

    done = await asyncio.gather(
        *(come(door, key, f"职工{number}", at=STARTS_AT + number * MINUTE / 300) for number in numbers)
    )

    rows = await stored()
    assert len(rows) == 300
    assert sum(one.first for one in done) == 300
    assert {one.attendee_id for one in done} == {row["id"] for row in rows}
    by_id = {row["id"]: row["checked_in_at"] for row in rows}
    assert all(one.at == by_id[one.attendee_id] for one in done)
    assert (await session_by_id(world.session.id)).state == "held"
    assert [line.action for line in await journal_of_session(world.session.id)].count("session.held") == 1


async def test_again_keeps_the_first_time_however_it_is_typed(world: BookingWorld, key: bytes) -> None:
    door = await opened(world)
    first = await come(door, key, "苏婉", at=STARTS_AT - 10 * MINUTE)
    again = await come(door, key, " 苏 婉", "胥江机械厂工会　", at=STARTS_AT + 5 * MINUTE, came_by="code")

    assert (first.first, again.first) == (True, False)
    assert first.attendee_id == again.attendee_id
    assert first.at == again.at == STARTS_AT - 10 * MINUTE
    (row,) = await stored()
    assert (row["came_by"], row["revision"], row["on"]) == ("qr", 1, DAY)


async def test_the_first_one_from_the_start_on_makes_the_session_held(world: BookingWorld, key: bytes) -> None:
    door = await opened(world)
    await come(door, key, "早到的", at=STARTS_AT - MINUTE)
    assert (await session_by_id(world.session.id)).state == "published"
    await come(door, key, "准时的", at=STARTS_AT)
    assert (await session_by_id(world.session.id)).state == "held"


async def test_a_check_in_fulfils_the_order_behind_the_session(key: bytes) -> None:
    dispatch = await Dispatch().build()
    order = await dispatch.scheduled()
    assert order.session_id is not None
    session = await session_by_id(order.session_id)
    door = await open_door(dispatch.contact, session.starts_at, session_id=session.id)
    await come(door, key, "苏婉", at=session.starts_at)

    states = await db.row(
        "SELECT o.state, s.state AS session FROM bookings_order o JOIN events_session s ON s.id = o.session"
    )
    assert states is not None
    assert dict(states) == {"state": "fulfilled", "session": "held"}


async def test_a_door_is_made_once_with_a_code_that_finds_it(world: BookingWorld) -> None:
    doors = await asyncio.gather(
        *(open_door(world.organiser, STARTS_AT, session_id=world.session.id) for _ in range(8))
    )

    assert len({one.token for one in doors}) == 1
    (door, *_rest) = doors
    assert (len(door.code), door.code.isdigit()) == (6, True)
    assert (await door_by_code(door.code, STARTS_AT)).session_id == world.session.id
    actions = [line.action for line in await journal_of_session(world.session.id)]
    assert actions == ["session.door_opened"]
    for token in ("x" * 24, "", "é", door.token + "0"):
        with pytest.raises(NotFoundError):
            await door_by_token(token)


async def test_who_opens_doors(world: BookingWorld) -> None:
    await Session.update({Session.host: world.union.id}).where(Session.id == world.session.id)
    await make_booking(world.session, world.other)
    await open_door(world.contact, STARTS_AT, session_id=world.session.id)  # the host's
    with pytest.raises(ForbiddenError):
        await open_door(world.rival, STARTS_AT, session_id=world.session.id)
    with pytest.raises(ForbiddenError):  # settings are the organiser's
        await change_door(
            world.contact, STARTS_AT, session_id=world.session.id, walk_ins=False, opens_minutes=1, closes_minutes=1
        )
    with pytest.raises(InvalidError) as refused:
        await change_door(
            world.organiser,
            STARTS_AT,
            session_id=world.session.id,
            walk_ins=False,
            opens_minutes=1441,
            closes_minutes=-1,
        )
    assert [one.field for one in refused.value.problems] == ["opens_minutes", "closes_minutes"]


@pytest.mark.parametrize("state", ["draft", "cancelled", "closed"])
async def test_no_door_before_or_after(state: str) -> None:
    world = await BookingWorld().build(state=state)
    with pytest.raises(SessionStateError):
        await open_door(world.organiser, STARTS_AT, session_id=world.session.id)


async def test_confidential_programmes_know_no_names(key: bytes) -> None:
    world = await BookingWorld().build(programme={"confidential": True})
    with pytest.raises(NoNamesError):
        await opened(world)
    with pytest.raises(NoNamesError):
        await expect(world, key, "苏婉")


async def test_only_those_expected_where_walk_ins_are_not_let_in(world: BookingWorld, key: bytes) -> None:
    """Also by name where the list has a number, never as another one of the same name who typed a number."""
    door = await opened(world, walk_ins=False)
    listed = await expect(world, key, "苏婉", "13800001234")
    other = await expect(world, key, "顾梅")

    with pytest.raises(CheckinClosedError) as refused:
        await come(door, key, "路过的")
    assert refused.value.facts == {"why": "not-on-list"}
    with pytest.raises(CheckinClosedError):
        await come(door, key, "苏婉", phone="13800005678")
    assert (await come(door, key, "苏婉")).attendee_id == listed
    assert (await come(door, key, "顾梅", phone="13900001111")).attendee_id == other
    assert [(row["present"], row["expected"], row["tail"]) for row in await stored()] == [
        (True, True, "1234"),
        (True, True, ""),
    ]


async def test_real_names_need_a_number_or_a_phone_that_knows_it(key: bytes) -> None:
    world = await BookingWorld().build(programme={"real_names": True})
    door = await opened(world)
    with pytest.raises(InvalidError) as refused:
        await come(door, key, "苏婉")
    assert [(one.field, one.code) for one in refused.value.problems] == [("phone", "required")]
    with pytest.raises(InvalidError):
        await come(door, key, "苏婉", phone="1380000")
    first = await come(door, key, "苏婉", phone="１３８ 0000-1234")
    again = await come(door, key, "苏婉", known=first.identity)

    assert again.attendee_id == first.attendee_id
    (row,) = await stored()
    assert (row["by_number"], row["tail"], row["identity"]) == (
        True,
        "1234",
        identity_of(key, number="13800001234").hash,
    )


async def test_units_that_booked_are_known_by_their_name(world: BookingWorld, key: bytes) -> None:
    await make_booking(world.session, world.union)
    door = await opened(world)
    await come(door, key, "苏婉", world.union.name)
    await come(door, key, "顾梅", world.other.name)  # has not booked

    assert [row["organisation"] for row in await stored()] == [world.union.id, None]


async def test_days_of_an_exhibition_are_apart(key: bytes) -> None:
    world = await BookingWorld().build(multi_day=True, ends_at=STARTS_AT + timedelta(days=2), capacity=None)
    door = await opened(world)
    one = await come(door, key, "苏婉", at=STARTS_AT)
    two = await come(door, key, "苏婉", at=STARTS_AT + timedelta(days=1))

    assert one.attendee_id != two.attendee_id
    assert [row["on"] for row in await stored()] == [DAY, DAY + timedelta(days=1)]
    assert one.identity == two.identity


async def test_closing_and_checking_in_at_once_leave_no_late_one(world: BookingWorld, key: bytes) -> None:
    door = await opened(world)
    await come(door, key, "第一个")
    answers = await asyncio.gather(
        *(come(door, key, f"职工{number}") for number in range(12)),
        commands.close_session(world.organiser, STARTS_AT + 90 * MINUTE, session_id=world.session.id),
        return_exceptions=True,
    )
    refused = [one for one in answers if isinstance(one, Exception)]

    assert all(isinstance(one, CheckinClosedError) for one in refused)
    assert len(await stored()) == 1 + 12 - len(refused)
    with pytest.raises(CheckinClosedError):
        await come(door, key, "晚到的")


async def test_undo_keeps_who_is_expected_and_lets_the_person_come_again(world: BookingWorld, key: bytes) -> None:
    door = await opened(world)
    await expect(world, key, "苏婉")
    done = await come(door, key, "苏婉")
    given = {"session_id": world.session.id, "attendee_id": done.attendee_id}

    with pytest.raises(InvalidError):
        await people.undo_presence(world.organiser, STARTS_AT, **given, reason=" ")
    with pytest.raises(ForbiddenError):
        await people.undo_presence(world.rival, STARTS_AT, **given, reason="点错了")
    undone = await people.undo_presence(world.organiser, STARTS_AT, **given, reason="点错了")
    same = await people.undo_presence(world.organiser, STARTS_AT, **given, reason="再点一次")

    assert undone == same
    assert (undone.present, undone.expected, undone.came_by, undone.checked_in_at) == (False, True, "", None)
    journal = await journal_of_session(world.session.id)
    assert [(one.action, one.reason) for one in journal if one.action == "attendance.undone"] == [
        ("attendance.undone", "点错了")
    ]
    again = await come(door, key, "苏婉", at=STARTS_AT + 9 * MINUTE)
    assert (again.attendee_id, again.first, again.at) == (done.attendee_id, True, STARTS_AT + 9 * MINUTE)
    await commands.close_session(world.organiser, STARTS_AT + 90 * MINUTE, session_id=world.session.id)
    with pytest.raises(SessionStateError):
        await people.undo_presence(world.organiser, STARTS_AT, **given, reason="晚了")


async def test_the_same_person_twice_in_one_list_is_one(world: BookingWorld, key: bytes) -> None:
    given = [
        PersonGiven(name=name, identity=identity_of(key, name=name), is_worker=True, groups=("women", "migrant"))
        for name in ("甲", "乙", "甲")
    ]
    async with db.atomic():
        made = await record_presence_within(
            world.organiser, STARTS_AT, session_id=world.session.id, on=DAY, people=given, came_by="list"
        )

    assert made[0] == made[2]
    assert [
        (row["name"], row["groups"], row["is_worker"]) for row in sorted(await stored(), key=lambda r: r["name"])
    ] == [
        ("乙", ["women", "migrant"], True),
        ("甲", ["women", "migrant"], True),
    ]
    (day,) = await people.presence_by_day(world.session.id)
    assert (day.present, day.workers, day.groups) == (2, 2, {"women": 2, "migrant": 2})


async def test_evaluators_read_pseudonyms_and_units_that_booked_nothing(world: BookingWorld, key: bytes) -> None:
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    await make_booking(world.session, world.other)
    door = await opened(world)
    await come(door, key, "苏婉")

    (seen,) = (await people.attendees_page(evaluator, key, session_id=world.session.id, limit=50)).items
    (named,) = (await people.attendees_page(world.organiser, key, session_id=world.session.id, limit=50)).items
    assert (named.name, named.unit_name) == ("苏婉", "胥江机械厂工会")
    assert (seen.name[:2], len(seen.name), seen.unit_name, seen.tail) == ("P-", 14, "", "")
    with pytest.raises(ForbiddenError):
        await people.attendees_page(world.rival, key, session_id=world.session.id, limit=50)


async def test_rows_and_times_do_not_tell_evaluators_who_is_who(world: BookingWorld, key: bytes) -> None:
    """A list was entered from the sheet of paper: its order, its ids and its times would name everybody on it."""
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    door = await opened(world)
    for number in range(12):
        await come(door, key, f"职工{number:02}")

    async def read(actor: Actor, limit: int) -> list[people.AttendeeRow]:
        items: list[people.AttendeeRow] = []
        after: str | None = None
        while True:
            found = await people.attendees_page(actor, key, session_id=world.session.id, limit=limit, after=after)
            items += found.items
            if (after := found.next) is None:
                return items

    named, seen = await read(world.organiser, 5), await read(evaluator, 5)
    entered = [people.pseudonym_of(key, row["identity"]) for row in await Attendee.select().order_by(Attendee.id)]
    assert [one.name for one in named] == [f"职工{number:02}" for number in range(12)]
    assert sorted(one.name for one in seen) == sorted(entered)
    assert [one.name for one in seen] != entered
    assert {one.id for one in seen} & {one.id for one in named} == set()
    assert {one.checked_in_at for one in seen} == {None}
    assert [one.id for one in seen] == [one.id for one in await read(evaluator, 50)]


async def test_no_full_number_in_any_table_after_check_ins(key: bytes) -> None:
    world = await BookingWorld().build(programme={"real_names": True})
    door = await opened(world)
    await come(door, key, "苏婉", phone="13912345678")
    person = PersonGiven(name="顾梅", identity=identity_of(key, number="13912345678", name="顾梅"))
    await people.add_person(world.organiser, STARTS_AT, session_id=world.session.id, on=DAY, person=person)

    tables = await db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = {
        table["tablename"]
        for table in tables
        if await db.value(f'SELECT 1 FROM "{table["tablename"]}" t WHERE t::text LIKE $1 LIMIT 1', "%13912345678%")
    }
    assert found == set()


async def test_a_head_count_stands_beside_and_overrules(world: BookingWorld, key: bytes) -> None:
    door = await opened(world)
    await come(door, key, "苏婉")
    await make_headcount(world.session, on=DAY, total=50)
    (day,) = await people.presence_by_day(world.session.id)
    assert (day.on, day.present, day.workers) == (DAY, 1, None)
