"""The report as xlsx and csv: kinds of cells, every scope adds up, and other programs open it."""

import asyncio
import csv
import io
import re
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from outreach.reports.documents import made_of, report_document
from outreach.reports.listed import LISTS
from outreach.reports.queries import report_data
from outreach.reports.sheets import TABLES
from outreach.shared.errors import NotFoundError
from tests.factories.bookings import make_headcount
from tests.factories.programmes import make_programme, make_tally, make_target
from tests.support.small_year import TODAY, SmallYear, at, make_small_year

pytestmark = pytest.mark.usefixtures("database")

NOW = at(9, 15, 9)
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
#: What LibreOffice may take on a machine that does other things as well.
PATIENCE = 180
EVIL = '=HYPERLINK("http://x","+1")'


async def report(small: SmallYear, kind: str = "xlsx", **asked: Any) -> bytes:
    given = {"organisation_code": small.city.code, "year": 2015, "as_of": TODAY, "now": NOW, **asked}
    return await report_document(kind=kind, **given)


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """Cells by the name of their sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def columns(rows: list[list[Any]], *names: str) -> list[tuple[Any, ...]]:
    places = [rows[0].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in rows[1:]]


async def evil_year() -> SmallYear:
    """The small year with texts that want to be formulas, a tallied programme, and one in words."""
    small = await make_small_year()
    books = await make_programme(small.city, position=3, code="books", name="-安全丛书", scheduled=False)
    given = await make_target(
        books, metric="tally", label="@丛书", unit="套", value=10000.0, wording="+免费发放10000套以上"
    )
    await make_tally(given, quantity=7460.5)
    await make_programme(small.city, position=4, code="words", name="困难救助", scheduled=False, account=EVIL)
    await make_headcount(
        small.sessions[5], on=date(2015, 5, 6), total=8, workers=8, breakdown={"women": 5, "migrant": 2}
    )
    return small


async def test_a_sheet_for_every_table_and_annex() -> None:
    book = sheets_of(await report(await evil_year()))
    assert list(book) == [
        "完成情况", "逐月", "各地", "归属", "承接单位类别", "其中", "覆盖率", "评价", "场次", "更正", "方法", "说明",
    ]  # fmt: skip
    assert columns(book["完成情况"], "序号", "项目", "单位", "指标值", "已完成", "完成率（%）", "完成情况") == [
        (1, "送文化进基层", "场", 10, 4, 40, ""),
        (2, "心理健康讲座", "人次", 100, 38, 38, ""),
        (3, "-安全丛书", "套", 10000, 7460.5, 74.6, ""),
        (4, "困难救助", "", "", "", "", EVIL),
    ]
    assert book["场次"][1][:5] == [
        1,
        at(1, 10).replace(tzinfo=None),
        at(1, 10, 15, 30).replace(tzinfo=None),
        "送文化进基层",
        "锡剧折子戏",
    ]
    assert [row[0] for row in book["方法"][2:4]] == ["场次", "人次"]


@pytest.mark.parametrize(
    ("asked", "sessions", "visits"),
    [
        ({}, 6, 250),
        ({"programme_code": "culture"}, 4, 220),
        ({"programme_code": "talks"}, 2, 30),
        ({"period": "2015-04"}, 0, 20),
        ({"period": "2015-05"}, 2, 40),
        ({"period": "2015-Q1"}, 3, 160),
        ({"period": "2015-Q2"}, 2, 60),
        ({"period": "2015-Q3"}, 1, 30),
        ({"as_of": date(2015, 3, 31)}, 3, 160),
        ({"as_of": date(2015, 1, 9)}, 0, 0),
        ({"period": "2015-Q2", "programme_code": "culture", "as_of": date(2015, 4, 30)}, 0, 20),
        ({"organisation": "district"}, 3, 100),
        ({"organisation": "offices"}, 0, 0),
        ({"organisation": "district", "period": "2015-Q2"}, 1, 60),
    ],
)
async def test_every_scope_and_period_adds_up_the_same_on_every_sheet(
    asked: dict[str, Any], sessions: int, visits: int
) -> None:
    """By month, by district, by home, by kind of unit, and session by session; csv says what xlsx says."""
    small = await make_small_year()
    if name := asked.pop("organisation", ""):
        asked["organisation_code"] = getattr(small, name).code
    book = sheets_of(await report(small, **asked))

    def added(sheet: str, *names: str) -> tuple[Any, ...]:
        found = columns(book[sheet], *names)
        return tuple(sum(row[place] or 0 for row in found) for place in range(len(names)))

    assert added("逐月", "已办（场）", "人次（人次）") == (sessions, visits)
    assert added("各地", "场次（场）", "人次（人次）") == (sessions, visits)
    assert added("场次", "计场次（场）", "人次（人次）") == (sessions, visits)
    if sessions or visits:
        *rows, total = columns(book["归属"], "场次（场）", "人次（人次）")
        assert total == (sessions, visits) == tuple(map(sum, zip(*rows, strict=True)))
        assert book["其中"][1][:2] == ["总人次", visits]
    for key in LISTS:
        content = await report_csv_of(small, key, **asked)
        assert [len(row) for row in content] == [len(row) for row in book[TABLES[key]]]


async def report_csv_of(small: SmallYear, table: str, **asked: Any) -> list[list[str]]:
    given = {"organisation_code": small.city.code, "year": 2015, "as_of": TODAY, "now": NOW, **asked}
    if code := given.pop("period", None):
        from outreach.reports.domain.periods import period_asked

        given["period"] = period_asked(2015, code)
    made = await made_of(await report_data(**given), "csv", table=table)
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))


async def test_csv_has_every_sheet_by_word_and_by_name_and_nothing_else() -> None:
    small = await evil_year()
    book = sheets_of(await report(small))
    for key, name in TABLES.items():
        if name not in book:
            with pytest.raises(NotFoundError):
                await report_csv_of(small, key)
            continue
        rows = await report_csv_of(small, key)
        assert rows == await report_csv_of(small, name)
        assert [[_as_text(cell) for cell in row] for row in book[name]] == [
            [cell.removeprefix("'") if cell[1:2] in tuple("=+-@") else cell for cell in row] for row in rows
        ]
    for unknown in ("nothing", "说明", "=1"):
        with pytest.raises(NotFoundError):
            await report_csv_of(small, unknown)
    raw = (await report(small, "csv")).decode("utf-8-sig")
    assert "'-安全丛书" in raw
    assert "'@丛书" in raw
    assert "'+免费发放10000套以上" in raw


def _as_text(cell: Any) -> str:
    """A cell as csv writes it."""
    match cell:
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case float():
            return str(int(cell)) if cell == int(cell) else str(cell)
    return str(cell)


async def test_the_head_stays_filters_and_is_printed_on_every_page() -> None:
    with zipfile.ZipFile(io.BytesIO(await report(await evil_year()))) as parts:
        book = parts.read("xl/workbook.xml").decode()
        names = re.findall(r'<sheet name="([^"]+)"', book)
        sheets = {name: parts.read(f"xl/worksheets/sheet{n}.xml").decode() for n, name in enumerate(names, 1)}
    for place, (name, sheet) in enumerate(sheets.items()):
        assert '<pane ySplit="1" topLeftCell="A2"' in sheet
        assert f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">{name}!$1:$1</definedName>' in book
        assert 'orientation="landscape"' in sheet
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        rows = sheet.count("<row ") - (name in ("归属", "承接单位类别", "覆盖率"))  # a sum is outside the filter
        if name in ("方法", "说明") or rows == 1:
            assert "<autoFilter" not in sheet
        else:
            assert re.search(rf'<autoFilter ref="A1:[A-Z]{rows}"/>', sheet), name


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed on this machine")
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
async def test_libreoffice_opens_it_and_finds_the_same_cells(tmp_path: Path, ending: str) -> None:
    """Opened and stored again by another program, every sheet has the same numbers, dates and texts."""
    made = await report(await evil_year())
    (tmp_path / "report.xlsx").write_bytes(made)
    again = await _converted(tmp_path / "report.xlsx", ending)
    before, after = sheets_of(made), sheets_of(again)
    assert list(after) == list(before)
    for name, rows in before.items():
        width = len(rows[0])
        theirs = [(row + [""] * width)[:width] for row in after[name]]
        assert theirs == rows, name


async def _converted(source: Path, ending: str) -> bytes:
    """What LibreOffice makes of a file, with a profile of its own."""
    target = source.parent / "converted"
    assert SOFFICE is not None
    process = await asyncio.create_subprocess_exec(
        SOFFICE, f"-env:UserInstallation={(source.parent / 'profile').as_uri()}", "--headless", "--norestore",
        "--convert-to", ending, "--outdir", str(target), str(source),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _nothing = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, said.decode(errors="replace")
    return (target / f"{source.stem}.{ending}").read_bytes()
