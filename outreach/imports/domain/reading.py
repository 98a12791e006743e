"""The rows of a file: its head recognised whatever the words, merged cells filled, every cell read or refused. Pure."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from outreach.imports.domain.cell_text import Refused
from outreach.imports.domain.columns import Kind
from outreach.imports.domain.parsing import parser_of
from outreach.shared.spreadsheets.cells import address, clean, masked, text_of
from outreach.shared.spreadsheets.sheets import Sheet

__all__ = ["Bad", "Place", "Read", "Row", "heading", "rows_of"]

#: The head stands within so many rows from the top.
LOOKED_AT = 30
#: Sheets of our own template that hold no rows.
_OWN = {"示例", "填写说明", "选项", "Example", "Notes", "Lists"}
_TOTALS = re.compile(r"(?:合\s*计|小\s*计|总\s*计|共计|累计|总数)(?:[::].*)?\Z")
_FOOTER = re.compile(
    r"(?:填表|制表|填报|上报|审核|审批|经办|复核|负责|盖章|说明|注意|备注|注)[^::]{0,8}[::]|(?:注|说明|备注)[0-9]?[、.．]|以上|本表|此表|第[0-9]+页"
)
#: How totals begin; what else is no row lacks something that must be there.
_ODD = frozenset("合小总共累 \u3000")
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_SIGNS = re.compile(r"[\s*::★●_]+")
_KEPT_OF_CELL = 60
_UNREAD: Any = object()


class Bad(msgspec.Struct, array_like=True, gc=False):
    """A cell that was refused: which column (place in the kind), the field rule with its facts, what is in it."""

    column: int
    code: str
    facts: dict[str, Any]
    text: str


class Row(msgspec.Struct, array_like=True, gc=False):
    """One row: sheet (from 0), line (from 1), a value for each column of the kind, what was refused in it."""

    sheet: int
    line: int
    values: list[Any]
    bad: list[Bad]


class Place(msgspec.Struct):
    """A sheet that was read: its name, and for each column that its head has where it stands (from 0)."""

    name: str
    columns: dict[str, int]


class Read(msgspec.Struct):
    """What a file holds. ``ignored``: headings that nobody knows; ``left_out``: totals, footers, banners."""

    places: list[Place]
    rows: list[Row]
    ignored: list[str] = []
    left_out: int = 0
    lacking: list[str] = []

    @property
    def has(self) -> frozenset[str]:
        """Columns that every sheet has."""
        return frozenset.intersection(*(frozenset(one.columns) for one in self.places)) if self.places else frozenset()

    def cell(self, row: Row, key: str) -> str:
        """``C7``, with the sheet's name before it where there are several; of the row where there is no such column."""
        place = self.places[row.sheet]
        where = address(row.line - 1, place.columns.get(key, min(place.columns.values())))
        return f"{place.name}!{where}" if len(self.places) > 1 else where


def heading(cell: Any) -> str:
    """The words over a column without brackets, blanks and signs."""
    if not isinstance(cell, str) or not cell or len(cell) > 60:
        return ""
    words = _BRACKETS.sub("", unicodedata.normalize("NFKC", cell))
    return _SIGNS.sub("", words).casefold()


def _headings(kind: Kind) -> dict[str, str]:
    """Words → column; a column's own title goes before what other columns are also called."""
    found: dict[str, str] = {}
    for words in (lambda one: (one.title, one.english, one.key), lambda one: one.also):
        for column in kind.columns:
            for word in words(column):
                found.setdefault(heading(word), column.key)
    found.pop("", None)
    return found


def rows_of(kind: Kind, sheets: Sequence[Sheet], progress: Callable[[float], None] | None = None) -> Read | None:
    """The rows of every sheet that has a head; ``None``: no sheet has one.

    A file whose head lacks a column that must be there names it in ``lacking`` and has no rows.
    """
    known = _headings(kind)
    read = Read([], [])
    lacking: list[str] | None = None
    for number, sheet in enumerate(sheets):
        head = None if sheet.name in _OWN and len(sheets) > 1 else _head(sheet, known)
        if head is None:
            continue
        line, columns, ignored = head
        missing = [key for key in kind.required if key not in columns]
        if missing:
            lacking = missing if lacking is None or len(missing) < len(lacking) else lacking
            continue
        read.places.append(Place(clean(sheet.name)[:60], columns))
        read.ignored += [word for word in ignored if word not in read.ignored]
        _read_sheet(kind, sheet, line, columns, read)
        if progress is not None:
            progress((number + 1) / len(sheets))
    if not read.places:
        return None if lacking is None else Read([], [], lacking=lacking)
    return read


def _head(sheet: Sheet, known: dict[str, str]) -> tuple[int, dict[str, int], list[str]] | None:
    best: tuple[int, dict[str, int], list[str]] | None = None
    for line, row in enumerate(sheet.rows[:LOOKED_AT]):
        columns: dict[str, int] = {}
        ignored: list[str] = []
        for place, cell in enumerate(row):
            word = heading(cell)
            key = known.get(word, "")
            if key and key not in columns:
                columns[key] = place
            elif word and not word.isdigit() and word not in ("序号", "序", "编号", "no", "no."):
                ignored.append(clean(str(cell))[:30])
        if len(columns) >= 2 and (best is None or len(columns) > len(best[1])):
            best = (line, columns, ignored)
    return best


def _filled(sheet: Sheet, head: int, width: int) -> tuple[dict[tuple[int, int], Any], set[int]]:
    """Cells that a merged one covers downwards with what it says, and rows that are a banner across the sheet."""
    filled: dict[tuple[int, int], Any] = {}
    banners: set[int] = set()
    for (top, left), (bottom, right) in sheet.merged:
        if bottom <= head or top >= len(sheet.rows):
            continue
        if right - left + 1 >= max(3, width // 2):
            banners.update(range(top, bottom + 1))
        elif bottom > top:
            cell = sheet.rows[top][left] if left < len(sheet.rows[top]) else None
            filled |= {(row, left): cell for row in range(top + 1, bottom + 1)}
    return filled, banners


def _read_sheet(kind: Kind, sheet: Sheet, head: int, columns: dict[str, int], read: Read) -> None:
    filled, banners = _filled(sheet, head, len(columns))
    readers: list[tuple[int, int, bool, Callable[[Any], Any], dict[Any, Any]]] = []
    for number, one in enumerate(kind.columns):
        if one.key in columns:
            seen: dict[str, Any] = {}
            readers.append((number, columns[one.key], one.required, parser_of(one, seen), seen))
    size, sheet_number = len(kind.columns), len(read.places) - 1
    words = {key: heading(sheet.rows[head][place]) for key, place in columns.items()}
    first = min(columns.values())
    for line in range(head + 1, len(sheet.rows)):
        cells = sheet.rows[line]
        if filled:
            cells = [
                filled.get((line, place), cell) if cell in ("", None) else cell for place, cell in enumerate(cells)
            ]
        if not any(cells):
            continue
        values: list[Any] = [None] * size
        bad: list[Bad] = []
        for number, place, required, parse, seen in readers:
            cell: Any = cells[place] if place < len(cells) else None
            value = seen.get(cell, _UNREAD)
            if value is _UNREAD:
                try:
                    value = parse(cell)
                except Refused as refused:
                    bad.append(Bad(number, refused.code, refused.facts, shown(cell)))
                    continue
            if value is None and required:
                bad.append(Bad(number, "required", {}, shown(cell)))
            values[number] = value
        # Only what begins oddly or does not fit is looked at more closely: most rows are rows.
        if (bad or line in banners or str(cells[first] if first < len(cells) else "")[:1] in _ODD) and (
            line in banners or _is_no_row(cells, columns, words, kind)
        ):
            read.left_out += 1
            continue
        read.rows.append(Row(sheet_number, line + 1, values, bad))


def _is_no_row(cells: Sequence[Any], columns: dict[str, int], words: dict[str, str], kind: Kind) -> bool:
    """A total, a footer, a remark, a head that is repeated, or a row with nothing in our columns."""
    ours = [cells[place] for place in columns.values() if place < len(cells)]
    if not any(_says(cell) for cell in ours):
        return True
    first = next((cell for cell in cells if _says(cell)), "")
    if isinstance(first, str) and first:
        text = unicodedata.normalize("NFKC", first).strip()
        given = sum(_says(cells[columns[key]]) for key in kind.required if columns[key] < len(cells))
        if _TOTALS.match(text) or (given < len(kind.required) and _FOOTER.match(text)):
            return True
    if not isinstance(first, str):
        return False
    return all(heading(cells[place]) == words[key] for key, place in columns.items() if place < len(cells))


def _says(cell: Any) -> bool:
    return cell is not None and cell != "" and (not isinstance(cell, str) or bool(cell.strip()))


def shown(cell: Any) -> str:
    """What stands in a cell, for the list of refused rows: short, long numbers hidden."""
    text = clean(masked(text_of(cell)))
    return text if len(text) <= _KEPT_OF_CELL else text[:_KEPT_OF_CELL] + "…"
