"""Small bars that compare: a figure, and a mark for what it is held against."""

from dataclasses import dataclass

from markupsafe import Markup

from outreach.web.charts.pen import Pen

__all__ = ["ComparisonData", "comparison"]


@dataclass(frozen=True, slots=True)
class ComparisonData:
    """One bar of several that share a scale.

    Attributes:
        label: the whole sentence.
        value: the figure; ``None``: not known, so there is no bar.
        full: what the whole width stands for, the same in every bar that is compared.
        mark: what it is held against (the year before, the plan, the mean); ``None``: nothing.
    """

    label: str
    value: float | None
    full: float
    mark: float | None = None


def comparison(data: ComparisonData, *, print_width: float | None = None) -> Markup:
    """Solid is the figure, the upright what it is held against. Past the edge both stop. Height 16 px."""
    pen = Pen(print_width)

    def at(value: float) -> float:
        return min(max(value / data.full, 0.0), 1.0) if data.full > 0 else 0.0

    if data.value is None:
        pen.line("b-none", 0, 8, 1, 8)
    else:
        pen.rect("b-track", 0, 4, 1, 8)
        pen.rect("b-act", 0, 4, at(data.value), 8)
    if data.mark is not None:
        pen.line("b-goal", at(data.mark), 1, at(data.mark), 15)
    return pen.picture("bullet compare", data.label, 16)
