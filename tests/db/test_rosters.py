"""Rosters in the database: every messy sheet imported, nothing twice, all or nothing, no number anywhere."""

import asyncio
import dataclasses
import io
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import xlsxwriter

from outreach.attendance.attendees import PersonGiven, identity_key, record_presence_within
from outreach.attendance.domain.errors import NoNamesError
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.rosters.commands import (
    Imported,
    confirm_roster,
    discard_roster,
    forget_rosters,
    import_roster,
    preview_roster,
)
from outreach.attendance.rosters.queries import RosterRow, rosters_of_session, shown_of
from outreach.events.domain.errors import SessionStateError
from outreach.events.queries import session_by_id
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, OutreachError
from outreach.shared.time import ZONE
from tests.factories.bookings import BookingWorld, make_booking
from tests.support.messy import MESSY
from tests.support.sheets import csv_of, xlsx_of

pytestmark = pytest.mark.usefixtures("database")

ON = date(2015, 9, 10)
STARTED = datetime(2015, 9, 10, 14, 0, tzinfo=ZONE)
THREE: list[list[Any]] = [
    ["姓名", "单位", "手机", "性别"],
    ["张明", "胥江机械厂工会", 13800000001, "男"],
    ["李芳", "胥江机械厂工会", 13800000002, "女"],
    ["王强", "无名厂", None, None],
]
SHEET = xlsx_of(THREE)


@pytest.fixture
def key(settings: Settings) -> bytes:
    return identity_key(settings)


@pytest.fixture
async def world(database: None) -> BookingWorld:
    return await BookingWorld().build(starts_at=STARTED)


async def load(world: BookingWorld, now: datetime, key: bytes, content: bytes = SHEET, **given: Any) -> Imported:
    told: dict[str, Any] = {"name": "名单.xlsx", "presence": True, "on": ON, **given}
    actor: Actor | None = told.pop("actor", world.organiser)
    return await import_roster(actor, now, session_id=world.session.id, content=content, key=key, **told)


async def preview(world: BookingWorld, now: datetime, key: bytes, content: bytes = SHEET, **given: Any) -> RosterRow:
    told: dict[str, Any] = {"name": "名单.xlsx", "presence": True, "on": ON, **given}
    actor: Actor = told.pop("actor", world.organiser)
    return await preview_roster(actor, now, session_id=world.session.id, content=content, key=key, **told)


async def people(session_id: UUID) -> list[Any]:
    return await db.rows("SELECT * FROM attendance_attendee WHERE session = $1 ORDER BY id", session_id)


@pytest.mark.parametrize("name", MESSY)
async def test_messy_sheet_is_imported_as_a_person_counts(
    world: BookingWorld, now: datetime, key: bytes, name: str
) -> None:
    messy = MESSY[name]

    made = await load(world, now, key, messy.content, name=messy.file)
    stored = await people(world.session.id)

    assert (made.answer.accepted, made.new) == (len(messy.people), len(messy.people))
    assert (made.answer.rejected_count, made.answer.duplicate_count) == (len(messy.rejected), len(messy.duplicates))
    assert tuple(one["name"] for one in stored) == messy.people
    assert sum(one["by_number"] for one in stored) == messy.numbers
    assert sum("women" in one["groups"] for one in stored) == messy.women
    assert sum("migrant" in one["groups"] for one in stored) == messy.migrants
    assert all(one["present"] and one["came_by"] == "import" and one["on"] == ON for one in stored)
    again = await load(world, now + timedelta(hours=1), key, messy.content, name="other.xlsx")
    assert (again.again, again.new) == (True, 0)
    assert await people(world.session.id) == stored


async def test_preview_stores_nobody_and_confirming_all(world: BookingWorld, now: datetime, key: bytes) -> None:
    roster = await preview(world, now, key)
    shown = await shown_of(roster.id)

    assert (roster.accepted, roster.stored_at, await people(world.session.id)) == (3, None, [])
    assert [(one.name, one.tail) for one in shown.people] == [("张明", "0001"), ("李芳", "0002"), ("王强", "")]
    assert await rosters_of_session(world.session.id) == []

    stored, new = await confirm_roster(world.organiser, now, session_id=world.session.id, roster_id=roster.id)
    rows = await people(world.session.id)
    assert (new, stored.stored_at, [one["name"] for one in rows]) == (3, now, ["张明", "李芳", "王强"])
    assert [one["organisation"] for one in rows] == [world.union.id, world.union.id, None]
    assert {one["roster"] for one in rows} == {roster.id}
    assert (await session_by_id(world.session.id)).state == "held"
    assert await db.value("SELECT rows FROM attendance_roster") == '{"rejected": []}'

    assert (await confirm_roster(world.organiser, now, session_id=world.session.id, roster_id=roster.id))[1] == 0
    assert (await preview(world, now, key)).id == roster.id
    assert await people(world.session.id) == rows


async def test_two_previews_of_one_file_confirmed_at_once_are_stored_once(
    world: BookingWorld, now: datetime, key: bytes
) -> None:
    second = await BookingWorld().build()
    other = dataclasses.replace(second.organiser, grants=world.organiser.grants)
    one = await preview(world, now, key)
    two = await preview(world, now, key, actor=other)

    answers = await asyncio.gather(
        confirm_roster(world.organiser, now, session_id=world.session.id, roster_id=one.id),
        confirm_roster(other, now, session_id=world.session.id, roster_id=two.id),
    )

    assert one.id != two.id
    assert sorted(new for _, new in answers) == [0, 3]
    assert len({roster.id for roster, _ in answers}) == 1
    assert len(await people(world.session.id)) == 3
    assert len(await rosters_of_session(world.session.id)) == 1


async def test_the_same_file_sent_by_two_at_once_is_stored_once(world: BookingWorld, now: datetime, key: bytes) -> None:
    made = await asyncio.gather(*(load(world, now, key) for _ in range(4)))

    assert sorted(one.new for one in made) == [0, 0, 0, 3]
    assert sum(one.again for one in made) == 3
    assert len(await people(world.session.id)) == 3


async def test_two_files_with_the_same_people_at_once_count_them_once(
    world: BookingWorld, now: datetime, key: bytes
) -> None:
    turned = xlsx_of([THREE[0], *reversed(THREE[1:]), ["赵敏", "一厂", 13800000004, "女"]])

    made = await asyncio.gather(load(world, now, key), load(world, now, key, turned))

    assert sum(one.new for one in made) == 4
    assert len(await people(world.session.id)) == 4


async def test_people_expected_count_when_they_are_there(world: BookingWorld, now: datetime, key: bytes) -> None:
    first = await load(world, now, key, presence=False)
    before = await people(world.session.id)
    second = await load(world, now, key)
    after = await people(world.session.id)

    assert (first.new, second.new) == (3, 3)
    assert [(one["expected"], one["present"], one["checked_in_at"]) for one in before] == [(True, False, None)] * 3
    assert [(one["expected"], one["present"], one["checked_in_at"]) for one in after] == [(True, True, now)] * 3
    assert [one["id"] for one in before] == [one["id"] for one in after]


async def test_who_checked_in_by_name_is_not_counted_again_by_a_list_with_numbers(
    world: BookingWorld, now: datetime, key: bytes
) -> None:
    given = [("张 明", "胥江机械厂工会", ""), ("李芳", "胥江机械厂工会", "13800000002"), ("王强", "别的厂", "")]
    async with db.atomic():
        await record_presence_within(
            None,
            now,
            session_id=world.session.id,
            on=ON,
            came_by="qr",
            people=[
                PersonGiven(name=name, unit_name=unit, identity=identity_of(key, number=number, name=name, unit=unit))
                for name, unit, number in given
            ],
        )

    made = await load(world, now + timedelta(minutes=5), key)
    stored = await people(world.session.id)

    assert made.new == 1  # 王强 of another unit is another person
    assert sorted((one["name"], one["came_by"], one["checked_in_at"]) for one in stored) == [
        ("张 明", "qr", now),
        ("李芳", "qr", now),
        ("王强", "import", now + timedelta(minutes=5)),
        ("王强", "qr", now),
    ]


async def test_namesakes_with_numbers_of_their_own_stay_two(world: BookingWorld, now: datetime, key: bytes) -> None:
    rows = [THREE[0], ["张明", "一厂", 13800000001, None], ["张明", "一厂", 13800000005, None]]
    await load(world, now, key, csv_of([["姓名", "单位"], ["张明", "一厂"]]))

    made = await load(world, now, key, xlsx_of(rows))

    assert (made.answer.accepted, made.answer.duplicate_count) == (2, 0)
    assert len(await people(world.session.id)) == 3  # the one without a number may be either


async def test_dry_run_and_refusal_of_rejected_rows_store_nothing(
    world: BookingWorld, now: datetime, key: bytes
) -> None:
    bad = xlsx_of([*THREE, [None, "一厂", 13800000009, None]])

    tried = await load(world, now, key, dry_run=True)
    refused = await load(world, now, key, bad, refuse_rejected=True)

    assert (tried.roster, tried.answer.accepted, refused.roster) == (None, 3, None)
    assert refused.answer.rejected[0].cell == "A5"
    assert (await people(world.session.id), await db.value("SELECT count(*) FROM attendance_roster")) == ([], 0)
    assert (await session_by_id(world.session.id)).state == "published"


async def test_a_failure_in_the_middle_leaves_nothing(
    world: BookingWorld, now: datetime, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_args: Any, **_given: Any) -> None:
        raise RuntimeError("power")

    monkeypatch.setattr("outreach.attendance.rosters.commands.note_within", fail)
    with pytest.raises(RuntimeError):
        await load(world, now, key)

    assert (await people(world.session.id), await db.value("SELECT count(*) FROM attendance_roster")) == ([], 0)


async def refusal(awaited: Any) -> OutreachError:
    with pytest.raises(OutreachError) as caught:
        await awaited
    return caught.value


async def test_who_may_and_when(world: BookingWorld, now: datetime, key: bytes) -> None:
    stranger = await BookingWorld().build()
    booked = await make_booking(world.session, world.other)

    assert isinstance(await refusal(load(world, now, key, actor=stranger.organiser)), ForbiddenError | NotFoundError)
    assert isinstance(await refusal(load(world, now, key, actor=world.contact)), ForbiddenError)
    problem = await refusal(load(world, now, key, on=date(2015, 9, 11)))
    assert isinstance(problem, InvalidError)
    assert [one.code for one in problem.problems] == ["not-a-day-of-it"]
    # A unit that booked hands in its own people, whatever it asks for: expected ones.
    made = await load(world, now, key, actor=world.rival, presence=True)
    assert (booked.organisation, made.presence) == (world.other.id, False)
    rows = await people(world.session.id)
    assert {(one["organisation"], one["present"]) for one in rows} == {(world.other.id, False)}
    assert [one.id for one in await rosters_of_session(world.session.id, of=world.organiser.person_id)] == []

    coming = await BookingWorld().build(starts_at=now + timedelta(days=3))
    day = (now + timedelta(days=3)).astimezone(ZONE).date()
    early = await refusal(load(coming, now, key, on=day))
    assert isinstance(early, InvalidError)
    assert [one.code for one in early.problems] == ["day-to-come"]
    assert (await load(coming, now, key, on=day, presence=False)).new == 3
    secret = await BookingWorld().build(programme={"confidential": True}, starts_at=STARTED)
    assert isinstance(await refusal(load(secret, now, key)), NoNamesError)
    await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)
    assert isinstance(await refusal(load(world, now, key, csv_of(THREE))), SessionStateError)


async def test_previews_are_the_own_ones_and_are_forgotten(world: BookingWorld, now: datetime, key: bytes) -> None:
    await make_booking(world.session, world.other)
    roster = await preview(world, now, key)
    mine = await preview(world, now, key, actor=world.rival)

    with pytest.raises(NotFoundError):
        await confirm_roster(world.rival, now, session_id=world.session.id, roster_id=roster.id)
    await discard_roster(world.rival, session_id=world.session.id, roster_id=roster.id)
    await discard_roster(world.rival, session_id=world.session.id, roster_id=mine.id)
    assert await db.value("SELECT array_agg(id) FROM attendance_roster") == [roster.id]
    await forget_rosters(now + timedelta(days=1))
    assert await db.value("SELECT count(*) FROM attendance_roster") == 1
    await forget_rosters(now + timedelta(days=3))
    assert await db.value("SELECT count(*) FROM attendance_roster") == 0


async def test_refused_rows_of_a_stored_file_are_forgotten_after_a_month(
    world: BookingWorld, now: datetime, key: bytes
) -> None:
    made = await load(world, now, key, MESSY["everything wrong"].content)
    assert made.roster is not None
    kept = await shown_of(made.roster.id)

    await forget_rosters(now + timedelta(days=31))

    assert len(kept.rejected) == 9
    assert (await shown_of(made.roster.id)).rejected == []
    assert len(await rosters_of_session(world.session.id)) == 1


async def test_no_table_holds_a_number(
    world: BookingWorld, now: datetime, key: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for number, messy in enumerate(MESSY.values()):
        roster = await preview(world, now, key, messy.content, name=f"13800000001-{number}.xlsx")
        if number % 2:
            await confirm_roster(world.organiser, now, session_id=world.session.id, roster_id=roster.id)
    names = await db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    # Contacts' own numbers are kept, by their own rule.
    theirs = {"accounts_person", "bookings_booking", "bookings_order"}
    for name in {one["tablename"] for one in names} - theirs:
        text = str(await db.value(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t"))
        assert not any(one in text for one in ("1380000", "110105", "320500", "6520000")), name
    assert not any(one in caplog.text for one in ("1380000", "110105"))


async def test_file_that_would_fill_the_machine_kills_only_its_reader(
    world: BookingWorld, now: datetime, key: bytes
) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "姓名")
    sheet.write(1048575, 16383, "x")
    book.close()

    problem = await refusal(load(world, now, key, out.getvalue()))

    assert isinstance(problem, InvalidError)
    assert [(one.field, one.code) for one in problem.problems] == [("file", "roster-too-wide")]
    assert (await load(world, now, key)).new == 3


async def test_thousands_in_one_statement(world: BookingWorld, now: datetime, key: bytes) -> None:
    digits = "一二三四五六七八九十"
    rows: list[list[Any]] = [["姓名", "单位", "手机"]]
    rows += [
        [f"张{digits[n % 10]}{digits[n // 10 % 10]}", f"{digits[n % 7]}厂", f"1380000{n:04d}"] for n in range(3000)
    ]

    made = await load(world, now, key, csv_of(rows))
    stored = await people(world.session.id)

    assert (made.new, len(stored)) == (3000, 3000)
    assert [one["tail"] for one in stored] == [f"{n:04d}" for n in range(3000)]
    facts = msgspec.json.decode(await db.value("SELECT facts FROM accounts_journal WHERE action = 'roster.stored'"))
    assert (facts["accepted"], facts["new"], facts["rejected"]) == (3000, 3000, 0)
