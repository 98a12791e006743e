"""Names go some months after their year was closed; every figure stays as it was."""

import asyncio
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from outreach.attendance import commands
from outreach.attendance.attendees import PersonGiven, identity_key, record_presence_within
from outreach.attendance.closing import erasing
from outreach.attendance.closing.erasing import erase_names
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.people import presence_by_day
from outreach.attendance.rosters.commands import import_roster
from outreach.attendance.tables import Tick
from outreach.counting.queries import counted_sessions, district_table, year_progress
from outreach.events.tables import Session
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE
from tests.factories.bookings import BookingWorld
from tests.factories.events import STARTS_AT, make_session
from tests.factories.programmes import make_target, make_year

pytestmark = pytest.mark.usefixtures("database")

AFTER = STARTS_AT + timedelta(hours=3)
CLOSED_AT = datetime(2016, 1, 20, 9, 0, tzinfo=ZONE)
A_YEAR_LATER = datetime(2017, 1, 20, 9, 0, tzinfo=ZONE)
NAMES = ("欧阳晓月", "王小明", "堃玥祎", "黄有号", "未到场者")
UNIT = "胥江某某分厂"


@pytest.fixture
def key(settings: Settings) -> bytes:
    return identity_key(settings)


async def came(session: Session, key: bytes, names: tuple[str, ...] = NAMES, *, expected: bool = False) -> None:
    """People by name and unit; the fourth by number, from a phone."""
    ones = [
        PersonGiven(
            name=name,
            unit_name=UNIT,
            identity=identity_of(key, name=name, unit=UNIT, number="13800000007" if name == "黄有号" else ""),
            is_worker=True,
        )
        for name in names
    ]
    on = session.starts_at.astimezone(ZONE).date()
    async with db.atomic():
        await record_presence_within(
            None,
            AFTER,
            session_id=session.id,
            on=on,
            people=ones,
            came_by="qr",
            expected_only=expected,
            device="phone1",
        )


async def closed_world(key: bytes) -> BookingWorld:
    """Two held sessions of 2015 with the same people, a roster file and a tick; the year was closed in January."""
    world = await BookingWorld().build(state="held")
    await make_target(world.programme, metric="people", unit="人", value=100.0)
    await make_target(world.programme, metric="visits", unit="人次", value=100.0, basis="workers", position=2)
    second = await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=7))
    await came(world.session, key, NAMES[:4])
    await came(world.session, key, NAMES[4:], expected=True)
    await came(second, key, NAMES[:2])
    await import_roster(
        world.organiser, AFTER, session_id=second.id, content="姓名,单位\n堃玥祎,胥江某某分厂\n欧阳,\n,丙\n".encode(),
        name="欧阳晓月的名单.csv", presence=True, on=second.starts_at.date(), key=key,
    )  # fmt: skip
    await Tick(
        key=new_id(), session=second.id, recorded_by=world.organiser.person_id, recorded_at=AFTER,
        answer=json.dumps({"name": "王小明"}),
    ).save()  # fmt: skip
    for session in (world.session, second):
        await commands.close_session(world.organiser, AFTER, session_id=session.id)
    await make_year(world.root, state="closed", closed_at=CLOSED_AT)
    return world


async def texts_of_attendance() -> str:
    """Every row of every table of attendance, as text."""
    names = await db.rows("SELECT tablename FROM pg_tables WHERE tablename LIKE 'attendance%' ORDER BY 1")
    found = []
    for one in names:
        found += [row["said"] for row in await db.rows(f"SELECT t::text AS said FROM {one['tablename']} t")]
    return "\n".join(found)


async def figures(world: BookingWorld) -> list[Any]:
    """All that counts people and visits."""
    as_of = date(2015, 12, 31)
    progress = await year_progress(2015, as_of, organisation_path=world.root.path, now=A_YEAR_LATER)
    return [
        [(one.metric, one.actual, one.total) for programme in progress.programmes for one in programme.targets],
        await counted_sessions(2015, as_of, world.root.path),
        await district_table(2015, as_of, world.root.path),
        await presence_by_day(world.session.id),
        await db.rows(
            "SELECT id, identity, by_number, is_worker, expected, present FROM attendance_attendee ORDER BY id"
        ),
    ]


async def noted() -> list[dict[str, Any]]:
    found = await db.rows(
        "SELECT object_id, organisation_id, actor_name, facts FROM accounts_journal WHERE action = 'names.erased'"
    )
    return [{**one, "facts": json.loads(one["facts"])} for one in found]


async def test_names_go_and_figures_stay(key: bytes) -> None:
    """Distinct people, visits and who of them are workers are counted as before; no name is left in any column."""
    world = await closed_world(key)
    before, said = await figures(world), await texts_of_attendance()
    assert all(name in said for name in (*NAMES, UNIT, "0007", "欧阳晓月的名单"))

    assert await erase_names(A_YEAR_LATER, 12) == 1

    after = await texts_of_attendance()
    assert [name for name in (*NAMES, UNIT, "0007", "欧阳", "phone1,") if name in after] == []
    assert await figures(world) == before
    assert await db.value("SELECT count(*) FROM attendance_tick") == 0
    assert await db.value("SELECT string_agg(DISTINCT rows::text, '') FROM attendance_roster") == "[]"
    people = await db.rows("SELECT DISTINCT name, unit_name, tail, device FROM attendance_attendee")
    assert [tuple(one) for one in people] == [("", "", "", "")]
    journal = await db.value("SELECT string_agg(j::text, '') FROM accounts_journal j")
    assert [name for name in NAMES if name in journal] == []


async def test_one_line_of_the_journal_a_year_and_organisation(key: bytes) -> None:
    world = await closed_world(key)

    assert [await erase_names(A_YEAR_LATER + timedelta(minutes=one), 12) for one in range(3)] == [1, 0, 0]

    (line,) = await noted()
    assert (line["organisation_id"], line["actor_name"]) == (world.root.id, "")
    attendees = await db.value("SELECT count(*) FROM attendance_attendee")
    assert line["facts"] == {"year": 2015, "attendees": attendees, "rosters": 1}


async def test_before_the_time_and_in_open_years_names_stay(key: bytes) -> None:
    world = await closed_world(key)
    said = await texts_of_attendance()

    assert await erase_names(A_YEAR_LATER - timedelta(minutes=1), 12) == 0
    assert await erase_names(A_YEAR_LATER, 24) == 0
    await db.execute("UPDATE programmes_year SET state = 'open' WHERE organisation = $1", world.root.id)
    assert await erase_names(A_YEAR_LATER, 0) == 0
    assert await texts_of_attendance() == said
    await db.execute("UPDATE programmes_year SET state = 'closed'")
    assert await erase_names(CLOSED_AT, 0) == 1


async def test_the_start_of_a_session_decides_its_year(key: bytes) -> None:
    """31 December at night is erased with the old year; New Year's morning and other owners are not."""
    world = await closed_world(key)
    night = await make_session(world.event, state="closed", starts_at=datetime(2015, 12, 31, 23, 30, tzinfo=ZONE))
    morning = await make_session(world.event, state="closed", starts_at=datetime(2016, 1, 1, 0, 0, tzinfo=ZONE))
    theirs = await BookingWorld().build(state="closed")
    for session in (night, morning, theirs.session):
        await came(session, key)

    await erase_names(A_YEAR_LATER, 12)

    left = await db.rows("SELECT DISTINCT session FROM attendance_attendee WHERE name <> ''")
    assert {one["session"] for one in left} == {morning.id, theirs.session.id}


async def test_many_rows_go_in_parts_and_two_processes_do_it_once(key: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of two rows: what was done before a ``kill`` stays done, and the rest is done by whoever comes next."""
    await closed_world(key)
    monkeypatch.setattr(erasing, "BATCH", 2)

    done = await asyncio.gather(*(erase_names(A_YEAR_LATER, 12) for _ in range(3)))
    while not sum(done):
        done = [await erase_names(A_YEAR_LATER, 12)]

    assert sum(done) == 1
    assert len(await noted()) == 1
    assert await db.value("SELECT count(*) FROM attendance_attendee WHERE name <> ''") == 0


async def test_a_year_that_was_opened_and_closed_again_is_done_again(key: bytes) -> None:
    world = await closed_world(key)
    await erase_names(A_YEAR_LATER, 12)
    await db.execute("UPDATE programmes_year SET closed_at = $1", A_YEAR_LATER + timedelta(days=1))
    await came(world.session, key, ("补录者",))

    assert await erase_names(A_YEAR_LATER + timedelta(days=2), 12) == 0
    assert await erase_names(A_YEAR_LATER + timedelta(days=400), 12) == 1
    assert await db.value("SELECT count(*) FROM attendance_attendee WHERE name <> ''") == 0
