"""HTML forms of statistics tables: cells as they are typed, and back as they are shown."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.statistics.domain.forms import Form
from outreach.statistics.domain.values import Entry, Value, typed_value
from outreach.statistics.filled import Filled
from outreach.statistics.wording import plain_value
from outreach.web.forms import FormState

__all__ = [
    "BelowForm",
    "OpenForm",
    "cell_order",
    "corrected_cells",
    "fields_of_cells",
    "open_order",
    "revision_of",
    "typed_cells",
    "values_shown",
]


class OpenForm(msgspec.Struct, kw_only=True):
    """Opening a form for a year."""

    form: Annotated[str, Meta(min_length=1, max_length=40)]
    year: Annotated[int, Meta(ge=1, le=9999)]
    organisation_id: Annotated[str, Meta(min_length=1, max_length=40)]
    hand_in_on: dt.date | None = None


class BelowForm(msgspec.Struct, kw_only=True):
    """Handing a table on to those below."""

    due_on: dt.date | None = None


def open_order() -> list[tuple[str, str]]:
    """Fields of ``OpenForm`` with their labels."""
    return [
        ("form", _("表")),
        ("year", _("年份")),
        ("organisation_id", _("布置的单位")),
        ("hand_in_on", _("上报日期")),
    ]


def revision_of(values: Mapping[str, Any]) -> int | None:
    """The revision that the page showed; ``None`` when it is missing or no number."""
    given = str(values.get("revision", ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _text(values: Mapping[str, Any], name: str) -> str:
    given = values.get(name, "")
    given = given[-1] if isinstance(given, list) else given
    return given if isinstance(given, str) else ""


def typed_cells(form: Form, values: Mapping[str, Any]) -> dict[str, Entry]:
    """The cells of a posted form; names are ``v-9B1`` for a value and ``n-9B1`` for its note.

    Raises:
        InvalidError: names every cell that is no number, or neither yes nor no.
    """
    problems: list[FieldProblem] = []
    found: dict[str, Entry] = {}
    for cell in form.cells.values():
        try:
            value = typed_value(cell, _text(values, f"v-{cell.id}"))
        except ValueError as error:
            problems.append(FieldProblem(cell.id, str(error)))
        else:
            found[cell.id] = Entry(value, _text(values, f"n-{cell.id}"))
    if problems:
        raise InvalidError(problems)
    return found


def corrected_cells(form: Form, values: Mapping[str, Any]) -> dict[str, Value]:
    """The values of a posted correction, every cell of the form.

    Raises:
        InvalidError: as ``typed_cells``.
    """
    return {cell: entry.value for cell, entry in typed_cells(form, values).items()}


def fields_of_cells(error: InvalidError, form: Form) -> InvalidError:
    """The same refusal with the names that the cells have on the page."""
    return InvalidError(
        [
            FieldProblem(f"v-{one.field}" if one.field in form.cells else one.field, one.code, one.facts)
            for one in error.problems
        ]
    )


def cell_order(form: Form) -> list[tuple[str, str]]:
    """Every cell's field with a label that says where it stands."""
    return [(f"v-{cell.id}", f"{form.places[cell.id]}{cell.label}") for cell in form.cells.values()]


def values_shown(filled: Filled, *, totals: bool = False) -> FormState:
    """The page's fields as they are stored: what was typed, or with ``totals`` what the cells say."""
    values: dict[str, str] = {"revision": str(filled.row.revision)}
    for cell, figures in filled.figures.items():
        values[f"v-{cell}"] = plain_value(figures.total if totals else figures.entry.value)
        values[f"n-{cell}"] = figures.entry.note
    return FormState(values, {}, cell_order(filled.form))
