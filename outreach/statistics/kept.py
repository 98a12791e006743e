"""What is kept of the cells of a filled table: typed, handed in, corrected; and the form that they belong to."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.statistics.domain.forms import Form
from outreach.statistics.domain.values import Entry, Figures, Value, value_of
from outreach.statistics.toml import form_of

__all__ = [
    "CorrectionRow",
    "Snapshot",
    "corrections_of",
    "entry_kept",
    "figures_kept",
    "form_in",
    "handed_in_below",
    "lower_figures",
    "organisations_below",
    "snapshot_of",
]


@lru_cache(maxsize=64)
def _parsed(content: str) -> Form:
    return form_of(content.encode())


async def form_in(round_id: UUID) -> Form:
    """The form of a round, as it was when the round was opened."""
    content = await db.value(
        "SELECT f.content FROM statistics_round r JOIN statistics_form f ON f.id = r.form WHERE r.id = $1", round_id
    )
    return _parsed(content)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is kept of a table's cells: as typed, and as handed in (``figures`` is empty before that).

    ``included``: the tables below that are in ``figures``.
    """

    entries: dict[str, Entry]
    figures: dict[str, Figures]
    included: frozenset[UUID]


def entry_kept(kept: dict[str, Any]) -> Entry:
    """A typed value as it is kept in JSON."""
    return Entry(value_of(kept.get("value")), kept.get("note", ""))


def figures_kept(kept: dict[str, Any]) -> Figures:
    """A cell of a table that was handed in, as it is kept in JSON."""
    rule = value_of(kept.get("rule"))
    assert not isinstance(rule, bool), "the system counts numbers"
    return Figures(entry_kept(kept), rule, value_of(kept.get("below")), value_of(kept.get("total")))


async def snapshot_of(table_id: UUID) -> Snapshot:
    """The cells of one table.

    Raises:
        NotFoundError: there is none with this id.
    """
    row = await db.row("SELECT entries, figures, included FROM statistics_table WHERE id = $1", table_id)
    if row is None:
        raise NotFoundError
    entries = {cell: entry_kept(one) for cell, one in msgspec.json.decode(row["entries"]).items()}
    kept = msgspec.json.decode(row["figures"]) if row["figures"] else {}
    return Snapshot(entries, {cell: figures_kept(one) for cell, one in kept.items()}, frozenset(row["included"]))


async def handed_in_below(table_id: UUID) -> frozenset[UUID]:
    """The tables directly below that are handed in."""
    rows = await db.rows(
        "SELECT id FROM statistics_table WHERE upper = $1 AND state IN ('submitted', 'locked')", table_id
    )
    return frozenset(row["id"] for row in rows)


async def lower_figures(table_id: UUID, included: frozenset[UUID] | None = None) -> dict[str, Value]:
    """Cell → what the tables directly below say that are handed in: sums of numbers, yes where one says yes.

    ``included``: only these of them.
    """
    rows = await db.rows(
        """SELECT c.key AS cell, sum((c.value ->> 'total')::numeric) FILTER (
                      WHERE jsonb_typeof(c.value -> 'total') = 'string') AS number,
                  bool_or((c.value -> 'total')::boolean) FILTER (
                      WHERE jsonb_typeof(c.value -> 'total') = 'boolean') AS yes
             FROM statistics_table x, jsonb_each(x.figures) c
            WHERE x.upper = $1 AND x.state IN ('submitted', 'locked') AND ($2::uuid[] IS NULL OR x.id = ANY($2))
            GROUP BY c.key""",
        table_id,
        None if included is None else list(included),
    )
    return {row["cell"]: row["number"] if row["number"] is not None else row["yes"] for row in rows}


async def organisations_below(table_id: UUID) -> frozenset[UUID]:
    """The organisations that have a table directly below."""
    rows = await db.rows("SELECT organisation FROM statistics_table WHERE upper = $1", table_id)
    return frozenset(row["organisation"] for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """A cell changed after locking."""

    id: UUID
    cell: str
    old_value: Value
    new_value: Value
    reason: str
    corrected_by_name: str
    corrected_at: datetime


async def corrections_of(table_id: UUID) -> list[CorrectionRow]:
    """The corrections of a table, oldest first."""
    rows = await db.rows(
        """SELECT c.id, c.cell, c.old_value, c.new_value, c.reason, coalesce(p.name, '') AS corrected_by_name,
                  c.corrected_at
             FROM statistics_correction c LEFT JOIN accounts_person p ON p.id = c.corrected_by
            WHERE c."table" = $1 ORDER BY c.corrected_at, c.id""",
        table_id,
    )
    values = ("old_value", "new_value")
    return [
        CorrectionRow(**{**row, **{name: value_of(msgspec.json.decode(row[name])) for name in values}}) for row in rows
    ]
