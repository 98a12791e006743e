"""What papers read and write: figures, ledgers, packages, certificates, names on the sign-in sheet."""

import asyncio
import hashlib
import io
import os
import zipfile
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import python_calamine

from outreach.accounts.tables import Organisation
from outreach.attendance.sheets import bookings_on_sheet, expected_people, sheet_rows
from outreach.attendance.tables import Attendee, Correction, Cost, Evidence, SessionRecord
from outreach.bookings.queries import bookings_of_session
from outreach.bookings.tables import OrderScan, Review
from outreach.events.queries import SessionRow, session_by_id
from outreach.events.tables import Session
from outreach.papers import certificates, packages
from outreach.papers.domain.errors import NameErasedError, NoCertificatesError
from outreach.papers.ledger import ledger_data, ledger_xlsx
from outreach.papers.people import people_lines, people_present
from outreach.papers.queries import Span, figures_of, sessions_of_programme
from outreach.papers.receipts import receipt_html, receipts_of
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.errors import InvalidError, NotFoundError, TooManyRequestsError
from outreach.shared.files import file_path
from outreach.shared.time import ZONE
from tests.factories.accounts import LONG_AGO, make_organisation
from tests.factories.bookings import BookingWorld, make_booking, make_headcount
from tests.factories.events import make_session
from tests.factories.orders import make_order
from tests.support.queries import counted

DAY = date(2015, 5, 12)
LONG = (
    "苏州工业园区精密机械电子科技集团股份有限公司第一制造事业部及"
    "下属分公司联合基层工会委员会女职工委员会筹备组第一分会甲乙丙"
)


class World(BookingWorld):
    """A session of 2015-05-12 that the union hosted and that was held."""

    async def build(self, *, programme: dict[str, Any] | None = None, **session: Any) -> "World":
        await super().build(programme=programme)
        self.session = await self.held(host=self.union.id, **session)
        return self

    async def held(self, **given: Any) -> Session:
        starts_at = datetime(2015, 5, 12, 14, tzinfo=ZONE)
        return await make_session(
            self.event, **{"starts_at": starts_at, "state": "held", "visibility": "host", **given}
        )

    async def row(self) -> SessionRow:
        return await session_by_id(self.session.id)


async def person(session: Session, name: str, unit: Organisation | None = None, **given: Any) -> Attendee:
    """Somebody who was there on the first day."""
    identity = given.pop("identity", None) or hashlib.sha256(f"{name}{unit.name if unit else ''}".encode()).hexdigest()
    made = Attendee(
        **{
            "session": session.id,
            "on": session.starts_at.astimezone(ZONE).date(),
            "name": name,
            "unit_name": unit.name if unit else "",
            "organisation": unit.id if unit else None,
            "identity": identity,
            "present": True,
            "came_by": "list",
            "checked_in_at": session.starts_at,
            "created_at": LONG_AGO,
            "changed_at": LONG_AGO,
            **given,
        }
    )
    await made.save()
    return made


async def evidence(home: Path, session: Session, kind: str, data: bytes | None, **given: Any) -> Evidence:
    """A stored file; ``data`` ``None``: only the row, its bytes are gone."""
    digest = hashlib.sha256(data or os.urandom(8)).hexdigest()
    if data is not None:
        path = file_path(home, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    made = Evidence(
        **{
            "session": session.id,
            "kind": kind,
            "digest": digest,
            "media_type": "image/jpeg",
            "size_bytes": len(data) if data is not None else 8,
            "name": "IMG_1.jpg",
            "created_at": datetime(2015, 5, 13, 9, tzinfo=ZONE),
            **given,
        }
    )
    await made.save()
    return made


@pytest.fixture
async def world(database: None) -> World:
    return await World().build()


# --- the sign-in sheet -----------------------------------------------------------------------------------------------


async def test_expected_people_stand_beside_their_units(database: None) -> None:
    world = await BookingWorld().build(visibility="members")
    await make_booking(world.session, world.union, seats=3)
    await make_booking(world.session, world.other, seats=1)
    for name, unit in (("沈月", world.union), ("李强", world.union), ("周敏", world.other), ("钱进", world.other)):
        await person(world.session, name, unit, expected=True, present=False, came_by="", checked_in_at=None)
    await person(world.session, "散客", None, expected=True, present=False, came_by="", checked_in_at=None)
    await person(world.session, "没在名单上的", world.union)
    session, bookings = await session_by_id(world.session.id), await bookings_of_session(world.session.id)

    async def lines(actor: Any) -> list[tuple[str, str]]:
        listed = bookings_on_sheet(actor, session, bookings)
        assert listed is not None
        rows = sheet_rows(listed, await expected_people(actor, session, listed))
        assert len(rows) % 25 == 0
        assert [one.number for one in rows] == list(range(1, len(rows) + 1))
        return [(one.unit, one.name) for one in rows if one.unit or one.name]

    union, other = world.union.name, world.other.name
    assert await lines(world.organiser) == [
        (union, "沈月"), (union, "李强"), (union, ""), (other, "周敏"), (other, "钱进"), ("", "散客"),
    ]  # fmt: skip
    assert await lines(world.contact) == [(union, "沈月"), (union, "李强"), (union, "")]
    assert await lines(world.rival) == [(other, "周敏"), (other, "钱进")]
    await db.execute("UPDATE programmes_programme SET confidential = true")
    session = await session_by_id(world.session.id)
    assert await lines(world.organiser) == [(union, "")] * 3 + [(other, "")]


# --- figures and receipts --------------------------------------------------------------------------------------------


async def test_a_head_count_beats_names_day_by_day(world: World) -> None:
    await db.execute(
        "UPDATE events_session SET ends_at = starts_at + interval '2 days' WHERE id = $1", world.session.id
    )
    await make_headcount(world.session, total=80, workers=70, estimated=True, breakdown={"women": 30})
    await person(world.session, "甲", is_worker=True, groups=["migrant"])
    for name in ("乙", "丙"):
        await person(world.session, name, on=DAY + timedelta(days=1), is_worker=name == "乙", groups=["women"])

    first, second = (await figures_of([world.session.id]))[world.session.id]

    assert (first.on, first.total, first.workers, first.groups) == (DAY, 80, 70, {"women": 30})
    assert (first.estimated, first.counted, first.named) == (True, True, 1)
    assert (second.total, second.workers, second.groups, second.estimated) == (2, 1, {"women": 2}, False)
    assert (second.counted, second.named) == (False, 2)
    receipt = (await receipts_of([await world.row()]))[world.session.id]
    assert receipt.total is not None
    assert (receipt.total.total, receipt.total.workers, receipt.total.groups) == (82, 71, {"women": 32})
    assert [one.on for one in receipt.shown_days] == [DAY, DAY + timedelta(days=1)]


async def test_a_receipt_before_and_after(world: World) -> None:
    order = await make_order(world.event, world.union, state="reviewed", audience=60, session=world.session.id)
    await make_headcount(world.session, total=96, workers=90)
    await Review(
        session=world.session.id, organisation=world.union.id, lecturer=5, content=4, organising=3, again=True,
        words="话筒<b>小", created_at=LONG_AGO,
    ).save()  # fmt: skip
    await Review(
        session=world.session.id, organisation=world.other.id, lecturer=1, content=1, organising=1, again=False,
        words="别人的话", created_at=LONG_AGO,
    ).save()  # fmt: skip
    await SessionRecord(session=world.session.id, remarks="补拍了照片", changed_at=LONG_AGO).save()

    filled = (await receipts_of([await world.row()]))[world.session.id]
    html = receipt_html(filled, unstamped=True)
    await db.execute("UPDATE events_session SET state = 'published' WHERE id = $1", world.session.id)
    blank = (await receipts_of([await world.row()]))[world.session.id]

    assert filled.number == blank.number == f"HZ20150512-{world.session.id.hex[-6:].upper()}"
    assert (filled.audience, filled.owner, filled.unit) == (order.audience, ("市总工会",), ("胥江机械厂工会",))
    for words in ("96人次", "职工：90", "讲师、演员：5分", "话筒&lt;b&gt;小", "补拍了照片", "未盖章", "60人"):
        assert words in html
    assert "别人的话" not in html
    assert (blank.total, blank.review, blank.remarks, blank.filled) == (None, None, "", False)
    assert "人次" not in receipt_html(blank).split("实到人次")[1].split("单位意见")[0].replace("其中", "")


# --- ledgers ---------------------------------------------------------------------------------------------------------


async def read_sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


async def test_a_row_says_everything_about_a_session(world: World, home: Path) -> None:
    await db.execute("UPDATE events_session SET title = '=1+1' WHERE id = $1", world.session.id)
    await make_headcount(world.session, total=96, workers=90, estimated=True, breakdown={"migrant": 0})
    await person(world.session, "@沈月", world.union, tail="0012", by_number=True, identity="a" * 64)
    await person(world.session, "", world.union, identity="b" * 64)
    await evidence(home, world.session, "photo", b"1")
    await evidence(home, world.session, "photo", b"2", organisation=world.union.id)
    await evidence(home, world.session, "sheet", b"3", removed_at=LONG_AGO, removed_reason="拿错了")
    for fen in (80_000, 12_050):
        await Cost(
            session=world.session.id, kind="fee", amount_fen=fen, created_at=LONG_AGO, changed_at=LONG_AGO
        ).save()
    await SessionRecord(
        session=world.session.id, remarks="=情况", missing_reason="没有签到表", changed_at=LONG_AGO
    ).save()
    await Review(
        session=world.session.id, organisation=world.union.id, lecturer=5, content=4, organising=4, again=True,
        created_at=LONG_AGO,
    ).save()  # fmt: skip
    await Correction(
        session=world.session.id, field="total", on=DAY, old_value="90", new_value="96", reason="漏了一排",
        corrected_at=LONG_AGO,
    ).save()  # fmt: skip
    row = await world.row()
    people, left_out = await people_lines(row)

    made = await ledger_xlsx(await ledger_data([row]), title="台账", made_on=DAY, people=people, left_out=left_out)
    again = await ledger_xlsx(await ledger_data([row]), title="台账", made_on=DAY, people=people)
    sheets = await read_sheets(made)
    line = dict(zip(*sheets["台账"], strict=True))

    assert made == again
    assert "<f>" not in "".join(
        zipfile.ZipFile(io.BytesIO(made)).read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3, 4)
    )
    said = {
        "活动": "=1+1",
        "主办单位": "市总工会",
        "承办单位": "胥江机械厂工会",
        "人次": 96,
        "其中职工": 90,
        "外来务工人员": 0,
        "女职工": "",
        "是否估算": "是",
        "签到人数": 2,
        "单位评分": 4.33,
        "费用（元）": 920.5,
        "情况说明": "=情况",
        "没有材料的原因": "没有签到表",
    }
    assert {key: line[key] for key in said} == said
    assert (line["现场照片"], line["签到表"], line["更正"]) == (2, 0, "总人次由90改为96：漏了一排")
    assert line["日期"] == DAY
    assert line["时间"] == "14:00—15:30"
    assert [one[7] for one in sheets["材料清单"][1:]] == ["市总工会", "胥江机械厂工会"]
    assert [one[5:8] for one in sheets["更正记录"][1:]] == [[90, 96, "漏了一排"]]
    assert [one[2:5] for one in sheets["参加人员"][1:]] == [
        ["@沈月", "胥江机械厂工会", "0012"],
        ["姓名已按规定清除", "胥江机械厂工会", ""],
    ]


async def test_a_ledger_costs_nine_statements_whatever_its_length(world: World) -> None:
    texts = []
    for number in (1, 3):
        while len(await sessions_of_programme(world.programme.id, Span(None, DAY), most=9)) < number:
            await world.held()
        with counted() as sent:
            sessions = await sessions_of_programme(world.programme.id, Span(None, DAY), most=9)
            data = await ledger_data(sessions)
        assert len(data.sessions) == number
        texts.append(list(sent))
    assert [len(one) for one in texts] == [9, 9]
    assert texts[0] == texts[1]


async def test_spans_choose_by_the_local_day_of_the_start(world: World) -> None:
    midnight = await world.held(starts_at=datetime(2015, 6, 1, 0, 0, tzinfo=ZONE))
    before = await world.held(starts_at=datetime(2015, 5, 31, 23, 59, tzinfo=ZONE))
    await world.held(state="draft", published_at=None)
    await world.held(state="cancelled", published_at=None)
    gone = await world.held(state="cancelled", starts_at=datetime(2014, 12, 31, 23, tzinfo=ZONE))

    async def found(*asked: str, **more: Any) -> list[UUID]:
        span = Span.asked(*asked)
        return [one.id for one in await sessions_of_programme(world.programme.id, span, **{"most": 99, **more})]

    ours = (await world.row()).id
    coming = (await sessions_of_programme(world.programme.id, Span(date(2015, 9, 1)), most=9))[0].id
    assert await found("", "") == [gone.id, ours, before.id, midnight.id, coming]
    assert await found("2015-06-01", "") == [midnight.id, coming]
    assert await found("", "2015-05-31") == [gone.id, ours, before.id]
    assert await found("", "", "2015", states=("held", "closed")) == [ours, before.id, midnight.id]
    with pytest.raises(InvalidError) as refused:
        await found("", "", most=4)
    assert [(one.field, one.code) for one in refused.value.problems] == [("from", "too-many-sessions")]


# --- packages --------------------------------------------------------------------------------------------------------


async def packed(sessions: list[SessionRow], home: Path) -> bytes:
    package = await packages.package_of(sessions)
    return b"".join([piece async for piece in packages.sent(package, home, made_on=date(2015, 9, 15))])


async def test_a_package_holds_what_was_handed_in_and_names_what_is_missing(world: World, home: Path) -> None:
    await db.execute(
        "UPDATE events_session SET title = $2 WHERE id = $1", world.session.id, "讲座/..\\“甲”：\u202e🎉 CON. "
    )
    await db.execute("UPDATE accounts_organisation SET name = $2 WHERE id = $1", world.union.id, LONG)
    twin = await world.held(
        title="讲座/..\\“甲”：\u202e🎉 CON. ", host=world.union.id, starts_at=world.session.starts_at
    )
    order = await make_order(world.event, world.union, state="fulfilled", session=world.session.id)
    scan = await evidence(home, twin, "other", b"%PDF-scan", media_type="application/pdf")
    await OrderScan(
        order_id=order.id, digest=scan.digest, media_type="application/pdf", size_bytes=9, created_at=LONG_AGO
    ).save()
    receipt = await evidence(home, world.session, "receipt", b"stamped", organisation=world.union.id)
    await evidence(home, world.session, "photo", b"first")
    lost = await evidence(home, world.session, "photo", None, created_at=datetime(2015, 5, 14, tzinfo=ZONE))
    wrong = await evidence(home, world.session, "sheet", b"sheet")
    file_path(home, wrong.digest).write_bytes(b"changed on the disk")
    sessions = await sessions_of_programme(world.programme.id, Span(None, DAY), most=9, states=("held", "closed"))

    made = await packed(sessions, home)
    archive = zipfile.ZipFile(io.BytesIO(made))

    assert made == await packed(sessions, home)
    assert archive.testzip() is None
    folder = f"2015-05-12_讲座_.._“甲”：_ CON_{LONG[:30]}"
    unit = f"2015-05-12_{LONG}"
    names = archive.namelist()
    first, second = (folder, f"{folder}_2") if sessions[0].id == world.session.id else (f"{folder}_2", folder)
    assert sorted(names) == sorted([
        f"{first}/{unit}_回执表_1.jpg", f"{first}/{unit}_现场照片_1.jpg", f"{first}/{unit}_签到表_1.jpg",
        f"{first}/{unit}_申请表_1.pdf", f"{second}/{unit}_回执表_未盖章_1.pdf", f"{second}/{unit}_其他材料_1.pdf",
        "清单.xlsx",
    ])  # fmt: skip
    assert names[-1] == "清单.xlsx"
    assert all(len(part.encode()) <= 255 for name in names for part in name.split("/"))
    assert all(one.flag_bits & 0x800 for one in archive.infolist())
    assert archive.read(f"{first}/{unit}_回执表_1.jpg") == b"stamped"
    assert archive.read(f"{second}/{unit}_回执表_未盖章_1.pdf").startswith(b"%PDF-")
    sheets = await read_sheets(archive.read("清单.xlsx"))
    by_file = {line[4].rpartition("/")[2]: line for line in sheets["清单"][1:] if line[4].startswith(f"{first}/")}
    assert by_file[f"{unit}_回执表_1.jpg"][5:10] == [
        7, receipt.digest, LONG, datetime(2015, 5, 13, 9), "",  # noqa: DTZ001 - a cell
    ]  # fmt: skip
    assert by_file[f"{unit}_现场照片_2.jpg"][6:10:3] == [lost.digest, "文件不在服务器上，没有收入"]
    assert by_file[f"{unit}_签到表_1.jpg"][9] == "内容与登记的不符"
    drawn = next(line for line in sheets["清单"] if line[9] == "系统生成，未盖章")
    assert drawn[6] == hashlib.sha256(archive.read(drawn[4])).hexdigest()
    assert [line[4] for line in sheets["缺的材料"][1:]] == ["现场照片、签到表、回执表"]


async def test_a_confidential_package_has_no_faces(world: World, home: Path) -> None:
    await evidence(home, world.session, "photo", b"face")
    await evidence(home, world.session, "other", b"letter")
    await db.execute("UPDATE programmes_programme SET confidential = true")

    archive = zipfile.ZipFile(io.BytesIO(await packed([await world.row()], home)))

    assert [name.rpartition("_")[0].rpartition("_")[2] for name in archive.namelist()[:-1]] == ["未盖章", "其他材料"]
    assert (await people_lines(await world.row())) == ([], 0)


async def test_a_package_costs_the_same_statements_whatever_its_length(world: World) -> None:
    numbers = []
    for count in (1, 3):
        sessions = [await session_by_id((await world.held()).id) for _ in range(count)]
        with counted() as sent:
            await packages.package_of(sessions)
        numbers.append(len(sent))
    assert numbers == [8, 8]


def files_below(home: Path) -> list[str]:
    return sorted(str(path) for path in home.rglob("*") if "postgres" not in path.parts)


async def test_nothing_is_left_on_the_disk_when_the_reader_goes(world: World, home: Path) -> None:
    """There is no file in between at all; what was open is closed when the reader goes."""
    await evidence(home, world.session, "photo", os.urandom(3_000_000))
    before = files_below(home)
    sending = packages.sent(await packages.package_of([await world.row()]), home, made_on=DAY)
    sizes = [len(await anext(sending)) for _ in range(4)]
    assert isinstance(sending, AsyncIterator)
    await sending.aclose()  # type: ignore[attr-defined]
    assert max(sizes) <= 300_000
    assert files_below(home) == before


# --- certificates ----------------------------------------------------------------------------------------------------


async def ids_of(session: SessionRow) -> list[UUID]:
    return [one.id for one in (await people_present(session, q="", limit=99))[0]]


async def test_certificates_are_numbered_once_and_the_journal_knows_no_name(
    world: World, settings: Settings, now: datetime
) -> None:
    await person(world.session, "沈月娥", world.union, tail="0012", by_number=True)
    await person(world.session, "李强", world.other)
    session = await world.row()
    ids = await ids_of(session)

    async def issue(people: list[UUID], halves: int = 4) -> list[certificates.Certificate]:
        return await certificates.issue_certificates(
            world.organiser, now, settings, session=session, people=people, halves=halves
        )

    first, again = await issue(ids), await issue([*ids, *ids])
    more = await issue(ids, halves=5)

    assert [(one.name, one.unit_name, one.hours, one.days) for one in first] == [
        ("沈月娥", "胥江机械厂工会", "2", (DAY,)),
        ("李强", "虞山服饰工会", "2", (DAY,)),
    ]
    assert [one.number for one in first] == [one.number for one in again]
    assert not {one.number for one in first} & {one.number for one in more}
    lines = await db.rows("SELECT facts FROM accounts_journal WHERE action = 'certificate.issued' ORDER BY id")
    facts = [msgspec.json.decode(one["facts"]) for one in lines]
    assert [(one["count"], one["again"], len(one["certificates"])) for one in facts] == [
        (2, 0, 2),
        (2, 2, 0),
        (2, 0, 2),
    ]
    assert not any(name in one["facts"] for one in lines for name in ("沈月娥", "李强", "0012"))


async def test_a_form_sent_twice_at_once_gives_the_same_numbers(
    world: World, settings: Settings, now: datetime
) -> None:
    for name in ("沈月娥", "李强"):
        await person(world.session, name, world.union)
    session = await world.row()
    ids = await ids_of(session)

    made = await asyncio.gather(
        *(
            certificates.issue_certificates(world.organiser, now, settings, session=session, people=ids, halves=4)
            for _ in range(4)
        )
    )
    assert len({tuple(one.number for one in papers) for papers in made}) == 1


async def test_a_paper_of_two_days_does_not_stand_for_one(world: World, settings: Settings, now: datetime) -> None:
    await db.execute(
        "UPDATE events_session SET ends_at = starts_at + interval '25 hours' WHERE id = $1", world.session.id
    )
    first = await person(world.session, "沈月娥", world.union)
    second = await person(world.session, "沈月娥", world.union, on=DAY + timedelta(days=1))
    session = await world.row()
    (paper,) = await certificates.issue_certificates(
        world.organiser, now, settings, session=session, people=await ids_of(session), halves=4
    )
    assert (await certificates.check_certificate(paper.number, now, settings, address="10.0.0.1")).stands
    await db.execute(
        "UPDATE attendance_attendee SET present = false, came_by = '', checked_in_at = NULL WHERE id = $1", second.id
    )
    found = await certificates.check_certificate(paper.number, now, settings, address="10.0.0.1")
    assert (found.days, found.hours, found.stands) == ((first.on,), "4", False)


async def test_a_number_tells_little_and_the_truth_of_today(world: World, settings: Settings, now: datetime) -> None:
    attendee = await person(world.session, "沈月娥", world.union)
    session = await world.row()
    (paper,) = await certificates.issue_certificates(
        world.organiser, now, settings, session=session, people=await ids_of(session), halves=4
    )

    async def check(number: str = paper.number) -> certificates.Checked:
        return await certificates.check_certificate(number, now, settings, address="10.0.0.1")

    fresh = await check(paper.number.lower())
    assert (fresh.name, fresh.title, fresh.hours, fresh.days, fresh.stands) == ("沈*", session.title, "2", (DAY,), True)
    assert (fresh.issuer, fresh.issued_on) == ("市总工会", date(2015, 9, 15))
    await Attendee.update({Attendee.name: ""}).where(Attendee.id == attendee.id)
    assert (await check()).name == ""
    await db.execute(
        "UPDATE attendance_attendee SET present = false, came_by = '', checked_in_at = NULL WHERE id = $1", attendee.id
    )
    assert not (await check()).stands
    for _ in range(10):
        with pytest.raises(NotFoundError):
            await check(f"{paper.number[:-1]}{'A' if paper.number[-1] != 'A' else 'B'}")
    with pytest.raises(TooManyRequestsError):
        await check()


async def test_who_cannot_be_certified(world: World, settings: Settings, now: datetime) -> None:
    there = await person(world.session, "沈月娥", world.union)
    nameless = await person(world.session, "", world.union, identity="c" * 64)
    stranger = await person(await world.held(), "别场的人", world.union)
    absent = await person(world.session, "没来", None, present=False, expected=True, came_by="", checked_in_at=None)

    async def issue(*people: Attendee) -> None:
        await certificates.issue_certificates(
            world.organiser, now, settings, session=await world.row(), people=[one.id for one in people], halves=4
        )

    for wrong in ((), (there, stranger), (there, absent)):
        with pytest.raises(InvalidError):
            await issue(*wrong)
    with pytest.raises(NameErasedError):
        await issue(there, nameless)
    await db.execute("UPDATE events_session SET state = 'published' WHERE id = $1", world.session.id)
    with pytest.raises(NoCertificatesError):
        await issue(there)
    await db.execute("UPDATE events_session SET state = 'held' WHERE id = $1", world.session.id)
    await db.execute("UPDATE programmes_programme SET confidential = true")
    with pytest.raises(NoCertificatesError):
        await issue(there)
    assert await db.value("SELECT count(*) FROM accounts_journal") == 0


async def test_people_of_several_days_are_certified_for_the_days_they_came(
    world: World, settings: Settings, now: datetime
) -> None:
    await db.execute(
        "UPDATE events_session SET ends_at = starts_at + interval '49 hours' WHERE id = $1", world.session.id
    )
    other = await make_organisation(parent=world.root, name="甲厂工会")
    for days in range(3):
        await person(world.session, "沈月娥", other, on=DAY + timedelta(days=days))
    await person(world.session, "李强", world.union, on=DAY + timedelta(days=2))
    session = await world.row()

    made = await certificates.issue_certificates(
        world.organiser, now, settings, session=session, people=await ids_of(session), halves=3
    )

    assert {one.name: (len(one.days), one.hours) for one in made} == {"沈月娥": (3, "4.5"), "李强": (1, "1.5")}
    found, total = await people_present(session, q="甲厂", limit=9)
    assert ([one.name for one in found], total) == (["沈月娥"], 1)
