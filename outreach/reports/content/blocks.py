"""What a document is made of, whatever prints it: headings, sentences, tables, charts. Pure.

The PDF, the docx and the sheets of the workbook all print these, so that they cannot say different things.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from outreach.web.wording import day_plain, numeral, percent, thousands

__all__ = [
    "Amount",
    "Annex",
    "Block",
    "Chart",
    "Column",
    "Document",
    "Form",
    "Heading",
    "Lines",
    "Paragraph",
    "Percent",
    "Signing",
    "Table",
    "Value",
    "numbered",
    "text_of",
]

NOT_KNOWN = "—"
#: Lines of a table that no page's end may part.
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in a column of several units: ``118场``; ``small`` stands below it in small type."""

    value: float
    unit: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class Percent:
    """Hundredths."""

    value: float


#: What may stand in a cell. ``None``: not known, or does not apply.
Value = str | int | float | date | datetime | Amount | Percent | None


def text_of(value: Value) -> str:
    """The cell as documents write it; the first line only of an ``Amount`` with something below."""
    match value:
        case None:
            return NOT_KNOWN
        case str():
            return value
        case Amount():
            return f"{thousands(value.value)}{value.unit}"
        case Percent():
            return percent(value.value)
        case date():
            return day_plain(value)
        case _:
            return thousands(value)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its words, the width in millimetres on paper (0: what is left), and what it holds.

    ``unit`` is said in the head of a sheet, where paper says it elsewhere. ``merged``: the cell is written once for the
    rows of the same value below each other, which stay on one page. ``over``: words above this column and above those
    beside it that have the same.
    """

    title: str
    width: float = 0
    kind: Literal["text", "number", "middle"] = "text"
    merged: bool = False
    unit: str = ""
    over: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    @property
    def words(self) -> str:
        """The head in one line."""
        return self.over + self.title.replace("\n", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; ``total``: its last row is the sum. ``sheet``: its name in the workbook, empty where it has another
    sheet there. ``number`` is given when the document is put together."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: bool = False
    small: bool = False
    note: str = ""
    sheet: str = ""
    number: int = 0

    @property
    def is_short(self) -> bool:
        """Whether it fits what is left of a page, or else goes to the next one in one piece."""
        return sum(1 + str(row).count("\\n") / 2 for row in self.rows) <= _SHORT

    @property
    def caption(self) -> str:
        return f"表{self.number}　{self.title}" if self.number else self.title

    @property
    def naming(self) -> int:
        """The place of the column that says what a row is of."""
        merged = (place for place, one in enumerate(self.columns) if one.merged and one.kind == "text")
        return next(merged, 0)

    def heads(self) -> Iterator[tuple[str, int]]:
        """The words above the columns, each with how many columns it spans; empty words span one."""
        for words, columns in groupby(self.columns, key=lambda one: one.over):
            count = len(list(columns))
            yield from [(words, count)] if words else [("", 1)] * count

    def groups(self) -> Iterator[tuple[tuple[Value, ...], ...]]:
        """Rows that belong together by the merged columns; without such columns all of them."""
        keys = [place for place, column in enumerate(self.columns) if column.merged]
        group: list[tuple[Value, ...]] = []
        for row in self.rows:
            if group and keys and any(group[-1][key] != row[key] for key in keys):
                yield tuple(group)
                group = []
            group.append(row)
        if group:
            yield tuple(group)


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 1 is 一、, level 2 （一）; ``anchor`` and the number in ``text`` are given when it is put together."""

    text: str
    level: int = 1
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or several. ``note``: in small type."""

    text: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Many short lines, one below the other: what would be too long a table."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture for paper; ``sentence`` says all of it, and stands for it in a docx."""

    title: str
    sentence: str
    picture: Markup
    number: int = 0

    @property
    def caption(self) -> str:
        return f"图{self.number}　{self.title}"


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form in its own layout: HTML for paper, lines for a docx, rows (item, code, words, value, unit) for a
    sheet."""

    html: Markup
    lines: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Signing:
    """填表人, 审核人, 负责人, 日期, and the place of the seal."""

    issuer: str


Block = Heading | Paragraph | Table | Lines | Chart | Form | Signing


@dataclass(frozen=True, slots=True)
class Annex:
    """One of the 附件; ``landscape`` for wide tables."""

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False
    number: int = 0

    @property
    def anchor(self) -> str:
        return f"annex-{self.number}"

    @property
    def label(self) -> str:
        return f"附件{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report before it is printed. ``span``: the days it tells of; ``cut``: the day of its figures; ``edition`` names
    a fixed one (``第3号定稿``); a draft says so on every page; ``subject``: the news in a sentence."""

    title: str
    span: str
    issuer: str
    cut: str
    blocks: tuple[Block, ...]
    annexes: tuple[Annex, ...]
    edition: str = ""
    draft: bool = True
    subject: str = ""

    @property
    def contents(self) -> list[Heading]:
        """Headings with their anchors, in order."""
        return [one for one in self.blocks if isinstance(one, Heading)]

    @property
    def tables(self) -> list[Table]:
        """Of the body and of the annexes."""
        return [one for part in (self.blocks, *(annex.blocks for annex in self.annexes)) for one in part
                if isinstance(one, Table)]  # fmt: skip


@dataclass(slots=True)
class _Numbers:
    first: int = 0
    second: int = 0
    table: int = 0
    chart: int = 0
    seen: list[Block] = field(default_factory=list)

    def give(self, block: Block) -> Block:
        match block:
            case Heading(level=1):
                self.first, self.second = self.first + 1, 0
                return replace(block, text=f"{numeral(self.first, 'zh')}、{block.text}", anchor=f"part-{self.first}")
            case Heading():
                self.second += 1
                anchor = f"part-{self.first}-{self.second}"
                return replace(block, text=f"（{numeral(self.second, 'zh')}）{block.text}", anchor=anchor)
            case Table():
                self.table += 1
                return replace(block, number=self.table)
            case Chart():
                self.chart += 1
                return replace(block, number=self.chart)
        return block


def numbered(blocks: Sequence[Block], annexes: Sequence[Annex]) -> tuple[tuple[Block, ...], tuple[Annex, ...]]:
    """Headings, tables and charts with their numbers: tables run on through the annexes."""
    numbers = _Numbers()
    body = tuple(numbers.give(one) for one in blocks)
    return body, tuple(
        replace(annex, number=place, blocks=tuple(numbers.give(one) for one in annex.blocks))
        for place, annex in enumerate(annexes, 1)
    )
