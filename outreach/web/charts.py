"""Charts as SVG text: bullet bars and burn-up curves, for pages and, with ``print_width``, for documents.

On a page, positions are percentages and heights pixels, colours come from ``charts.css``, and words never
stretch. In a document everything is absolute and carries its own colours and font, because WeasyPrint applies
neither the page's style sheet nor its font to inline SVG. Every chart is one image to a screen reader: the
sentence in ``label`` says all of it. Templates call them as ``charts.bullet(data)`` and so on.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from outreach.shared.i18n import language
from outreach.web import wording

__all__ = [
    "BulletData",
    "BurnUpData",
    "ForecastPoint",
    "Point",
    "SeatsData",
    "bullet",
    "burn_up",
    "burn_up_sentence",
    "by_month",
    "public_bullet",
    "seats_bullet",
]

#: Where the promise ends on a bullet bar: the same place in every row, so that rows compare.
GOAL_AT = 0.84

#: One font for words in documents; ``fonts.css`` of the print templates declares it.
PRINT_FONT = "Noto Sans SC"

#: What each class looks like on paper, where no style sheet reaches.
PRINT_INK = {
    "b-track": 'fill="#DDDDDD"',
    "b-act": 'fill="#000000"',
    "b-plan": 'fill="#FFFFFF" stroke="#000000" stroke-width="1"',
    "b-goal": 'stroke="#000000" stroke-width="2"',
    "b-pace": 'fill="#333333"',
    "b-pace-l": 'stroke="#FFFFFF" stroke-width="1"',
    "b-fore": 'stroke="#333333" stroke-width="1"',
    "b-dot": 'fill="#333333"',
    "b-tol": 'fill="none" stroke="#333333" stroke-width="1"',
    "b-none": 'stroke="#777777" stroke-width="1"',
    "c-base": 'stroke="#777777" stroke-width="1"',
    "c-grid": 'stroke="#BBBBBB" stroke-width="1"',
    "c-band": 'fill="#DDDDDD" stroke="none"',
    "c-act": 'fill="none" stroke="#000000" stroke-width="2.5" stroke-linejoin="round"',
    "c-plan": 'fill="none" stroke="#333333" stroke-width="1.25" stroke-dasharray="2 3"',
    "c-fore": 'fill="none" stroke="#000000" stroke-width="1.25" stroke-dasharray="6 3"',
    "c-goal": 'stroke="#000000" stroke-width="1"',
    "c-now": 'stroke="#777777" stroke-width="1"',
    "c-dot": 'fill="#000000"',
}


@dataclass(frozen=True, slots=True)
class BulletData:
    """One target on one bar.

    Attributes:
        label: the whole sentence (``wording.progress_sentence``).
        actual: what is done.
        goal: what was promised; ``None`` or 0: no promise, so no track and no upright.
        planned: what is published and not yet held.
        pace: what should be done by now; ``None``: not shown (met, or nothing to compare with).
        low_limit, high_limit: the limits of 左右, both or neither.
        forecast, forecast_low, forecast_high: at the end of the year, all or none.
    """

    label: str
    actual: float
    goal: float | None = None
    planned: float = 0
    pace: float | None = None
    low_limit: float | None = None
    high_limit: float | None = None
    forecast: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None


@dataclass(frozen=True, slots=True)
class SeatsData:
    """The seats of one session; ``confirmed`` and ``pending`` are seats, not bookings."""

    label: str
    capacity: int | None
    confirmed: int
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """A cumulative figure at the end of a day."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """A cumulative forecast at the end of a day, with its range."""

    on: date
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class BurnUpData:
    """A year of one target, cumulative.

    Attributes:
        label: the whole sentence (``burn_up_sentence``).
        year: the calendar year on the axis.
        actual: points up to ``today``, in order; the curve starts at zero on 1 January by itself.
        plan: the published plan or pace over the year; may be empty.
        forecast: points after ``today``, the last at the end of the year; may be that one alone, or none.
        goal: where the target line stands; for 左右 its lower limit. ``None`` or 0: no line.
        goal_label: the words on that line, ``超过150`` or ``50场左右，下限45``.
        unit: stands behind the figure of today.
        today: draws the upright; ``None`` when the year is over or has not begun.
    """

    label: str
    year: int
    actual: tuple[Point, ...] = ()
    plan: tuple[Point, ...] = ()
    forecast: tuple[ForecastPoint, ...] = ()
    goal: float | None = None
    goal_label: str = ""
    unit: str = ""
    today: date | None = None


def by_month(year: int, month_ends: Sequence[float], *last: Point) -> tuple[Point, ...]:
    """Points from cumulative figures at the ends of January, February, …, then ``last`` (today's, say)."""
    ends = (date(year, month, monthrange(year, month)[1]) for month in range(1, 13))
    return (*(Point(on, value) for on, value in zip(ends, month_ends, strict=False)), *last)


# --- drawing ---------------------------------------------------------------------------------------------------------


class _Pen:
    """Collects the elements of one SVG; ``across`` turns a part of the width (0 to 1) into a position."""

    def __init__(self, print_width: float | None) -> None:
        self.print_width = print_width
        self.parts: list[str] = []

    def across(self, part: float) -> str:
        if self.print_width is None:
            return f"{part * 100:.2f}%"
        return f"{part * self.print_width:.2f}"

    def ink(self, mark: str) -> str:
        return f'class="{mark}"' if self.print_width is None else PRINT_INK[mark]

    def rect(self, mark: str, x: float, y: float, width: float, height: float) -> None:
        if width > 0:
            place = f'x="{self.across(x)}" y="{y:g}" width="{self.across(width)}" height="{height:g}"'
            self.parts.append(f"<rect {self.ink(mark)} {place}/>")

    def line(self, mark: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self.parts.append(
            f'<line {self.ink(mark)} x1="{self.across(x1)}" x2="{self.across(x2)}" y1="{y1:g}" y2="{y2:g}"/>'
        )

    def dot(self, mark: str, x: float, y: float, radius: float) -> None:
        self.parts.append(f'<circle {self.ink(mark)} cx="{self.across(x)}" cy="{y:.1f}" r="{radius:g}"/>')

    def pointer(self, mark: str, x: float) -> None:
        """▼ with its tip under ``x``; a group moves by pixels, so on a page a nested svg carries it."""
        shape = f'<path {self.ink(mark)} d="M-3.5 0h7l-3.5 5z"/>'
        if self.print_width is None:
            self.parts.append(f'<svg x="{self.across(x)}" overflow="visible">{shape}</svg>')
        else:
            self.parts.append(f'<g transform="translate({self.across(x)} 0)">{shape}</g>')

    def text(self, words: str, x: float, y: float, mark: str = "", *, anchor: str = "start") -> None:
        if not words:
            return
        place = f'x="{self.across(x)}" y="{y:.1f}"'
        if self.print_width is None:
            marks = " ".join(part for part in (mark, {"middle": "mid", "end": "end"}.get(anchor, "")) if part)
            style = f' class="{marks}"' if marks else ""
        else:
            fill = "#000000" if "t-now" in mark else "#333333"
            style = f' text-anchor="{anchor}" font-family="{PRINT_FONT}" font-size="10" fill="{fill}"'
        self.parts.append(f"<text {place}{style}>{escape(words)}</text>")

    def picture(self, mark: str, label: str, height: float) -> Markup:
        size = ""
        if self.print_width is not None:
            width = f"{self.print_width:g}"
            size = f' width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}"'
        head = f'<svg class="{mark}" role="img" aria-label="{escape(label)}"{size}>'
        # Everything in the parts is a number of ours or was escaped by text() and by the label above.
        return Markup(head + "".join(self.parts) + "</svg>")  # noqa: S704


def _clamp(part: float) -> float:
    return min(max(part, 0.0), 1.0)


# --- bullet bars -----------------------------------------------------------------------------------------------------


def bullet(data: BulletData, *, print_width: float | None = None) -> Markup:
    """A bar whose track is the promise: filled to its end, the promise is kept.

    Solid is done, outline planned, ▼ the pace, upright the target, the bracket above the limits of 左右, the
    whisker below the forecast. Past the edge the bar stops; the number beside it tells. Height 22 px.
    """
    pen = _Pen(print_width)
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


def _whisker(pen: _Pen, low: float, middle: float, high: float) -> None:
    pen.line("b-fore", low, 19, high, 19)
    pen.line("b-fore", low, 16.5, low, 21.5)
    pen.line("b-fore", high, 16.5, high, 21.5)
    pen.dot("b-dot", middle, 19, 2.5)


def public_bullet(label: str, actual: float, goal: float | None, *, print_width: float | None = None) -> Markup:
    """A released figure for everybody: the track is the whole width, without pace, forecast or state."""
    pen = _Pen(print_width)
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
    pen = _Pen(print_width)
    confirmed = _clamp(data.confirmed / data.capacity)
    pen.rect("b-track", 0, 7, 1, 8)
    pen.rect("b-plan", confirmed, 7.5, _clamp((data.confirmed + data.pending) / data.capacity) - confirmed, 7)
    pen.rect("b-act", 0, 7, confirmed, 8)
    return pen.picture("bullet", data.label, 22)


# --- burn-up ---------------------------------------------------------------------------------------------------------

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
    pen = _Pen(print_width)
    curves = _Curves(data, height - _ABOVE - _BELOW)
    _draw_plot(pen, curves)
    _write_grid_and_goal(pen, curves)
    _write_today_and_forecast(pen, curves, locale)
    _write_months(pen, curves, locale, height - 8)
    return pen.picture("chart", data.label, height)


def _draw_plot(pen: _Pen, curves: _Curves) -> None:
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


def _write_grid_and_goal(pen: _Pen, curves: _Curves) -> None:
    for value in _grid_values(curves):
        pen.text(wording.thousands(value), 0, _ABOVE + curves.y(value) - 4)
    if curves.data.goal:
        pen.text(curves.data.goal_label, 0.09, _ABOVE + curves.y(curves.data.goal) - 5, "t-now")


def _write_today_and_forecast(pen: _Pen, curves: _Curves, locale: str) -> None:
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


def _write_months(pen: _Pen, curves: _Curves, locale: str, y: float) -> None:
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
