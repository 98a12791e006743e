"""What stands in the cells of a filled table, and what must hold between them. Pure; numbers are exact decimals."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from outreach.shared.errors import FieldProblem
from outreach.statistics.domain.forms import Cell, CellKind, Form, Rollup

__all__ = [
    "MOST",
    "NO_ENTRY",
    "Entry",
    "Figures",
    "SumWarning",
    "Value",
    "entry_problems",
    "figures_of",
    "part_problems",
    "stored",
    "sum_warnings",
    "typed_value",
    "value_of",
]

#: What a cell says; ``None`` is not reported, which is not zero.
Value = Decimal | bool | None

#: No cell of any form needs more.
MOST = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed into a cell, and the note beside it."""

    value: Value = None
    note: str = ""


NO_ENTRY = Entry()


@dataclass(frozen=True, slots=True)
class Figures:
    """One cell of one table.

    Attributes:
        entry: typed by hand, stands before the rule's figure.
        rule: what the system counted for the organisation itself, without those that have tables below it.
        below: of the tables below that were handed in.
        total: what the cell says.
    """

    entry: Entry
    rule: Decimal | None
    below: Value
    total: Value

    @property
    def own(self) -> Value:
        """The organisation's own part: typed, else counted."""
        return self.rule if self.entry.value is None else self.entry.value

    @property
    def overwritten(self) -> bool:
        """Whether the system counted something else than was typed."""
        return self.rule is not None and self.entry.value is not None and self.entry.value != self.rule


def typed_value(cell: Cell, text: str) -> Value:
    """What a person typed: ``1,200``, ``1200.50``, ``是``; blank is not reported.

    Raises:
        ValueError: the message is the code of the field rule.
    """
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    if cell.kind is CellKind.YES_NO:
        if plain in ("yes", "是", "true"):
            return True
        if plain in ("no", "否", "false"):
            return False
        raise ValueError("not-yes-no")
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit() or len(plain) > 20:
        raise ValueError("below-zero" if plain.startswith(("-", "－")) else "not-number")
    return Decimal(plain)


def value_of(stored_value: Any) -> Value:
    """A value as it is kept in JSON: numbers are texts, so that nothing is rounded."""
    if stored_value is None or isinstance(stored_value, bool):
        return stored_value
    try:
        return Decimal(str(stored_value))
    except InvalidOperation:
        return None


def stored(value: Value) -> str | bool | None:
    """The value for JSON; see ``value_of``."""
    return value if value is None or isinstance(value, bool) else format(value, "f")


def entry_problems(cell: Cell, entry: Entry, rule: Decimal | None) -> list[FieldProblem]:
    """What is wrong with one typed value, named by the cell."""
    value = entry.value
    if value is None:
        return []
    if isinstance(value, bool):
        return [] if cell.kind is CellKind.YES_NO else [FieldProblem(cell.id, "not-number")]
    if cell.kind is CellKind.YES_NO:
        return [FieldProblem(cell.id, "not-yes-no")]
    if value < 0:
        return [FieldProblem(cell.id, "below-zero")]
    if value > MOST:
        return [FieldProblem(cell.id, "too-large-number", {"most": f"{MOST:,}"})]
    if value != round(value, cell.decimals):
        code = "too-many-decimals" if cell.decimals else "not-whole-of-unit"
        return [FieldProblem(cell.id, code, {"most": cell.decimals, "unit": cell.unit})]
    if rule is not None and value != rule and not entry.note:
        return [FieldProblem(cell.id, "note-needed", {"rule": f"{rule:,}"})]
    return []


def figures_of(
    form: Form, entries: Mapping[str, Entry], rules: Mapping[str, Decimal], below: Mapping[str, Value]
) -> dict[str, Figures]:
    """All cells of a table, from what was typed, counted, and handed in below."""
    found: dict[str, Figures] = {}
    for cell in form.cells.values():
        entry, rule = entries.get(cell.id, NO_ENTRY), rules.get(cell.id)
        own = rule if entry.value is None else entry.value
        found[cell.id] = Figures(entry, rule, below.get(cell.id), _total(cell, own, below.get(cell.id)))
    return found


def _total(cell: Cell, own: Value, below: Value) -> Value:
    if cell.rollup is Rollup.NONE or below is None:
        return own
    if cell.rollup is Rollup.ANY:
        return below if own is None else own
    if own is None:
        return below
    assert not isinstance(own, bool), "a sum is of numbers"
    assert not isinstance(below, bool), "a sum is of numbers"
    return own + below


def part_problems(form: Form, totals: Mapping[str, Value], *, complete: bool = False) -> list[FieldProblem]:
    """其中 above its whole, named by the part; with ``complete`` also a part whose whole was not reported."""
    problems: list[FieldProblem] = []
    for cell in form.cells.values():
        part = totals.get(cell.id)
        if part is None or isinstance(part, bool):
            continue
        for whole_id in cell.part_of:
            whole = totals.get(whole_id)
            names = {"part": cell.label, "whole": form.cells[whole_id].label, "place": form.places[whole_id]}
            if isinstance(whole, Decimal):
                if part > whole:
                    facts = {**names, "value": f"{part:,}", "most": f"{whole:,}"}
                    problems.append(FieldProblem(cell.id, "part-above-whole", facts))
            elif complete:
                problems.append(FieldProblem(cell.id, "part-without-whole", names))
    return problems


@dataclass(frozen=True, slots=True)
class SumWarning:
    """A cell that is not the sum of the cells that it should be the sum of."""

    cell: str
    total: Decimal
    parts: Decimal


def sum_warnings(form: Form, totals: Mapping[str, Value]) -> list[SumWarning]:
    """Sums that do not add up; a warning and no more. Parts that nobody reported count as nothing."""
    found: list[SumWarning] = []
    for cell in form.cells.values():
        whole = totals.get(cell.id)
        parts = [part for one in cell.sum_of if isinstance(part := totals.get(one), Decimal)]
        if isinstance(whole, Decimal) and parts and sum(parts) != whole:
            found.append(SumWarning(cell.id, whole, sum(parts, Decimal())))
    return found
