"""Statistics tables of the report's organisation and year, as annexes: those that are handed in or locked."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from outreach.reports.content.blocks import Annex, Form, Value
from outreach.reports.data import ReportData
from outreach.shared import db
from outreach.statistics.domain.forms import pieces
from outreach.statistics.domain.states import HANDED_IN
from outreach.statistics.filled import Filled, filled_table
from outreach.statistics.printing import table_html
from outreach.statistics.queries import table_by_id
from outreach.statistics.wording import value_text

__all__ = ["statistics_annexes"]


async def statistics_annexes(data: ReportData) -> Sequence[Annex]:
    """None for a report of a part, of one programme, or of less than a year."""
    if data.part or data.programme_code or not data.period.is_year:
        return ()
    rows = await db.rows(
        """SELECT t.id FROM statistics_table t JOIN statistics_round r ON r.id = t.round
             JOIN statistics_form f ON f.id = r.form
            WHERE t.organisation = $1 AND r.year = $2 AND t.state = ANY($3::text[]) ORDER BY f.code, t.id""",
        data.owner.id,
        data.year,
        [state.value for state in HANDED_IN],
    )
    found = []
    for row in rows:
        table = await table_by_id(row["id"])
        assert table is not None, "it was found in this snapshot"
        filled = await filled_table(table)
        found.append(Annex(table.title, (Form(_fragment(table_html(filled)), _lines(filled), _rows(filled)),)))
    return found


_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_RULE = re.compile(r"([^{}]+)(\{[^{}]*\})")


def _fragment(html: str) -> Markup:
    """The document's body in a box of its own, and its rules kept to that box; its title is the annex's."""
    found = _BODY.search(html)
    assert found is not None, "a document has a body"
    body = re.sub(r"<h1>.*?</h1>", "", found[1], count=1, flags=re.DOTALL)
    styled = _STYLE.sub(lambda style: f"<style>{_RULE.sub(_boxed, style[1])}</style>", body)
    return Markup(f'<div class="form">{styled}</div>')  # noqa: S704 - rendered by our own template, escaped there


def _boxed(rule: "re.Match[str]") -> str:
    selectors = [one.strip() for one in rule[1].split(",")]
    return ", ".join(".form" if one == "html" else f".form {one}" for one in selectors) + f" {rule[2]}\n"


def _lines(filled: Filled) -> tuple[str, ...]:
    """The form in words, a line a row."""
    form, year = filled.form, filled.row.year
    lines = [f"{form.unit_label}：{filled.row.organisation_name}"]
    for item in form.items:
        if item.lead:
            lines.append(f"{item.number}、{item.lead.replace('{year}', str(year))}")
        for place, row in enumerate(item.rows):
            text = f"{item.number}、" if place == 0 and not item.lead else ""
            text += f"（{row.code}）" if row.code else ""
            for kind, words in pieces(row.text, year):
                if kind == "text":
                    text += words
                else:
                    cell = form.cells[words]
                    text += f"{value_text(filled.figures[cell.id].total) or '未报'}{cell.unit}"
            lines.append(text)
    return tuple(lines)


def _rows(filled: Filled) -> tuple[tuple[Value, ...], ...]:
    """A row a cell, with real numbers."""
    form, year = filled.form, filled.row.year
    found: list[tuple[Value, ...]] = []
    for item in form.items:
        for row in item.rows:
            places = [form.cells[words] for kind, words in pieces(row.text, year) if kind != "text"]
            words = "".join(words for kind, words in pieces(row.text, year) if kind == "text")
            for cell in places:
                total = filled.figures[cell.id].total
                value = value_text(total) if isinstance(total, bool) else None if total is None else float(total)
                found.append((item.number, row.code, cell.label or words, value, cell.unit))
    return tuple(found)
