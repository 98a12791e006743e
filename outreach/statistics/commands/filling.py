"""Typing figures into a table, and handing it in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, NotFoundError, StaleError
from outreach.shared.text import clean_line
from outreach.statistics.commands.lines import MOST_NOTE, line_problems
from outreach.statistics.domain.errors import TableStateError
from outreach.statistics.domain.forms import Form
from outreach.statistics.domain.permissions import may_fill
from outreach.statistics.domain.states import FILLABLE, TableState
from outreach.statistics.domain.values import Entry, Figures, entry_problems, part_problems, stored
from outreach.statistics.filled import live_figures
from outreach.statistics.kept import Snapshot, form_in, handed_in_below, snapshot_of
from outreach.statistics.queries import TableRow, readable_table, table_by_id

__all__ = ["figures_to_keep", "hand_in", "locked_row", "save_values"]


async def locked_row(table_id: UUID) -> TableRow:
    """The table as it stands, held until the end of the transaction."""
    await db.execute("SELECT 1 FROM statistics_table WHERE id = $1 FOR UPDATE", table_id)
    row = await table_by_id(table_id)
    if row is None:
        raise NotFoundError
    return row


async def save_values(
    actor: Actor,
    now: datetime,
    *,
    table_id: UUID,
    entries: Mapping[str, Entry],
    revision: int | None = None,
    then_hand_in: bool = False,
) -> TableRow:
    """Replace what is typed into a table; a cell that is not given is left to the rule, or not reported.

    Args:
        revision: as the caller read the table; ``None``: whatever it is.
        then_hand_in: hand the table in with these values, all or nothing.

    Raises:
        NotFoundError: no such table for this caller.
        ForbiddenError: the caller only reads it.
        TableStateError: it is handed in.
        StaleError: somebody changed it since.
        InvalidError: names every bad cell: 其中 above its whole, a rule's figure overwritten without a note, …
    """
    async with atomic():
        row = await _fillable(actor, table_id, revision)
        form = await form_in(row.round_id)
        given = {cell: Entry(one.value, clean_line(one.note)) for cell, one in entries.items()}
        problems = [FieldProblem(cell, "no-such-cell", {"cell": cell}) for cell in given if cell not in form.cells]
        if problems:
            raise InvalidError(problems)
        kept = {cell: one for cell, one in given.items() if one.value is not None or one.note}
        before = await snapshot_of(table_id)
        included = await handed_in_below(table_id)
        figures = await live_figures(row, form, Snapshot(kept, {}, included), included)
        _check(form, figures, complete=then_hand_in)
        changed = sorted(cell for cell in {*kept, *before.entries} if kept.get(cell) != before.entries.get(cell))
        if changed:
            await db.execute(
                """UPDATE statistics_table SET entries = $2, changed_by = $3, changed_at = $4, revision = revision + 1
                    WHERE id = $1""",
                table_id,
                _entries_json(kept),
                actor.person_id,
                now,
            )
            facts = {"title": row.title, "cells": changed}
            await note_within(
                actor, now, "statistics.changed", "statistics", table_id,
                organisation_id=row.organisation_id, facts=facts,
            )  # fmt: skip
        if then_hand_in:
            await _hand_in_within(actor, now, row, figures, included)
        return await locked_row(table_id)


async def hand_in(actor: Actor, now: datetime, *, table_id: UUID, revision: int | None = None) -> TableRow:
    """Hand in a table as it stands: its figures, and which tables below are in them, are kept.

    Raises:
        NotFoundError, ForbiddenError, TableStateError, StaleError, InvalidError: as ``save_values``.
    """
    async with atomic():
        row = await _fillable(actor, table_id, revision)
        form = await form_in(row.round_id)
        included = await handed_in_below(table_id)
        figures = await live_figures(row, form, await snapshot_of(table_id), included)
        _check(form, figures, complete=True)
        await _hand_in_within(actor, now, row, figures, included)
        return await locked_row(table_id)


async def _fillable(actor: Actor, table_id: UUID, revision: int | None) -> TableRow:
    if not may_fill(actor, (await readable_table(actor, table_id)).facts):
        raise ForbiddenError
    row = await locked_row(table_id)
    if row.state not in FILLABLE:
        raise TableStateError(state=row.state, scope=row.state)
    if revision is not None and revision != row.revision:
        raise StaleError
    return row


def _check(form: Form, figures: Mapping[str, Figures], *, complete: bool) -> None:
    problems: list[FieldProblem] = []
    for cell in form.cells.values():
        problems += entry_problems(cell, figures[cell.id].entry, figures[cell.id].rule)
        problems += line_problems(cell.id, figures[cell.id].entry.note, MOST_NOTE)
    problems += part_problems(form, {cell: one.total for cell, one in figures.items()}, complete=complete)
    if problems:
        raise InvalidError(problems)


def _entries_json(entries: Mapping[str, Entry]) -> str:
    return msgspec.json.encode({cell: _entry_json(one) for cell, one in entries.items()}).decode()


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {"value": stored(entry.value), "note": entry.note}


def figures_to_keep(figures: Mapping[str, Figures]) -> str:
    """The cells as they are kept with a table that is handed in."""
    return msgspec.json.encode(
        {
            cell: {
                **_entry_json(one.entry),
                "rule": stored(one.rule),
                "below": stored(one.below),
                "total": stored(one.total),
            }
            for cell, one in figures.items()
        }
    ).decode()


async def _hand_in_within(
    actor: Actor, now: datetime, row: TableRow, figures: Mapping[str, Figures], included: frozenset[UUID]
) -> None:
    await db.execute(
        """UPDATE statistics_table
              SET state = 'submitted', figures = $2, submitted_at = $3, submitted_by = $4, changed_at = $3,
                  returned_note = '', revision = revision + 1, included = $5
            WHERE id = $1""",
        row.id,
        figures_to_keep(figures),
        now,
        actor.person_id,
        sorted(included),
    )
    await note_within(
        actor,
        now,
        "statistics.submitted",
        "statistics",
        row.id,
        organisation_id=row.organisation_id,
        from_state=row.state,
        to_state=TableState.SUBMITTED,
        facts={"title": row.title, "missing": row.waiting},
    )
