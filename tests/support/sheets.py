"""Files as offices make them: xlsx with whatever a person does to a sheet, csv in their encodings, and old xls."""

import csv
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

__all__ = ["Page", "csv_of", "xls_of", "xlsx_of"]


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet: rows of cells (``None`` is empty, ``("=A1", value)`` a formula with its stored value), merged ranges as
    (first row, first column, last row, last column) with the text."""

    rows: Sequence[Sequence[Any]]
    merged: Sequence[tuple[int, int, int, int, str]] = ()
    name: str = "Sheet1"
    hidden: bool = False
    formats: dict[int, str] = field(default_factory=dict)


def xlsx_of(*pages: Page | Sequence[Sequence[Any]]) -> bytes:
    """The sheets as xlsx; a plain list of rows is one sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    for given in pages:
        page = given if isinstance(given, Page) else Page(given)
        sheet = book.add_worksheet(page.name)
        if page.hidden:
            sheet.hide()
        for column, number_format in page.formats.items():
            sheet.set_column(column, column, 12, book.add_format({"num_format": number_format}))
        for top, left, bottom, right, text in page.merged:
            sheet.merge_range(top, left, bottom, right, text)
        for number, row in enumerate(page.rows):
            for column, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.write_formula(number, column, cell[0], None, cell[1])
                elif cell is not None:
                    sheet.write(number, column, cell)
    book.close()
    return out.getvalue()


def csv_of(rows: Sequence[Sequence[Any]], encoding: str = "gb18030", separator: str = ",") -> bytes:
    """The rows as csv, with the line ends of Windows."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows([["" if cell is None else cell for cell in row] for row in rows])
    return out.getvalue().encode(encoding)


def xls_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """The rows as a workbook of Excel 97 (BIFF8 in a compound file), with texts and numbers."""
    name = "名单".encode("utf-16-le")
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 0x06))
    end = _record(0x000A, b"")
    bound = 4 + 8 + len(name)
    head = begin + _record(0x0042, struct.pack("<H", 1200))
    place = len(head) + bound + len(end)
    head += _record(0x0085, struct.pack("<IBBBB", place, 0, 0, 2, 1) + name) + end
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 0x06))
    body += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                text = cell.encode("utf-16-le")
                body += _record(0x0204, struct.pack("<HHHHB", number, column, 0, len(cell), 1) + text)
            elif cell is not None:
                body += _record(0x0203, struct.pack("<HHHd", number, column, 0, float(cell)))
    return _compound(head + body + end)


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream, ``Workbook``: header, allocation table, directory, the stream in sectors."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    assert len(table) <= 128, "one sector of allocation table is enough for a test"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff\xff\xff\xff" * 108
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    folder = _entry("Root Entry", 5, child=1, start=0xFFFFFFFE, size=0)
    folder += _entry("Workbook", 2, child=0xFFFFFFFF, start=2, size=len(stream))
    return header + fat + folder.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    words = (name + "\0").encode("utf-16-le")
    entry = words.ljust(64, b"\0") + struct.pack("<HBBIII", len(words), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return entry + b"\0" * 36 + struct.pack("<IQ", start, size)
