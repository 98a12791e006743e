"""What must hold within a form, whatever it asks. Pure; problems are named by item, row, cell and field."""

from collections.abc import Collection, Iterator

from outreach.shared.errors import FieldProblem, InvalidError
from outreach.statistics.domain.forms import (
    PLACE,
    Cell,
    CellKind,
    Figure,
    Form,
    Rollup,
    Row,
    days_of_year,
)

__all__ = ["MOST_CELLS", "form_problems"]

MOST_CELLS = 500

#: A year whose days show whether the dates of a form are in order.
_SAMPLE_YEAR = 2012

#: 其中 of 其中 of …
_DEEPEST = 8


def form_problems(form: Form, groups: Collection[str]) -> list[FieldProblem]:
    """Everything that is wrong with a form; ``groups`` are those of a head-count's breakdown."""
    problems = list(_unique(form))
    if len(form.cells) > MOST_CELLS:
        problems.append(FieldProblem("item", "too-many-items", {"most": MOST_CELLS, "count": len(form.cells)}))
    for item in form.items:
        for number, row in enumerate(item.rows, 1):
            place = f"item{item.number}.{row.code or f'row{number}'}"
            problems += _row_problems(row, place)
            for cell in row.cells:
                problems += _cell_problems(form, cell, f"{place}.{cell.id}", groups)
    if not problems and _has_circle(form):
        problems.append(FieldProblem("item", "part-in-circle"))
    return problems + list(_day_problems(form))


def _unique(form: Form) -> Iterator[FieldProblem]:
    seen: set[str] = set()
    numbers: set[int] = set()
    for item in form.items:
        if item.number in numbers:
            yield FieldProblem(f"item{item.number}.number", "duplicate-code", {"code": str(item.number)})
        numbers.add(item.number)
        codes: set[str] = set()
        for row in item.rows:
            if row.code and row.code in codes:
                yield FieldProblem(f"item{item.number}.{row.code}.code", "duplicate-code", {"code": row.code})
            codes.add(row.code)
            for cell in row.cells:
                if cell.id in seen:
                    yield FieldProblem(f"item{item.number}.{row.code}.{cell.id}", "duplicate-code", {"code": cell.id})
                seen.add(cell.id)


def _row_problems(row: Row, place: str) -> Iterator[FieldProblem]:
    """Every cell stands in the text once, and every place in the text is a cell."""
    named = [one for one in PLACE.findall(row.text) if one != "year"]
    own = [cell.id for cell in row.cells]
    for one in named:
        if one not in own:
            yield FieldProblem(f"{place}.text", "place-without-cell", {"cell": one})
    for one in own:
        if named.count(one) != 1:
            yield FieldProblem(f"{place}.text", "cell-not-once", {"cell": one})
    rest = PLACE.sub("", row.text)
    if "{" in rest or "}" in rest:
        yield FieldProblem(f"{place}.text", "broken-place")


def _cell_problems(form: Form, cell: Cell, place: str, groups: Collection[str]) -> Iterator[FieldProblem]:
    for name, others in (("part_of", cell.part_of), ("sum_of", cell.sum_of)):
        for one in others:
            other = form.cells.get(one)
            if other is None or other.kind is not CellKind.NUMBER or one == cell.id:
                yield FieldProblem(f"{place}.{name}", "no-such-cell", {"cell": one})
    yes_no = cell.kind is CellKind.YES_NO
    if yes_no and (cell.part_of or cell.sum_of or cell.rule or cell.unit or cell.decimals):
        yield FieldProblem(place, "only-of-numbers")
    if cell.rollup is (Rollup.SUM if yes_no else Rollup.ANY):
        yield FieldProblem(f"{place}.rollup", "rollup-not-of-kind")
    yield from _rule_problems(cell, f"{place}.rule", groups)


def _rule_problems(cell: Cell, place: str, groups: Collection[str]) -> Iterator[FieldProblem]:
    rule = cell.rule
    if rule is None:
        return
    counted = rule.figure in (Figure.SESSIONS, Figure.VISITS)
    if (counted or rule.figure is Figure.TALLY) and not rule.programmes:
        yield FieldProblem(f"{place}.programmes", "required")
    if (rule.figure is Figure.TALLY) != bool(rule.target):
        yield FieldProblem(f"{place}.target", "target-only-of-tally")
    if rule.group and (rule.figure is not Figure.VISITS or rule.group not in groups):
        yield FieldProblem(f"{place}.group", "not-one-of", {"options": sorted(groups)})
    if rule.workers and (rule.figure is not Figure.VISITS or rule.group):
        yield FieldProblem(f"{place}.workers", "workers-only-of-visits")
    if (rule.kinds or rule.by != "owner") and not counted:
        yield FieldProblem(place, "only-of-sessions")


def _has_circle(form: Form) -> bool:
    """Whether a cell is, over others, a part of itself; chains longer than ``_DEEPEST`` are taken for one."""
    left = {cell.id: set(cell.part_of) for cell in form.cells.values()}
    for _level in range(_DEEPEST):
        done = {one for one, above in left.items() if not above}
        left = {one: above - done for one, above in left.items() if one not in done}
    return bool(left)


def _day_problems(form: Form) -> Iterator[FieldProblem]:
    try:
        days = days_of_year(form, _SAMPLE_YEAR)
    except InvalidError:  # the sample's festival is known
        return
    if days.from_on > days.until_on:
        yield FieldProblem("period", "period-backwards")
    if days.cut_off_on < days.from_on:
        yield FieldProblem("cut_off", "before-period")
    if days.hand_in_on < days.from_on:
        yield FieldProblem("hand_in", "before-period")
