"""Workbooks (xlsx): dates are dates, numbers are numbers, and a text is never a formula, whatever it begins with.

Made beside the event loop; the same data give the same bytes.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import anyio

from outreach.shared.time import local

__all__ = ["XLSX", "Cell", "Digits", "Sheet", "workbook"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Digits(str):
    """A telephone number or a code: text in the sheet, also after somebody has edited the cell."""

    __slots__ = ()


#: ``None`` is an empty cell; a ``datetime`` is aware and shown on the local wall clock.
Cell = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name (at most 31 characters), the words of the head, and rows as wide as the head.

    ``filtering`` puts the small menus of a filter into the head. ``total``: the last row is the sum, which is set apart
    and which no filter hides or sorts away.
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    filtering: bool = False
    total: bool = False


#: Rows that are looked at for the width of a column.
_LOOKED_AT = 300
#: In characters: a head of one line, the widest column, and where a text is so long that its column is wider.
_SHORT, _USUAL, _LONG, _WIDE = 16, 40, 120, 100
#: In points: a line of text, and the highest row that Excel knows.
_LINE, _HIGHEST = 15, 400

_FORMATS: dict[str, dict[str, Any]] = {
    "head": {"bold": True, "bottom": 1, "text_wrap": True},
    "text": {"text_wrap": True},
    "digits": {"num_format": "@"},
    "whole": {"num_format": "#,##0"},
    "figures": {"num_format": "#,##0.##;-#,##0.##"},
    "day": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm"},
}


async def workbook(sheets: Sequence[Sheet], *, title: str, made_on: date) -> bytes:
    """The sheets as one file.

    Args:
        title: of the file's properties.
        made_on: written into the file instead of the moment of making, which would make every file differ.
    """
    return await anyio.to_thread.run_sync(_written, tuple(sheets), title, made_on)


def _written(sheets: Sequence[Sheet], title: str, made_on: date) -> bytes:
    import xlsxwriter  # slow (0.1 s), and few ask for a workbook

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": False,
        },
    )
    book.set_properties({"title": title, "created": datetime(made_on.year, made_on.month, made_on.day)})  # noqa: DTZ001 - a label in the file
    formats = {name: book.add_format({"valign": "top", **given}) for name, given in _FORMATS.items()}
    totals = {
        name: book.add_format({"valign": "top", **given, "bold": True, "top": 1}) for name, given in _FORMATS.items()
    }
    for one in sheets:
        _fill(book.add_worksheet(one.name), one, formats, totals)
    book.close()
    return out.getvalue()


def _fill(sheet: Any, given: Sheet, formats: dict[str, Any], totals: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    listed = len(given.rows) - given.total
    if given.filtering and listed > 0:
        sheet.autofilter(0, 0, listed, len(given.head) - 1)
    looked_at = [*given.rows[:_LOOKED_AT], *given.rows[-1:]]
    widths = [_width(title, [row[column] for row in looked_at]) for column, title in enumerate(given.head)]
    for column, title in enumerate(given.head):
        sheet.write_string(0, column, title, formats["head"])
        sheet.set_column(column, column, widths[column])
    _set_height(sheet, 0, given.head, widths)
    for line, row in enumerate(given.rows, 1):
        styles = totals if line > listed else formats
        for column, value in enumerate(row):
            if value is not None:
                _write(sheet, line, column, value, styles)
        _set_height(sheet, line, row, widths)


def _set_height(sheet: Any, line: int, row: Sequence[Cell], widths: Sequence[float]) -> None:
    """High enough for texts that run over several lines: not every program finds out by itself."""
    lines = 1
    for column, value in enumerate(row):
        if isinstance(value, str) and 2 * len(value) > widths[column] - 1:
            lines = max(lines, math.ceil(_room(value) / (widths[column] - 1)) + value.count("\n"))
    if lines > 1:
        sheet.set_row(line, min(_LINE * lines, _HIGHEST))


def _write(sheet: Any, line: int, column: int, value: Cell, formats: dict[str, Any]) -> None:
    match value:
        case Digits():
            sheet.write_string(line, column, str(value), formats["digits"])
        case str():
            sheet.write_string(line, column, value, formats["text"])
        case datetime():
            sheet.write_datetime(line, column, local(value).replace(tzinfo=None), formats["moment"])
        case date():
            sheet.write_datetime(line, column, value, formats["day"])
        case _:
            sheet.write_number(line, column, value, formats["whole" if isinstance(value, int) else "figures"])


def _width(title: str, cells: Sequence[Cell]) -> float:
    """Columns wide enough for most of their cells and for the words above them, of which long ones take two lines.

    Chinese characters count double; a column of long texts is wide.
    """
    longest = max((_room(cell) for cell in cells if cell is not None), default=0)
    widest = _WIDE if longest > _LONG else _USUAL
    above = _room(title)
    return min(max(longest + 2, above + 2 if above <= _SHORT else above / 2 + 4, 6), widest)


def _room(cell: Cell) -> int:
    if isinstance(cell, datetime):
        return 16
    return sum(2 if ord(ch) > 0x2E7F else 1 for ch in str(cell))
