"""Statistics tables as workbooks: the form in its own order with real numbers, and units side by side."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import anyio

from outreach.shared.time import local_day
from outreach.statistics.domain.forms import Cell
from outreach.statistics.domain.states import HANDED_IN, TableState
from outreach.statistics.domain.values import Figures, Value
from outreach.statistics.filled import Filled
from outreach.statistics.queries import LowerRow
from outreach.statistics.wording import value_text

__all__ = ["Part", "statistics_xlsx", "table_xlsx"]


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a workbook; with those directly below it that are handed in, and their cells."""

    filled: Filled
    below: Sequence[tuple[LowerRow, dict[str, Figures]]] = ()


async def table_xlsx(filled: Filled) -> bytes:
    """One table."""
    return await statistics_xlsx([Part(filled)])


async def statistics_xlsx(parts: Sequence[Part]) -> bytes:
    """A sheet for each table, and one with the units below it side by side; the same data give the same bytes."""
    return await anyio.to_thread.run_sync(partial(_written, tuple(parts)))


def _written(parts: Sequence[Part]) -> bytes:
    import xlsxwriter  # slow (0.1 s), and few ask for a workbook

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    made_on = local_day(max(part.filled.row.changed_at for part in parts))
    created = datetime(made_on.year, made_on.month, made_on.day)  # noqa: DTZ001 - a label in the file
    book.set_properties({"title": parts[0].filled.row.title, "created": created})
    for number, part in enumerate(parts, 1):
        prefix = f"{number} " if len(parts) > 1 else ""
        _form_sheet(book, prefix + part.filled.form.title, part.filled)
        if part.below:
            _units_sheet(book, f"{prefix}{part.filled.form.title[:20]}分单位", part)
    book.close()
    return out.getvalue()


class _Pen:
    """The formats of a book."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top", "text_wrap": True}
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        self.head = book.add_format({**top, "bold": True, "bottom": 1})
        self.text = book.add_format(top)
        self.deeper = [book.add_format({**top, "indent": depth}) for depth in range(5)]
        self.numbers = {
            (places, corrected): book.add_format(
                {
                    "valign": "top",
                    "num_format": "#,##0" + ("." + "0" * places if places else ""),
                    **({"bold": True, "bg_color": "#F2E6C8"} if corrected else {}),
                }
            )
            for places in range(5)
            for corrected in (False, True)
        }

    def write(self, sheet: Any, line: int, column: int, cell: Cell, value: Value, *, corrected: bool = False) -> None:
        """A number as number, 是 or 否 as text, nothing for what was not reported."""
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_string(line, column, value_text(value), self.text)
        else:
            sheet.write_number(line, column, float(value), self.numbers[cell.decimals, corrected])


_HEAD = ("项", "代码", "内容", "数值", "单位", "本级", "下级合计", "系统统计", "说明")
_WIDTHS = (5, 6, 46, 14, 7, 12, 12, 12, 40)


def _form_sheet(book: Any, name: str, filled: Filled) -> None:
    pen, row, form = _Pen(book), filled.row, filled.form
    sheet = book.add_worksheet(name[:31])
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    last = len(_HEAD) - 1
    sheet.merge_range(0, 0, 0, last, f"{row.year}年{form.title}", pen.title)
    signing = "　　".join(
        (
            f"{form.unit_label}：{row.organisation_name}",
            form.date_label,
            f"{form.filler_label}：　　　",
            form.phone_label,
        )
    )
    sheet.merge_range(1, 0, 1, last, signing, pen.text)
    period = f"统计期间：{row.from_on}至{row.until_on}　统计截止：{row.cut_off_on}　上报日期：{row.due_on}"
    sheet.merge_range(
        2, 0, 2, last, period + ("" if row.state is TableState.LOCKED else "　（草稿，未锁定）"), pen.text
    )
    for column, words in enumerate(_HEAD):
        sheet.write_string(3, column, words, pen.head)
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    line = 4
    for item in form.items:
        for printed in item.rows:
            for number, cell in enumerate(printed.cells):
                if printed is item.rows[0] and not number:
                    sheet.write_number(line, 0, item.number, pen.text)
                sheet.write_string(line, 1, "" if number else printed.code, pen.text)
                sheet.write_string(line, 2, cell.label, pen.deeper[min(form.depths[cell.id], 4)])
                _figures(pen, sheet, line, cell, filled)
                sheet.write_string(line, 4, "是/否" if not cell.unit and cell.kind == "yes_no" else cell.unit, pen.text)
                sheet.write_string(line, 8, _remarks(filled, cell, printed.doubtful or item.doubtful), pen.text)
                line += 1
    notes = [f"注：{'；'.join(one.replace('{year}', str(row.year)) for one in form.notes)}"] if form.notes else []
    notes += [f"〔{one.mark}〕{one.place}：{one.why}" for one in form.doubts]
    for words in notes:
        sheet.merge_range(line, 0, line, last, words, pen.text)
        line += 1


def _figures(pen: _Pen, sheet: Any, line: int, cell: Cell, filled: Filled) -> None:
    figures = filled.figures[cell.id]
    pen.write(sheet, line, 3, cell, figures.total, corrected=cell.id in filled.corrected)
    for column, value in ((5, figures.own), (6, figures.below), (7, figures.rule)):
        pen.write(sheet, line, column, cell, value)


def _remarks(filled: Filled, cell: Cell, doubtful: str) -> str:
    said = [
        f"更正：{value_text(one.old_value) or '未报'}改为{value_text(one.new_value) or '未报'}，"
        f"{local_day(one.corrected_at)}，{one.reason}"
        for one in filled.corrections
        if one.cell == cell.id
    ]
    if filled.figures[cell.id].entry.note:
        said.append(filled.figures[cell.id].entry.note)
    marks = sorted({filled.form.marks[why] for why in (doubtful, cell.doubtful) if why})
    return "；".join(said) + "".join(f"〔{mark}〕" for mark in marks)


def _units_sheet(book: Any, name: str, part: Part) -> None:
    """A line for each unit below, columns are the cells; the last line is what the table above says."""
    pen, form = _Pen(book), part.filled.form
    sheet = book.add_worksheet(name[:31])
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, len(form.cells) + 1, 13)
    for column, words in enumerate(("编码", "单位")):
        sheet.write_string(0, column, words, pen.head)
    for column, cell in enumerate(form.cells.values(), 2):
        unit = f"（{cell.unit}）" if cell.unit else ""
        sheet.write_string(0, column, f"{form.places[cell.id]} {cell.label}{unit}", pen.head)
    line = 1
    for row, figures in part.below:
        sheet.write_string(line, 0, row.organisation_code, pen.text)
        state = "" if row.state in HANDED_IN else "（未报）"
        sheet.write_string(line, 1, row.organisation_name + state + ("（晚报，未计入）" if row.late else ""), pen.text)
        for column, cell in enumerate(form.cells.values(), 2):
            pen.write(sheet, line, column, cell, figures[cell.id].total if cell.id in figures else None)
        line += 1
    sheet.write_string(line, 1, "本级另有", pen.head)
    sheet.write_string(line + 1, 1, "合计", pen.head)
    for column, cell in enumerate(form.cells.values(), 2):
        pen.write(sheet, line, column, cell, part.filled.figures[cell.id].own)
        corrected = cell.id in part.filled.corrected
        pen.write(sheet, line + 1, column, cell, part.filled.figures[cell.id].total, corrected=corrected)
