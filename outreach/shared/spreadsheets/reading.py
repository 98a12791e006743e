"""Opens what somebody sent: xlsx, xls, csv. Runs in a process of its own (``asking``), never in the serving one.

Nothing is believed: size, what a zip unfolds to, and references to other files are checked before the library sees
it. Formulas are never computed, the library reads the values that the office program stored.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from outreach.shared.spreadsheets.sheets import Sheet

__all__ = ["MOST_BYTES", "MOST_ROWS", "FileRefused", "sheets_of"]

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
#: What a zip may unfold to, and how many times its own size one part may; real sheets stay below 1 : 40.
MOST_UNFOLDED = 400 * 1024 * 1024
MOST_RATIO = 200
_SMALL = 1024 * 1024
MOST_PARTS = 2000
_CELLS = 12_000_000
#: Places of a workbook that lead outside.
_OUTSIDE = ("xl/externallinks/", "xl/connections", "xl/querytables/", "xl/webextensions/")


class FileRefused(Exception):  # noqa: N818 - a message between two processes, not a refusal
    """The file as a whole: a code, such as ``too-large``, and its facts. Features word it for their own files."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code, self.facts = code, facts


def sheets_of(content: bytes) -> list[Sheet]:
    """The visible sheets; what kind of file it is tell its first bytes, not its name.

    Raises:
        FileRefused: it is too large, no table, locked, or dangerous.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused("too-large", most=MOST_BYTES // 1024 // 1024)
    if not content.strip():
        raise FileRefused("empty")
    if content[:4] == b"PK\x03\x04":
        _check_zip(content)
        sheets = _workbook(content)
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise FileRefused("locked")
        sheets = _workbook(content)
    else:
        sheets = [Sheet("", _csv(content))]
    if sum(len(one.rows) for one in sheets) > MOST_ROWS + 1000:
        raise FileRefused("too-many-rows", most=MOST_ROWS)
    return sheets


def _check_zip(content: bytes) -> None:
    """What the directory of the zip claims, then what really comes out of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {one.filename.lower().lstrip("/") for one in parts}
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                raise FileRefused("not-a-table")
            if any(name.startswith(_OUTSIDE) for name in names):
                raise FileRefused("links")
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNFOLDED:
                raise FileRefused("bomb")
            for one in parts:
                if one.flag_bits & 1:
                    raise FileRefused("locked")
                if one.file_size > _SMALL and one.file_size > MOST_RATIO * max(one.compress_size, 1):
                    raise FileRefused("bomb")
            _unfold(content, parts)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise FileRefused("unreadable") from error


def _unfold(content: bytes, parts: Sequence[zipfile.ZipInfo]) -> None:
    """The directory may lie: count what comes out, without the library that believes it."""
    left = MOST_UNFOLDED
    for one in parts:
        start = one.header_offset
        skipped = 30 + int.from_bytes(content[start + 26 : start + 28], "little")
        skipped += int.from_bytes(content[start + 28 : start + 30], "little")
        packed = memoryview(content)[start + skipped : start + skipped + max(one.compress_size, 0)]
        if one.compress_type == zipfile.ZIP_STORED:
            left -= len(packed)
        elif one.compress_type == zipfile.ZIP_DEFLATED:
            unpacking, out = zlib.decompressobj(-15), 0
            for offset in range(0, len(packed), 65536):
                out += len(unpacking.decompress(packed[offset : offset + 65536], 0))
                if out > left:
                    raise FileRefused("bomb")
            if out > max(one.file_size, _SMALL):
                raise FileRefused("bomb")
            left -= out
        else:
            raise FileRefused("unreadable")


def _workbook(content: bytes) -> list[Sheet]:
    from python_calamine import (  # slow import, only here
        CalamineError,
        CalamineWorkbook,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = []
        for about in book.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet or about.visible is not SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_name(about.name)
            if sheet.total_height > MOST_ROWS + 1000:
                raise FileRefused("too-many-rows", most=MOST_ROWS)
            if sheet.total_height * sheet.total_width > _CELLS:
                raise FileRefused("too-wide")
            merged = sheet.merged_cell_ranges or []
            found.append(Sheet(about.name, sheet.to_python(skip_empty_area=False), merged))
        return found
    except FileRefused:
        raise
    except CalamineError as error:
        locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
        raise FileRefused("locked" if locked else "unreadable") from error
    except Exception as error:  # whatever the library makes of a broken file is that: broken
        raise FileRefused("unreadable") from error


def _csv(content: bytes) -> list[list[Any]]:
    text = _decoded(content)
    start = text[:2000].lstrip().casefold()
    if start.startswith(("<!doctype", "<html", "<table", "<?xml")) or "<table" in start:
        raise FileRefused("web-page")
    if "\x00" in text or sum(not (ch.isprintable() or ch in "\r\n\t　") for ch in text[:2000]) > 20:
        raise FileRefused("not-a-table")
    head = text[:20000]
    separator = max((",", "\t", ";", "，", "|"), key=head.count)
    csv.field_size_limit(100_000)
    rows: list[list[Any]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append([*row])
            if len(rows) > MOST_ROWS + 1000:
                raise FileRefused("too-many-rows", most=MOST_ROWS)
    except csv.Error as error:
        raise FileRefused("unreadable") from error
    return rows


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one (Excel's "Unicode text"), else GB 18030."""
    marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("not-a-table")
