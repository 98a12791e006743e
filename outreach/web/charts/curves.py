"""Burn-up curves: a year of one target, cumulative."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from outreach.shared.i18n import language
from outreach.web import wording
from outreach.web.charts.data import BurnUpData
from outreach.web.charts.pen import Pen

#: The year takes 365 of 400 parts of the width; the rest is for the forecast's figure.
_PARTS = 400


#: Pixels above the curves for the date of today, and below them for the months.
_ABOVE, _BELOW = 22, 26


_QUARTERS = (1, 4, 7, 10)


def _day_of_year(on: date, year: int) -> int:
    """Parts from the left: 1 January is its number of days done, 1; clamped to the year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return (min(max(on, first), last) - first).days + 1


def _top(data: BurnUpData) -> float:
    """The value at the upper edge: air above the target line and above the highest curve; 0 when nothing is known."""
    highest = max(
        (
            *(point.value for point in (*data.actual, *data.plan)),
            *(point.high for point in data.forecast),
            0,
        )
    )
    return max((data.goal or 0) * 1.135, highest * 1.08)


def _grid_step(height: float) -> float:
    """A round step that gives two or three lines below ``height``."""
    power = 1.0
    while power * 10 <= height / 3:
        power *= 10
    while power > height / 3 and power > 1:
        power /= 10
    fitting = [nice * power for nice in (1, 1.5, 2, 2.5, 3, 4, 5) if nice * power <= height / 3]
    whole = [step for step in fitting if step == int(step)]
    return whole[-1] if whole else 1.0


class _Curves:
    """Places on a burn-up: ``x`` in parts of the year, ``y`` in pixels below the top of the plot."""

    def __init__(self, data: BurnUpData, plot_height: float) -> None:
        self.data = data
        self.plot_height = plot_height
        self.top = _top(data)

    def x(self, on: date) -> int:
        return _day_of_year(on, self.data.year)

    def y(self, value: float) -> float:
        return self.plot_height - (value / self.top * self.plot_height if self.top else 0)

    def path(self, points: Sequence[tuple[float, float]], stretch: float) -> str:
        return "M" + "L".join(f"{x * stretch:.1f} {y:.1f}" for x, y in points)


def burn_up(
    data: BurnUpData, *, height: int = 250, print_width: float | None = None, locale: str | None = None
) -> Markup:
    """The year as curves: solid done, dotted plan, dashed in a band the forecast, a thin line the target.

    ``height`` is in pixels and must be that of the ``.chart`` box (250, or 180 on the A4 page); ``locale``
    chooses the names of the months (the request's by default).
    """
    locale = locale or language()
    pen = Pen(print_width)
    curves = _Curves(data, height - _ABOVE - _BELOW)
    _draw_plot(pen, curves)
    _write_grid_and_goal(pen, curves)
    _write_today_and_forecast(pen, curves, locale)
    _write_months(pen, curves, locale, height - 8)
    return pen.picture("chart", data.label, height)


def _draw_plot(pen: Pen, curves: _Curves) -> None:
    """Lines stretch with the page, so they sit in an inner svg of their own; on paper nothing stretches."""
    data, bottom = curves.data, curves.plot_height
    stretch = 1.0 if pen.print_width is None else pen.print_width / _PARTS
    inner: list[str] = []

    def straight(mark: str, x1: float, y1: float, x2: float, y2: float) -> None:
        inner.append(f'<line {pen.ink(mark)} x1="{x1 * stretch:g}" x2="{x2 * stretch:g}" y1="{y1:.1f}" y2="{y2:.1f}"/>')

    def curve(mark: str, points: Sequence[tuple[float, float]], end: str = "") -> None:
        if len(points) > 1:
            inner.append(f'<path {pen.ink(mark)} d="{curves.path(points, stretch)}{end}"/>')

    straight("c-base", 0, bottom, _PARTS, bottom)
    for value in _grid_values(curves):
        straight("c-grid", 0, curves.y(value), _PARTS, curves.y(value))
    actual = [(float(curves.x(point.on)), curves.y(point.value)) for point in data.actual]
    start = actual[-1] if actual else (0.0, bottom)
    middle = [start, *((float(curves.x(point.on)), curves.y(point.middle)) for point in data.forecast)]
    low = [start, *((float(curves.x(point.on)), curves.y(point.low)) for point in data.forecast)]
    high = [(float(curves.x(point.on)), curves.y(point.high)) for point in data.forecast]
    curve("c-band", [*low, *reversed(high), start] if high else [], "Z")
    if data.goal:
        straight("c-goal", 0, curves.y(data.goal), 365, curves.y(data.goal))
    if data.today is not None:
        straight("c-now", curves.x(data.today), -6, curves.x(data.today), bottom)
    if data.plan:
        curve("c-plan", [(0.0, bottom), *((float(curves.x(p.on)), curves.y(p.value)) for p in data.plan)])
    curve("c-fore", middle)
    if actual:
        curve("c-act", [(0.0, bottom), *actual])
    lines = "".join(inner)
    if pen.print_width is None:
        pen.parts.append(
            f'<svg y="{_ABOVE}" width="100%" height="{bottom:g}" viewBox="0 0 {_PARTS} {bottom:g}" '
            f'preserveAspectRatio="none" overflow="visible">{lines}</svg>'
        )
    else:
        pen.parts.append(f'<g transform="translate(0 {_ABOVE})">{lines}</g>')


def _grid_values(curves: _Curves) -> list[float]:
    """Two or three values, none so near to the target line that their words would touch."""
    ceiling = curves.data.goal or curves.top / 1.08
    if ceiling <= 0:
        return []
    step = _grid_step(ceiling)
    nearest = 16 / curves.plot_height * curves.top
    return [step * n for n in (1, 2, 3) if step * n <= ceiling - nearest]


def _write_grid_and_goal(pen: Pen, curves: _Curves) -> None:
    for value in _grid_values(curves):
        pen.text(wording.thousands(value), 0, _ABOVE + curves.y(value) - 4)
    if curves.data.goal:
        pen.text(curves.data.goal_label, 0.09, _ABOVE + curves.y(curves.data.goal) - 5, "t-now")


def _write_today_and_forecast(pen: Pen, curves: _Curves, locale: str) -> None:
    data = curves.data
    if data.today is not None:
        x = curves.x(data.today) / _PARTS
        pen.text(
            wording.day_plain(data.today, locale), x, 10, anchor="start" if x < 0.07 else "end" if x > 0.9 else "middle"
        )
    if data.actual:
        last = data.actual[-1]
        x, y = curves.x(last.on) / _PARTS, _ABOVE + curves.y(last.value)
        gap = " " if locale == "en" else ""
        words = f"{wording.thousands(last.value)}{gap if data.unit != '%' else ''}{data.unit}"
        pen.dot("c-dot", x, y, 3.5)
        # Below and to the right the curve never goes; near the base line and late in the year there is no room.
        below = y + 16 <= _ABOVE + curves.plot_height - 4
        late = x > 0.75
        pen.text(
            words,
            x - 0.015 if late and not below else x + 0.015,
            y + 16 if below else y - 8,
            "t-now",
            anchor="end" if late and not below else "start",
        )
    if data.forecast:
        end = data.forecast[-1]
        words = wording.approx(end.middle, locale)
        pen.text(words, curves.x(end.on) / _PARTS + 0.0125, _ABOVE + curves.y(end.middle) + 4, "t-now")


def _write_months(pen: Pen, curves: _Curves, locale: str, y: float) -> None:
    for month in range(1, 13):
        if pen.print_width is not None and month not in _QUARTERS and pen.print_width < 420:
            continue
        first = date(curves.data.year, month, 1)
        name = wording.day_plain(first, "en")[2:] if locale == "en" else f"{month}月"
        pen.text(name, (curves.x(first) + 14) / _PARTS, y, "" if month in _QUARTERS else "minor", anchor="middle")


def burn_up_sentence(name: str, data: BurnUpData, wording_of_goal: str = "", locale: str = "zh") -> str:
    """The sentence for ``BurnUpData.label``, made from the figures: today's, the year's end, the target."""
    english = locale == "en"
    last = data.actual[-1] if data.actual else None
    gap = " " if english and data.unit != "%" else ""
    parts: list[str] = []
    if last is not None:
        figure = f"{wording.thousands(last.value)}{gap}{data.unit}"
        day = wording.day_plain(last.on, locale)
        parts.append(f"{figure} by {day}" if english else f"到{day}{figure}")
    if data.forecast:
        end = data.forecast[-1]
        low, middle, high = (wording.thousands(round(value)) for value in (end.low, end.middle, end.high))
        parts.append(
            f"forecast {middle}{gap}{data.unit} at the end of the year, range {low} to {high}"
            if english
            else f"年底预计{middle}{data.unit}，范围{low}至{high}"
        )
    if wording_of_goal:
        parts.append(f"target {wording_of_goal}" if english else f"指标{wording_of_goal}")
    if not parts:
        parts.append("no figures yet" if english else "还没有数")
    return f"{name}, cumulative: {'; '.join(parts)}." if english else f"{name}逐月累计：{'；'.join(parts)}。"
