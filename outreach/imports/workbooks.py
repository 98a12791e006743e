"""Workbooks of imports: the template with lists to choose from, the export in the same form, the refused rows."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import anyio.to_thread

from outreach.imports.domain.columns import Column, Kind
from outreach.imports.domain.kinds import MOST_ROWS
from outreach.imports.domain.parsing import parser_of
from outreach.imports.shown import Said
from outreach.imports.wording import choice_text, label_text, reason_text, title_of, value_text
from outreach.shared.i18n import gettext as _
from outreach.web.workbooks import Sheet, workbook

__all__ = ["TEMPLATE_VERSION", "form_workbook", "rejected_workbook"]

#: Raised when a column is added or its meaning changes; older ones stay readable.
TEMPLATE_VERSION = 1
#: Rows that have lists and formats.
_ROWS = 2000
_TEXT = frozenset({"code", "ref", "phone", "clock", "id", "mail", "year"})
_NUMBERS = frozenset({"whole", "positive", "decimal"})


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sheets are called and say, taken in the language of the request before the work leaves its task."""

    notes: str
    example: str
    lists: str
    choose: tuple[str, str]
    unknown: tuple[str, str]
    number: tuple[str, str]


async def form_workbook(
    kind: Kind, *, lists: Mapping[str, Sequence[str]], rows: Sequence[Mapping[str, Any]] = (), made_on: date
) -> bytes:
    """A sheet to fill in, or filled with what is stored; a sheet that explains it, and one with an example.

    Args:
        lists: what columns with ``listed`` offer; other words may be written there too.
        rows: values by column as ``planning.Stored`` has them; none: the empty template.
    """
    words = _Words(
        notes=_("填写说明"),
        example=_("示例"),
        lists=_("选项"),
        choose=(_("请从列表里选"), _("这一列只收列表里的词。")),
        unknown=(_("列表里没有"), _("列表里没有这一项。确定没有写错，可以继续。")),
        number=(_("请填数字"), _("这一列只填数字，不写单位。")),
    )
    columns = [(one, title_of(one), [choice_text(one, choice.code) for choice in one.choices]) for one in kind.columns]
    notes = [
        (title_of(one), _("必填。%(hint)s") % {"hint": _(one.hint)} if one.required else _(one.hint))
        for one in kind.columns
    ]
    notes += [
        (
            _("整张表"),
            _("列的先后不限，认列名；没有的列不动。一个文件最多%(rows)s行、20兆。") % {"rows": f"{MOST_ROWS:,}"},
        ),
        (_("改已有的"), _("先导出，改好再导入：只有改过的行会变，没有写的行不会删。")),
        (_("不收的"), _("身份证号码。合计行、填表人不用写，隐藏的行也会读。")),
        (_("版本"), _("模板第%(version)s版") % {"version": TEMPLATE_VERSION}),
    ]
    example = [_example(one) for one in kind.columns]
    values = [[_cell(one, row.get(one.key)) for one in kind.columns] for row in rows]
    return await anyio.to_thread.run_sync(
        _written, _(kind.title), columns, notes, example, values, dict(lists), words, made_on
    )


def _example(column: Column) -> Any:
    if not column.example:
        return None
    return _cell(column, parser_of(column)(column.example))


def _cell(column: Column, value: Any) -> Any:
    """What stands in the sheet: days as days, numbers as numbers, everything else as words."""
    if value is None or value == "":
        return None
    if column.parse == "day":
        return date.fromisoformat(value)
    return value if column.parse in _NUMBERS else value_text(column, value)


def _written(
    title: str,
    columns: Sequence[tuple[Column, str, list[str]]],
    notes: Sequence[tuple[str, str]],
    example: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    lists: Mapping[str, Sequence[str]],
    words: _Words,
    made_on: date,
) -> bytes:
    import xlsxwriter  # slow (0.1 s), only here

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": title, "created": datetime(made_on.year, made_on.month, made_on.day)})  # noqa: DTZ001 - a label in the file
    book.set_custom_property("Version", TEMPLATE_VERSION)
    formats = {
        "must": book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#e4e0d6", "text_wrap": True, "valign": "vcenter"}
        ),
        "may": book.add_format({"bottom": 1, "bg_color": "#f4f2ec", "text_wrap": True, "valign": "vcenter"}),
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "plain": book.add_format({}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    sheet = book.add_worksheet(title)
    explained, shown = book.add_worksheet(words.notes), book.add_worksheet(words.example)
    ranges = _lists_sheet(book, words.lists, lists)
    _fill(sheet, columns, rows, formats)
    last = max(_ROWS, len(rows) + 500)
    for place, (column, _title, choices) in enumerate(columns):
        _validate(sheet, place, last, column, choices, ranges.get(column.listed, ""), words)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    _fill(shown, columns, [example], formats)
    explained.set_paper(9)
    explained.fit_to_pages(1, 0)
    explained.set_column(0, 0, 18)
    explained.set_column(1, 1, 84)
    for line, (name, what) in enumerate(notes):
        explained.write_string(line, 0, name, formats["wrapped"])
        explained.write_string(line, 1, what, formats["wrapped"])
    book.close()
    return out.getvalue()


def _format_of(column: Column) -> str:
    if column.parse == "day":
        return "day"
    return "text" if column.parse in _TEXT else "plain"


def _fill(
    sheet: Any, columns: Sequence[tuple[Column, str, list[str]]], rows: Sequence[Sequence[Any]], formats: Any
) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for place, (column, title, _choices) in enumerate(columns):
        style = formats[_format_of(column)]
        sheet.set_column(place, place, column.width, style)
        sheet.write_string(0, place, title, formats["must" if column.required else "may"])
        for line, row in enumerate(rows, 1):
            value = row[place]
            if isinstance(value, date):
                sheet.write_datetime(line, place, value, style)
            elif isinstance(value, int | float):
                sheet.write_number(line, place, value, style)
            elif value is not None:
                sheet.write_string(line, place, value, style)


def _lists_sheet(book: Any, name: str, lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Lists are too long to stand in a rule (255 characters): a hidden sheet has them. Return their ranges."""
    filled = {key: words for key, words in lists.items() if words}
    if not filled:
        return {}
    sheet = book.add_worksheet(name)
    sheet.hide()
    ranges = {}
    for place, (key, words) in enumerate(filled.items()):
        for line, word in enumerate(words):
            sheet.write_string(line, place, word)
        letter = chr(65 + place)
        ranges[key] = f"='{name}'!${letter}$1:${letter}${len(words)}"
    return ranges


def _validate(
    sheet: Any, place: int, last: int, column: Column, choices: Sequence[str], source: str, words: _Words
) -> None:
    if choices or column.parse == "yes":
        listed = list(choices) or [_yes_no(one) for one in (True, False)]
        rule: dict[str, Any] = {"validate": "list", "source": listed, "error_type": "stop"}
        rule |= {"error_title": words.choose[0], "error_message": words.choose[1]}
    elif source:
        # Several may stand in one cell, and other words may be right too.
        rule = {"validate": "list", "source": source, "error_type": "information"}
        rule |= {"error_title": words.unknown[0], "error_message": words.unknown[1]}
    elif column.parse in ("whole", "positive"):
        rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": column.most}
        rule |= {"error_type": "warning", "error_title": words.number[0], "error_message": words.number[1]}
    else:
        return
    sheet.data_validation(1, place, last, place, rule)


def _yes_no(value: bool) -> str:
    """Both languages read these, so the sheet has one of them."""
    return "是" if value else "否"


async def rejected_workbook(kind: Kind, rows: Sequence[Said], made_on: date) -> bytes:
    """The refused cells, each with its place, the reason and what is in it; long numbers are hidden."""
    sheet = Sheet(
        name=_("没有收的行"),
        head=[_("位置"), _("行号"), _("列"), _("写着什么"), _("为什么"), _("这一行")],
        rows=[
            [
                one.cell,
                one.line,
                title_of(kind.column(one.column)),
                one.text or None,
                reason_text(kind, one),
                label_text(kind, one) or None,
            ]
            for one in rows
        ],
        filtering=True,
    )
    return await workbook([sheet], title=_("没有收的行"), made_on=made_on)
