"""Words of imports: columns, values, why a row is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from outreach.imports.domain.availability import parts_text
from outreach.imports.domain.columns import Column, Kind
from outreach.imports.shown import Listed, Said, label_columns
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.problems import field_messages
from outreach.web.wording import day_plain, thousands, time_range

__all__ = ["choice_text", "label_text", "reason_text", "title_of", "value_text"]


def title_of(column: Column) -> str:
    """What stands over the column, in the language of the page."""
    return column.english if language() == "en" else column.title


def choice_text(column: Column, code: str) -> str:
    """A choice as the column says it."""
    found = next((one for one in column.choices if one.code == code), None)
    if found is None:
        return code
    return found.english if language() == "en" else found.words


def value_text(column: Column, value: Any) -> str:
    """A value as a person reads it, and as the column would read it again."""
    if value is None or value == []:
        return ""
    if column.parse == "yes":
        return _("是") if value else _("否")
    if column.parse == "choice":
        return choice_text(column, value)
    if column.parse == "parts":
        return parts_text(value)
    if isinstance(value, list):
        return "、".join(value)
    return thousands(value) if isinstance(value, int | float) else str(value)


def label_text(kind: Kind, row: Listed) -> str:
    """What a row is called by."""
    said = [
        value_text(kind.column(key), value)
        for key, value in zip(label_columns(kind.key), row.label, strict=False)
        if value is not None
    ]
    return (", " if language() == "en" else "，").join(said)


def reason_text(kind: Kind, one: Said) -> str:
    """Why a cell is refused, or what is to be known of it."""
    facts: dict[str, Any] = dict(one.facts)
    if one.code == "not-of-list":
        column = kind.column(str(facts["column"]))
        facts["options"] = [choice_text(column, choice.code) for choice in column.choices]
    if "starts_at" in facts:
        facts["when"] = _when(facts)
    return field_messages(InvalidError([FieldProblem("cell", one.code, facts)]))["cell"]


def _when(facts: Mapping[str, Any]) -> str:
    starts_at, ends_at = (datetime.fromisoformat(str(facts[name])) for name in ("starts_at", "ends_at"))
    times = time_range(starts_at, ends_at, language())
    gap = " " if language() == "en" else ""
    return f"{day_plain(starts_at, language())}{gap}{times}"
