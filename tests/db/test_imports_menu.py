"""The menu as a sheet: years, who gives an item, titles that are exact, closed years, texts as they were."""

from datetime import date, datetime
from typing import Any

import pytest

from outreach.events.tables import EventProvider
from outreach.imports import commands
from outreach.imports.domain.kinds import KINDS
from outreach.imports.handlers import HANDLERS
from outreach.imports.lists import lists_for
from outreach.imports.workbooks import form_workbook
from outreach.shared import db
from outreach.shared.actors import Role
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.events import make_event, make_provider
from tests.factories.programmes import make_programme
from tests.support.importing import Federation, sheet_of
from tests.support.sheets import xlsx_of

pytestmark = pytest.mark.usefixtures("database")

TITLE = "倒班职工的睡眠与情绪"


@pytest.fixture
async def city(database: None) -> Federation:
    return await Federation().build()


async def exported(city: Federation, now: datetime) -> list[dict[str, Any]]:
    return [dict(one) for one in await HANDLERS["events"].export_within(city.organiser, now)]


async def sent_back(city: Federation, now: datetime, rows: list[dict[str, Any]]) -> bytes:
    return await form_workbook(KINDS["events"], lists={}, rows=rows, made_on=now.date())


async def test_forty_titles_of_a_list_and_then_the_plan_that_names_them(city: Federation, now: datetime) -> None:
    """What an office has: its own headings, no year, no number; the plan's titles are found afterwards."""
    head = ["序号", "实事项目", "讲座题目", "类型", "时长（分钟）", "主讲人", "适合对象", "人数上限"]
    rows = [
        [n, "职工心理健康讲座", f"第{n}讲：安全与健康", "讲座", "90分钟", "沈若兰", "一线职工", 120]
        for n in range(1, 41)
    ]
    row, shown = await city.preview(now, "events", xlsx_of([head, *rows]))
    assert (row.made, row.rejected, shown.ignored) == (40, 0, []), shown.rejected
    await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)

    found = await db.row(
        """SELECT e.duration_minutes, e.audience, e.max_audience, e.orderable, e.active, e.lead_days, p.provider
             FROM events_event e JOIN events_event_provider p ON p.event = e.id WHERE e.title = '第40讲：安全与健康'"""
    )
    assert found is not None
    assert tuple(found) == (90, "一线职工", 120, True, True, 0, city.provider.id)
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'event.added'") == 40
    plan = [{"活动": f"第{n}讲：安全与健康", "日期": date(2015, 10, n % 30 + 1)} for n in range(1, 41)]
    row, shown = await city.preview(now, "sessions", sheet_of("sessions", plan))
    assert (row.made, row.rejected) == (40, 0), shown.rejected


async def test_year_is_this_year_unless_the_sheet_or_the_item_says_another(city: Federation, now: datetime) -> None:
    await make_programme(city.root, name="职工心理健康讲座", code="mind", year=2016)
    await make_programme(city.root, name="新项目", year=2016)
    last = await make_event(await make_programme(city.root, name="老项目", year=2014), title="老题目")
    row, shown = await city.preview(now, "events", sheet_of("events", [
        {}, {"年份": "2016年度"}, {"项目": "新项目"}, {"项目": "老项目"},
        {"项目": "老项目", "活动名称": "改过的老题目", "系统编号": str(last.id)},
    ]))  # fmt: skip
    assert [(one.cell, one.code, one.facts) for one in shown.rejected] == [("A5", "programme-unknown", {"year": 2015})]
    assert [one.label for one in shown.made] == [
        ["2015", "职工心理健康讲座", "第1讲"],
        ["2016", "职工心理健康讲座", "第2讲"],
        ["2016", "新项目", "第3讲"],
    ]
    assert [one.changes for one in shown.changed] == [[("title", "老题目", "改过的老题目")]]
    await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)
    rows = await exported(city, now)
    assert [one["year"] for one in rows] == ["2016"] * 2 + ["2015"] * 4 + ["2014"]
    again, shown = await city.preview(now, "events", await sent_back(city, now, rows))
    assert (again.same, again.changed, again.rejected) == (7, 0, 0), (shown.changed, shown.rejected)


async def test_who_gives_an_item_stays_though_out_of_use_and_the_order_says_nothing(
    city: Federation, now: datetime
) -> None:
    retired = await make_provider(city.root, name="已退休", active=False)
    twins = [await make_provider(city.root, name="同名的") for _ in range(2)]
    await make_provider(city.root, name="新来的")
    for one in (retired, city.provider, *twins):
        await EventProvider(event=city.event.id, provider=one.id).save()
    given = {"活动名称": TITLE, "讲师团队": "沈若兰、同名的、已退休"}
    row, shown = await city.preview(now, "events", sheet_of("events", [given]))
    assert (row.same, row.rejected) == (1, 0), (shown.changed, shown.rejected)

    given["讲师团队"] = "已退休、新来的、同名的"
    row, shown = await city.preview(now, "events", sheet_of("events", [given]))
    assert (row.changed, row.rejected) == (1, 0), shown.rejected
    await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)
    names = await db.rows(
        """SELECT r.name FROM events_event_provider p JOIN events_provider r ON r.id = p.provider
            WHERE p.event = $1 ORDER BY 1""",
        city.event.id,
    )
    assert sorted(one["name"] for one in names) == sorted(["同名的", "同名的", "已退休", "新来的"])


async def test_no_two_items_of_a_programme_get_the_same_title(city: Federation, now: datetime) -> None:
    """Renamed onto another's, or beside a new one; two that swap their titles are fine, and twins may be told apart."""
    other = await make_event(city.programme, title="另一个题目")
    renamed = {"系统编号": str(other.id)}
    row, shown = await city.preview(now, "events", sheet_of("events", [{**renamed, "活动名称": TITLE}]))
    assert [(one.cell, one.code) for one in shown.rejected] == [("C2", "event-several")]
    rows = [{**renamed, "活动名称": "崭新的"}, {"活动名称": "崭新的"}]
    row, shown = await city.preview(now, "events", sheet_of("events", rows))
    assert [(one.cell, one.code) for one in shown.rejected] == [("C2", "event-several"), ("C3", "event-several")]
    rows = [{**renamed, "活动名称": TITLE}, {"系统编号": str(city.event.id), "活动名称": "另一个题目"}]
    row, shown = await city.preview(now, "events", sheet_of("events", rows))
    assert (row.changed, row.rejected) == (2, 0), shown.rejected
    await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)

    twins = [one for one in await exported(city, now) if one["title"] == "重名的题目"]
    row, shown = await city.preview(now, "events", await sent_back(city, now, [{**twins[0], "active": False}]))
    assert (row.changed, row.rejected) == (1, 0), shown.rejected
    await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)
    row, shown = await city.preview(now, "events", sheet_of("events", [{"活动名称": "重名的题目", "主题": "安全"}]))
    assert (row.changed, row.rejected) == (1, 0), shown.rejected  # the one that is in use
    assert shown.touched == [twins[1]["id"]]


async def test_only_what_was_edited_is_written(city: Federation, now: datetime) -> None:
    """Texts that were typed into a form come back as they were, line ends and blanks included."""
    typed = "  第一段 \r\n\r\n第二段　"
    await db.execute("UPDATE events_event SET summary = $2 WHERE id = $1", city.event.id, typed)
    rows = await exported(city, now)
    row, shown = await city.preview(now, "events", await sent_back(city, now, rows))
    assert (row.same, row.changed) == (len(rows), 0), shown.changed
    mine = next(one for one in rows if one["title"] == TITLE)
    mine["duration_minutes"] = 120
    row, shown = await city.preview(now, "events", await sent_back(city, now, rows))
    assert [one.changes for one in shown.changed] == [[("duration_minutes", 90, 120)]]
    await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)
    found = await db.row("SELECT summary, duration_minutes, revision FROM events_event WHERE id = $1", city.event.id)
    assert found is not None
    assert tuple(found) == (typed, 120, 2)


async def test_closed_year_takes_new_words_and_no_new_givers(city: Federation, now: datetime) -> None:
    """As the form of a menu item: who gives the items is a figure of the year."""
    await make_programme(city.root, name="明年的", year=2016)
    await city.closed(2015)
    known = {"活动名称": TITLE, "系统编号": str(city.event.id)}
    _row, shown = await city.preview(now, "events", sheet_of("events", [{**known, "讲师团队": "沈若兰"}]))
    assert [(one.cell, one.code) for one in shown.rejected] == [("O2", "closed-year-row")]
    _row, shown = await city.preview(now, "events", sheet_of("events", [{**known, "项目": "明年的", "年份": 2016}]))
    assert [(one.cell, one.code) for one in shown.rejected] == [("B2", "closed-year-row")]
    row, shown = await city.preview(now, "events", sheet_of("events", [{**known, "对象": "一线职工"}]))
    assert (row.changed, row.rejected) == (1, 0), shown.rejected
    _row, done = await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)
    assert done


async def test_district_keeps_its_own_menu_only(city: Federation, now: datetime) -> None:
    district = await make_organisation(parent=city.root, code="WZ", name="吴中区总工会", kind="federation")
    await make_programme(district, name="吴中送戏", kinds=["演出", "展览"])
    city.organiser = await make_actor(Role.ORGANISER, district)
    rows = [{}, {"项目": "吴中送戏", "种类": "展览"}, {"系统编号": str(city.event.id)}]
    row, shown = await city.preview(now, "events", sheet_of("events", rows))
    assert [(one.cell, one.code) for one in shown.rejected] == [
        ("A2", "programme-of-another"),
        ("A4", "programme-of-another"),
        ("P4", "id-unknown"),
    ]
    assert row.made == 1
    await commands.confirm(city.organiser, now, kind="events", preview_id=row.id)
    assert [one["title"] for one in await exported(city, now)] == ["第2讲"]


async def test_template_offers_what_the_own_programmes_take(city: Federation, now: datetime) -> None:
    district = await make_organisation(parent=city.root, code="WZ", name="吴中区总工会", kind="federation")
    await make_programme(district, name="吴中送戏", kinds=["演出", "展览"], year=2016)
    own = await make_actor(Role.ORGANISER, district)
    lists = await lists_for(own, KINDS["events"], now.date())
    assert lists == {
        "own_programmes": ["吴中送戏"],
        "years": ["2016"],
        "event_kinds": ["展览", "演出"],
        "providers": [],
    }
    lists = await lists_for(city.organiser, KINDS["events"], now.date())
    assert lists["years"] == ["2015", "2016"]
    assert lists["own_programmes"] == ["职工心理健康讲座", "吴中送戏"]
    assert sorted(lists["event_kinds"]) == sorted(["讲座", "演出", "展览"])
    assert "沈若兰" in lists["providers"]
    assert "退休讲师" not in lists["providers"]
