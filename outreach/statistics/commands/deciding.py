"""What the organisation above does with a table: remind, return, lock; and corrections after that."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, ForbiddenError, InvalidError, StaleError, invalid
from outreach.shared.ids import new_id
from outreach.shared.time import local_day
from outreach.statistics.commands.filling import figures_to_keep, locked_row
from outreach.statistics.commands.lines import needed_line
from outreach.statistics.domain.errors import TableStateError, UpperHandedInError
from outreach.statistics.domain.permissions import may_open, may_oversee
from outreach.statistics.domain.states import HANDED_IN, TableState, may_become
from outreach.statistics.domain.values import Entry, Figures, Value, entry_problems, part_problems, stored
from outreach.statistics.kept import form_in, snapshot_of
from outreach.statistics.queries import TableRow, readable_table

__all__ = ["correct_table", "lock_table", "remind_below", "return_table"]


async def return_table(
    actor: Actor, now: datetime, *, table_id: UUID, note: str, revision: int | None = None
) -> TableRow:
    """Give a table that was handed in back to be filled again; its figures no longer count above.

    Raises:
        NotFoundError: no such table for this caller.
        ForbiddenError: the caller does not run the organisation above.
        TableStateError: it is not handed in, or locked.
        UpperHandedInError: the table above is handed in, so what it was made of stays.
        InvalidError: no note.
        StaleError: somebody changed it since.
    """
    said = needed_line("note", note)
    async with atomic():
        row = await _decided(actor, table_id, revision, TableState.RETURNED)
        if row.upper_state in HANDED_IN:
            raise UpperHandedInError(upper=row.upper_name)
        await db.execute(
            """UPDATE statistics_table
                  SET state = 'returned', returned_note = $2, changed_at = $3, revision = revision + 1 WHERE id = $1""",
            table_id,
            said,
            now,
        )
        await _note(actor, now, "statistics.returned", row, TableState.RETURNED, said)
        await enqueue_within(
            "statistics-returned",
            now,
            object_kind="statistics",
            object_id=table_id,
            organisation_id=row.organisation_id,
            facts={"title": row.title, "reason": said},
        )
        return await locked_row(table_id)


async def lock_table(actor: Actor, now: datetime, *, table_id: UUID, revision: int | None = None) -> TableRow:
    """Lock a table that was handed in: from now on its figures change by corrections with a reason only.

    Raises:
        NotFoundError: no such table for this caller.
        ForbiddenError: the caller does not run the organisation above.
        TableStateError: it is not handed in, or locked already.
        StaleError: somebody changed it since.
    """
    async with atomic():
        row = await _decided(actor, table_id, revision, TableState.LOCKED)
        await db.execute(
            """UPDATE statistics_table
                  SET state = 'locked', locked_at = $2, locked_by = $3, changed_at = $2, revision = revision + 1
                WHERE id = $1""",
            table_id,
            now,
            actor.person_id,
        )
        await _note(actor, now, "statistics.locked", row, TableState.LOCKED)
        return await locked_row(table_id)


async def _decided(actor: Actor, table_id: UUID, revision: int | None, after: TableState) -> TableRow:
    """The table, and the one above, held until the end of the transaction (the upper first, as everybody does)."""
    seen = await readable_table(actor, table_id)
    if not may_oversee(actor, seen.facts):
        raise ForbiddenError
    if seen.upper_id is not None:
        await db.execute("SELECT 1 FROM statistics_table WHERE id = $1 FOR SHARE", seen.upper_id)
    row = await locked_row(table_id)
    if not may_become(row.state, after):
        raise TableStateError(state=row.state, scope=row.state)
    if revision is not None and revision != row.revision:
        raise StaleError
    return row


async def _note(
    actor: Actor, now: datetime, action: str, row: TableRow, after: TableState | None = None, reason: str = ""
) -> None:
    await note_within(
        actor,
        now,
        action,
        "statistics",
        row.id,
        organisation_id=row.organisation_id,
        from_state=row.state if after else None,
        to_state=after,
        reason=reason,
        facts={"title": row.title},
    )


async def correct_table(
    actor: Actor,
    now: datetime,
    *,
    table_id: UUID,
    values: Mapping[str, Value],
    reason: str,
    revision: int | None = None,
) -> TableRow:
    """Change cells of a locked table; old and new values stay side by side, a cell that does not change is left out.

    Raises:
        NotFoundError: no such table for this caller.
        ForbiddenError: the caller does not run the organisation above.
        TableStateError: it is not locked.
        StaleError: somebody changed it since.
        InvalidError: names every bad cell, or ``reason``; 其中 holds after the correction, too.
    """
    async with atomic():
        if not may_oversee(actor, (await readable_table(actor, table_id)).facts):
            raise ForbiddenError
        row = await locked_row(table_id)
        if row.state is not TableState.LOCKED:
            raise TableStateError(state=row.state, scope="unlocked")
        if revision is not None and revision != row.revision:
            raise StaleError
        form, before = await form_in(row.round_id), (await snapshot_of(table_id)).figures
        problems: list[FieldProblem] = []
        for cell, value in values.items():
            if cell not in form.cells:
                problems.append(FieldProblem(cell, "no-such-cell", {"cell": cell}))
            else:
                problems += entry_problems(form.cells[cell], Entry(value), None)
        try:
            why = needed_line("reason", reason)
        except InvalidError as error:
            raise InvalidError([*problems, *error.problems]) from error
        if problems:
            raise InvalidError(problems)
        changed = {cell: value for cell, value in values.items() if value != before[cell].total}
        if not changed:
            raise invalid("values", "nothing-to-correct")
        after = {cell: _corrected(one, changed, cell) for cell, one in before.items()}
        if problems := part_problems(form, {cell: one.total for cell, one in after.items()}):
            raise InvalidError(problems)
        await _store(actor, now, row, before, after, changed, why)
        return await locked_row(table_id)


def _corrected(figures: Figures, changed: Mapping[str, Value], cell: str) -> Figures:
    return Figures(figures.entry, figures.rule, figures.below, changed[cell]) if cell in changed else figures


async def _store(
    actor: Actor,
    now: datetime,
    row: TableRow,
    before: Mapping[str, Figures],
    after: Mapping[str, Figures],
    changed: Mapping[str, Value],
    why: str,
) -> None:
    await db.execute(
        """UPDATE statistics_table SET figures = $2, changed_at = $3, changed_by = $4, revision = revision + 1
            WHERE id = $1""",
        row.id,
        figures_to_keep(after),
        now,
        actor.person_id,
    )
    for cell, value in changed.items():
        old, new = stored(before[cell].total), stored(value)
        await db.execute(
            """INSERT INTO statistics_correction
                   (id, "table", cell, old_value, new_value, reason, corrected_by, corrected_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
            new_id(),
            row.id,
            cell,
            msgspec.json.encode(old).decode(),
            msgspec.json.encode(new).decode(),
            why,
            actor.person_id,
            now,
        )
        await note_within(
            actor,
            now,
            "statistics.corrected",
            "statistics",
            row.id,
            organisation_id=row.organisation_id,
            reason=why,
            facts={"title": row.title, "cell": cell, "from": old, "to": new},
        )


async def remind_below(actor: Actor, now: datetime, *, table_id: UUID) -> int:
    """Remind those directly below who have not handed in, each once a day at most; how many were told.

    Raises:
        NotFoundError: no such table for this caller.
        ForbiddenError: the caller does not run its organisation.
    """
    async with atomic():
        row = await readable_table(actor, table_id)
        if not may_open(actor, row.path):
            raise ForbiddenError
        told = await db.rows(
            """UPDATE statistics_table SET reminded_on = $2
                WHERE upper = $1 AND state IN ('open', 'returned') AND reminded_on IS DISTINCT FROM $2
            RETURNING id, organisation, due_on""",
            table_id,
            local_day(now),
        )
        for one in told:
            await enqueue_within(
                "statistics-due",
                now,
                object_kind="statistics",
                object_id=one["id"],
                organisation_id=one["organisation"],
                facts={"title": row.title, "oldest": one["due_on"].isoformat()},
            )
        if told:
            await note_within(
                actor, now, "statistics.reminded", "statistics", table_id,
                organisation_id=row.organisation_id, facts={"title": row.title, "organisations": len(told)},
            )  # fmt: skip
        return len(told)
