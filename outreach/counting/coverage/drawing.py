"""The ramp as a small line over the years: dotted the goals, solid what was reached."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from outreach.counting.coverage.figures import RampPoint
from outreach.counting.coverage.news import ramp_sentence
from outreach.web.charts.pen import Pen
from outreach.web.wording import percent

__all__ = ["ramp_chart"]

#: Pixels: the whole, and kept above and below the lines for words. The style sheet gives charts this height.
_HEIGHT, _ABOVE, _BELOW = 250, 26, 26
#: Parts of the width that the lines leave to the words of the first and last year.
_SIDE = 0.07


def ramp_chart(points: Sequence[RampPoint]) -> Markup:
    """Goals by year with their percents, and under them what was reached in each year that has begun."""
    pen = Pen(None)
    bottom = _HEIGHT - _BELOW
    plot = bottom - _ABOVE
    shown = [value for one in points for value in (one.goal_percent, one.visit_percent) if value is not None]
    top = max(shown, default=0) or 1

    def x(number: int) -> float:
        return 0.5 if len(points) < 2 else _SIDE + (1 - 2 * _SIDE) * number / (len(points) - 1)

    def y(value: float) -> float:
        return bottom - value / top * plot

    pen.line("c-base", 0, bottom, 1, bottom)
    goals = [(x(n), y(one.goal_percent)) for n, one in enumerate(points) if one.goal_percent is not None]
    reached = [(x(n), y(one.visit_percent)) for n, one in enumerate(points) if one.visit_percent is not None]
    for mark, line in (("c-plan", goals), ("c-act", reached)):
        for (x1, y1), (x2, y2) in pairwise(line):
            pen.line(mark, x1, y1, x2, y2)
    for n, one in enumerate(points):
        if one.goal_percent is not None:
            pen.dot("b-dot", x(n), y(one.goal_percent), 2.5)
            pen.text(percent(one.goal_percent), x(n), y(one.goal_percent) - 8, anchor="middle")
        if one.visit_percent is not None:
            _write_reached(pen, one.visit_percent, x(n), y(one.visit_percent), bottom)
        pen.text(str(one.year), x(n), _HEIGHT - 8, anchor="middle")
    return pen.picture("chart", ramp_sentence(points), _HEIGHT)


def _write_reached(pen: Pen, reached: float, x: float, y: float, bottom: float) -> None:
    """The figure stands under its dot, off the goal's words; near the base line beside it."""
    pen.dot("c-dot", x, y, 3.5)
    if y + 18 <= bottom - 2:
        pen.text(percent(reached), x, y + 18, "t-now", anchor="middle")
    elif x <= 0.85:
        pen.text(percent(reached), x + 0.015, min(y, bottom) - 6, "t-now")
    else:
        pen.text(percent(reached), x - 0.015, min(y, bottom) - 6, "t-now", anchor="end")
