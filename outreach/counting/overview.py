"""A year of an organisation from every side: months and districts, the year before, quarters, orders, units.

However many programmes, sessions and districts there are, it takes the same number of statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.counting.demand import Demand, demand_of
from outreach.counting.districts import Compared, compared, tree_of
from outreach.counting.leaders import Leaders, Unserved, leaders_of, units_of
from outreach.counting.months import Cell, Counted, MonthGrid, Sum, counted_of, month_grid
from outreach.counting.scope import Scope
from outreach.programmes.domain.targets import Basis, Metric
from outreach.programmes.queries import ProgrammeRow, TargetRow, targets_of

__all__ = ["Overview", "Quarter", "QuarterLine", "YearLine", "overview_of"]


@dataclass(frozen=True, slots=True)
class YearLine:
    """A programme this year and, by its code, in the year before at the same day; ``None``: it was not there."""

    name: str
    mark: str
    now: Sum | None
    before: Sum | None


@dataclass(frozen=True, slots=True)
class Quarter:
    """``actual`` in the target's unit; the shares are hundredths of the promise. ``planned`` ``None``: no plan."""

    actual: float
    percent: float
    planned_percent: float | None


@dataclass(frozen=True, slots=True)
class QuarterLine:
    """The quarters of one target; ``is_set``: the programme set the shares, else the published plan says them."""

    programme: ProgrammeRow
    target: TargetRow
    quarters: tuple[Quarter, ...]
    is_set: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that the page of figures shows."""

    scope: Scope
    grid: MonthGrid
    leaders: Leaders
    compared: Compared
    demand: Demand
    unserved: Unserved
    years: Sequence[YearLine]
    before: Sum
    quarters: Sequence[QuarterLine]


async def overview_of(scope: Scope, *, unserved_years: int, most_units: int) -> Overview:
    """The year of ``scope``; seven statements."""
    counted = await counted_of(scope.now, scope.span)
    before = await counted_of(scope.before, scope.last_year)
    demand = await demand_of(scope.now, scope.span)
    targets = await targets_of(scope.now.own_ids)
    served, unserved = await units_of(scope.owner.path, scope.span, years=unserved_years, limit=most_units)
    return Overview(
        scope=scope,
        grid=month_grid(counted.cells),
        leaders=await leaders_of(scope, counted.cells, demand, served),
        compared=compared(await tree_of(scope.owner, scope.span.as_of), counted),
        demand=demand,
        unserved=unserved,
        years=year_lines(scope, counted, before),
        before=Sum.of(before.cells),
        quarters=[
            line
            for programme in scope.now.own
            if (line := quarter_line(programme, targets[programme.id], counted.cells)) is not None
        ],
    )


def year_lines(scope: Scope, counted: Counted, before: Counted) -> list[YearLine]:
    """Programmes with sessions in either year, in this year's order, then those that are no more."""
    earlier = {(one.organisation_id, one.code): one for one in scope.before.all}
    now = {one.id: Sum.of(cell for cell in counted.cells if cell.programme_id == one.id) for one in scope.now.all}
    then = {one.id: Sum.of(cell for cell in before.cells if cell.programme_id == one.id) for one in scope.before.all}
    lines = []
    for one in scope.now.all:
        same = earlier.pop((one.organisation_id, one.code), None)
        lines.append(YearLine(one.short_name, one.mark, now[one.id], then[same.id] if same else None))
    lines += [YearLine(one.short_name, one.mark, None, then[one.id]) for one in earlier.values()]
    return [line for line in lines if (line.now or Sum()) != Sum() or (line.before or Sum()) != Sum()]


def quarter_line(programme: ProgrammeRow, targets: Sequence[TargetRow], cells: Sequence[Cell]) -> QuarterLine | None:
    """The first target in sessions, else in visits, by quarter; ``None``: the programme has neither."""
    target = next((one for metric in (Metric.SESSIONS, Metric.VISITS) for one in targets if one.metric is metric), None)
    if target is None or not target.value:
        return None
    ours = [c for c in cells if c.programme_id == programme.id and (not target.kinds or c.kind in target.kinds)]
    actual, plan = [0.0] * 4, [0.0] * 4
    for cell in ours:
        quarter = (cell.month - 1) // 3
        actual[quarter] += _figure(target, cell)
        plan[quarter] += cell.plan
    is_set = len(programme.quarter_shares) == 4
    whole = sum(plan)
    shares: list[float | None] = [100 * one / whole if whole else None for one in plan]
    return QuarterLine(
        programme,
        target,
        tuple(
            Quarter(done, done * 100 / target.value, share)
            for done, share in zip(actual, programme.quarter_shares if is_set else shares, strict=True)
        ),
        is_set,
    )


def _figure(target: TargetRow, cell: Cell) -> int:
    if target.metric is Metric.SESSIONS:
        return cell.sessions
    return cell.workers if target.basis is Basis.WORKERS else cell.visits
