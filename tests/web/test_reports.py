"""Reports over HTTP: who gets them, that every format shows the figures of the API, and that documents are sound."""

import io
import sys
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from outreach.accounts.tables import Organisation
from outreach.reports import rendering, worker
from outreach.reports.documents import report_document
from outreach.shared.actors import Role
from outreach.shared.errors import NotFoundError, UnavailableError
from tests.factories.accounts import browser_of, client_of, make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_tally, make_target, make_year

AS_OF = date(2015, 9, 15)


async def a_year(owner: Organisation | None = None) -> Organisation:
    """A federation with three programmes: sessions, tallies, words; names that fonts often lack."""
    owner = owner or await make_organisation(name="某市总工会", code="CITY")
    await make_year(owner, title="2015年某市总工会实事项目", document="〔2015〕2号")
    culture = await make_programme(owner, position=1, code="culture", name="送文化进基层", kinds=["演出"])
    await make_target(culture, unit="场次", bound="more_than", value=150.0, wording="全年送文化进基层超过150场次")
    await make_target(
        culture, position=2, metric="visits", basis="workers", unit="人次", value=2000.0, wording="不少于2000人次"
    )
    books = await make_programme(owner, position=2, code="books", name="安全生产丛书", scheduled=False)
    tallied = await make_target(
        books, metric="tally", label="丛书", unit="套", value=10000.0, wording="免费发放10000套以上"
    )
    await make_tally(tallied, quantity=7460.0)
    await make_programme(
        owner, position=3, code="relief", name="特殊困难救助", scheduled=False, account="已救助堃、玥、祎等家庭。"
    )
    event = await make_event(culture, kind="演出")
    for number, title in enumerate(("李玥祎独唱", "王堃说书", "=SUM(A1:A9)")):
        starts_at = STARTS_AT - timedelta(days=100 + number)
        session = await make_session(event, title=title, kind="演出", state="held", starts_at=starts_at)
        await make_headcount(session, on=starts_at.date(), total=500 + number, workers=400)
    await make_session(event, title="九月专场")
    await make_session(event, title="忘了登记", starts_at=STARTS_AT - timedelta(days=20))
    return owner


@pytest.fixture(autouse=True)
def no_document_kept() -> None:
    rendering._made.clear()


def text_of(pdf: bytes) -> str:
    """All text of a document, without the line breaks and blanks of its layout."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def fonts_of(pdf: bytes) -> set[tuple[str, bool]]:
    """Names of the fonts of a document, and whether each is embedded."""
    found = set()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for entry in page["/Resources"]["/Font"].values():  # type: ignore[index]
            described = entry.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            embedded = any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            found.add((str(described["/FontName"]).partition("+")[2], embedded))
    return found


async def test_the_document_can_be_read_and_carries_its_fonts(app: Litestar, database: None) -> None:
    owner = await a_year()
    async with client_of(app, await make_actor(Role.ORGANISER, owner)) as client:
        response = await client.get("/reports/2015.pdf", params={"as_of": "2015-09-15"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "private, no-store"
    assert "filename*=UTF-8''2015%E5%B9%B4" in response.headers["content-disposition"]
    reader = PdfReader(io.BytesIO(response.content))
    assert reader.metadata is not None
    assert reader.metadata.title == "2015年某市总工会实事项目完成情况报告"
    assert str(reader.root_object["/Lang"]) == "zh-CN"
    assert fonts_of(response.content) == {("Noto-Serif-SC", True), ("Noto-Sans-SC", True)}
    text = text_of(response.content)
    for part in (
        "按照〔2015〕2号文件，2015年共安排3个实事项目",
        "全年送文化进基层超过150场次",
        "共举办各类活动3场，参加1,503人次，其中职工1,200人次",
        "7,460套",
        "已救助堃、玥、祎等家庭",
        "李玥祎独唱",
        "王堃说书",
        "另有1场已过期未登记",
        "填表人：审核人：负责人：",
        "附件1已办场次一览表",
        "—2—",
    ):
        assert part in text, part
    assert "�" not in text


@pytest.mark.parametrize("as_of", ["2015-06-10", "2015-09-15", "2015-12-31"])
async def test_every_format_shows_the_figures_of_the_api(app: Litestar, database: None, as_of: str) -> None:
    owner = await a_year()
    async with client_of(app, await make_actor(Role.ORGANISER, owner)) as client:
        asked = {"as_of": as_of}
        answer = (await client.get("/api/v1/progress", params={"year": 2015, **asked})).json()
        pdf = text_of((await client.get("/reports/2015.pdf", params=asked)).content)
        book = CalamineWorkbook.from_filelike(
            io.BytesIO((await client.get("/reports/2015.xlsx", params=asked)).content)
        )
        lines = (await client.get("/reports/2015.csv", params=asked)).content.decode("utf-8-sig").splitlines()

    promised = [target for one in answer.get("items", answer.get("programmes")) for target in one["targets"]]
    assert len(promised) == 3
    head, *rows = book.get_sheet_by_name("完成情况").to_python()
    in_book = [dict(zip(head, row, strict=True)) for row in rows if row[head.index("指标")]]
    columns = {
        "已完成": "actual",
        "已排未办": "planned",
        "序时": "pace",
        "完成率（%）": "percent",
        "年底预计": "forecast",
    }
    for target, row, line in zip(promised, in_book, lines[1:4], strict=True):
        assert {name: row[name] for name in columns} == {name: target[key] for name, key in columns.items()}
        assert f",{target['actual']}," in line
        assert f"{target['actual']:,}{target['unit']}" in pdf
        assert target["wording"] in pdf


async def test_the_workbook_has_every_session_and_no_formula(app: Litestar, database: None) -> None:
    owner = await a_year()
    async with client_of(app, await make_actor(Role.ORGANISER, owner)) as client:
        response = await client.get("/reports/2015.xlsx")

    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    for name in ("完成情况", "逐月", "各地", "归属", "其中", "评价", "覆盖率", "场次", "更正", "说明"):
        assert name in book.sheet_names, name
    head, *sessions = book.get_sheet_by_name("场次").to_python()
    titles = [row[head.index("场次")] for row in sessions]
    visits = [row[next(place for place, words in enumerate(head) if str(words).startswith("人次"))] for row in sessions]
    assert titles[:3] == ["=SUM(A1:A9)", "王堃说书", "李玥祎独唱"]
    assert visits[:3] == [502, 501, 500]
    assert b"<f>" not in response.content


@pytest.mark.parametrize("length", [6, 60])
async def test_the_page_for_leaders_is_one_page_whatever_the_names(app: Litestar, database: None, length: int) -> None:
    owner = await a_year()
    for number in range(4, 9):
        programme = await make_programme(owner, position=number, name=f"第{number}" + "实" * (length - 2))
        for position in (1, 2):
            await make_target(
                programme, position=position, metric="tally", label=f"{position}" + "指" * (length - 1), unit="套"
            )
    async with client_of(app, await make_actor(Role.ORGANISER, owner)) as client:
        response = await client.get("/reports/2015.pdf?form=page")

    text = text_of(response.content)
    assert len(PdfReader(io.BytesIO(response.content)).pages) == 1
    assert fonts_of(response.content) == {("Noto-Serif-SC", True), ("Noto-Sans-SC", True)}
    assert "第8" + "实" * (length - 2) in text
    assert "2" + "指" * (length - 1) in text
    for part in ("13项指标中", "特殊困难救助", "7,460", "请领导定的事", "制表", "签发"):
        assert part in text


async def test_the_same_data_give_the_same_bytes_in_another_process(
    app: Litestar, database: None, now: datetime
) -> None:
    await a_year()

    async def made() -> list[bytes]:
        await rendering.close()
        return [
            await report_document(kind=kind, form=form, year=2015, as_of=AS_OF, now=now)
            for kind, form in (("pdf", "full"), ("pdf", "page"), ("xlsx", "full"), ("csv", "full"))
        ]

    assert await made() == await made()


async def test_a_report_can_be_of_one_programme_or_of_a_part_of_the_tree(app: Litestar, database: None) -> None:
    owner = await a_year()
    district = await make_organisation(parent=owner, code="D1", name="某区总工会")
    await make_target(await make_programme(district, name="区里的项目"), wording="区里的指标")
    async with client_of(app, await make_actor(Role.ORGANISER, owner)) as client:
        books = (await client.get("/reports/2015.csv?programme=books")).text
        below = (await client.get("/reports/2015.csv?organisation=D1")).text
        whole = (await client.get("/reports/2015.csv?organisation=&programme=")).text

    assert ("安全生产丛书" in books, "送文化进基层" in books) == (True, False)
    assert ("区里的项目" in below, "送文化进基层" in below) == (True, False)
    assert ("区里的项目" in whole, "送文化进基层" in whole) == (True, True)


async def test_reports_are_for_staff_and_evaluators_of_the_organisation(
    app: Litestar, client: httpx.AsyncClient
) -> None:
    owner = await a_year()
    union = await make_organisation(parent=owner, code="U1")
    elsewhere = await make_organisation(code="ELSE", name="别的市总工会")
    await make_target(await make_programme(elsewhere, name="别市的项目"))

    async def status(role: Role, organisation: Organisation | None, path: str = "/reports/2015.csv") -> int:
        async with client_of(app, await make_actor(role, organisation)) as one:
            return (await one.get(path)).status_code

    assert (await client.get("/reports/2015.csv")).status_code == 401
    assert await status(Role.ORGANISER, owner) == 200
    assert await status(Role.EVALUATOR, owner) == 200
    assert await status(Role.ADMINISTRATOR, None) == 200
    assert await status(Role.CONTACT, union) == 403
    assert await status(Role.PROVIDER, owner) == 403
    assert await status(Role.ORGANISER, elsewhere, "/reports/2015.csv?organisation=CITY") == 404
    assert await status(Role.ORGANISER, union) == 200  # of what the city's programmes brought to it
    assert await status(Role.EVALUATOR, union, "/reports/2015.csv?organisation=CITY") == 404
    async with client_of(app, await make_actor(Role.ORGANISER, elsewhere)) as other:
        theirs = (await other.get("/reports/2015.csv")).text
    assert ("别市的项目" in theirs, "送文化进基层" in theirs) == (True, False)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/2015.doc", 404),
        ("/reports/2015", 404),
        ("/reports/x.pdf", 404),
        ("/reports/1015.pdf", 404),
        ("/reports/2014.pdf", 404),
        ("/reports/2015.pdf?as_of=yesterday", 422),
        ("/reports/2015.pdf?as_of=1900-01-01", 422),
        ("/reports/2015.pdf?form=poster", 422),
        ("/reports/2015.csv?organisation=NOBODY", 404),
        ("/reports/2015.csv?programme=nothing", 404),
    ],
)
async def test_what_cannot_be_reported(app: Litestar, database: None, path: str, status: int) -> None:
    async with client_of(app, await make_actor(Role.ORGANISER, await a_year())) as client:
        response = await client.get(path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_keeper_reads_any_organisation_and_no_unknown_one(database: None, now: datetime) -> None:
    await a_year()

    made = await report_document(kind="csv", year=2015, as_of=AS_OF, organisation_code="CITY", now=now)

    assert "送文化进基层" in made.decode("utf-8-sig")
    with pytest.raises(NotFoundError):
        await report_document(kind="csv", year=2015, as_of=AS_OF, organisation_code="NOBODY", now=now)


async def test_without_fonts_there_is_a_sentence_saying_what_to_do(
    app: Litestar, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_FONTS", "no_such_package_with_fonts")
    rendering.font_files.cache_clear()
    async with client_of(app, await make_actor(Role.ORGANISER, await a_year())) as client:
        response = await client.get("/reports/2015.pdf")
    rendering.font_files.cache_clear()

    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert response.json()["type"] == "/problems/report-part-missing"
    assert "缺少中文字体 pylopdf-fonts-zh-cn" in response.json()["detail"]
    assert "make setup" in response.json()["detail"]


def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    worker._tools.cache_clear()

    with pytest.raises(worker.PartMissing) as missing:
        worker.render(worker.Job((("<p>", None),), ()))

    worker._tools.cache_clear()
    assert missing.value.args[0] == "系统组件 pango 或 harfbuzz"


async def test_a_killed_renderer_is_replaced(database: None, now: datetime) -> None:
    await a_year()
    asked: Any = {"kind": "pdf", "form": "page", "year": 2015, "as_of": AS_OF, "now": now}
    first = await report_document(**asked)
    for process in rendering._workers[0]._processes.values():
        process.kill()
        process.join()
    rendering._made.clear()

    try:
        again = await report_document(**asked)
    except UnavailableError:
        again = await report_document(**asked)

    assert again == first


async def test_the_desk_offers_reports_with_the_year_s_news(app: Litestar, database: None) -> None:
    owner = await a_year()
    async with browser_of(app, await make_actor(Role.ORGANISER, owner)) as browser:
        response = await browser.get("/desk/reports")

    assert response.status_code == 200
    assert "3项指标中" in response.text
    assert 'action="/reports/2015.pdf"' in response.text
    assert 'formaction="/reports/2015.xlsx"' in response.text
    assert 'value="2015-09-15"' in response.text


async def test_the_desk_without_programmes_says_what_to_do_and_strangers_log_in(app: Litestar, database: None) -> None:
    owner = await make_organisation()
    async with browser_of(app, await make_actor(Role.ORGANISER, owner)) as browser:
        empty = await browser.get("/desk/reports")
    async with browser_of(app, await make_actor(Role.CONTACT, owner)) as browser:
        refused = await browser.get("/desk/reports")
    async with browser_of(app, None) as browser:
        stranger = await browser.get("/desk/reports")

    assert "还没有可以报告的项目" in empty.text
    assert (refused.status_code, stranger.status_code) == (403, 303)
