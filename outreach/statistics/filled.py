"""A filled table as it is seen: what was typed, counted, handed in below, and what it comes to."""

from dataclasses import dataclass
from uuid import UUID

from outreach.statistics.domain.forms import Form
from outreach.statistics.domain.states import HANDED_IN, TableState
from outreach.statistics.domain.values import Figures, SumWarning, Value, figures_of, sum_warnings
from outreach.statistics.kept import (
    CorrectionRow,
    Snapshot,
    corrections_of,
    form_in,
    lower_figures,
    organisations_below,
    snapshot_of,
)
from outreach.statistics.measuring import Scope, rule_figures
from outreach.statistics.queries import TableRow

__all__ = ["Filled", "filled_table", "live_figures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One table with its cells.

    Attributes:
        figures: by cell; of a table that is handed in those of that moment, as corrected since.
        moved: cells whose tables below say something else now than when this one was handed in: the cell → the
            total that would come out now. Late units and corrections below show here.
        corrections: oldest first.
    """

    row: TableRow
    form: Form
    figures: dict[str, Figures]
    moved: dict[str, Value]
    corrections: tuple[CorrectionRow, ...]

    @property
    def totals(self) -> dict[str, Value]:
        return {cell: figures.total for cell, figures in self.figures.items()}

    @property
    def warnings(self) -> list[SumWarning]:
        return sum_warnings(self.form, self.totals)

    @property
    def blanks(self) -> int:
        """Cells that nobody reported."""
        return sum(figures.total is None for figures in self.figures.values())

    @property
    def corrected(self) -> dict[str, CorrectionRow]:
        """The latest correction of each cell that has one."""
        return {one.cell: one for one in self.corrections}


async def live_figures(
    row: TableRow, form: Form, snapshot: Snapshot, included: frozenset[UUID] | None = None
) -> dict[str, Figures]:
    """The cells as they come out now; ``included``: of the tables below only these."""
    without = await organisations_below(row.id) if row.lower else frozenset()
    rules = await rule_figures(form, row.days, Scope(row.organisation_id, row.path, without))
    below = await lower_figures(row.id, included) if row.lower else {}
    return figures_of(form, snapshot.entries, rules, below)


async def filled_table(row: TableRow) -> Filled:
    """The table with its cells; a fixed number of statements."""
    form, snapshot = await form_in(row.round_id), await snapshot_of(row.id)
    if row.state not in HANDED_IN:
        figures = await live_figures(row, form, snapshot)
        return Filled(row=row, form=form, figures=figures, moved={}, corrections=())
    corrections = await corrections_of(row.id) if row.state is TableState.LOCKED else []
    moved = await _moved(row, form, snapshot) if row.lower else {}
    return Filled(row=row, form=form, figures=snapshot.figures, moved=moved, corrections=tuple(corrections))


async def _moved(row: TableRow, form: Form, snapshot: Snapshot) -> dict[str, Value]:
    below = await lower_figures(row.id)
    entries = {cell: one.entry for cell, one in snapshot.figures.items()}
    rules = {cell: one.rule for cell, one in snapshot.figures.items() if one.rule is not None}
    now = figures_of(form, entries, rules, below)
    return {
        cell: one.total
        for cell, one in now.items()
        if one.below != snapshot.figures[cell].below and one.total != snapshot.figures[cell].total
    }
