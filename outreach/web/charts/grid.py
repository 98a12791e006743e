"""Months across, districts down: a quiet shade for how much, and the figure in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from outreach.shared.i18n import language
from outreach.web import wording
from outreach.web.charts.pen import Pen

__all__ = ["MonthGridData", "month_grid", "shade_of"]

#: Parts of the width for the names, and pixels of the head and of a row.
_NAMES, _HEAD, _ROW = 0.16, 22, 26
_SHADES = 4
_QUARTERS = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True)
class MonthGridData:
    """``rows``: a short name and twelve figures, January first. ``label``: the whole sentence."""

    label: str
    rows: Sequence[tuple[str, Sequence[int]]]


def shade_of(value: float, most: float) -> int:
    """0 for nothing, then 1 to 4, each a quarter of ``most``."""
    if value <= 0 or most <= 0:
        return 0
    return min(int(value / most * _SHADES - 1e-9) + 1, _SHADES)


def month_grid(data: MonthGridData, *, print_width: float | None = None, locale: str | None = None) -> Markup:
    """One row of 26 px for each name; nothing without rows."""
    if not data.rows:
        return Markup("")
    locale = locale or language()
    pen = Pen(print_width)
    width = (1 - _NAMES) / 12
    most = max(max(values, default=0) for _name, values in data.rows)
    for month in range(12):
        name = wording.month_text(2000, month + 1, "en").split()[0] if locale == "en" else f"{month + 1}月"
        mark = "" if month + 1 in _QUARTERS else "minor"
        pen.text(name, _NAMES + (month + 0.5) * width, 14, mark, anchor="middle")
    for row, (name, values) in enumerate(data.rows):
        top = _HEAD + row * _ROW
        pen.text(name, 0, top + 17)
        for month, value in enumerate(values):
            shade = shade_of(value, most)
            if shade:
                pen.rect(f"g-{shade}", _NAMES + month * width, top + 1, width * 0.96, _ROW - 2)
                pen.text(wording.thousands(value), _NAMES + (month + 0.48) * width, top + 17, "t-now", anchor="middle")
    return pen.picture("month-grid", data.label, _HEAD + len(data.rows) * _ROW, sized=True)
