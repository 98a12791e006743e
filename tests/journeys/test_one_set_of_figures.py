"""One set of figures: the small year counted on paper, and the same figure in every place that shows it.

The year is ``tests.support.small_year``; its tree and its sessions stand there as a table. Counted by hand:

| until 31 March | sessions | visits | of which workers | | until 15 September | sessions | visits | of which workers |
|---|---|---|---|---|---|---|---|---|
| culture (10 promised) | 3 = 30 % | 160 | 130 | | culture | 4 = 40 % | 220 | 130 |
| talks (100 visits promised) | 0 | 0 = 0 % | 0 | | talks | 2 | 30 = 30 % | 0 |
| both | 3 | 160 | 130 | | both | 6 | 250 | 130 |
| January | 1 | 100 | 80 | | as before | | | |
| February | 1 | 50 | 50 | | as before | | | |
| March | 1 | 10 | — | | as before | | | |
| April | | | | | the exhibition's last day | 0 | 20 | — |
| May | | | | | | 2 | 40 | — |
| September | | | | | | 1 | 30 | — |
| 姑苏区 | 2 | 150 | 130 | | 姑苏区 | 2 | 150 | 130 |
| 吴中区 | 1 | 10 | — | | 吴中区 | 3 | 60 | — |
| no district | 0 | 0 | — | | no district | 1 | 40 | — |
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date
from typing import Any

import httpx
import pdfplumber
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from outreach.reports.sheets import TABLES
from outreach.shared.actors import Role
from outreach.statistics.commands.filling import save_values
from outreach.statistics.commands.opening import open_form
from outreach.statistics.keeping import store_form
from tests.factories.accounts import browser_of, client_of, make_actor
from tests.support.small_year import TODAY, SmallYear, at, make_small_year
from tests.support.tables import tables_of

pytestmark = pytest.mark.usefixtures("database")

#: Place of a figure (whole, a programme, a month, a district) → sessions, visits, of which workers.
Paper = dict[str, tuple[int, int, int]]

MARCH = date(2015, 3, 31)
_SPRING: Paper = {"1月": (1, 100, 80), "2月": (1, 50, 50), "3月": (1, 10, 0)}
PAPER: dict[date, Paper] = {
    MARCH: {
        "whole": (3, 160, 130), "culture": (3, 160, 130), "talks": (0, 0, 0), **_SPRING,
        "姑苏区": (2, 150, 130), "吴中区": (1, 10, 0),
    },
    TODAY: {
        "whole": (6, 250, 130), "culture": (4, 220, 130), "talks": (2, 30, 0), **_SPRING,
        "4月": (0, 20, 0), "5月": (2, 40, 0), "9月": (1, 30, 0),
        "姑苏区": (2, 150, 130), "吴中区": (3, 60, 0), "": (1, 40, 0),
    },
}  # fmt: skip
#: Hundredths of the promise: 10 sessions of culture, 100 visits of talks.
PERCENT = {MARCH: (30, 0), TODAY: (40, 30)}
#: Points of letters that are no text of a page.
LARGE = 60
NAMES = {"culture": "送文化进基层", "talks": "心理健康讲座"}
MONTHS = [f"{number}月" for number in range(1, 13)]

FORM = """
code = "small"
title = "小年度统计表"
[period]
from = {{ on = "01-01" }}
until = {{ on = "12-31" }}
[cut_off]
on = "{cut_off}"
[hand_in]
on = "01-12"
years = 1
[[item]]
number = 1
[[item.row]]
text = "场次{{cs}}{{ts}}人次{{cv}}{{tv}}其中职工{{cw}}{{tw}}"
cells = [
  {{ id = "cs", label = "culture 0", unit = "场", rule = {{ figure = "sessions", programmes = ["culture"] }} }},
  {{ id = "ts", label = "talks 0", unit = "场", rule = {{ figure = "sessions", programmes = ["talks"] }} }},
  {{ id = "cv", label = "culture 1", unit = "人次", rule = {{ figure = "visits", programmes = ["culture"] }} }},
  {{ id = "tv", label = "talks 1", unit = "人次", rule = {{ figure = "visits", programmes = ["talks"] }} }},
  {{ id = "cw", label = "culture 2", unit = "人次", rule = {{ figure = "visits", programmes = ["culture"], workers = true }} }},
  {{ id = "tw", label = "talks 2", unit = "人次", rule = {{ figure = "visits", programmes = ["talks"], workers = true }} }},
]
"""  # noqa: E501 - a cell a line


def places(day: date, names: Iterable[str]) -> Paper:
    """What paper says of these places; those that had nothing are not on it."""
    return {name: PAPER[day][name] for name in names if name in PAPER[day]}


def something(found: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Without the places that had nothing."""
    return {name: figures for name, figures in found.items() if any(figures)}


def number(text: str) -> int:
    """``1,200`` as a number."""
    return int(text.replace(",", ""))


def two(paper: Paper) -> dict[str, tuple[int, ...]]:
    """Sessions and visits alone, where a place does not show the workers."""
    return {name: figures[:2] for name, figures in paper.items()}


@pytest.fixture(params=[MARCH, TODAY], ids=["March", "September"])
def day(request: pytest.FixtureRequest) -> date:
    """The exhibition is half over at the first; the second is today."""
    found: date = request.param
    return found


@pytest.fixture
async def small(database: None) -> SmallYear:
    return await make_small_year()


@pytest.fixture
async def api(app: Litestar, small: SmallYear) -> AsyncIterator[httpx.AsyncClient]:
    """A program of the city's organiser."""
    async with client_of(app, await make_actor(Role.ORGANISER, small.city)) as made:
        yield made


def plain(page: pdfplumber.page.Page) -> Any:
    """The page without the large letters behind its text that say 草稿."""
    return page.filter(lambda one: one.get("size", 0) < LARGE)


async def test_the_api(api: httpx.AsyncClient, small: SmallYear, day: date) -> None:
    asked = {"as_of": day.isoformat()}
    year = (await api.get("/api/v1/progress", params={"year": 2015, **asked})).json()
    single = [
        (await api.get(f"/api/v1/programmes/{one.id}/progress", params=asked)).json()
        for one in (small.culture, small.talks)
    ]
    figures = (await api.get("/api/v1/figures", params={"year": 2015, **asked})).json()
    assert year["items"] == single
    targets = [one["targets"][0] for one in single]
    assert [(one["actual"], one["percent"]) for one in targets] == list(
        zip((PAPER[day]["culture"][0], PAPER[day]["talks"][1]), PERCENT[day], strict=True)
    )
    months: dict[str, tuple[int, ...]] = {
        name: tuple(
            sum(one["actual"] for part in single for one in part["months"]
                if (one["month"], one["metric"]) == (place, metric))
            for metric in ("sessions", "visits")
        )
        for place, name in enumerate(MONTHS, 1)
    }  # fmt: skip
    assert something(months) == two(places(day, MONTHS))
    for one, code in zip(single, NAMES, strict=True):
        assert tuple(
            sum(row["actual"] for row in one["months"] if row["metric"] == metric) for metric in ("sessions", "visits")
        ) == PAPER[day][code][:2]  # fmt: skip
    leaders = figures["leaders"]
    assert (leaders["sessions"], leaders["visits"], leaders["workers"]) == PAPER[day]["whole"]
    assert _added(figures["months"], "district") == places(day, ("姑苏区", "吴中区", ""))
    by_month = _added(figures["months"], "month")
    assert {f"{month}月": values for month, values in by_month.items()} == places(day, MONTHS)
    districts = {one["district"]: (one["sessions"], one["visits"]) for one in figures["districts"]}
    assert something(districts) == two(places(day, ("姑苏区", "吴中区", "")))


def _added(rows: list[dict[str, Any]], key: str) -> dict[Any, tuple[int, ...]]:
    found: dict[Any, tuple[int, ...]] = {}
    for row in rows:
        before = found.get(row[key], (0, 0, 0))
        found[row[key]] = tuple(
            a + row[name] for a, name in zip(before, ("sessions", "visits", "workers"), strict=True)
        )
    return found


async def test_the_dashboard_and_the_analysis(app: Litestar, small: SmallYear, day: date) -> None:
    async with browser_of(app, await make_actor(Role.ORGANISER, small.city)) as browser:
        desk = await browser.get("/desk", params={"as_of": day.isoformat()})
        analysis = await browser.get("/desk/figures", params={"year": 2015, "as_of": day.isoformat()})
        sources = await browser.get("/desk/figures/sessions", params={"year": 2015, "as_of": day.isoformat()})
    targets = next(table for caption, table in tables_of(desk.text).items() if "指标进度" in caption)
    shown = {row[1][0]: (number(row[3][0]), row[3][-1]) for row in targets.rows[1:]}
    assert shown == {
        NAMES["culture"]: (PAPER[day]["culture"][0], "场"),
        NAMES["talks"]: (PAPER[day]["talks"][1], "人次"),
    }
    tables = tables_of(analysis.text)
    heat = next(table for caption, table in tables.items() if caption.startswith("各地区各月的场次和人次"))
    of_months = dict(zip([*MONTHS, "whole"], heat.row("合计"), strict=True))
    assert _cells(of_months) == two(places(day, [*MONTHS, "whole"]))
    of_districts = {
        name: heat.row(words)[-1]
        for name, words in (("姑苏区", "姑苏"), ("吴中区", "吴中"), ("", "未填地区"))
        if name in PAPER[day]
    }
    assert _cells(of_districts) == two(places(day, ("姑苏区", "吴中区", "")))
    compared = next(table for caption, table in tables.items() if "每千名会员" in caption)
    for name in ("姑苏区", "吴中区"):
        row = compared.row(name)
        assert (number(row[1][0]), number(row[2][0])) == PAPER[day][name][:2]
    years = next(table for caption, table in tables.items() if "去年同一天" in caption)
    for code, name in (*NAMES.items(), ("whole", "合计")):
        # A programme that had nothing in either year has no row.
        found = [(number(one[1][0]), number(one[5][0])) for one in years.rows if one[0][-1:] == [name]]
        assert found == ([PAPER[day][code][:2]] if any(PAPER[day][code]) else [])
    whole = PAPER[day]["whole"]
    assert f"到这一天办了{whole[0]}场，{whole[1]}人次" in analysis.text
    assert f"一共{whole[0]}场，{whole[1]}人次。" in sources.text


def _cells(found: dict[str, list[str]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(map(number, pieces)) for name, pieces in found.items() if pieces}


async def test_the_workbook_and_csv(api: httpx.AsyncClient, small: SmallYear, day: date) -> None:
    asked = {"as_of": day.isoformat()}
    made = (await api.get("/reports/2015.xlsx", params=asked)).content
    texts = {
        table: (await api.get("/reports/2015.csv", params={**asked, "table": table})).content.decode("utf-8-sig")
        for table in ("targets", "months", "districts", "units", "groups", "scores", "sessions")
    }
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    for rows in (
        {table: sheets[TABLES[table]] for table in texts},
        {table: _typed(list(csv.reader(io.StringIO(text)))) for table, text in texts.items()},
    ):
        _check_sheets(rows, day)


def _typed(rows: list[list[str]]) -> list[list[Any]]:
    return [[float(cell) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell) else cell for cell in row] for row in rows]


def _check_sheets(rows: dict[str, list[list[Any]]], day: date) -> None:
    head, *targets = rows["targets"]
    done, percent, unit = (head.index(name) for name in ("已完成", "完成率（%）", "单位"))
    assert [(row[done], row[unit], row[percent]) for row in targets] == [
        (PAPER[day]["culture"][0], "场", PERCENT[day][0]),
        (PAPER[day]["talks"][1], "人次", PERCENT[day][1]),
    ]
    figures = ("已办（场）", "人次（人次）", "其中职工（人次）")
    months = _summed(rows["months"], "月份", figures)
    assert {f"{int(month)}月": values for month, values in months.items() if any(values)} == places(day, MONTHS)
    of_programmes = something(_summed(rows["months"], "项目", figures))
    assert of_programmes == something({NAMES[code]: PAPER[day][code] for code in NAMES})
    by_place = _summed(rows["districts"], "地区（按举办地点）", ("场次（场）", "人次（人次）", "其中职工（人次）"))
    assert {"" if name == "未填" else name: values for name, values in by_place.items()} == places(
        day, ("姑苏区", "吴中区", "")
    )
    of_sessions = _summed(rows["sessions"], "项目", ("计场次（场）", "人次（人次）", "其中职工（人次）"))
    assert something(of_sessions) == of_programmes
    assert _summed(rows["units"], "单位", ("场次（场）", "人次（人次）"))["合计"] == PAPER[day]["whole"][:2]
    groups = _summed(rows["groups"], "群体", ("人次（人次）",))
    assert (groups["总人次"], groups["其中：职工"]) == tuple((value,) for value in PAPER[day]["whole"][1:])
    scores = _summed(rows["scores"], "项目", ("场次（场）", "人次（人次）"))
    assert something(scores) == {name: figures[:2] for name, figures in of_programmes.items()}


def _summed(rows: list[list[Any]], key: str, figures: tuple[str, ...]) -> dict[Any, tuple[int, ...]]:
    head = rows[0]
    found: dict[Any, tuple[int, ...]] = {}
    for row in rows[1:]:
        before = found.get(row[head.index(key)], (0,) * len(figures))
        found[row[head.index(key)]] = tuple(
            a + int(row[head.index(name)] or 0) for a, name in zip(before, figures, strict=True)
        )
    return found


async def test_the_document(api: httpx.AsyncClient, day: date) -> None:
    made = (await api.get("/reports/2015.pdf", params={"as_of": day.isoformat()})).content
    with pdfplumber.open(io.BytesIO(made)) as pdf:
        pages = [plain(page) for page in pdf.pages]
        text = "".join("".join((page.extract_text() or "").split()) for page in pages)
        tables = [table for page in pages for table in page.extract_tables()]
    sessions, visits, workers = PAPER[day]["whole"]
    assert f"共举办各类活动{sessions}场，参加{visits}人次，其中职工{workers}人次" in text
    culture, talks = PAPER[day]["culture"], PAPER[day]["talks"]
    assert f"已完成{culture[0]}场，完成率{PERCENT[day][0]}%" in text
    assert f"已完成{talks[1]}人次，完成率{PERCENT[day][1]}%" in text
    rows = [[_flat(cell) for cell in row] for table in tables for row in table]
    by_month = {
        words: [row[1:] for row in rows if row[0] == words and len(row) == 14] for words in ("场次", "人次", "其中职工")
    }
    for place, name in enumerate(MONTHS):
        found = tuple(
            sum(int(number_or_nothing(row[place])) for row in by_month[words]) for words in ("场次", "人次", "其中职工")
        )
        assert found == PAPER[day].get(name, (0, 0, 0)), name
    for name, words in (("姑苏区", "姑苏区"), ("吴中区", "吴中区"), ("", "未填地区"), ("whole", "合计")):
        if name in PAPER[day]:
            assert [*map(str, PAPER[day][name][:2])] in [row[-2:] for row in rows if row[0] == words], name


def _flat(cell: str | None) -> str:
    return "".join((cell or "").split())


def number_or_nothing(text: str) -> int:
    """A month that has not come is empty."""
    return number(text) if text else 0


async def test_the_statistics_table_and_the_report_with_it(app: Litestar, small: SmallYear, day: date) -> None:
    """The form counts by itself until its cut-off; handed in, it is an annex of the report as well."""
    actor = await make_actor(Role.ORGANISER, small.city)
    now = at(9, 15, 9)
    await store_form(actor, now, content=FORM.format(cut_off=day.strftime("%m-%d")).encode())
    row = await open_form(actor, now, form="small", year=2015, organisation_id=small.city.id)
    await save_values(actor, now, table_id=row.id, entries={}, then_hand_in=True)
    async with client_of(app, actor) as api:
        cells = (await api.get(f"/api/v1/statistics/{row.id}")).json()["cells"]
        answer = await api.get("/reports/2015/statistics.xlsx")
        assert answer.status_code == 200, answer.text
        own = answer.content
        book = (await api.get("/reports/2015.xlsx")).content
        paper = (await api.get(f"/desk/statistics/{row.id}/table.pdf")).content
    expected = {f"{code} {place}": PAPER[day][code][place] for place in range(3) for code in NAMES}
    assert {cell["label"]: cell["value"] for cell in cells} == expected
    form = CalamineWorkbook.from_filelike(io.BytesIO(own)).get_sheet_by_index(0).to_python()
    assert [line[3] for line in form if line[3] != "" and line[4] in ("场", "人次")] == list(expected.values())
    annex = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("附件1 统计表").to_python()
    assert {line[2]: line[3] for line in annex[1:]} == expected
    with pdfplumber.open(io.BytesIO(paper)) as pdf:
        text = "".join("".join((plain(page).extract_text() or "").split()) for page in pdf.pages)
    written = re.search(r"场次(\d+)场(\d+)场人次(\d+)人次(\d+)人次其中职工(\d+)人次(\d+)人次", text)
    assert written is not None, text
    assert list(map(int, written.groups())) == list(expected.values())
