"""Workbooks: kinds of cells, sameness, what must not happen to texts."""

import io
import zipfile
from datetime import UTC, date, datetime

from python_calamine import CalamineWorkbook

from outreach.web.workbooks import Digits, Sheet, workbook

ROWS = [
    ["=1+1", Digits("0051"), 12, 4.5, date(2015, 9, 24), datetime(2015, 9, 24, 6, 0, tzinfo=UTC), None],
    ["http://x", Digits("13800000000"), 1234567, 0.25, None, None, "后"],
]
HEAD = ["文字", "电话", "数", "小数", "日期", "时间", "空"]


async def _made(rows: list[list[object]]) -> bytes:
    sheet = Sheet("表", HEAD, rows, filtering=True)  # type: ignore[arg-type]
    return await workbook([sheet], title="表", made_on=date(2015, 1, 1))


async def test_cells_are_what_they_are() -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(await _made(ROWS))).get_sheet_by_index(0).to_python()

    assert rows == [
        HEAD,
        ["=1+1", "0051", 12, 4.5, date(2015, 9, 24), datetime(2015, 9, 24, 14, 0), ""],  # noqa: DTZ001 - as a sheet
        ["http://x", "13800000000", 1234567, 0.25, "", "", "后"],
    ]


async def test_no_formula_no_link_a_filter_and_a_head_that_stays() -> None:
    with zipfile.ZipFile(io.BytesIO(await _made(ROWS))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        names = parts.namelist()

    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not any("rels/sheet1" in name for name in names)
    assert '<autoFilter ref="A1:G3"/>' in sheet
    assert 'ySplit="1"' in sheet


async def test_the_same_data_give_the_same_bytes() -> None:
    assert await _made(ROWS) == await _made(ROWS)


async def test_a_sheet_without_rows_is_made_too() -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(await _made([]))).get_sheet_by_index(0).to_python()

    assert rows == [HEAD]
