"""Bullet bars: one target, one released figure, the seats of one session."""

from markupsafe import Markup

from outreach.web.charts.data import BulletData, SeatsData
from outreach.web.charts.pen import Pen

#: Where the promise ends on a bullet bar: the same place in every row, so that rows compare.
GOAL_AT = 0.84


def _clamp(part: float) -> float:
    return min(max(part, 0.0), 1.0)


def bullet(data: BulletData, *, print_width: float | None = None) -> Markup:
    """A bar whose track is the promise: filled to its end, the promise is kept.

    Solid is done, outline planned, ▼ the pace, upright the target, the bracket above the limits of 左右, the
    whisker below the forecast. Past the edge the bar stops; the number beside it tells. Height 22 px.
    """
    pen = Pen(print_width)
    goal = data.goal or None
    full = goal if goal is not None else _largest(data)
    if not full or full <= 0:
        pen.line("b-none", 0, 14, GOAL_AT, 14)
        return pen.picture("bullet", data.label, 22)

    def at(value: float) -> float:
        return _clamp(value / full * GOAL_AT)

    done = at(data.actual)
    if goal is not None:
        pen.rect("b-track", 0, 6, GOAL_AT, 8)
    pen.rect("b-plan", done, 6.5, at(max(data.actual, 0) + data.planned) - done, 7)
    pen.rect("b-act", 0, 6, done, 8)
    if goal is not None and data.low_limit is not None and data.high_limit is not None:
        low, high = at(data.low_limit), at(data.high_limit)
        pen.line("b-tol", low, 2, high, 2)
        pen.line("b-tol", low, 2, low, 6)
        pen.line("b-tol", high, 2, high, 6)
    if data.pace is not None:
        pen.line("b-pace-l", at(data.pace), 6, at(data.pace), 14)
        pen.pointer("b-pace", at(data.pace))
    if goal is not None:
        pen.line("b-goal", GOAL_AT, 3, GOAL_AT, 17)
    if data.forecast is not None:
        _whisker(
            pen,
            at(data.forecast if data.forecast_low is None else data.forecast_low),
            at(data.forecast),
            at(data.forecast if data.forecast_high is None else data.forecast_high),
        )
    return pen.picture("bullet", data.label, 22)


def _largest(data: BulletData) -> float:
    return max(data.actual + data.planned, data.pace or 0, data.forecast or 0, data.forecast_high or 0)


def _whisker(pen: Pen, low: float, middle: float, high: float) -> None:
    pen.line("b-fore", low, 19, high, 19)
    pen.line("b-fore", low, 16.5, low, 21.5)
    pen.line("b-fore", high, 16.5, high, 21.5)
    pen.dot("b-dot", middle, 19, 2.5)


def public_bullet(label: str, actual: float, goal: float | None, *, print_width: float | None = None) -> Markup:
    """A released figure for everybody: the track is the whole width, without pace, forecast or state."""
    pen = Pen(print_width)
    if not goal:
        pen.line("b-none", 0, 8, 1, 8)
    else:
        pen.rect("b-track", 0, 4, 1, 8)
        pen.rect("b-act", 0, 4, _clamp(actual / goal), 8)
        pen.line("b-goal", 1, 1, 1, 15)
    return pen.picture("bullet", label, 16)


def seats_bullet(data: SeatsData, *, print_width: float | None = None) -> Markup:
    """Seats taken of a session: solid confirmed, outline pending. Nothing for a session without a limit."""
    if not data.capacity:
        return Markup("")
    pen = Pen(print_width)
    confirmed = _clamp(data.confirmed / data.capacity)
    pen.rect("b-track", 0, 7, 1, 8)
    pen.rect("b-plan", confirmed, 7.5, _clamp((data.confirmed + data.pending) / data.capacity) - confirmed, 7)
    pen.rect("b-act", 0, 7, confirmed, 8)
    return pen.picture("bullet", data.label, 22)
