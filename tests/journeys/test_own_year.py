"""A federation's own year, from an empty home to the report, by somebody who has nothing but a browser and Excel files.

``outreach serve`` is the only command: the address that it prints, the first page, the guide, the imports from the
downloaded templates, the year published, one order, one claim, one booking, the figures, the reports. Nothing here
calls the application; every figure at the end is added up from what was written into files and typed into forms.

The real clock runs (``tests.support.own_year`` says how the days are chosen). The plan reaches into the next year on
every day, so that the programmes are copied there first; the figures at the end are those of this year.
"""

import contextlib
import csv
import io
import re
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pdfplumber
import pytest
from python_calamine import CalamineWorkbook

from outreach.shared.time import ZONE
from tests.support.browsing import Form, Page, Typed, Visitor
from tests.support.filling import cell_of, filled, rows_of
from tests.support.own_year import (
    CONTACT,
    CULTURE,
    DISTRICTS,
    DRAFT,
    LECTURER,
    MIND,
    PHONE,
    PROVIDERS,
    PUBLISHED,
    ROOT,
    SECOND,
    SHOW,
    TALK,
    TROUPE,
    UNION,
    VENUES,
    Row,
    Year,
    moment,
    past,
    persons,
    plan,
    show,
    talk,
    tallies,
    tonight,
    units,
)
from tests.support.papers_read import squeezed
from tests.support.serving import Serving, home_of_its_own, serving
from tests.support.tables import tables_of

pytestmark = pytest.mark.postgres_server

PASSWORD = "a long first password"


@pytest.fixture
def home() -> Iterator[Path]:
    with home_of_its_own() as made:
        yield made


@contextlib.contextmanager
def somebody(url: str) -> Iterator[Visitor]:
    """A browser of its own."""
    visitor = Visitor(url)
    try:
        yield visitor
    finally:
        visitor.close()


# --- steps ----------------------------------------------------------------------------------------------------------


def begin(server: Serving, desk: Visitor, year: Year) -> Page:
    """The printed address leads to the first page; whoever fills it in is the administrator and stands in the guide."""
    printed = re.search(r"http://[^\s]+/start\?code=[^\s]+", server.log.read_text(encoding="utf-8"))
    assert printed is not None, server.log.read_text(encoding="utf-8")
    for path in ("/", "/login"):
        assert "/start" in desk.open(path).hrefs, path
    page = desk.open(printed[0])
    typed: dict[str, Typed] = {
        "name": "顾望", "login_name": "keeper", "password": PASSWORD, "password_again": PASSWORD, "organisation": ROOT,
        "organisation_code": "QX", "year": year.number,
    }  # fmt: skip
    refused = desk.press(page, "设立管理员", {**typed, "code": "AAAA-BBBB-CCCC"}, expect=422)
    assert refused.form("设立管理员").value("organisation") == ROOT
    page = desk.press(page, "设立管理员", typed)
    assert page.url.startswith("/desk/guide"), page.url
    assert f"单位是{ROOT}" in page.text
    assert desk.open(printed[0]).url.startswith("/desk/guide")
    return page


def guide(desk: Visitor, year: Year) -> Page:
    """The guide of this year; from October on, or with the next one copied, that one stands beside it."""
    page = desk.open("/desk/guide")
    return desk.follow(page, f"{year.number}年") if f"{year.number}年" in page.links else page


def left(page: Page) -> int:
    """How many steps the guide has left to do."""
    found = re.search(r"还差(\d+)步", page.text)
    return int(found[1]) if found else 0


def skipped_and_resumed(desk: Visitor, page: Page) -> None:
    """A step is skipped and taken back; the guide is left, and found again after the next login."""
    before = left(page)
    page = desk.press(page, "跳过：同事")
    assert left(page) == before - 1
    page = desk.press(page, "捡回来：同事")
    assert left(page) == before
    page = desk.press(page, "退出")
    desk.press(desk.follow(page, "登录"), "登录", {"name": "keeper", "password": PASSWORD})
    page = desk.open("/desk")
    assert f"{before}开始使用的步骤没做" in page.text
    assert left(desk.follow(page, "接着做")) == before


def copied_programme(desk: Visitor, year: Year) -> None:
    """One programme from the notice of another city, which said about 50 lectures; ours says 8."""
    page = desk.follow(guide(desk, year), "照示例复制：项目和指标")
    page = desk.send(
        page, next(one for one in page.forms if one.value("example") == "suzhou-2015"), {"programme": ["psychology"]}
    )
    assert "已复制1个项目、2个指标" in page.text
    page = desk.follow(page, f"编辑：{MIND}")
    page = desk.follow(page, "编辑：讲座")
    page = desk.press(page, "保存指标", {"value": 8, "wording": "组织8场左右的讲座"})
    assert "8场左右" in page.text


def typed_programme(desk: Visitor, year: Year) -> None:
    """One programme typed from the notice, with 超过 and 左右."""
    page = desk.follow(guide(desk, year), "一项一项填：项目和指标")
    page = desk.press(page, "新建项目", {"name": CULTURE, "code": "culture", "kinds": "演出"})
    targets: tuple[dict[str, Typed], ...] = (
        {"key": "sessions", "wording": "全年送文化进基层超过6场", "bound": "more_than", "value": 6},
        {"key": "visits", "wording": "吸引600人次左右参加", "bound": "about", "value": 600, "metric": "visits",
         "unit": "人次"},
    )  # fmt: skip
    for typed in targets:
        page = desk.press(desk.follow(page, "加一项指标"), "新建指标", typed)
    assert "超过6场" in page.text
    assert "600人次左右" in page.text


def read(desk: Visitor, page: Page, rows: Sequence[Row]) -> Page:
    """On the page of one kind: download the template, fill it in, have it read. The preview."""
    book = filled(desk.download(page.link("下载模板")), rows)
    return desk.press(page, "读取表格", {"file": ("我们的.xlsx", book)})


def imported(desk: Visitor, year: Year, words: str, rows: Sequence[Row]) -> None:
    """By a link of the guide, or of the list of imports: all rows are new, and stored."""
    page = guide(desk, year)
    page = page if words in page.links else desk.open("/desk/imports")
    store(desk, read(desk, desk.follow(page, words), rows), len(rows))


def store(desk: Visitor, preview: Page, rows: int) -> None:
    """Confirm a preview of which nothing was refused."""
    assert f"会新建{rows}条，改0条，还没有存。" in preview.text, preview.text
    assert "没有收0行" in preview.text
    stored = desk.press(preview, f"存入{rows}条")
    assert f"已存入：新{rows}条，改0条。" in stored.text


def menu(desk: Visitor, year: Year) -> None:
    """Two items; the talk can be ordered by the unions."""
    items: tuple[tuple[str, bool, str, dict[str, Typed]], ...] = (
        ("送文化", True, SHOW, {"kind": "演出", "duration_minutes": 90, "orderable": False}),
        ("心理", False, TALK, {"kind": "讲座", "duration_minutes": 90, "lead_days": 1}),
    )
    for named, is_show, title, typed in items:
        page = desk.follow(guide(desk, year), "加一项：菜单")
        form = page.form("保存活动")
        givers = [id_ for words, id_ in form.choices("providers").items() if (TROUPE in words) is is_show]
        programme = of_list(form, "programme_id", f"{year.number}年", named)
        page = desk.send(page, form, {"programme_id": programme, "providers": givers, "title": title, **typed})
        assert title in page.text


def next_year(desk: Visitor, year: Year) -> None:
    """The programmes and the menu are copied, so that the plan may reach over New Year."""
    page = desk.follow(desk.open("/desk/manage"), "年度结账")
    page = desk.follow(page, f"复制到{year.number + 1}年")
    page = desk.press(page, "复制选中的项目")
    assert "已复制2个项目" in page.text, page.text


def planned(desk: Visitor, year: Year) -> date:
    """A first file with two slips, named by their cells; the second is clean. The day of the show that comes first."""
    rows = plan(year)
    slips = [talk(year.after(13), PUBLISHED, "14:30"), {**show(year.after(40), PUBLISHED), "场地": "没有的礼堂"}]
    page = desk.follow(guide(desk, year), "从表格导入全年排期：第一场")
    template = desk.download(page.link("下载模板"))
    page = read(desk, page, [*rows, *slips])
    for cell, words in (
        (cell_of(template, "讲师团队", 13), LECTURER),
        (cell_of(template, "场地", 14), "没有的礼堂"),
    ):
        assert cell in page.text, (cell, page.text)
        assert words in page.text
    assert "没有收2行" in page.text
    assert "会新建12条" in page.text
    page = desk.press(page, "不存，换一个文件")
    rows.append(tonight(year))
    store(desk, read(desk, page, rows), 13)
    year.planned += [(str(row["项目"]), day_of(row)) for row in rows[:-1]]
    return day_of(rows[-1])


def day_of(row: Row) -> date:
    day = row["日期"]
    assert isinstance(day, date)
    return day


def published(desk: Visitor, year: Year) -> None:
    """What is still a draft: one by its button, the others by the exported file with another word in it."""
    page = desk.follow(desk.open("/desk"), "场次")
    page = desk.open(next(one for one in page.hrefs if one == "/desk/sessions?state=draft"))
    assert "符合条件的有6场。" in page.text, page.text
    page = desk.open(next(one for one in page.hrefs if re.fullmatch(r"/desk/sessions/[0-9a-f-]{36}/edit", one)))
    desk.press(page, "发布这场")
    page = desk.open("/desk/imports/sessions")
    book = desk.download(page.link("导出现有的"))
    rows = rows_of(book)
    drafts = [row for row in rows if row["状态"] == DRAFT]
    for row in drafts:
        row["状态"] = PUBLISHED
    page = desk.press(page, "读取表格", {"file": ("全年排期.xlsx", filled(book, rows))})
    assert "会新建0条，改5条，还没有存。" in page.text, page.text
    page = desk.press(page, "存入5条")
    assert "已存入：新0条，改5条。" in page.text
    assert "符合条件的有0场。" in desk.open("/desk/sessions?state=draft").text
    day = year.last_day.isoformat()
    page = desk.press(desk.open("/desk/sessions"), "筛选", {"from": day, "to": day})
    assert (SHOW in page.text, "09:30" in page.text) == (True, True)


def opening(desk: Visitor, year: Year) -> None:
    """The talk is opened for orders, from this morning on."""
    page = desk.follow(desk.follow(desk.open("/desk/manage"), "开放预约"), "新建开放预约")
    # The years stand below each other, the latest first.
    page = desk.open([href for words, href in page.listed if words == "选这个项目：心理健康"][-1])
    form = page.form("新建开放预约")
    talks = [of_list(form, "event_ids", TALK)]
    typed = {"name": "冬季点单", "opens_at": f"{year.today}T00:00", "event_ids": talks}
    page = desk.send(page, form, typed)
    assert "1批正在开放" in page.text


def entry_code(desk: Visitor) -> str:
    """The slip for one of the imported contacts, as it is printed and handed over."""
    page = desk.follow(desk.open("/desk/manage"), "人员")
    page = desk.send(page, page.form("查找"), {"q": PHONE})
    page = desk.press(desk.follow(page, CONTACT), "发登录码")
    found = re.search(r"登录码([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", page.text)
    assert found is not None, page.text
    return found[1]


def enter(contact: Visitor, code: str) -> None:
    """With the code from paper, a password, and in."""
    page = contact.follow(contact.open("/login"), "输入登录码")
    page = contact.press(page, "接着设密码", {"code": code.lower().replace("-", "")})
    assert UNION in page.text
    page = contact.press(page, "设密码并登录", {"password": PASSWORD, "password_again": PASSWORD})
    assert CONTACT in page.text


def found(contact: Visitor, title: str, day: date) -> Page:
    """The page of the session of that day, from the list on the front page."""
    for words, href in contact.open("/").listed:
        if words.endswith(f"：{title}"):
            page = contact.open(href)
            if f"{day.year}年{day.month}月{day.day}日" in page.text:
                return page
    raise AssertionError((title, day))


def books(contact: Visitor, day: date) -> str:
    """Twenty-five seats of the show that comes first. The address of its page."""
    page = found(contact, SHOW, day)
    page = contact.press(page, "提交预约", {"seats": 25, "agree": True})
    assert "预约已确认，25人。" in page.text
    return page.link("看这一场")


def claims(contact: Visitor, year: Year) -> None:
    """The first talk becomes the union's own."""
    page = found(contact, TALK, year.after(13))
    page = contact.press(page, "领走这一场", {"address": "河西路30号食堂二楼", "audience": 60})
    assert "整场领走，在您单位办" in page.text, page.text


def orders(contact: Visitor, year: Year) -> str:
    """A talk at the union's own site. The address of the order's page."""
    page = contact.follow(contact.open("/menu"), f"点一单：{TALK}")
    page = contact.press(
        page, "提交点单",
        {"on_1": year.after(20).isoformat(), "part_1": "morning", "audience": 55, "address": "河西路30号食堂二楼"},
    )  # fmt: skip
    assert "点单已提交，等审核。" in page.text
    return page.url


def arranged(desk: Visitor, order: str, year: Year) -> None:
    """Approved, assigned to the lecturer who is free, accepted on the telephone."""
    page = desk.press(desk.follow(desk.open("/desk"), "派单"), "批准点单")
    page = desk.press(page, f"派给{SECOND}")
    page = desk.press(page, f"电话确认：{SECOND}接单")
    assert "已排定" in desk.open(order).text
    year.planned.append((MIND, year.after(20)))


def attended(desk: Visitor, contact: Visitor, year: Year, session: str) -> None:
    """The show that was booked is brought forward to begin at once; who came is recorded, the union is told."""
    desk_page = desk.follow(desk.open(session), "管理这场")
    assert f"{UNION}25人" in desk_page.text
    # To the second: the fields of a browser leave them out, the form takes them.
    begins = (moment() + timedelta(seconds=1.5)).replace(microsecond=0, tzinfo=None) + timedelta(seconds=1)
    times = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(minutes=90)).isoformat()}
    page = desk.press(desk.follow(desk_page, "改期或改内容"), "保存改动", {**times, "reason": "提前开演"})
    time.sleep(max(0.0, (begins.replace(tzinfo=ZONE) - moment()).total_seconds() + 0.2))
    page = desk.press(desk.open(desk_page.url), "登记", {"total": 118, "workers": 97})
    assert "已办过，共118人次。" in page.text, page.text
    assert "提前开演" in contact.open("/my").text
    year.done.append((CULTURE, begins.date(), "河东区", 118, 97))


# --- figures --------------------------------------------------------------------------------------------------------


def promises(year: Year) -> dict[str, int]:
    """What the four promises have come to, by their words."""
    shows, visits, _workers = year.figures(programme=CULTURE)
    return {
        "超过6场": shows,
        "600人次左右": visits,
        "8场左右": year.figures(programme=MIND)[0],
        "20000本以上": year.books,
    }


def on_the_desk(desk: Visitor, year: Year) -> None:
    """The progress and the analysis."""
    page = desk.open("/desk")
    page = desk.press(page, "看这一天", {"as_of": year.as_of.isoformat()})
    progress = next(table for caption, table in tables_of(page.html).items() if "指标进度" in caption)
    # A programme's second target stands below its first, without number and name.
    assert {row[-5][1]: int(row[-4][0].replace(",", "")) for row in progress.rows[1:]} == promises(year)
    page = desk.open(f"/desk/figures?year={year.number}&as_of={year.as_of}")
    sessions, visits, _workers = year.figures()
    assert f"到这一天办了{sessions}场，{visits:,}人次" in page.text, page.text[:400]
    heat = next(table for caption, table in tables_of(page.html).items() if caption.startswith("各地区各月"))
    for words, cells in (("合计", {}), ("河东", {"district": "河东区"}), ("河西", {"district": "河西区"})):
        shown = [tuple(int(one.replace(",", "")) for one in cell) or (0, 0) for cell in heat.row(words)]
        assert shown == [
            *(year.figures(month=month, **cells)[:2] for month in range(1, 13)), year.figures(**cells)[:2],
        ]  # fmt: skip


def by_program(desk: Visitor, year: Year) -> None:
    """The interface, with a token made on a page."""
    page = desk.press(desk.open("/account"), "生成令牌", {"name": "核对"})
    token = re.search(r"[0-9A-Za-z_-]{32,}", page.text)
    assert token is not None, page.text
    with httpx.Client(base_url=str(desk.http.base_url), headers={"Authorization": f"Bearer {token[0]}"}) as api:
        asked = {"year": str(year.number), "as_of": year.as_of.isoformat()}
        items = api.get("/api/v1/progress", params=asked).json()["items"]
        figures = api.get("/api/v1/figures", params=asked).json()
    targets = {one["wording"]: one for item in items for one in item["targets"]}
    assert {words: one["actual"] for words, one in targets.items()} == {
        "全年送文化进基层超过6场": year.figures(programme=CULTURE)[0],
        "吸引600人次左右参加": year.figures(programme=CULTURE)[1],
        "组织8场左右的讲座": year.figures(programme=MIND)[0],
        "免费发放20000本以上手册": year.books,
    }
    for words, programme in (("全年送文化进基层超过6场", CULTURE), ("组织8场左右的讲座", MIND)):
        assert targets[words]["planned"] == year.coming(programme), (words, targets[words])
    leaders = figures["leaders"]
    assert (leaders["sessions"], leaders["visits"], leaders["workers"]) == year.figures()
    assert {one["district"]: (one["sessions"], one["visits"]) for one in figures["districts"] if one["sessions"]} == {
        district: year.figures(district=district)[:2] for district in DISTRICTS
    }


def by_heading(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def added(rows: Sequence[dict[str, Any]], *columns: str) -> tuple[int, ...]:
    return tuple(sum(int(row[column] or 0) for row in rows) for column in columns)


def as_files(desk: Visitor, year: Year) -> None:
    """The workbook, the csv and the PDF of the report, by the buttons of its page."""
    page = desk.open(f"/desk/reports?year={year.number}")
    cut = {"as_of": year.as_of.isoformat()}
    book = CalamineWorkbook.from_filelike(io.BytesIO(desk.fetch(page, "下载Excel表", cut)))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    table = list(csv.reader(io.StringIO(desk.fetch(page, "下载CSV", cut).decode("utf-8-sig"))))
    for rows in (sheets["完成情况"], table):
        by_words = {row["承诺"]: row for row in by_heading(rows)}
        assert {words: int(row["已完成"]) for words, row in by_words.items()} == promises(year)
        for words, programme in (("超过6场", CULTURE), ("8场左右", MIND)):
            assert int(by_words[words]["已排未办"] or 0) == year.coming(programme)
    months = by_heading(sheets["逐月"])
    for month in range(1, 13):
        found = [one for one in months if one["月份"] == month]
        assert added(found, "已办（场）", "人次（人次）", "其中职工（人次）") == year.figures(month=month)
    listed = by_heading(sheets["场次"])
    for programme in (CULTURE, MIND):
        found = [one for one in listed if one["项目"] == programme]
        assert added(found, "计场次（场）", "人次（人次）", "其中职工（人次）") == year.figures(programme=programme)
    in_print(desk.fetch(page, "打开年终报告（PDF）", cut), year)


def in_print(pdf: bytes, year: Year) -> None:
    """The PDF as a reader has it before them."""
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        # Without the large letters behind the text that say 草稿.
        pages = [one.filter(lambda part: part.get("size", 0) < 60) for one in opened.pages]
        lines = squeezed("".join(one.extract_text() or "" for one in pages))
        tables = [made for one in pages for made in one.extract_tables()]
    text = re.sub(r"—\d+—", "", lines)  # a page number may stand in the middle of a sentence
    sessions, visits, workers = year.figures()
    assert f"共举办各类活动{sessions}场，参加{visits}人次，其中职工{workers}人次" in text
    for words, done in promises(year).items():
        unit = re.sub(r"[0-9超过左右以上]", "", words)
        assert f"已完成{done:,}{unit}" in text or f"实际完成{done:,}{unit}" in text, (words, done)
    rows = [[squeezed(cell or "") for cell in row] for made in tables for row in made]
    for district in DISTRICTS:
        assert [*map(str, year.figures(district=district)[:2])] in [row[-2:] for row in rows if row[0] == district]
    for place, words in enumerate(("场次", "人次", "其中职工")):
        of_months = [row[1:13] for row in rows if row[0] == words and len(row) == 14]
        for month in range(1, 13):
            found = sum(int(row[month - 1].replace(",", "") or 0) for row in of_months)
            assert found == year.figures(month=month)[place], (words, month)


def of_list(form: Form, name: str, *words: str) -> str:
    """The value of the only line of a list that says all of this."""
    offered = form.choices(name)
    found = [value for text, value in offered.items() if all(one in text for one in words)]
    assert len(found) == 1, (words, offered)
    return found[0]


def test_a_federation_begins_with_its_own_year(home: Path) -> None:
    """Start, guide, imports, plan, booking, claim, order, attendance, figures and reports by pages and files alone."""
    year = Year(moment().date())
    with serving(home) as server:
        server.wait_until_ready()
        with somebody(server.url) as desk:
            skipped_and_resumed(desk, begin(server, desk, year))
            copied_programme(desk, year)
            typed_programme(desk, year)
            imported(desk, year, "从表格导入：下级单位", units())
            imported(desk, year, "从表格导入：单位联系人", persons())
            imported(desk, year, "从表格导入：讲师和团队", PROVIDERS)
            imported(desk, year, "从表格导入：场地", VENUES)
            menu(desk, year)
            next_year(desk, year)
            first = planned(desk, year)
            imported(desk, year, "从表格导入：补录已办的场次", past(year))
            imported(desk, year, "导入：补充填报", tallies(year))
            published(desk, year)
            opening(desk, year)
            assert "要做的都做好了" in guide(desk, year).text
            assert "开始使用的步骤没做" not in desk.open("/desk").text
            with somebody(server.url) as contact:
                enter(contact, entry_code(desk))
                booked = books(contact, first)
                claims(contact, year)
                arranged(desk, orders(contact, year), year)
                attended(desk, contact, year, booked)
            on_the_desk(desk, year)
            by_program(desk, year)
            as_files(desk, year)
        assert server.stop() == 0
