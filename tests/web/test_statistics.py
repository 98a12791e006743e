"""Statistics tables over HTTP: pages for units and staff, JSON, workbooks, documents; who gets what."""

import io
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar, Request, Response
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from outreach.reports.rendering import pdf_of
from outreach.reports.statistics import table_pdf
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.statistics.filled import filled_table
from outreach.statistics.gathering import statistics_workbook
from outreach.statistics.printing import table_html
from outreach.statistics.queries import readable_table, table_by_id
from outreach.statistics.toml import shipped_forms
from tests.factories.accounts import browser_of, client_of, make_actor
from tests.factories.statistics import THEN, WARMTH, StatisticsWorld
from tests.support.clock import FixedClock
from tests.support.pages import form_token, post_form

PATH = "/api/v1/statistics"


@pytest.fixture
async def world(database: None, clock: FixedClock) -> StatisticsWorld:
    clock.moment = THEN
    return await StatisticsWorld().build()


@pytest.fixture
async def city(app: Litestar, world: StatisticsWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, world.organiser) as client:
        yield client


@pytest.fixture
async def east(app: Litestar, world: StatisticsWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, world.east_organiser) as client:
        yield client


@pytest.fixture
async def mill(app: Litestar, world: StatisticsWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, world.contact) as client:
        yield client


async def opened(world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient) -> dict[str, str]:
    """The form opened by the city and handed on by the east district: table ids by organisation's code."""
    asked = {"form": WARMTH, "year": 2016, "organisation_id": str(world.city.id)}
    top = await city.post(PATH, json=asked)
    assert top.status_code == 201, top.text
    row = await db.value("SELECT id FROM statistics_table WHERE organisation = $1", world.east.id)
    assert (await east.post(f"{PATH}/{row}/below", json={})).status_code == 200
    rows = await db.rows(
        "SELECT o.code, t.id FROM statistics_table t JOIN accounts_organisation o ON o.id = t.organisation"
    )
    return {row["code"]: str(row["id"]) for row in rows}


async def filled(mill: httpx.AsyncClient, table: str, **values: Any) -> None:
    given = {name.strip("_"): value for name, value in values.items()}
    assert (await mill.put(f"{PATH}/{table}/values", json={"values": given})).status_code == 200
    assert (await mill.post(f"{PATH}/{table}/submit")).status_code == 200


# --- JSON ------------------------------------------------------------------------------------------------------------


async def test_from_opening_to_a_correction_in_json(
    world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient, mill: httpx.AsyncClient
) -> None:
    tables = await opened(world, city, east)
    table = f"{PATH}/{tables['MILL']}"

    first = await mill.get(table)
    assert first.headers["etag"] == '"1"'
    shown = first.json()
    facts = {name: shown[name] for name in ("title", "from_on", "until_on", "cut_off_on", "hand_in_on", "upper_id")}
    assert facts == {
        "title": "2016年送温暖工程统计表",
        "from_on": "2015-12-22",
        "until_on": "2016-02-07",
        "cut_off_on": "2016-01-12",
        "hand_in_on": "2016-01-12",
        "upper_id": None,  # the district's table is not the unit's to read
    }
    assert len(shown["cells"]) == 67
    saved = await mill.put(
        f"{table}/values", json={"values": {"1A1": 300, "1A2": 120, "5A1": 12.5}}, headers={"If-Match": '"1"'}
    )
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    late = await mill.put(f"{table}/values", json={"values": {}}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/stale")

    bad = await mill.put(f"{table}/values", json={"values": {"1A1": 100, "1A2": 101}})
    assert bad.status_code == 422
    words = "101大于1(A)“当地职工总数”的100。其中数不能大于总数。"
    assert bad.json()["errors"] == [{"field": "values.1A2", "message": words}]

    assert (await mill.post(f"{table}/submit", headers={"If-Match": '"2"'})).json()["state"] == "submitted"
    assert (await mill.post(f"{table}/lock")).status_code == 403
    returned = await east.post(f"{table}/return", json={"note": "农民工数不对"})
    assert (returned.json()["state"], returned.json()["returned_note"]) == ("returned", "农民工数不对")
    assert (await mill.post(f"{table}/submit")).json()["state"] == "submitted"
    assert (await east.post(f"{table}/lock")).json()["state"] == "locked"
    again = await east.post(f"{table}/lock")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/statistics-state")
    corrected = await east.post(f"{table}/corrections", json={"values": {"1A1": 310}, "reason": "漏报10人"})
    assert corrected.status_code == 201
    shown = (await mill.get(table)).json()
    assert {(one["cell"], one["old_value"], one["new_value"]) for one in shown["corrections"]} == {("1A1", 300, 310)}
    values = {cell["id"]: cell["value"] for cell in shown["cells"] if cell["value"] is not None}
    assert values == {"1A1": 310, "1A2": 120, "5A1": 12.5}
    assert isinstance(values["1A1"], int)

    above = (await east.get(f"{PATH}/{tables['EAST']}")).json()
    assert [(one["organisation_name"], one["state"]) for one in above["tables_below"]] == [
        ("河东码头工会", "open"),
        ("胥江机械厂工会", "locked"),
    ]
    assert next(cell["below"] for cell in above["cells"] if cell["id"] == "1A1") == 310


async def test_the_list_holds_what_the_caller_may_read(
    world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient, mill: httpx.AsyncClient
) -> None:
    await opened(world, city, east)

    async def names(client: httpx.AsyncClient, query: str = "") -> list[str]:
        answer = (await client.get(f"{PATH}?year=2016{query}")).json()
        assert answer["total"] == len(answer["items"])
        return sorted(one["organisation_name"] for one in answer["items"])

    assert await names(mill) == ["胥江机械厂工会"]
    assert await names(east) == ["东区总工会", "河东码头工会", "胥江机械厂工会"]
    assert len(await names(city)) == 5
    assert await names(city, "&state=locked") == []
    assert await names(city, f"&organisation={world.west.id}") == ["西区总工会"]
    assert (await city.get(f"{PATH}?year=2016&limit=2")).json()["next"] is not None
    assert (await city.get(f"{PATH}?organisation=x")).status_code == 422


async def test_foreign_tables_answer_404_on_every_path(
    app: Litestar, world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient, mill: httpx.AsyncClient
) -> None:
    """Rule 9; a table with figures that would leak."""
    tables = await opened(world, city, east)
    await filled(mill, tables["MILL"], _1A1=300)
    table = f"{PATH}/{tables['MILL']}"
    async with client_of(app, world.dock_contact) as rival, client_of(app, world.west_organiser) as west:
        for client in (rival, west):
            for method, path, body in (
                ("GET", table, None),
                ("PUT", f"{table}/values", {"values": {}}),
                ("POST", f"{table}/submit", None),
                ("POST", f"{table}/below", {}),
                ("POST", f"{table}/return", {"note": "x"}),
                ("POST", f"{table}/lock", None),
                ("POST", f"{table}/corrections", {"values": {"1A1": 1}, "reason": "x"}),
                ("GET", f"/statistics/{tables['MILL']}", None),
                ("GET", f"/statistics/{tables['MILL']}/table.xlsx", None),
                ("GET", f"{PATH}/{uuid4()}", None),
            ):
                answer = await client.request(method, path, json=body)
                assert (answer.status_code, method, path) == (404, method, path)
    async with client_of(app, None) as stranger:
        assert (await stranger.get(table)).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "values"),
        ({"values": [300]}, "values"),
        ({"values": {"1A1": 1e300}}, "values.1A1"),
        ({"values": {"1A1": 10**30}}, "values.1A1"),
        ({"values": {"1A1": -1}}, "values.1A1"),
        ({"values": {"no": 1}}, "values.no"),
        ({"values": {}, "notes": {"1A1": "长" * 300}}, "values.1A1"),
        ({"values": {}, "notes": {"1A1": "\x00"}}, "values.1A1"),
        ({"values": {}, "more": 1}, "more"),
    ],
)
async def test_bad_values_are_named(
    world: StatisticsWorld,
    city: httpx.AsyncClient,
    east: httpx.AsyncClient,
    mill: httpx.AsyncClient,
    body: dict[str, Any],
    field: str,
) -> None:
    tables = await opened(world, city, east)
    answer = await mill.put(f"{PATH}/{tables['MILL']}/values", json=body)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


# --- pages -----------------------------------------------------------------------------------------------------------


async def test_a_contact_fills_the_table_on_its_page(
    app: Litestar, world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient
) -> None:
    tables = await opened(world, city, east)
    async with browser_of(app, world.contact) as browser:
        listed = (await browser.get("/statistics")).text
        assert "有1张要填" in listed
        page = (await browser.get(f"/statistics/{tables['MILL']}")).text
        assert "2016年1月12日（周二）前报送。" in page
        assert "〔4〕" in page
        assert "原文印作（L），按次序应为（I）" in page
        # 67 fields, each labelled, and the two codes of a row in the form's order.
        assert len(set(re.findall(r'name="(v-[^"]+)"', page))) == 67
        saved = await post_form(browser, f"/statistics/{tables['MILL']}", {"v-1A1": "1,300", "revision": "1"})
        assert (saved.status_code, saved.headers["location"]) == (303, f"/statistics/{tables['MILL']}")
        assert 'name="v-1A1" class="short"' in (await browser.get(f"/statistics/{tables['MILL']}")).text

        bad = await post_form(
            browser,
            f"/statistics/{tables['MILL']}",
            {"v-1A1": "100", "v-1A2": "101", "v-2A1": "许多", "revision": "2", "then": "submit"},
        )
        assert bad.status_code == 422
        assert 'href="#v-2A1">2(A)当地困难职工总数：应是数字。' in bad.text
        assert 'value="许多"' in bad.text
        bad = await post_form(
            browser, f"/statistics/{tables['MILL']}", {"v-1A1": "100", "v-1A2": "101", "revision": "2"}
        )
        assert "101大于1(A)“当地职工总数”的100" in bad.text
        stale = await post_form(browser, f"/statistics/{tables['MILL']}", {"v-1A1": "100", "revision": "1"})
        assert (stale.status_code, 'value="100"' in stale.text) == (412, True)
        assert re.search(r'name="revision" value="2"', stale.text)
        sent = await post_form(
            browser,
            f"/statistics/{tables['MILL']}",
            {"v-1A1": "1300", "v-5A1": "3", "v-5B1": "2", "revision": "2", "then": "submit"},
        )
        assert sent.status_code == 303
        page = (await browser.get(f"/statistics/{tables['MILL']}")).text
        assert '<b class="stat-figure">1,300</b>' in page
        assert "5(A)筹集慰问款物总额是3万元，分项加起来是2。" in page
        assert (await browser.get(f"/desk/statistics/{tables['MILL']}")).status_code == 403
        assert (await browser.get("/desk/statistics")).status_code == 403
        again = await browser.post(
            f"/statistics/{tables['MILL']}", data={"v-1A1": "9", "_csrf_token": form_token(listed)}
        )
        assert (again.status_code, "它已经报上去了" in again.text) == (409, True)


async def test_the_desk_opens_reminds_returns_locks_and_corrects(
    app: Litestar, world: StatisticsWorld, mill: httpx.AsyncClient
) -> None:
    async with browser_of(app, world.organiser) as browser:
        assert "这一年还没有布置统计表" in (await browser.get("/desk/statistics?year=2016")).text
        asked: dict[str, object] = {"form": WARMTH, "year": "2016", "organisation_id": str(world.city.id)}
        made = await post_form(browser, "/desk/statistics", asked)
        assert made.status_code == 303
        top = made.headers["location"].rsplit("/", 1)[1]
        twice = await post_form(browser, "/desk/statistics", asked)
        assert (twice.status_code, "这张表已经布置过" in twice.text) == (409, True)
        wrong = await post_form(browser, "/desk/statistics", {**asked, "year": "2051"})
        assert (wrong.status_code, "只知道2000年到2050年的春节" in wrong.text) == (422, True)
        overview = (await browser.get("/desk/statistics?year=2016")).text
        assert "送温暖工程统计表还差2个单位，1月12日上报。" in overview
        assert "还没有报：东区总工会、西区总工会" in overview
        reminded = await post_form(browser, f"/desk/statistics/{top}/remind", {}, page="/desk/statistics")
        assert reminded.status_code == 303
        page = (await browser.get(f"/desk/statistics/{top}")).text
        east = re.search(r'href="/desk/statistics/([0-9a-f-]{36})">东区总工会', page)
        assert east is not None
        handed_on = await post_form(
            browser, f"/desk/statistics/{east[1]}/below", {"due_on": "2016-01-10"}, page=f"/desk/statistics/{east[1]}"
        )
        assert handed_on.status_code == 303
        too_late = await post_form(
            browser, f"/desk/statistics/{top}/below", {"due_on": "2016-02-01"}, page=f"/desk/statistics/{top}"
        )
        assert (too_late.status_code, "不晚于本单位的上报日期" in too_late.text) == (422, True)
        unit = await db.value("SELECT id FROM statistics_table WHERE organisation = $1", world.mill.id)
        await filled(mill, str(unit), _1A1=300)
        here = f"/desk/statistics/{unit}"
        empty = await post_form(browser, f"{here}/return", {"note": ""}, page=here)
        assert empty.status_code == 422
        back = await post_form(browser, f"{here}/return", {"note": "请补农民工"}, page=here)
        assert back.status_code == 303
        assert "上级退回：请补农民工。" in (await browser.get(here)).text
        assert (await mill.post(f"{PATH}/{unit}/submit")).status_code == 200
        assert (await post_form(browser, f"{here}/lock", {}, page=here)).status_code == 303
        conflict = await post_form(browser, f"{here}/lock", {}, page=f"{here}/correct")
        assert (conflict.status_code, "它已经锁定" in conflict.text) == (409, True)
        page = (await browser.get(f"{here}/correct")).text
        typed: dict[str, object] = dict(re.findall(r'name="(v-[^"]+)"[^>]* value="([^"]*)"', page))
        assert typed["v-1A1"] == "300"
        values: dict[str, object] = {**typed, "revision": str((await row(unit)).revision)}
        refused = await post_form(browser, f"{here}/correct", {**values, "v-1A1": "310"})
        assert (refused.status_code, 'href="#reason"' in refused.text) == (422, True)
        done = await post_form(browser, f"{here}/correct", {**values, "v-1A1": "310", "reason": "漏报10人"})
        assert done.status_code == 303
        page = (await browser.get(here)).text
        assert "（更正，原300）" in page
        assert "漏报10人" in page


async def row(table_id: UUID) -> Any:
    found = await table_by_id(table_id)
    assert found is not None
    return found


async def test_a_form_is_uploaded_after_a_preview(app: Litestar, world: StatisticsWorld) -> None:
    form = shipped_forms()[WARMTH].decode().replace(WARMTH, "next-form").replace("送温暖工程统计表", "夏送清凉统计表")
    async with browser_of(app, world.organiser) as browser:
        listed = await browser.get("/desk/statistics/forms")
        token = {"_csrf_token": form_token(listed.text)}

        async def sent(content: bytes) -> httpx.Response:
            files = {"file": ("form.toml", content)}
            return await browser.post("/desk/statistics/forms", data=token, files=files)

        bad = await sent(form.replace('part_of = "1A1"', 'part_of = "9Z9"').encode())
        assert (bad.status_code, "item1.A.1A2.part_of：表里没有“9Z9”这一格。" in bad.text) == (422, True)
        assert (await sent(b"")).status_code == 422
        preview = await sent(form.encode())
        assert (preview.status_code, "共11项、67格，还没有存。" in preview.text) == (200, True)
        assert "夏送清凉" not in (await browser.get("/desk/statistics/forms")).text
        stored = await browser.post("/desk/statistics/forms/store", data={**token, "content": form})
        assert stored.status_code == 303
        assert "第1版" in (await browser.get("/desk/statistics/forms")).text
        assert "夏送清凉" in (await browser.get("/desk/statistics/forms/next-form")).text
        assert (await browser.get("/desk/statistics/forms/nothing")).status_code == 404
    async with browser_of(app, world.east_organiser) as browser:
        listed = await browser.get("/desk/statistics/forms")
        assert "夏送清凉" in listed.text
        assert 'type="file"' not in listed.text
        token = {"_csrf_token": form_token((await browser.get("/desk/statistics")).text)}
        for path, data in (("/desk/statistics/forms", {}), ("/desk/statistics/forms/store", {"content": form})):
            assert (await browser.post(path, data={**token, **data})).status_code == 403


# --- documents -------------------------------------------------------------------------------------------------------


async def a_corrected_table(
    world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient, mill: httpx.AsyncClient
) -> dict[str, str]:
    tables = await opened(world, city, east)
    await filled(mill, tables["MILL"], _1A1=12300, _1A2=120, _5A1=12.5, _7I1=40, _7I2=1.25)
    await east.post(f"{PATH}/{tables['MILL']}/lock")
    given = {"values": {"1A1": 12310}, "reason": "漏报10人"}
    assert (await east.post(f"{PATH}/{tables['MILL']}/corrections", json=given)).status_code == 201
    return tables


async def test_the_document_says_what_the_table_says(
    world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient, mill: httpx.AsyncClient
) -> None:
    tables = await a_corrected_table(world, city, east, mill)
    made = await pdf_of((table_html(await filled_table(await row(UUID(tables["MILL"])))), None))
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages))

    for words in (
        "附件1",
        "送温暖工程统计表",
        "填报单位：胥江机械厂工会",
        "填报人：",
        "联系电话：",
        "当地职工总数12,310（更正，原12,300）人，其中农民工总数120人。",
        "（A）筹集慰问款物总额12.5万元；",
        "为40户困难职工家庭提供过冬取暖补贴1.25万元；〔4〕",
        "注：本表中职工均包括农民工，困难职工均包括困难农民工",
        "〔4〕7(I)：原文印作（L），按次序应为（I）。",
        "统计期间2015-12-22至2016-02-07，统计截止2016-01-12〔1〕，上报日期2016-01-12。",
        "更正的格原数改为日期理由1(A)当地职工总数12,30012,3101月5日漏报10人",
    ):
        assert words in text
    assert "草稿" not in text
    # Every item in order.
    assert re.findall(r"(?<!\d)(\d{1,2})、", text) == [str(number) for number in range(1, 12)]
    open_one = table_html(await filled_table(await row(UUID(tables["DOCK"]))))
    assert "草稿（未报送）" in open_one


async def test_who_gets_the_document(world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient) -> None:
    tables = await opened(world, city, east)

    async def asked(actor: Actor, path: str) -> Response[bytes]:
        scope: Any = {"type": "http", "path": path}
        request: Request[Any, Any, Any] = Request(scope)
        made: Response[bytes] = await table_pdf.fn(request=request, table_id=tables["MILL"], actor=actor)
        return made

    assert (await asked(world.contact, "/statistics/x/table.pdf")).content.startswith(b"%PDF-")
    assert (await asked(world.east_organiser, "/desk/statistics/x/table.pdf")).media_type == "application/pdf"
    with pytest.raises(ForbiddenError):
        await asked(world.contact, "/desk/statistics/x/table.pdf")
    with pytest.raises(NotFoundError):
        await asked(world.dock_contact, "/statistics/x/table.pdf")


async def test_the_workbook_has_real_numbers(
    world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient, mill: httpx.AsyncClient
) -> None:
    tables = await a_corrected_table(world, city, east, mill)
    answer = await mill.get(f"/statistics/{tables['MILL']}/table.xlsx")
    assert answer.status_code == 200
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    cells = [line for line in sheet if line[2]][1:]

    assert str(sheet[1][0]).startswith("填报单位：胥江机械厂工会")
    assert len(cells) == 67
    assert cells[0][:5] == [1.0, "A", "当地职工总数", 12310.0, "人"]
    assert cells[0][8] == "更正：12,300改为12,310，2016-01-05，漏报10人"
    money = next(line for line in cells if line[2] == "过冬取暖补贴")
    assert (money[3], money[4], money[8]) == (1.25, "万元", "〔4〕")
    assert all(isinstance(line[3], float) or line[3] == "" for line in cells)
    assert (await mill.get(f"/statistics/{tables['MILL']}/table.xlsx")).content == answer.content


async def test_the_years_workbook_has_the_units_side_by_side(
    app: Litestar, world: StatisticsWorld, city: httpx.AsyncClient, east: httpx.AsyncClient, mill: httpx.AsyncClient
) -> None:
    await a_corrected_table(world, city, east, mill)
    made = await statistics_workbook(world.east_organiser, year=2016)
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))

    assert book.sheet_names == ["送温暖工程统计表", "送温暖工程统计表分单位"]
    units = book.get_sheet_by_index(1).to_python()
    assert units[0][:4] == ["编码", "单位", "1(A) 当地职工总数（人）", "1(A) 其中农民工总数（人）"]
    assert [line[:4] for line in units[1:]] == [
        ["DOCK", "河东码头工会（未报）", "", ""],
        ["MILL", "胥江机械厂工会", 12310.0, 120.0],
        ["", "本级另有", "", ""],
        ["", "合计", 12310.0, 120.0],
    ]
    city_book = CalamineWorkbook.from_filelike(io.BytesIO(await statistics_workbook(world.organiser, year=2016)))
    assert [line[1] for line in city_book.get_sheet_by_index(1).to_python()][1:3] == [
        "东区总工会（未报）",
        "西区总工会（未报）",
    ]
    for organisation in ("WEST", "nowhere"):
        with pytest.raises(NotFoundError):
            await statistics_workbook(world.east_organiser, year=2016, organisation_code=organisation)
    with pytest.raises(NotFoundError):
        await statistics_workbook(world.east_organiser, year=2015)
    evaluator = await make_actor(Role.EVALUATOR, world.east)
    assert await statistics_workbook(evaluator, year=2016) == made
    with pytest.raises(NotFoundError):
        await readable_table(world.farm_contact, UUID((await city.get(f"{PATH}?year=2016")).json()["items"][0]["id"]))
