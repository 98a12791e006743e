"""Workbooks of rosters: our template, and the rejected rows with the reason."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import anyio

from outreach.attendance.rosters.domain.found import REASONS, Rejected
from outreach.shared.i18n import gettext as _
from outreach.web.workbooks import Sheet, workbook

__all__ = ["TEMPLATE_VERSION", "reason_text", "rejected_workbook", "remedy_text", "template_workbook"]

#: Raised when a column is added or its meaning changes; older ones stay readable.
TEMPLATE_VERSION = 1
#: Rows of the template that have drop-down lists and text format.
_ROWS = 2000


def reason_text(row: Rejected) -> str:
    """Why a row is rejected."""
    return _(REASONS[row.reason][0]).format(first=row.first)


def remedy_text(row: Rejected) -> str:
    """What to do about it."""
    return _(REASONS[row.reason][1])


async def rejected_workbook(rows: Sequence[Rejected], made_on: date) -> bytes:
    """The rejected rows, each with the place in the file, the reason and what to do; long numbers are hidden."""
    sheet = Sheet(
        name=_("没有收的行"),
        head=[
            _("位置"),
            _("行号"),
            _("原因"),
            _("怎样改"),
            _("写着的姓名"),
            _("写着的单位"),
            _("整行内容（号码已隐去）"),
        ],
        rows=[
            [one.cell, one.line, reason_text(one), remedy_text(one), one.name or None, one.unit or None, one.text]
            for one in rows
        ],
        filtering=True,
    )
    return await workbook([sheet], title=_("没有收的行"), made_on=made_on)


async def template_workbook() -> bytes:
    """名单模板: one sheet to fill in, with lists to choose from, and one that explains it."""
    columns = [
        (_("姓名"), 14, ()),
        (_("单位"), 32, ()),
        (_("手机"), 16, ()),
        (_("性别"), 8, (_("男"), _("女"))),
        (_("外来务工人员"), 14, (_("是"), _("否"))),
        (_("新生代农民工"), 14, (_("是"), _("否"))),
        (_("备注"), 24, ()),
    ]
    notes = [
        (_("列"), _("怎么填")),
        (_("姓名"), _("必填。一个人写一行，不写职务和号码。")),
        (_("单位"), _("工会或单位的全称。没有手机号码的，必须填，否则分不清是谁。")),
        (
            _("手机"),
            _("11位号码，只用来认出同一个人：系统只留校验值和后四位，不留号码。没有就留空，不要填别人的。"),
        ),
        (_("性别"), _("男或女，可不填。")),
        (_("外来务工人员"), _("是或否，可不填。")),
        (_("新生代农民工"), _("是或否，可不填；是的也算外来务工人员。")),
        (_("备注"), _("不导入。")),
        (_("其他"), _("不要填身份证号码。合计行、填表人不用写；空行没有关系。一个文件最多200,000行、20兆。")),
        (_("版本"), _("名单模板第%(version)s版") % {"version": TEMPLATE_VERSION}),
    ]
    words = (_("名单"), _("填写说明"), _("请从列表里选，或者留空。"))
    return await anyio.to_thread.run_sync(_template, columns, notes, words)


def _template(columns: Sequence[tuple[str, int, tuple[str, ...]]], notes: Sequence[Any], words: Any) -> bytes:
    import xlsxwriter  # slow (0.1 s), only here

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": words[0], "comments": f"v{TEMPLATE_VERSION}"})
    book.set_custom_property("Version", TEMPLATE_VERSION)
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eeeeee"})
    text, wrapped = book.add_format({"num_format": "@"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(words[0])
    sheet.freeze_panes(1, 0)
    for column, (title, width, choices) in enumerate(columns):
        sheet.set_column(column, column, width, text)
        sheet.write_string(0, column, title, head)
        if choices:
            rule = {"validate": "list", "source": list(choices), "error_message": words[2]}
            sheet.data_validation(1, column, _ROWS, column, rule)
    explained = book.add_worksheet(words[1])
    explained.set_column(0, 0, 16)
    explained.set_column(1, 1, 80)
    for line, (name, what) in enumerate(notes):
        explained.write_string(line, 0, name, head if line == 0 else wrapped)
        explained.write_string(line, 1, what, head if line == 0 else wrapped)
    book.close()
    return out.getvalue()
