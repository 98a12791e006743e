"""The same text as a Word document, to be merged into other papers: headings, sentences, tables, no charts."""

from collections.abc import Sequence
from typing import Any

from outreach.reports.content.blocks import (
    Block,
    Chart,
    Document,
    Form,
    Heading,
    Lines,
    Paragraph,
    Signing,
    Table,
    Value,
    text_of,
)
from outreach.reports.rendering import docx_of
from outreach.reports.worker import Shape
from outreach.web.templates import templates_folder

__all__ = ["report_docx"]

#: Of ``scripts/report_template.py``.
TEMPLATE = "print/report.docx"
#: Millimetres between the margins of the template's pages.
PORTRAIT, LANDSCAPE = 156.0, 257.0
#: Half points of the type in a wide table.
_SMALL = 15


async def report_docx(document: Document) -> bytes:
    """The docx; the same data give the same bytes.

    Raises:
        ReportPartMissingError: this machine cannot make it.
    """
    context: dict[str, Any] = {
        "title": document.title,
        "edition": document.edition or ("草稿" if document.draft else ""),
        "span": document.span,
        "cut": document.cut,
        "contents": _contents(document),
        "issuer": document.issuer,
        "subject": document.subject,
        "blocks": _blocks(document.blocks, PORTRAIT),
        "annexes": [
            {
                "text": f"{annex.label}　{annex.title}",
                "landscape": annex.landscape,
                "blocks": _blocks(annex.blocks, LANDSCAPE if annex.landscape else PORTRAIT),
            }
            for annex in document.annexes
        ],
    }
    parts = [context["blocks"], *(annex["blocks"] for annex in context["annexes"])]
    shapes = [one.pop("shape") for part in parts for one in part if one["kind"] == "table"]
    return await docx_of(templates_folder() / TEMPLATE, context, shapes)


def _contents(document: Document) -> list[dict[str, Any]]:
    """Headings as they stand until Word or WPS lists them with their pages."""
    lines = [{"text": one.text, "deeper": one.level > 1} for one in document.contents]
    return [*lines, *({"text": f"{annex.label}　{annex.title}", "deeper": False} for annex in document.annexes)]


def _blocks(blocks: Sequence[Block], width: float) -> list[dict[str, Any]]:
    return [each for one in blocks for each in _block(one, width)]


def _block(block: Block, width: float) -> list[dict[str, Any]]:
    match block:
        case Heading():
            return [{"kind": f"h{block.level}", "text": block.text}]
        case Paragraph():
            return [{"kind": "note" if block.note else "p", "text": block.text}]
        case Table():
            return _table(block, width)
        case Lines():
            return [{"kind": "note", "text": block.title}, *({"kind": "note", "text": line} for line in block.lines)]
        case Chart():
            return [{"kind": "note", "text": f"{block.caption}：{block.sentence}"}]
        case Form():
            return [{"kind": "note", "text": line} for line in block.lines]
        case Signing():
            return [{"kind": "sign", "text": block.issuer}]


def _table(table: Table, width: float) -> list[dict[str, Any]]:
    rights = [column.is_number for column in table.columns]
    return [
        {
            "kind": "table",
            "text": table.caption,
            "note": f"注：{table.note}" if table.note else "",
            "shape": _shape(table, width),
            "columns": [column.words for column in table.columns],
            "rows": [
                [{"text": _words(value), "right": right} for value, right in zip(row, rights, strict=True)]
                for row in table.rows
            ],
        }
    ]


def _words(value: Value) -> str:
    small = getattr(value, "small", "")
    return f"{text_of(value)}\n{small}" if small else text_of(value)


def _shape(table: Table, width: float) -> Shape:
    merged = tuple(place for place, column in enumerate(table.columns) if column.merged)
    runs = tuple(len(group) for group in table.groups()) if merged else ()
    return Shape(tuple(_widths(table, width)), merged, runs, _SMALL if table.small else None)


def _widths(table: Table, width: float) -> list[float]:
    """Millimetres of the columns; those without a width of their own share what is left."""
    open_ = sum(not column.width for column in table.columns)
    rest = max(width - sum(column.width for column in table.columns), 0)
    return [column.width or round(rest / open_, 1) for column in table.columns]
