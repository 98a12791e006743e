"""What a preview says, kept with it: the first of each sort, with the cells where they stand."""

from typing import Any

import msgspec

from outreach.imports.domain.planning import Entry, Plan
from outreach.shared.spreadsheets.cells import masked

__all__ = ["MOST", "MOST_REJECTED", "Changed", "Listed", "Said", "Shown", "label_of", "shown_of"]

#: Of each sort, and of the refused cells.
MOST, MOST_REJECTED = 200, 2000

#: What a row is called by.
_LABELS: dict[str, tuple[str, ...]] = {
    "units": ("name", "code"),
    "persons": ("name", "unit", "role"),
    "providers": ("name",),
    "venues": ("name",),
    "events": ("year", "programme", "title"),
    "sessions": ("on", "start", "event"),
    "past": ("on", "start", "event"),
    "tallies": ("on", "target", "receiver"),
}


class Listed(msgspec.Struct):
    """A row: its cell, line and the values that it is called by; ``first``: the cell of its double."""

    cell: str
    line: int
    label: list[Any]
    first: str = ""


class Changed(Listed):
    """``changes``: column, old value, new value."""

    changes: list[tuple[str, Any, Any]] = []


class Said(Listed):
    """Something about a cell: its column, a code of the field rules with its facts, what is in it."""

    column: str = ""
    code: str = ""
    facts: dict[str, Any] = {}
    text: str = ""


class Shown(msgspec.Struct):
    """The first of each sort. ``touched``: ids of what would be changed, all of them."""

    made: list[Listed] = []
    changed: list[Changed] = []
    rejected: list[Said] = []
    duplicates: list[Listed] = []
    notes: list[Said] = []
    touched: list[str] = []
    ignored: list[str] = []
    left_out: int = 0
    cells: int = 0


def label_of(kind: str, entry: Entry) -> list[Any]:
    """The values that a row is called by, in the order of ``label_columns``."""
    return [entry.values.get(key) for key in _LABELS[kind]]


def label_columns(kind: str) -> tuple[str, ...]:
    """What ``label_of`` says."""
    return _LABELS[kind]


def shown_of(plan: Plan[Any]) -> Shown:
    """The plan as it is kept and shown."""
    kind = plan.kind
    first = kind.columns[0].key

    def listed(entry: Entry) -> tuple[str, int, list[Any]]:
        return plan.cell(entry, first), entry.row.line, label_of(kind.key, entry)

    order = {column.key: number for number, column in enumerate(kind.columns)}
    rejected = [
        Said(plan.cell(entry, one.column), entry.row.line, label_of(kind.key, entry), "", one.column, one.code,
             dict(one.facts), masked(one.text))
        for entry in plan.of("rejected")
        for one in sorted(entry.problems, key=lambda one: order.get(one.column, 0))
    ]  # fmt: skip
    notes = [
        Said(plan.cell(entry, one.column), entry.row.line, label_of(kind.key, entry), "", one.column, one.code,
             dict(one.facts))
        for status in ("new", "changed")
        for entry in plan.of(status)
        for one in entry.notes
    ]  # fmt: skip
    changed = plan.of("changed")
    return Shown(
        made=[Listed(*listed(one)) for one in plan.of("new")[:MOST]],
        changed=[
            Changed(*listed(one), "", [(key, old, new) for key, (old, new) in one.changes.items()])
            for one in changed[:MOST]
        ],
        rejected=rejected[:MOST_REJECTED],
        duplicates=[Listed(*listed(one), one.first) for one in plan.of("duplicate")[:MOST]],
        notes=notes[:MOST],
        touched=[one.stored.id for one in changed if one.stored is not None],
        ignored=plan.read.ignored[:30],
        left_out=plan.read.left_out,
        cells=len(rejected),
    )
