"""Statistics tables as JSON. A number is whole where the form asks for whole ones; null is not reported."""

import datetime as dt
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.shared.text import Code, Line
from outreach.shared.time import local
from outreach.statistics.domain.forms import Form
from outreach.statistics.domain.values import Entry, Value
from outreach.statistics.filled import Filled
from outreach.statistics.queries import LowerRow, TableRow

__all__ = [
    "BelowIn",
    "CorrectionsIn",
    "OpenIn",
    "ReturnIn",
    "TableList",
    "TableOut",
    "TableWithCells",
    "ValuesIn",
    "table_out",
    "table_with_cells",
]

_CellId = Annotated[str, Meta(max_length=20)]
# Limits are the form's: a value that no cell takes is refused with the cell's name.
_Given = bool | int | float | None
_Values = Annotated[dict[_CellId, _Given], Meta(max_length=500)]
_Shown = bool | int | float | None


class ValuesIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Everything that is typed, by cell: numbers, true, false; what is left out follows the rule, or is not reported.

    ``notes``: why a value is not the rule's.
    """

    values: _Values
    notes: Annotated[dict[_CellId, str], Meta(max_length=500)] = {}

    def entries(self) -> dict[str, Entry]:
        return {
            cell: Entry(_value(self.values.get(cell)), self.notes.get(cell, ""))
            for cell in {**self.values, **self.notes}
        }


class CorrectionsIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """New values of a locked table, and why: ``{"9B1": 120}``, as numbers, true, false, or null for not reported."""

    values: Annotated[dict[_CellId, _Given], Meta(min_length=1, max_length=500)]
    reason: Line

    def decided(self) -> dict[str, Value]:
        return {cell: _value(value) for cell, value in self.values.items()}


class ReturnIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What has to be put right."""

    note: Line


class OpenIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A form by its code, for one year. ``organisation_ids``: only these of those directly below."""

    form: Code
    year: Annotated[int, Meta(ge=1, le=9999)]
    organisation_id: UUID
    hand_in_on: dt.date | None = None
    organisation_ids: Annotated[list[UUID], Meta(max_length=5000)] | None = None


class BelowIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Hand a table on to those directly below."""

    due_on: dt.date | None = None
    organisation_ids: Annotated[list[UUID], Meta(max_length=5000)] | None = None


class LowerCounts(msgspec.Struct, kw_only=True):
    """Tables directly below."""

    missing: int
    submitted: int
    locked: int


class TableOut(msgspec.Struct, kw_only=True):
    """One table without its cells; ``upper_id`` only for who may read that one."""

    id: UUID
    form: str
    form_version: int
    title: str
    year: int
    organisation_id: UUID
    organisation_name: str
    upper_id: UUID | None
    from_on: dt.date
    until_on: dt.date
    cut_off_on: dt.date
    hand_in_on: dt.date
    due_on: dt.date
    state: str
    returned_note: str
    submitted_at: datetime | None
    locked_at: datetime | None
    below: LowerCounts
    revision: int


class CellOut(msgspec.Struct, kw_only=True):
    """One cell: ``value`` is what it says, made of ``own`` and ``below``; ``rule`` is what the system counted."""

    id: str
    item: int
    row: str
    label: str
    kind: str
    unit: str
    decimals: int
    value: _Shown
    own: _Shown
    below: _Shown
    rule: _Shown
    overwritten: bool
    note: str
    part_of: list[str]
    sum_of: list[str]
    doubtful: str
    value_now: _Shown


class WarningOut(msgspec.Struct, kw_only=True):
    """A sum that does not add up."""

    cell: str
    value: _Shown
    sum: _Shown


class CorrectionOut(msgspec.Struct, kw_only=True):
    """A cell changed after locking."""

    cell: str
    old_value: _Shown
    new_value: _Shown
    reason: str
    corrected_by: str
    corrected_at: datetime


class LowerOut(msgspec.Struct, kw_only=True):
    """A table directly below. ``late``: handed in, but not in the figures of this one."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    state: str
    due_on: dt.date
    late: bool


class TableWithCells(TableOut, kw_only=True):
    """One table with its cells; ``tables_below`` are at most 300, the missing ones first."""

    cells: list[CellOut]
    warnings: list[WarningOut]
    corrections: list[CorrectionOut]
    tables_below: list[LowerOut]


class TableList(msgspec.Struct, kw_only=True):
    """A page of tables, newest first."""

    items: list[TableOut]
    next: str | None
    total: int


def _value(given: bool | float | None) -> Value:
    return given if given is None or isinstance(given, bool) else Decimal(str(given))


def _shown(value: Value) -> _Shown:
    if value is None or isinstance(value, bool):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _facts(row: TableRow, *, upper_readable: bool) -> dict[str, object]:
    plain = {name: getattr(row, name) for name in TableOut.__struct_fields__ if hasattr(row, name)}
    return {
        **plain,
        "form": row.form_code,
        "upper_id": row.upper_id if upper_readable else None,
        "submitted_at": local(row.submitted_at) if row.submitted_at else None,
        "locked_at": local(row.locked_at) if row.locked_at else None,
        "below": LowerCounts(missing=row.waiting, submitted=row.handed_in, locked=row.locked),
    }


def table_out(row: TableRow, *, upper_readable: bool) -> TableOut:
    """The table as JSON."""
    return msgspec.convert(_facts(row, upper_readable=upper_readable), TableOut)


def table_with_cells(filled: Filled, below: list[LowerRow], *, upper_readable: bool) -> TableWithCells:
    """The table with its cells as JSON."""
    return TableWithCells(
        **_facts(filled.row, upper_readable=upper_readable),  # type: ignore[arg-type]
        cells=_cells(filled.form, filled),
        warnings=[WarningOut(cell=one.cell, value=_shown(one.total), sum=_shown(one.parts)) for one in filled.warnings],
        corrections=[
            CorrectionOut(
                cell=one.cell,
                old_value=_shown(one.old_value),
                new_value=_shown(one.new_value),
                reason=one.reason,
                corrected_by=one.corrected_by_name,
                corrected_at=local(one.corrected_at),
            )
            for one in filled.corrections
        ],
        tables_below=[LowerOut(**{name: getattr(one, name) for name in LowerOut.__struct_fields__}) for one in below],
    )


def _cells(form: Form, filled: Filled) -> list[CellOut]:
    found = []
    moved: Mapping[str, Value] = filled.moved
    for item in form.items:
        for row in item.rows:
            for cell in row.cells:
                figures = filled.figures[cell.id]
                found.append(
                    CellOut(
                        id=cell.id,
                        item=item.number,
                        row=row.code,
                        label=cell.label,
                        kind=cell.kind,
                        unit=cell.unit,
                        decimals=cell.decimals,
                        value=_shown(figures.total),
                        own=_shown(figures.own),
                        below=_shown(figures.below),
                        rule=_shown(figures.rule),
                        overwritten=figures.overwritten,
                        note=figures.entry.note,
                        part_of=list(cell.part_of),
                        sum_of=list(cell.sum_of),
                        doubtful=cell.doubtful or row.doubtful,
                        value_now=_shown(moved.get(cell.id, figures.total)),
                    )
                )
    return found
