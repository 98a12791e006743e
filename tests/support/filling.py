"""Filling in a workbook that was downloaded, as a person does in a spreadsheet program: its formats and lists stay."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

from python_calamine import CalamineWorkbook

__all__ = ["Cell", "cell_of", "filled", "rows_of"]

Cell = str | int | float | date | None

#: The day before day 1 of Excel, which counts 29 February 1900.
_EPOCH = date(1899, 12, 30)


def rows_of(workbook: bytes) -> list[dict[str, Cell]]:
    """The rows of the first sheet by its headings; empty cells are left out."""
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    found = [{str(name): cell for name, cell in zip(head, row, strict=True) if cell not in ("", None)} for row in rows]
    return [one for one in found if one]  # type: ignore[misc]


def _heads(workbook: bytes) -> list[str]:
    return [
        str(one) for one in CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()[0]
    ]


def cell_of(workbook: bytes, heading: str, row: int) -> str:
    """What the cell of a column is called in the ``row``-th row below the headings, such as ``C2`` for the first."""
    return f"{_letter(_heads(workbook).index(heading))}{row + 1}"


def _letter(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


def filled(workbook: bytes, rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """The workbook with these rows under the headings of its first sheet, instead of those that were there."""
    heads = _heads(workbook)
    unknown = {name for row in rows for name in row} - set(heads)
    assert not unknown, (unknown, heads)
    given = zipfile.ZipFile(io.BytesIO(workbook))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            content = given.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = _sheet(content.decode(), heads, rows).encode()
            made.writestr(part, content)
    return out.getvalue()


def _sheet(xml: str, heads: Sequence[str], rows: Sequence[Mapping[str, Cell]]) -> str:
    styles = {
        place: style
        for first, last, style in re.findall(r'<col min="(\d+)" max="(\d+)"[^>]* style="(\d+)"', xml)
        for place in range(int(first) - 1, int(last))
    }
    lines = []
    for number, row in enumerate(rows, 2):
        cells = "".join(
            _cell(f"{_letter(place)}{number}", row[name], styles.get(place))
            for place, name in enumerate(heads)
            if row.get(name) is not None
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    head, rest = re.match(r"(.*?<sheetData><row .*?</row>)(.*)", xml, re.DOTALL).groups()  # type: ignore[union-attr]
    head = re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="A1:{_letter(len(heads) - 1)}{len(rows) + 1}"', head)
    return head + "".join(lines) + rest[rest.index("</sheetData>") :]


def _cell(where: str, value: Cell, style: str | None) -> str:
    dressed = f'r="{where}"' + (f' s="{style}"' if style else "")
    if isinstance(value, date):
        return f"<c {dressed}><v>{(value - _EPOCH).days}</v></c>"
    if isinstance(value, int | float):
        return f"<c {dressed}><v>{value}</v></c>"
    return f'<c {dressed} t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
