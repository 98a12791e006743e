"""All tables of one organisation and year in one workbook."""

from uuid import UUID

import msgspec

from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.paging import MAX_LIMIT
from outreach.statistics.domain.states import HANDED_IN
from outreach.statistics.domain.values import Figures
from outreach.statistics.filled import filled_table
from outreach.statistics.kept import figures_kept
from outreach.statistics.queries import TableRow, lower_tables, tables_page
from outreach.statistics.workbooks import Part, statistics_xlsx

__all__ = ["statistics_workbook"]

_MOST_UNITS = 5000


async def statistics_workbook(
    actor: Actor, *, year: int, organisation_code: str | None = None, form_code: str | None = None
) -> bytes:
    """The tables of one organisation, each with the units below it side by side.

    Args:
        organisation_code: ``None``: the highest organisation with a table that ``actor`` may read.
        form_code: only this form.

    Raises:
        NotFoundError: no such table for this caller.
    """
    rows = await _tables_of(actor, year, organisation_code, form_code)
    if not rows:
        raise NotFoundError
    parts = []
    for row in sorted(rows, key=lambda one: (one.form_title, one.id)):
        units = await lower_tables(row.id, limit=_MOST_UNITS) if row.lower else []
        cells = await _figures_below(row.id) if row.lower else {}
        below = [(one, cells.get(one.id, {}) if one.state in HANDED_IN else {}) for one in units]
        parts.append(Part(await filled_table(row), below))
    return await statistics_xlsx(parts)


async def _tables_of(actor: Actor, year: int, organisation_code: str | None, form_code: str | None) -> list[TableRow]:
    id_: UUID | None = None
    if organisation_code:
        id_ = await db.value("SELECT id FROM accounts_organisation WHERE code = $1", organisation_code)
        if id_ is None:
            raise NotFoundError
    found = await tables_page(
        actor, year=year, form_code=form_code, organisation_id=id_, tops=id_ is None, limit=MAX_LIMIT
    )
    highest = min(found.items, key=lambda one: (one.path.count("/"), one.path), default=None)
    return [one for one in found.items if highest is not None and one.organisation_id == highest.organisation_id]


async def _figures_below(table_id: UUID) -> dict[UUID, dict[str, Figures]]:
    """Cells of the tables directly below, as they were handed in."""
    rows = await db.rows("SELECT id, figures FROM statistics_table WHERE upper = $1 AND figures IS NOT NULL", table_id)
    return {
        row["id"]: {cell: figures_kept(one) for cell, one in msgspec.json.decode(row["figures"]).items()}
        for row in rows
    }
