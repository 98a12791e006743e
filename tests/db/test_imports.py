"""Imports: every mistake named by its cell, all or nothing, the same file twice, exports that come back, clashes."""

import asyncio
import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from outreach.imports import commands
from outreach.imports.domain.errors import PreviewStaleError
from outreach.imports.domain.kinds import KINDS
from outreach.imports.handlers import HANDLERS
from outreach.imports.lists import lists_for
from outreach.imports.queries import shown_of_preview
from outreach.imports.rules.lookups import at_the_machine
from outreach.imports.workbooks import form_workbook
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.errors import InvalidError, NotFoundError
from outreach.shared.spreadsheets.cells import address
from tests.factories.accounts import make_actor, make_grant, make_organisation, make_person
from tests.factories.events import make_provider, make_session
from tests.factories.programmes import make_tally
from tests.support.importing import HEADS, MISTAKES, Federation, sheet_of
from tests.support.sheets import Page, csv_of, xls_of, xlsx_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def city(database: None) -> Federation:
    return await Federation().build()


async def count(table: str) -> int:
    return int(await db.value(f"SELECT count(*) FROM {table}"))


TABLES = {
    "units": "accounts_organisation",
    "persons": "accounts_role_grant",
    "providers": "events_provider",
    "venues": "events_venue",
    "events": "events_event",
    "sessions": "events_session",
    "past": "events_session",
    "tallies": "programmes_tally",
}


@pytest.mark.parametrize("kind", list(MISTAKES))
async def test_every_mistake_is_named_by_its_cell(city: Federation, now: datetime, kind: str) -> None:
    """Twenty kinds and more; a good row at the end is taken, nothing is stored before it is confirmed."""
    mistakes = MISTAKES[kind]
    await city.crowd()
    before = await count(TABLES[kind])

    row, shown = await city.preview(
        now, kind, sheet_of(kind, [{**one.also, one.column: one.cell} for one in mistakes] + [{}])
    )

    head = HEADS[kind]
    expected = {
        address(number, head.index(one.named or one.column)): one.code for number, one in enumerate(mistakes, 1)
    }
    assert len({(one.named or one.column, one.code) for one in mistakes}) >= 22
    assert len({one.code for one in mistakes}) >= 14
    assert {one.cell: one.code for one in shown.rejected} == expected
    assert (row.rejected, row.made, row.duplicates) == (len(mistakes), 1, 0)
    assert await count(TABLES[kind]) == before


GOOD: dict[str, list[dict[str, Any]]] = {
    "units": [{}, {"上级": "第1厂工会"}, {"类别": "女职工委员会", "上级": "A2", "会员数": "1,200人"}],
    "persons": [
        {},
        {"姓名": "李芳", "角色": "组织者", "副手": "是"},
        {"姓名": "王强", "手机": None, "结束日期": "2016-01-01"},
    ],
    "providers": [
        {"专长": "睡眠、情绪", "可来的时段": "周二下午、周四全天"},
        {"类别": "团队", "可分几队": 2},
        {"一天最多": 2},
    ],
    "venues": [{"容量": 120, "厅室数": 3}, {"地区": "吴中区", "在用": "否"}, {"归属组织": "胥江机械厂工会"}],
    "events": [
        {"讲师团队": "沈若兰", "主题": "心理健康", "提前天数": "14天", "年份": 2015},
        {"种类": "演出", "简介": "第一段\n第二段", "场地要求": "舞台；电源", "可点单": "否"},
        {"最少人数": 30, "最多人数": "200人", "对象": "女职工", "在用": "否"},
    ],
    "sessions": [
        {"讲师团队": "沈若兰", "状态": "发布"},
        {"场地": "木渎职工活动中心", "地址": None, "日期": date(2015, 11, 2), "开始": "下午2:00-3:30", "名额": 80},
        {"承接单位": "SZ-1", "谁能看到": "有关的人"},
    ],
    "past": [{"其中职工": 80, "女职工": 0}, {"承接单位": "胥江机械厂工会", "估算": "是"}, {"讲师团队": "沈若兰"}],
    "tallies": [{}, {"备注": "第二批"}, {"数量": "1,500册"}],
}  # fmt: skip


@pytest.mark.parametrize("kind", list(GOOD))
async def test_confirmed_once_then_the_same_file_changes_nothing(city: Federation, now: datetime, kind: str) -> None:
    before = await count(TABLES[kind])
    content = sheet_of(kind, GOOD[kind])

    first, shown = await city.preview(now, kind, content)
    assert (first.made, first.changed, first.rejected, await count(TABLES[kind])) == (3, 0, 0, before), shown.rejected
    stored, done = await commands.confirm(city.organiser, now, kind=kind, preview_id=first.id)
    _same, again = await commands.confirm(city.organiser, now, kind=kind, preview_id=first.id)
    lines = await count("accounts_journal")
    second, shown = await city.preview(now, kind, content)
    await commands.confirm(city.organiser, now, kind=kind, preview_id=second.id)

    assert (done, again, stored.stored_at) == (True, False, now)
    assert (second.made, second.changed, second.same) == (0, 0, 3), (shown.changed, shown.made)
    assert await count(TABLES[kind]) == before + 3
    assert await count("accounts_journal") == lines + 1  # that it was confirmed, and nothing else
    assert await db.value("SELECT length(rows) FROM imports_preview WHERE id = $1", first.id) == 0


@pytest.mark.parametrize("kind", list(GOOD))
async def test_export_comes_back_unchanged_and_only_what_was_edited_changes(
    city: Federation, now: datetime, kind: str
) -> None:
    await city.load(now, kind, sheet_of(kind, GOOD[kind]))
    lists = await lists_for(city.organiser, KINDS[kind], now.date())
    rows = await HANDLERS[kind].export_within(city.organiser, now)
    content = await form_workbook(KINDS[kind], lists=lists, rows=rows, made_on=now.date())

    untouched, shown = await city.preview(now, kind, content)
    assert (untouched.made, untouched.changed, untouched.rejected) == (0, 0, 0), (shown.changed, shown.rejected)
    assert untouched.same == len(rows) >= 3

    edited: dict[str, tuple[str, Any, str, Any]] = {
        "units": ("行业", "纺织", "industry", "纺织"),
        "persons": ("邮箱", "gu@example.cn", "email", "gu@example.cn"),
        "providers": ("职称", "心理咨询师", "title", "心理咨询师"),
        "venues": ("到场说明", "北门进", "directions", "北门进"),
        "events": ("对象", "一线职工", "audience", "一线职工"),
        "sessions": ("名额", 66, "capacity", 66),
        "past": ("总人次", 123, "total", 123),
        "tallies": ("备注", "更正", "note", "更正"),
    }
    column, cell, key, value = edited[kind]
    table = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    place = table[0].index(column)
    table[-1][place] = cell
    row, shown = await city.preview(now, kind, xlsx_of(table))
    assert (row.made, row.changed, row.same, row.rejected) == (0, 1, len(rows) - 1, 0), shown.rejected
    assert [(one[0], one[2]) for one in shown.changed[0].changes] == [(key, value)]
    await commands.confirm(city.organiser, now, kind=kind, preview_id=row.id)
    assert (await HANDLERS[kind].export_within(city.organiser, now))[-1][key] == value


async def test_all_or_nothing_when_something_fails_at_the_end(city: Federation, now: datetime) -> None:
    """The code of the last row was given to another organisation after the rows were held against the stored ones."""
    content = sheet_of("units", [{}, {}, {"编码": "LAST"}])
    row, _shown = await city.preview(now, "units", content)
    await db.execute(
        """CREATE FUNCTION refuse_last() RETURNS trigger AS $$ BEGIN
             IF NEW.code = 'LAST' THEN RAISE EXCEPTION 'no' USING ERRCODE = 'unique_violation',
                CONSTRAINT = 'accounts_organisation_code_key'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"""
    )
    await db.execute(
        "CREATE TRIGGER refuse_last BEFORE INSERT ON accounts_organisation FOR EACH ROW EXECUTE FUNCTION refuse_last()"
    )
    before = await count("accounts_organisation"), await count("accounts_journal")
    try:
        with pytest.raises(InvalidError):
            await commands.confirm(city.organiser, now, kind="units", preview_id=row.id)
    finally:
        await db.execute("DROP TRIGGER refuse_last ON accounts_organisation")
        await db.execute("DROP FUNCTION refuse_last()")

    assert (await count("accounts_organisation"), await count("accounts_journal")) == before
    _row, done = await commands.confirm(city.organiser, now, kind="units", preview_id=row.id)
    assert done


async def test_two_confirmations_at_once_store_once(city: Federation, now: datetime) -> None:
    row, _shown = await city.preview(now, "sessions", sheet_of("sessions", GOOD["sessions"]))
    before = await count("events_session")

    results = await asyncio.gather(
        *(commands.confirm(city.organiser, now, kind="sessions", preview_id=row.id) for _ in range(4))
    )

    assert sorted(done for _row, done in results) == [False, False, False, True]
    assert await count("events_session") == before + 3


async def test_two_files_with_the_same_rows_confirmed_at_once(city: Federation, now: datetime) -> None:
    one, _ = await city.preview(now, "venues", sheet_of("venues", [{}, {}]))
    two, _ = await city.preview(now, "venues", sheet_of("venues", [{}, {}, {}]))

    results = await asyncio.gather(
        commands.confirm(city.organiser, now, kind="venues", preview_id=one.id),
        commands.confirm(city.organiser, now, kind="venues", preview_id=two.id),
        return_exceptions=True,
    )

    assert sum(isinstance(one, PreviewStaleError) for one in results) == 1
    assert await count("events_venue") in (3, 4)  # the one that was there, and either file whole


async def test_preview_is_stale_when_somebody_changed_the_same(city: Federation, now: datetime) -> None:
    content = sheet_of("units", [{"编码": "SZ-1", "名称": "胥江机械厂工会", "行业": "机械"}])
    row, _shown = await city.preview(now, "units", content)
    await db.execute("UPDATE accounts_organisation SET industry = '纺织' WHERE code = 'SZ-1'")

    with pytest.raises(PreviewStaleError):
        await commands.confirm(city.organiser, now, kind="units", preview_id=row.id)
    again = await commands.look_again(city.organiser, now, kind="units", preview_id=row.id)
    shown = await shown_of_preview(again.id)
    _row, done = await commands.confirm(city.organiser, now, kind="units", preview_id=row.id)

    assert ("industry", "纺织", "机械") in shown.changed[0].changes
    assert done
    assert await db.value("SELECT industry FROM accounts_organisation WHERE code = 'SZ-1'") == "机械"


async def test_previews_are_ones_own_and_gone_after_a_day(city: Federation, now: datetime) -> None:
    other = await make_actor(Role.ORGANISER, city.root)
    row, _shown = await city.preview(now, "venues", sheet_of("venues", [{}, {"容量": 0}]))
    with pytest.raises(NotFoundError):
        await commands.confirm(other, now, kind="venues", preview_id=row.id)
    with pytest.raises(NotFoundError):
        await commands.confirm(city.organiser, now, kind="units", preview_id=row.id)
    kept = await city.load(now, "venues", sheet_of("venues", [{"容量": 10}, {"容量": 0}]))

    await commands.forget_previews(now + timedelta(hours=23))
    assert await count("imports_preview") == 2
    await commands.forget_previews(now + timedelta(hours=25))

    assert await count("imports_preview") == 1
    assert (await shown_of_preview(kept.id)).rejected == []
    with pytest.raises(NotFoundError):
        await commands.confirm(city.organiser, now, kind="venues", preview_id=row.id)


# --- rule 9 ----------------------------------------------------------------------------------------------------------


async def test_nothing_is_told_of_other_federations(city: Federation, now: datetime) -> None:
    """What is beyond the own part of the tree answers like what does not exist."""
    await city.foreigner("13700000000")
    _row, shown = await city.preview(now, "units", sheet_of("units", [{"上级": "WX"}, {"上级": "没有这个"}]))
    assert [(one.code, one.facts) for one in shown.rejected] == [("unit-unknown", {}), ("unit-unknown", {})]
    _row, shown = await city.preview(now, "persons", sheet_of("persons", [{"手机": "13700000000"}]))
    assert [(one.code, one.facts) for one in shown.rejected] == [("phone-taken", {})]
    for kind in HANDLERS:
        rows = await HANDLERS[kind].export_within(city.organiser, now)
        said = str(rows)
        assert all(word not in said for word in ("无锡", "WX", "外人", "外地讲师"))
        lists = await lists_for(city.organiser, KINDS[kind], now.date())
        assert all(word not in str(lists) for word in ("无锡", "外地讲师"))


async def test_a_district_imports_into_its_own_part_only(city: Federation, now: datetime) -> None:
    district = await make_organisation(parent=city.root, code="WZ", name="吴中区总工会", kind="federation")
    own = await make_actor(Role.ORGANISER, district)
    content = sheet_of("units", [{"上级": "WZ"}, {"上级": "SZ"}, {"编码": "SZ-1", "上级": "WZ"}])

    row = await commands.preview(own, now, kind="units", content=content, name="a.xlsx")
    shown = await shown_of_preview(row.id)

    assert [(one.cell, one.code) for one in shown.rejected] == [("D3", "unit-unknown"), ("A4", "code-taken")]
    assert row.made == 1


# --- the tree --------------------------------------------------------------------------------------------------------


async def test_parents_may_stand_anywhere_and_what_hangs_on_a_refused_one_is_refused(
    city: Federation, now: datetime
) -> None:
    rows: list[Mapping[str, Any]] = [
        {"编码": "C", "上级": "B"},
        {"编码": "B", "上级": "A"},
        {"编码": "A", "上级": "SZ", "会员数": "很多"},
        {"编码": "X", "上级": "Y"},
        {"编码": "Y", "上级": "X"},
        {"编码": "D", "上级": "E的名字"},
        {"编码": "E", "名称": "E的名字", "上级": "SZ"},
        {"编码": "SZ-1", "名称": "胥江机械厂工会", "上级": "SZ-2"},
    ]
    row, shown = await city.preview(now, "units", sheet_of("units", rows))

    said = {one.cell: (one.code, one.facts.get("cell")) for one in shown.rejected}
    assert said == {
        "H4": ("not-number", None),
        "D3": ("parent-rejected", "H4"),
        "D2": ("parent-rejected", "D3"),
        "D5": ("parent-circle", None),
        "D6": ("parent-circle", None),
        "D9": ("parent-differs", None),
    }
    assert row.made == 2
    await commands.confirm(city.organiser, now, kind="units", preview_id=row.id)
    found = await db.row(
        """SELECT p.code FROM accounts_organisation o JOIN accounts_organisation p ON p.id = o.parent
            WHERE o.code = 'D'"""
    )
    assert found is not None
    assert found["code"] == "E"


# --- sessions --------------------------------------------------------------------------------------------------------


async def test_clashes_with_what_is_stored_and_inside_the_file(city: Federation, now: datetime) -> None:
    await city.taken()
    day = {"日期": "2015-09-24", "讲师团队": "沈若兰"}
    rows: list[Mapping[str, Any]] = [
        {**day, "开始": "15:00", "状态": "发布"},  # while the stored talk runs
        {**day, "开始": "15:30", "状态": "发布"},  # right after it
        {**day, "开始": "16:00", "状态": "发布"},  # while the row above runs
        {**day, "开始": "16:30"},  # a draft: said, and taken
        {"场地": "木渎职工活动中心", "日期": "2015-09-24", "开始": "14:00", "状态": "发布"},
        {"场地": "木渎职工活动中心", "日期": "2015-09-25", "开始": "14:00", "状态": "发布"},
    ]
    row, shown = await city.preview(now, "sessions", sheet_of("sessions", rows))

    assert [(one.cell, one.code) for one in shown.rejected] == [
        ("I2", "clash-stored"),
        ("I4", "clash-row"),
        ("F6", "clash-stored"),
    ]
    assert shown.rejected[1].facts["cell"] == "C3"
    assert [(one.cell, one.code) for one in shown.notes] == [("I5", "clash-row")]
    assert (row.made, row.rejected, row.noted) == (3, 3, 1)
    await commands.confirm(city.organiser, now, kind="sessions", preview_id=row.id)
    states = await db.rows("SELECT state, count(*) AS n FROM events_session GROUP BY 1 ORDER BY 1")
    assert [(one["state"], one["n"]) for one in states] == [("draft", 1), ("published", 3)]
    assert await count("events_occupation") == 4


async def test_team_that_can_split_and_rooms_side_by_side(city: Federation, now: datetime) -> None:
    await make_provider(city.root, name="锡剧团", kind="troupe", parallel_teams=2)
    row, shown = await city.preview(
        now, "sessions", sheet_of("sessions", [{"讲师团队": "锡剧团", "状态": "发布"} for _ in range(3)])
    )
    assert (row.made, [one.code for one in shown.rejected]) == (2, ["clash-row"])


async def test_moving_and_publishing_by_an_edited_export(city: Federation, now: datetime) -> None:
    """A session keeps its identity when its date changes; swapping two is no clash; a published one is no draft."""
    await city.load(now, "sessions", sheet_of("sessions", [
        {"讲师团队": "沈若兰", "状态": "发布", "开始": "09:00"},
        {"讲师团队": "沈若兰", "状态": "发布", "开始": "14:00"},
        {},
    ]))  # fmt: skip
    rows = [dict(one) for one in await HANDLERS["sessions"].export_within(city.organiser, now)]
    by_start = {one["start"]: one for one in rows if one["state"] == "published"}
    ids = {one["start"]: one["id"] for one in by_start.values()}
    by_start["09:00"]["start"], by_start["14:00"]["start"] = "14:00", "09:00"
    by_start["09:00"]["end"], by_start["14:00"]["end"] = by_start["14:00"]["end"], by_start["09:00"]["end"]
    next(one for one in rows if one["state"] == "draft")["state"] = "published"
    content = await form_workbook(KINDS["sessions"], lists={}, rows=rows, made_on=now.date())

    row, shown = await city.preview(now, "sessions", content)
    assert (row.changed, row.rejected, row.made) == (3, 0, 0), shown.rejected

    back = [{**one, "state": "draft"} for one in rows]
    content = await form_workbook(KINDS["sessions"], lists={}, rows=back, made_on=now.date())
    row, shown = await city.preview(now, "sessions", content)
    assert {one.code for one in shown.rejected} == {"cannot-unpublish"}
    assert ids["09:00"] != ids["14:00"]


async def test_seats_that_are_taken_and_sessions_that_were(city: Federation, now: datetime) -> None:
    """Rule 1: never fewer seats than are taken."""
    await make_session(city.event, seats_taken=40, capacity=120, address="一号厅")
    await make_session(
        city.event, state="held", address="二号厅", starts_at=datetime.fromisoformat("2015-06-01T09:00+08:00")
    )
    same = {"日期": "2015-09-24", "开始": "14:00", "地址": "一号厅"}
    row, shown = await city.preview(now, "sessions", sheet_of("sessions", [
        {**same, "名额": 39}, {"日期": "2015-06-01", "地址": "二号厅", "名额": 5},
    ]))  # fmt: skip
    assert [(one.cell, one.code) for one in shown.rejected] == [("K2", "capacity-below-taken"), ("K3", "session-over")]
    row, shown = await city.preview(now, "sessions", sheet_of("sessions", [{**same, "名额": 40}]))
    assert (row.changed, row.rejected) == (1, 0)
    await commands.confirm(city.organiser, now, kind="sessions", preview_id=row.id)
    assert await db.value("SELECT capacity FROM events_session WHERE address = '一号厅'") == 40


async def test_figures_of_a_planned_session_make_it_held(city: Federation, now: datetime) -> None:
    started = datetime.fromisoformat("2015-09-10T14:00+08:00")
    await make_session(city.event, starts_at=started, address="一号厅")
    given = {"日期": "2015-09-10", "开始": "14:00", "地址": None}
    row, shown = await city.preview(now, "past", sheet_of("past", [{**given, "总人次": 88, "其中职工": 80}]))
    assert (row.changed, row.made, row.rejected) == (1, 0, 0), shown.rejected
    await commands.confirm(city.organiser, now, kind="past", preview_id=row.id)
    found = await db.row(
        "SELECT s.state, h.total, h.workers FROM events_session s JOIN attendance_headcount h ON h.session = s.id"
    )
    assert found is not None
    assert tuple(found) == ("held", 88, 80)

    await db.execute("UPDATE events_session SET state = 'closed'")
    _row, shown = await city.preview(now, "past", sheet_of("past", [{**given, "总人次": 90}]))
    assert [(one.cell, one.code) for one in shown.rejected] == [("J2", "session-closed-row")]


@pytest.mark.parametrize(("kind", "cell"), [("events", "B2"), ("sessions", "C2"), ("past", "C2"), ("tallies", "C2")])
async def test_closed_years_take_nothing(city: Federation, now: datetime, kind: str, cell: str) -> None:
    """Rule 7."""
    await make_tally(city.target, receiver="老数")
    await city.closed(2015)
    row, shown = await city.preview(now, kind, sheet_of(kind, [{}]))
    assert ([(one.cell, one.code) for one in shown.rejected], row.made) == ([(cell, "closed-year-row")], 0)


# --- files as people make them ---------------------------------------------------------------------------------------


TITLE = "倒班职工的睡眠与情绪"


async def test_other_peoples_sheets_are_understood(city: Federation, now: datetime) -> None:
    """Titles above, foreign headings in another order, merged cells, formulas, serial days, full-width digits."""
    page = Page(
        [
            [],
            ["填报单位：苏州市总工会"],
            ["序号", "活动时间", "日期（2015年）", "讲座题目", "实事项目", "主讲人", "地点", "人数上限", "带队"],
            [1, "１４：００－１５：３０", 42285.0, f"{TITLE}  ", None, ("=A1", "沈若兰"), "甲", "１２０人", "张"],
            [2, 0.375, "2015年10月10日（周六）", f" {TITLE}", None, None, "金山路1号", ("=1+1", 80), None],
            [3, "上午9点半", date(2015, 10, 11), TITLE, None, "", "太湖路2号", 60.0, None],
            [],
            ["合计", None, None, None, None, None, None, 260],
            ["填表人：张明", None, None, None, "审核：李芳"],
        ],
        merged=((0, 0, 0, 8, "2015年第四季度讲座安排"), (3, 4, 5, 4, "职工心理健康讲座")),
    )  # fmt: skip

    row, shown = await city.preview(now, "sessions", xlsx_of(page))

    assert (row.made, row.rejected) == (3, 0), shown.rejected
    assert shown.ignored == ["带队"]
    assert shown.left_out == 2
    assert [one.label[:2] for one in shown.made] == [
        ["2015-10-08", "14:00"],
        ["2015-10-10", "09:00"],
        ["2015-10-11", "09:30"],
    ]
    await commands.confirm(city.organiser, now, kind="sessions", preview_id=row.id)
    found = await db.rows("SELECT capacity, starts_at, ends_at FROM events_session ORDER BY starts_at")
    assert [one["capacity"] for one in found] == [120, 80, 60]
    assert {(one["ends_at"] - one["starts_at"]) for one in found} == {timedelta(minutes=90)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_csv_in_the_encodings_of_offices(city: Federation, now: datetime, encoding: str) -> None:
    rows = [
        ["单位代码", "单位名称", "组织类别", "上级工会", "会员人数"],
        ["B1", "堃玥厂工会", "企业工会", "苏州市总工会", "1,200"],
    ]
    row, shown = await city.preview(now, "units", csv_of(rows, encoding))
    assert (row.made, row.rejected) == (1, 0), shown.rejected
    await commands.confirm(city.organiser, now, kind="units", preview_id=row.id)
    found = await db.row("SELECT name, kind, member_count FROM accounts_organisation WHERE code = 'B1'")
    assert found is not None
    assert tuple(found) == ("堃玥厂工会", "grassroots_union", 1200)


async def test_old_xls_codes_that_became_numbers_and_names_of_sixty(city: Federation, now: datetime) -> None:
    name = "长" * 60
    row, shown = await city.preview(
        now,
        "units",
        xls_of([["编码", "名称", "类别", "上级"], [1001, name, "基层工会", "SZ"], [1002, "乙", "基层工会", 1001]]),
    )
    assert (row.made, row.rejected) == (2, 0), shown.rejected
    assert shown.made[0].label == [name, "1001"]


async def test_file_as_a_whole_is_refused_in_words(city: Federation, now: datetime) -> None:
    cases: list[tuple[bytes, str]] = [
        (xlsx_of([["甲", "乙"], [1, 2]]), "import-no-head"),
        (xlsx_of([["名称", "类别"], ["一厂", "基层工会"]]), "import-no-column"),
        (xlsx_of([["编码", "名称", "类别"]]), "import-no-rows"),
        (b"%PDF-1.4\n" + bytes(range(128, 256)) * 40, "import-not-a-table"),
        (b"   ", "import-empty"),
        (b"PK\x03\x04 not really", "import-unreadable"),
        (csv_of([["编码", "名称", "类别"], *([f"K{n}", "厂", "基层"] for n in range(20_001))]), "import-too-many-rows"),
    ]  # fmt: skip
    for content, code in cases:
        with pytest.raises(InvalidError) as caught:
            await city.preview(now, "units", content)
        assert [(one.field, one.code) for one in caught.value.problems] == [("file", code)]


async def test_duplicates_inside_the_file_name_the_first(city: Federation, now: datetime) -> None:
    _row, shown = await city.preview(
        now, "units", sheet_of("units", [{"编码": "A"}, {"编码": "B"}, {"编码": "A", "名称": "又一次"}])
    )
    assert [(one.cell, one.first) for one in shown.duplicates] == [("A4", "A2")]


async def test_several_sheets_are_read_with_their_names(city: Federation, now: datetime) -> None:
    head = ["编码", "名称", "类别", "上级"]
    content = xlsx_of(
        Page([head, ["A", "一厂", "基层工会", "SZ"]], name="吴中"),
        Page([head, ["B", "二厂", "不对", "SZ"]], name="相城"),
        Page([head, ["C", "三厂", "基层工会", "SZ"]], name="藏着", hidden=True),
        Page([head, ["D", "四厂", "基层工会", "SZ"]], name="示例"),
    )
    row, shown = await city.preview(now, "units", content)
    assert (row.made, row.rejected) == (1, 1)
    assert [one.cell for one in shown.rejected] == ["相城!C2"]


async def test_people_in_several_units_and_numbers_of_two(city: Federation, now: datetime) -> None:
    rows = [
        {"手机": "13911110000"},
        {"手机": "13911110000", "单位": "SZ-2"},
        {"手机": "13911110000", "姓名": "李芳", "单位": "SZ-3"},
    ]
    row, shown = await city.preview(now, "persons", sheet_of("persons", rows))
    assert [(one.cell, one.code, one.facts) for one in shown.rejected] == [("D4", "phone-twice", {"cell": "D2"})]
    await commands.confirm(city.organiser, now, kind="persons", preview_id=row.id)
    found = await db.rows(
        """SELECT o.code FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person
             JOIN accounts_organisation o ON o.id = g.organisation WHERE p.phone = '13911110000' ORDER BY 1"""
    )
    assert [one["code"] for one in found] == ["SZ-1", "SZ-2"]
    assert await db.value("SELECT count(*) FROM accounts_person WHERE phone = '13911110000'") == 1


async def test_person_with_roles_elsewhere_is_not_renamed(city: Federation, now: datetime) -> None:
    person = await make_person(name="顾明", phone="13600000000")
    await make_grant(person, Role.CONTACT, city.unit)
    await make_grant(person, Role.CONTACT, city.other)
    _row, shown = await city.preview(now, "persons", sheet_of("persons", [{"姓名": "顾大明", "手机": "13600000000"}]))
    assert [(one.cell, one.code) for one in shown.rejected] == [("A2", "person-beyond")]


async def test_whoever_sits_at_the_machine_makes_roots(database: None, now: datetime) -> None:
    content = sheet_of(
        "units", [{"编码": "SZ", "名称": "苏州市总工会", "类别": "总工会", "上级": None}, {"上级": "SZ"}]
    )
    tried = await commands.import_file(at_the_machine(), now, kind="units", content=content, dry_run=True)
    made = await commands.import_file(at_the_machine(), now, kind="units", content=content)
    again = await commands.import_file(at_the_machine(), now, kind="units", content=content)
    bad = await commands.import_file(
        at_the_machine(), now, kind="units", content=sheet_of("units", [{"上级": "SZ"}, {"上级": "SZ", "会员数": -1}])
    )
    assert [(one.made, one.same, one.stored) for one in (tried, made, again, bad)] == [
        (2, 0, False), (2, 0, True), (0, 2, False), (1, 0, False),
    ]  # fmt: skip
    assert await count("accounts_organisation") == 2
    line = await db.row("SELECT actor_name, facts FROM accounts_journal WHERE action = 'import.stored'")
    assert line is not None
    assert line["actor_name"] == "命令行"
    assert msgspec.json.decode(line["facts"])["new"] == 2
