"""Evidence, remarks, closing with and without them, and corrections afterwards."""

import asyncio
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outreach.attendance import commands, people
from outreach.attendance.attendees import PersonGiven, identity_key, record_presence_within
from outreach.attendance.closing.commands import add_evidence, remark_session, remove_evidence
from outreach.attendance.closing.domain.closing import missing
from outreach.attendance.closing.domain.errors import EvidenceFullError, StaffOnlyError
from outreach.attendance.closing.domain.evidence import MOST_FILES
from outreach.attendance.closing.missing import missing_of
from outreach.attendance.closing.overdue import waiting_list
from outreach.attendance.closing.queries import corrections_of_sessions, evidence_of, records_of
from outreach.attendance.commands import Figures
from outreach.attendance.domain.errors import CheckinClosedError, NotStartedError
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.queries import corrections_of, headcounts_of
from outreach.attendance.reported.commands import report_headcount
from outreach.attendance.reported.domain.errors import ReportClosedError
from outreach.attendance.rosters.commands import import_roster
from outreach.events.domain.errors import SessionStateError
from outreach.events.queries import session_by_id
from outreach.programmes.domain.errors import ClosedYearError
from outreach.reports.queries import report_data
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.files import store_file
from outreach.shared.time import ZONE
from tests.db.test_checking_in import come, opened
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import BookingWorld, make_booking, make_headcount
from tests.factories.events import STARTS_AT, make_event, make_provider, make_session
from tests.factories.programmes import make_programme, make_year
from tests.support.handing_in import hand_in, incoming, kept_in, picture
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

AFTER = STARTS_AT + timedelta(hours=3)
DAY = date(2015, 9, 24)


@pytest.fixture
async def world() -> BookingWorld:
    """A held session that the union hosts."""
    made = await BookingWorld().build()
    made.session = await make_session(made.event, host=made.union.id, visibility="host", state="held")
    return made


async def noted(action: str) -> list[dict[str, Any]]:
    found = await db.rows(
        "SELECT reason, facts, from_state, to_state FROM accounts_journal WHERE action = $1 ORDER BY id", action
    )
    return [{**one, "facts": json.loads(one["facts"])} for one in found]


async def kinds(world: BookingWorld) -> list[str]:
    return [one.kind for one in (await evidence_of([world.session.id]))[world.session.id]]


async def refusal(error: type[Exception], doing: Any) -> Any:
    with pytest.raises(error) as refused:
        await doing
    return refused.value


# --- evidence ---------------------------------------------------------------------------------------------------------


async def test_the_host_and_staff_hand_in(world: BookingWorld, tmp_path: Path) -> None:
    """Who handed it in is kept: the unit, or nobody for staff; the journal names no person and no file."""
    (photo,) = await hand_in(world, world.contact, AFTER, tmp_path, note="开场")
    (sheet,) = await hand_in(world, world.organiser, AFTER, tmp_path, b"%PDF-1.7", kind="sheet")

    assert (photo.kind, photo.name, photo.note, photo.media_type) == ("photo", "现场.jpg", "开场", "image/jpeg")
    assert (photo.organisation_id, photo.organisation_name) == (world.union.id, "胥江机械厂工会")
    assert (sheet.organisation_id, sheet.organisation_name, sheet.is_picture) == (None, "", False)
    assert (await evidence_of([world.session.id, world.event.id]))[world.event.id] == []
    assert [one["facts"] for one in await noted("evidence.added")] == [
        {"kind": "photo", "files": 1},
        {"kind": "sheet", "files": 1},
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("13812345678张三签到.jpg", "****5678张三签到.jpg"),
        ("身份证32050419800101234X.jpg", "身份证****234X.jpg"),
        ("微信图片_20150924143055.jpg", "微信图片_20150924143055.jpg"),
        ("mmexport1443074455123.jpg", "mmexport1443074455123.jpg"),
        (r"C:\Users\王五\Desktop\合影.jpg", "合影.jpg"),
        ("../../etc/passwd", "passwd"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\x80\n\u200fb.jpg", "a b.jpg"),
    ],
)
async def test_a_files_name_keeps_nobodys_number_and_nothing_hidden(
    world: BookingWorld, tmp_path: Path, given: str, kept: str
) -> None:
    await add_evidence(
        world.organiser, AFTER, session_id=world.session.id, kind="photo", files=[incoming(picture(), given)],
        home=tmp_path,
    )  # fmt: skip
    (row,) = (await evidence_of([world.session.id]))[world.session.id]
    assert row.name == kept


async def test_the_same_file_is_one_row_however_often_it_comes(world: BookingWorld, tmp_path: Path) -> None:
    """Also twice in one hand-in and by two people at once; as another kind it is another row."""
    await asyncio.gather(
        hand_in(world, world.contact, AFTER, tmp_path, picture(), picture()),
        hand_in(world, world.organiser, AFTER, tmp_path, picture()),
    )
    again = await hand_in(world, world.contact, AFTER, tmp_path)
    await hand_in(world, world.contact, AFTER, tmp_path, kind="sheet")

    assert len(again) == 1
    assert await kinds(world) == ["photo", "sheet"]
    assert sum(one["facts"]["files"] for one in await noted("evidence.added")) == 2


async def test_who_may_not_hand_in_leaves_nothing_behind(world: BookingWorld, tmp_path: Path) -> None:
    provider = await make_provider(
        world.root, person=(lecturer := await make_actor(Role.PROVIDER, world.root)).person_id
    )
    evaluator = await make_actor(Role.EVALUATOR, world.root)
    elsewhere = await make_organisation()
    foreign = await make_actor(Role.ORGANISER, elsewhere)
    world.session = await make_session(world.event, host=world.union.id, state="held", providers=(provider,))
    await make_booking(world.session, world.other)

    for actor in (lecturer, evaluator, world.rival, foreign):
        await refusal(ForbiddenError, hand_in(world, actor, AFTER, tmp_path))
    await db.execute("UPDATE events_session SET visibility = 'host' WHERE id = $1", world.session.id)
    for actor in (evaluator, foreign):
        await refusal(NotFoundError, hand_in(world, actor, AFTER, tmp_path))

    assert kept_in(tmp_path) == []
    assert await noted("evidence.added") == []


async def test_a_file_written_before_a_kill_is_no_row_and_can_come_again(world: BookingWorld, tmp_path: Path) -> None:
    """Bytes are on the disk before the row: what was cut in between is not in any list."""
    await store_file(tmp_path, picture())
    assert await kinds(world) == []

    await hand_in(world, world.contact, AFTER, tmp_path)

    assert await kinds(world) == ["photo"]
    assert len(kept_in(tmp_path)) == 1


async def test_one_bad_file_keeps_the_others_out(world: BookingWorld, tmp_path: Path) -> None:
    error = await refusal(
        InvalidError, hand_in(world, world.contact, AFTER, tmp_path, picture(), b"MZ program", b"<html>%PDF-")
    )

    assert [(one.field, one.code) for one in error.problems] == [("files.1", "not-a-scan"), ("files.2", "not-a-scan")]
    assert await kinds(world) == []


async def test_a_session_holds_so_many_files(world: BookingWorld, tmp_path: Path) -> None:
    """The one too many is refused whole; a file taken away makes room."""
    await db.execute(
        """INSERT INTO attendance_evidence (id, session, kind, digest, media_type, size_bytes, created_at)
           SELECT gen_random_uuid(), $1, 'photo', md5(n::text) || md5(n::text), 'image/jpeg', 1, $2
             FROM generate_series(1, $3) n""",
        world.session.id,
        AFTER,
        MOST_FILES - 1,
    )
    await refusal(EvidenceFullError, hand_in(world, world.contact, AFTER, tmp_path, picture(1), picture(2)))
    assert len(await kinds(world)) == MOST_FILES - 1

    (added,) = await hand_in(world, world.contact, AFTER, tmp_path, picture(1))
    await refusal(EvidenceFullError, hand_in(world, world.contact, AFTER, tmp_path, picture(2)))
    await remove_evidence(world.contact, AFTER, session_id=world.session.id, evidence_id=added.id, reason="拍重了")
    await hand_in(world, world.contact, AFTER, tmp_path, picture(2))

    too_many = await refusal(InvalidError, hand_in(world, world.contact, AFTER, tmp_path, *map(picture, range(21))))
    assert [(one.field, one.code) for one in too_many.problems] == [("files", "too-many-items")]


async def test_when_nothing_is_taken(world: BookingWorld, tmp_path: Path) -> None:
    for state in ("draft", "cancelled"):
        await db.execute("UPDATE events_session SET state = $2 WHERE id = $1", world.session.id, state)
        await refusal(SessionStateError, hand_in(world, world.organiser, AFTER, tmp_path))
    await db.execute("UPDATE events_session SET state = 'published' WHERE id = $1", world.session.id)
    await refusal(NotStartedError, hand_in(world, world.contact, STARTS_AT - timedelta(minutes=1), tmp_path))
    assert kept_in(tmp_path) == []

    await hand_in(world, world.contact, STARTS_AT, tmp_path)
    assert await kinds(world) == ["photo"]


async def test_late_files_need_a_reason_and_a_closed_year_staff(world: BookingWorld, tmp_path: Path) -> None:
    (early,) = await hand_in(world, world.contact, AFTER, tmp_path)
    await db.execute("UPDATE events_session SET state = 'closed' WHERE id = $1", world.session.id)

    error = await refusal(InvalidError, hand_in(world, world.contact, AFTER, tmp_path, picture(2), reason="　"))
    assert [(one.field, one.code) for one in error.problems] == [("reason", "late-needs-reason")]
    await hand_in(world, world.contact, AFTER, tmp_path, picture(2), reason="刚洗出来")
    await make_year(world.root, state="closed")
    await refusal(StaffOnlyError, hand_in(world, world.contact, AFTER, tmp_path, picture(3), reason="又找到一张"))
    gone = remove_evidence(world.contact, AFTER, session_id=world.session.id, evidence_id=early.id, reason="糊了")
    await refusal(StaffOnlyError, gone)
    await hand_in(world, world.organiser, AFTER, tmp_path, picture(3), reason="审计要")

    assert len(await kinds(world)) == 3
    assert [one["reason"] for one in await noted("evidence.added")] == ["", "刚洗出来", "审计要"]


async def test_taking_away_needs_a_reason_and_keeps_the_row(world: BookingWorld, tmp_path: Path) -> None:
    (own,) = await hand_in(world, world.contact, AFTER, tmp_path)
    (staffs,) = await hand_in(world, world.organiser, AFTER, tmp_path, picture(2))

    async def gone(actor: Actor, id_: Any, reason: str = "拍重了") -> Any:
        return await remove_evidence(actor, AFTER, session_id=world.session.id, evidence_id=id_, reason=reason)

    await refusal(InvalidError, gone(world.contact, own.id, " "))
    await refusal(ForbiddenError, gone(world.contact, staffs.id))
    await refusal(NotFoundError, gone(world.rival, own.id))
    await gone(world.contact, own.id)
    await refusal(NotFoundError, gone(world.contact, own.id))
    await gone(world.organiser, staffs.id)
    await hand_in(world, world.contact, AFTER, tmp_path)

    assert await kinds(world) == ["photo"]
    assert await db.value("SELECT count(*) FROM attendance_evidence") == 3
    assert [(one["reason"], one["facts"]) for one in await noted("evidence.removed")] == [
        ("拍重了", {"kind": "photo", "digest": own.digest}),
        ("拍重了", {"kind": "photo", "digest": staffs.digest}),
    ]


async def test_a_confidential_programme_takes_no_faces_and_no_names(tmp_path: Path) -> None:
    world = await BookingWorld().build(programme={"confidential": True}, state="held")

    for kind in ("photo", "sheet"):
        error = await refusal(InvalidError, hand_in(world, world.organiser, AFTER, tmp_path, kind=kind))
        assert [(one.field, one.code) for one in error.problems] == [("kind", "not-for-confidential")]
    assert kept_in(tmp_path) == []
    await make_headcount(world.session, on=DAY)
    await remark_session(world.organiser, AFTER, session_id=world.session.id, remarks="平稳")
    assert (await missing_of([world.session.id]))[world.session.id] == ("evidence",)
    await hand_in(world, world.organiser, AFTER, tmp_path, b"%PDF-1.7", kind="receipt")
    assert (await missing_of([world.session.id]))[world.session.id] == ()


# --- closing ----------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_named_in_order() -> None:
    assert missing(visits=False, kinds=(), remarks=" ", confidential=False) == ("visits", "evidence", "remarks")
    assert missing(visits=True, kinds=("receipt",), remarks="好", confidential=False) == ("evidence",)
    assert missing(visits=True, kinds=("sheet",), remarks="好", confidential=False) == ()


async def test_remarks_are_kept_until_it_is_closed(world: BookingWorld) -> None:
    """The same again is no line; nothing said is no record."""
    session_id = world.session.id
    assert await remark_session(world.organiser, AFTER, session_id=session_id, remarks=" ") is None
    first = await remark_session(world.organiser, AFTER, session_id=session_id, remarks="来得多，\n加了座。 ")
    again = await remark_session(world.organiser, AFTER, session_id=session_id, remarks="来得多，\n加了座。")

    assert first is not None
    assert (first.remarks, first.revision, again) == ("来得多，\n加了座。", 1, first)
    assert len(await noted("session.remarked")) == 1
    await refusal(ForbiddenError, remark_session(world.contact, AFTER, session_id=session_id, remarks="好"))
    await refusal(NotFoundError, remark_session(world.rival, AFTER, session_id=session_id, remarks="好"))
    await make_year(world.root, state="closed")
    await refusal(ClosedYearError, remark_session(world.organiser, AFTER, session_id=session_id, remarks="好"))
    await db.execute("UPDATE events_session SET state = 'closed'")
    await refusal(SessionStateError, remark_session(world.organiser, AFTER, session_id=session_id, remarks="好"))


async def test_a_page_closes_without_everything_only_with_a_reason(world: BookingWorld) -> None:
    """What was typed with it is not kept when it is refused; a program that says nothing is not asked."""
    close: dict[str, Any] = {"session_id": world.session.id, "insisting": True}
    error = await refusal(
        InvalidError, commands.close_session(world.organiser, AFTER, **close, remarks="下雨", missing_reason="　")
    )
    assert [(one.field, one.code) for one in error.problems] == [("missing_reason", "missing-needs-reason")]
    assert await records_of([world.session.id]) == {}

    await commands.close_session(world.organiser, AFTER, **close, remarks="下雨", missing_reason="露天，没有签到")

    record = (await records_of([world.session.id]))[world.session.id]
    assert (record.remarks, record.missing_reason) == ("下雨", "露天，没有签到")
    (line,) = await noted("session.closed")
    assert (line["reason"], line["facts"], line["to_state"]) == (
        "露天，没有签到", {"missing": ["visits", "evidence"]}, "closed",
    )  # fmt: skip


async def test_with_everything_there_no_reason_is_kept(world: BookingWorld, tmp_path: Path) -> None:
    await make_headcount(world.session, on=DAY)
    await hand_in(world, world.contact, AFTER, tmp_path)

    await commands.close_session(
        world.organiser, AFTER, session_id=world.session.id, insisting=True, remarks="好", missing_reason="没有必要"
    )

    assert (await records_of([world.session.id]))[world.session.id].missing_reason == ""
    assert [(one["reason"], one["facts"]) for one in await noted("session.closed")] == [("", {})]


async def test_two_closings_at_once_are_one(world: BookingWorld) -> None:
    await make_booking(world.session, world.other)
    done = await asyncio.gather(
        *(commands.close_session(world.organiser, AFTER, session_id=world.session.id) for _ in range(4)),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in done) == ["SessionRow", *["SessionStateError"] * 3]
    assert len(await noted("session.closed")) == 1


async def test_a_file_and_a_closing_at_once_never_meet_without_a_reason(world: BookingWorld, tmp_path: Path) -> None:
    """Either the file is there before it is closed, or it is refused: no late file without a reason."""
    done = await asyncio.gather(
        hand_in(world, world.contact, AFTER, tmp_path),
        commands.close_session(world.organiser, AFTER, session_id=world.session.id),
        return_exceptions=True,
    )

    assert (await session_by_id(world.session.id)).state == "closed"
    assert (await kinds(world) == ["photo"]) is not isinstance(done[0], InvalidError)


# --- the list of what waits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
async def test_the_list_asks_as_often_whatever_waits(number: int, tmp_path: Path) -> None:
    world = await BookingWorld().build()
    for one in range(number):
        world.session = await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=20 * one))
        await hand_in(world, world.organiser, AFTER, tmp_path)

    with counted() as statements:
        found = await waiting_list(world.organiser, AFTER + timedelta(days=1), limit=10)

    assert len(statements) == 3
    assert (found.total, found.overdue, found.unrecorded) == (number, max(number - 1, 0), 1)
    assert [one.missing for one in found.items] == [("visits", "remarks")] * number
    assert found.programmes == [(world.programme.id, world.programme.name, number)]


async def test_overdue_ones_come_first_the_oldest_first() -> None:
    """A programme that allows more days is not overdue yet, though its session is older."""
    world = await BookingWorld().build(programme={"closing_days": 7}, state="held")
    patient = await make_event(await make_programme(world.root, closing_days=60))
    older = await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=2))
    await make_session(patient, state="held", starts_at=STARTS_AT - timedelta(days=30), title="慢")
    await make_session(world.event, state="held", starts_at=STARTS_AT - timedelta(days=300), title="去年")
    await make_year(world.root, year=2014, state="closed")
    theirs = await make_organisation()
    await make_session(await make_event(await make_programme(theirs)), state="held")
    now = AFTER + timedelta(days=7)

    found = await waiting_list(world.organiser, now, limit=10)
    only = await waiting_list(world.organiser, now, programme_id=patient.programme, limit=10)
    second = await waiting_list(world.organiser, now, limit=1, offset=1)

    assert [one.session.id for one in found.items][:2] == [older.id, world.session.id]
    assert [(one.session.title, one.overdue(now) is None) for one in found.items][2:] == [("慢", True)]
    assert (found.total, found.overdue) == (3, 2)
    assert [one.session.title for one in only.items] == ["慢"]
    assert (only.total, only.overdue) == (1, 0)
    assert [one.session.id for one in second.items] == [world.session.id]


# --- closed is locked -------------------------------------------------------------------------------------------------


async def test_nothing_changes_the_attendance_of_a_closed_session(settings: Settings, tmp_path: Path) -> None:
    """Every way in is shut: door, list, roster, head-count, report, taking back, files without a reason."""
    world = await BookingWorld().build()
    key, door = identity_key(settings), await opened(world)
    who = await come(door, key, "王小明")
    await commands.close_session(world.organiser, AFTER, session_id=world.session.id)
    session, name = world.session.id, identity_of(key, name="李新来")
    roster = "姓名\n陈补录\n".encode()

    await refusal(CheckinClosedError, come(door, key, "李新来"))
    person = PersonGiven(name="李新来", identity=name)
    await refusal(
        SessionStateError, people.add_person(world.organiser, AFTER, session_id=session, on=DAY, person=person)
    )
    undo = people.undo_presence(
        world.organiser, AFTER, session_id=session, attendee_id=who.attendee_id, reason="没有来"
    )
    await refusal(SessionStateError, undo)
    taken = import_roster(
        world.organiser, AFTER, session_id=session, content=roster, name="a.csv", presence=True, on=DAY, key=key
    )
    await refusal(SessionStateError, taken)
    counting = commands.put_headcount(world.organiser, AFTER, session_id=session, figures=Figures(on=DAY, total=9))
    await refusal(SessionStateError, counting)
    await refusal(SessionStateError, commands.hold_session(world.organiser, AFTER, session_id=session))
    await refusal(InvalidError, hand_in(world, world.organiser, AFTER, tmp_path))
    await make_booking(world.session, world.union)
    reporting = report_headcount(world.contact, AFTER, session_id=session, figures=Figures(on=DAY, total=9))
    await refusal(ReportClosedError, reporting)

    assert await db.value("SELECT count(*) FROM attendance_attendee WHERE present") == 1
    assert await headcounts_of(session) == []


# --- corrections ------------------------------------------------------------------------------------------------------


async def there(world: BookingWorld, key: bytes, number: int, workers: int) -> None:
    """People of the day, some of them workers, two of them women."""
    ones = [
        PersonGiven(
            name=f"职工{one}",
            identity=identity_of(key, name=f"职工{one}", unit="甲"),
            is_worker=one < workers,
            groups=("women",) if one < 2 else (),
        )
        for one in range(number)
    ]
    async with db.atomic():
        await record_presence_within(
            world.organiser, AFTER, session_id=world.session.id, on=DAY, people=ones, came_by="list"
        )


async def test_the_counted_people_are_the_old_value_of_a_day_without_a_headcount(
    world: BookingWorld, settings: Settings
) -> None:
    """The other figures of the day stay; the journal says that nobody had given a head-count."""
    await there(world, identity_key(settings), 5, 3)
    await commands.close_session(world.organiser, AFTER, session_id=world.session.id)

    made = await commands.correct_headcount(
        world.organiser, AFTER, session_id=world.session.id, field_name="total", on=DAY, value=7, reason="两个没签到"
    )

    assert (made.old_value, made.new_value) == (5, 7)
    (row,) = await headcounts_of(world.session.id)
    assert (row.total, row.workers, row.breakdown) == (7, 3, {"women": 2})
    (line,) = await noted("headcount.corrected")
    assert line["facts"]["from"] == {
        "total": 5, "workers": 3, "estimated": False, "breakdown": {"women": 2}, "checked_in": True,
    }  # fmt: skip
    assert (line["facts"]["to"]["total"], line["reason"]) == (7, "两个没签到")


async def test_a_part_of_a_counted_day_can_be_corrected_too(world: BookingWorld, settings: Settings) -> None:
    await there(world, identity_key(settings), 5, 3)

    made = await commands.correct_headcount(
        world.organiser, AFTER, session_id=world.session.id, field_name="workers", on=DAY, value=4, reason="看错"
    )
    error = await refusal(
        InvalidError,
        commands.correct_headcount(
            world.organiser, AFTER, session_id=world.session.id, field_name="workers", on=DAY, value=6, reason="看错"
        ),
    )

    assert (made.old_value, made.new_value) == (3, 4)
    assert [(one.field, one.code) for one in error.problems] == [("value", "does-not-fit")]
    assert len(await corrections_of(world.session.id)) == 1


async def test_a_day_of_which_nothing_is_known_has_no_old_value(world: BookingWorld) -> None:
    correct: dict[str, Any] = {"session_id": world.session.id, "on": DAY, "reason": "补报"}
    error = await refusal(
        InvalidError, commands.correct_headcount(world.organiser, AFTER, **correct, field_name="workers", value=1)
    )
    made = await commands.correct_headcount(world.organiser, AFTER, **correct, field_name="total", value=12)

    assert [(one.field, one.code) for one in error.problems] == [("on", "no-headcount")]
    assert (made.old_value, made.new_value) == (None, 12)


async def test_corrections_of_the_last_day_of_the_year_are_in_its_report(settings: Settings) -> None:
    """A session of 31 December that ends in January belongs to the old year, with its corrections of either day."""
    world = await BookingWorld().build()
    starts_at = datetime(2015, 12, 31, 22, 0, tzinfo=ZONE)
    session = await make_session(
        world.event, state="held", starts_at=starts_at, ends_at=starts_at + timedelta(hours=4), multi_day=True
    )
    later = datetime(2016, 1, 20, 9, 0, tzinfo=ZONE)
    await make_headcount(session, on=date(2015, 12, 31), total=80)
    await commands.close_session(world.organiser, later, session_id=session.id)
    await make_year(world.root, state="closed")
    for on, value in ((date(2015, 12, 31), 90), (date(2016, 1, 1), 40)):
        await commands.correct_headcount(
            world.organiser, later, session_id=session.id, field_name="total", on=on, value=value, reason="重新数过"
        )

    old = await report_data(year=2015, as_of=date(2015, 12, 31), now=later)
    before = await report_data(year=2015, as_of=date(2015, 12, 30), now=later)

    assert [
        (one.session.title, one.correction.on, one.correction.old_value, one.correction.new_value)
        for one in old.corrections
    ] == [(session.title, date(2015, 12, 31), 80, 90), (session.title, date(2016, 1, 1), None, 40)]
    assert before.corrections == ()
    assert [one.new_value for one in await corrections_of_sessions([session.id])] == [90, 40]
