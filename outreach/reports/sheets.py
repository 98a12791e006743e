"""The same figures as tables for a spreadsheet: xlsx with a sheet for every table and annex, csv with one of them."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime

from outreach.reports import wording
from outreach.reports.content import blocks
from outreach.reports.content.document import document_of
from outreach.reports.content.method import METHODS
from outreach.reports.data import ReportData
from outreach.reports.listed import LISTS, number
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.shared.time import local
from outreach.web.workbooks import Cell, Sheet, workbook

__all__ = ["TABLES", "report_csv", "report_xlsx"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

#: Sheets that stand after those of the document's tables.
_LAST = ("scores", "sessions", "corrections")

#: Names of sheets by the word that csv asks for them.
TABLES: dict[str, str] = {
    **{key: name for key, (name, _list) in LISTS.items()},
    "units": "归属",
    "kinds": "承接单位类别",
    "groups": "其中",
    "above": "上级项目",
    "coverage": "覆盖率",
    "ramp": "各年目标",
    "method": "方法",
}


async def report_xlsx(data: ReportData, document: blocks.Document) -> bytes:
    """A workbook; the same data give the same bytes. Made beside the event loop.

    Args:
        document: the report's blocks, whose further tables and forms are sheets as well.
    """
    own = {key: _list(data, key) for key in LISTS}
    sheets = [
        *(one for key, one in own.items() if key not in _LAST),
        *_of_document(document),
        *(own[key] for key in _LAST),
        _method(),
        _about(data, document),
    ]
    return await workbook(sheets, title=document.title, made_on=data.as_of)


def _list(data: ReportData, key: str) -> Sheet:
    name, listed = LISTS[key]
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        return Sheet(name, *listed(data), filtering=True)
    finally:
        current_locale.reset(locale)


def _of_document(document: blocks.Document) -> Iterator[Sheet]:
    for table in document.tables:
        if table.sheet:
            head = [_head(column) for column in table.columns]
            rows = [[_cell(value) for value in row] for row in table.rows]
            yield Sheet(table.sheet, head, rows, filtering=True, total=table.total)
    for annex in document.annexes:
        for one in annex.blocks:
            if isinstance(one, blocks.Form):
                rows = [[_cell(value) for value in row] for row in one.rows]
                yield Sheet(f"附件{annex.number} 统计表", ("项", "代码", "内容", "数值", "单位"), rows, filtering=True)


def _head(column: blocks.Column) -> str:
    return f"{column.words}（{column.unit}）" if column.unit else column.words


def _cell(value: blocks.Value) -> Cell:
    match value:
        case blocks.Amount() | blocks.Percent():
            return number(value.value)
        case float():
            return number(value)
        case str():
            return value.strip("　")
    return value


def _method() -> Sheet:
    return Sheet(TABLES["method"], ("内容", "怎样算"), [[title, words] for title, words in METHODS.items()])


def _about(data: ReportData, document: blocks.Document) -> Sheet:
    lines = [
        document.title,
        document.edition or ("草稿" if document.draft else ""),
        f"单位：{data.owner.name}",
        f"数据截至{wording.as_of_text(data)}",
        wording.overall(data),
        wording.unrecorded_note(data),
        wording.corrections_note(data),
        "" if data.period.is_year else "“评价”和“覆盖率”是年初至今的数。",
        "空格是没有报，0是报了0。",
    ]
    return Sheet("说明", ("说明",), [[line] for line in lines if line])


def report_csv(data: ReportData, table: str = "") -> bytes:
    """One table, UTF-8 with a mark so that Excel reads the Chinese; texts are never formulas.

    Args:
        table: a key of ``TABLES``, or the name of any sheet; empty: the targets.

    Raises:
        NotFoundError: this report has no such table.
    """
    sheet = _asked(data, table or "targets")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.head)
    writer.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _asked(data: ReportData, table: str) -> Sheet:
    key = next((key for key, name in TABLES.items() if table in (key, name)), "")
    if key in LISTS:
        return _list(data, key)
    if key == "method":
        return _method()
    name = TABLES.get(key, table)
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        found = next((one for one in _of_document(document_of(data, data.annexes)) if one.name == name), None)
    finally:
        current_locale.reset(locale)
    if found is None:
        raise NotFoundError
    return found


def _plain(cell: Cell) -> str | int | float | None:
    """As a program or Excel reads it back: days as ``2015-09-15``, moments on the local clock."""
    match cell:
        case str():
            return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
        case datetime():
            return local(cell).strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
    return cell
