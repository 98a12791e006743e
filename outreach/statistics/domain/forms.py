"""A form of 统计表: what it asks, where each figure stands in its text, which days it covers. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from outreach.programmes.domain.lunar import FIRST_FESTIVAL, LAST_FESTIVAL, spring_festival
from outreach.shared.errors import invalid

__all__ = [
    "Cell",
    "CellKind",
    "DayRule",
    "Days",
    "Doubt",
    "Figure",
    "Form",
    "Item",
    "Rollup",
    "Row",
    "Rule",
    "days_of_year",
    "pieces",
]

#: A place in a row's text: ``{9B1}``; ``{year}`` is the table's year.
PLACE = re.compile(r"\{([^{}]*)\}")


class CellKind(StrEnum):
    """What stands in a cell."""

    NUMBER = "number"
    YES_NO = "yes_no"


class Rollup(StrEnum):
    """What the upper table makes of the cells below: their sum, nothing, or yes where one says yes."""

    SUM = "sum"
    NONE = "none"
    ANY = "any"


class Figure(StrEnum):
    """What a rule counts; the vocabulary is closed."""

    SESSIONS = "sessions"
    VISITS = "visits"
    TALLY = "tally"
    MEMBERS = "members"
    WOMEN_MEMBERS = "women_members"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a cell is computed from.

    Attributes:
        programmes: codes of the programmes whose sessions or tallies count.
        kinds: of sessions; empty: every kind.
        group: of visits: only this group of the breakdown.
        workers: of visits: only 其中职工.
        target: of a tally: the key of the target.
        by: whose figure a session is: the ``owner`` of its programme, or its ``host``.
    """

    figure: Figure
    programmes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    group: str = ""
    workers: bool = False
    target: str = ""
    by: str = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure. ``part_of``: 其中, at most each of these; ``sum_of``: should be the sum of these."""

    id: str
    label: str
    kind: CellKind = CellKind.NUMBER
    unit: str = ""
    decimals: int = 0
    rule: Rule | None = None
    part_of: tuple[str, ...] = ()
    sum_of: tuple[str, ...] = ()
    rollup: Rollup = Rollup.SUM
    doubtful: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of an item: its letter, and a text with cells in place."""

    code: str
    text: str
    cells: tuple[Cell, ...]
    doubtful: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A numbered item; ``lead`` stands before its rows."""

    number: int
    lead: str
    rows: tuple[Row, ...]
    doubtful: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRule:
    """A day of a year: ``on`` (month and day), or ``festival`` days after the Spring Festival (-1: its eve)."""

    on: str = ""
    festival: int | None = None
    years: int = 0
    doubtful: str = ""

    def day_of(self, year: int) -> date:
        """The day for a table of ``year``.

        Raises:
            InvalidError: the Spring Festival of that year is not known; names ``year``.
        """
        if self.festival is None:
            return date.fromisoformat(f"{year + self.years:04}-{self.on}")
        feast = spring_festival(year + self.years)
        if feast is None:
            raise invalid("year", "festival-unknown", first=FIRST_FESTIVAL, last=LAST_FESTIVAL)
        return feast + timedelta(days=self.festival)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place of the form that is not sure, and why; ``mark`` is its footnote's number."""

    mark: int
    place: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """A whole form. ``period`` is what it covers, ``cut_off`` the last day counted, ``hand_in`` by when it is due."""

    code: str
    title: str
    annex: str
    source: str
    unit_label: str
    date_label: str
    filler_label: str
    phone_label: str
    notes: tuple[str, ...]
    period_from: DayRule
    period_until: DayRule
    cut_off: DayRule
    hand_in: DayRule
    items: tuple[Item, ...]
    doubtful: str = ""

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Every cell by its id, in the order of the form."""
        return {cell.id: cell for item in self.items for row in item.rows for cell in row.cells}

    @cached_property
    def places(self) -> dict[str, str]:
        """Where a cell stands: ``9(B)``, ``第9项`` in a row without letter."""
        return {cell.id: _place(item, row) for item in self.items for row in item.rows for cell in row.cells}

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """Every doubtful place in order; rows that share one reason share one footnote."""
        marks: dict[str, tuple[int, list[str]]] = {}
        for place, why in self._doubtful_places():
            _number, places = marks.setdefault(why, (len(marks) + 1, []))
            places.append(place)
        return tuple(Doubt(number, "、".join(places), why) for why, (number, places) in marks.items())

    @cached_property
    def marks(self) -> dict[str, int]:
        """Reason → number of its footnote."""
        return {doubt.why: doubt.mark for doubt in self.doubts}

    def _doubtful_places(self) -> Iterator[tuple[str, str]]:
        if self.doubtful:
            yield "表头", self.doubtful
        for name, rule in (("统计期间", self.period_from), ("统计期间", self.period_until), ("统计截止", self.cut_off)):
            if rule.doubtful:
                yield name, rule.doubtful
        if self.hand_in.doubtful:
            yield "上报日期", self.hand_in.doubtful
        for item in self.items:
            if item.doubtful:
                yield f"第{item.number}项", item.doubtful
            for row in item.rows:
                place = _place(item, row)
                if row.doubtful:
                    yield place, row.doubtful
                for cell in row.cells:
                    if cell.doubtful:
                        yield f"{place}{cell.label}", cell.doubtful

    @cached_property
    def depths(self) -> dict[str, int]:
        """How far a cell is moved in: 其中 by one, 其中 of 其中 by two."""
        found: dict[str, int] = {}

        def depth(cell_id: str) -> int:
            if cell_id not in found:
                found[cell_id] = 1 + max((depth(one) for one in self.cells[cell_id].part_of), default=-1)
            return found[cell_id]

        for one in self.cells:
            depth(one)
        return found

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The cells that are computed."""
        return {cell.id: cell.rule for cell in self.cells.values() if cell.rule is not None}


def _place(item: Item, row: Row) -> str:
    return f"{item.number}({row.code})" if row.code else f"第{item.number}项"


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a form in one year; both ends of the period are in it."""

    from_on: date
    until_on: date
    cut_off_on: date
    hand_in_on: date

    @property
    def counted_until(self) -> date:
        """The last day whose sessions and visits a rule counts."""
        return min(self.until_on, self.cut_off_on)


def days_of_year(form: Form, year: int) -> Days:
    """The three dates of a table of ``year``.

    Raises:
        InvalidError: the Spring Festival of that year is not known; names ``year``.
    """
    rules = (form.period_from, form.period_until, form.cut_off, form.hand_in)
    return Days(*(rule.day_of(year) for rule in rules))


def pieces(text: str, year: int) -> Iterator[tuple[str, str]]:
    """A row's text in order, as ``("text", words)`` and ``("cell", id)``."""
    said = text.replace("{year}", str(year))
    at = 0
    for place in PLACE.finditer(said):
        if place.start() > at:
            yield "text", said[at : place.start()]
        yield "cell", place[1]
        at = place.end()
    if at < len(said):
        yield "text", said[at:]
