"""The line of a day: when somebody is busy and on the way, and the time that is wanted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from outreach.shared.i18n import gettext as _
from outreach.web.charts.pen import Pen

__all__ = ["DayLineData", "day_line"]

#: What every line shows, in hours; earlier or later ones make it longer, so that nothing falls off.
FIRST_HOUR, LAST_HOUR, STEP = 8, 20, 4


@dataclass(frozen=True, slots=True)
class DayLineData:
    """Times are hours of the local day (``13.5`` is half past one), below 0 and above 24 on neighbouring days.

    ``label`` is the whole sentence for those who cannot see it, ``ways`` are journeys from one place to the next.
    """

    label: str
    wanted: tuple[float, float]
    busy: Sequence[tuple[float, float]] = ()
    ways: Sequence[tuple[float, float]] = ()


def day_line(data: DayLineData, *, print_width: float | None = None) -> Markup:
    """A line from 8 to 20 o'clock with a tick every four hours: solid is busy, dotted the way, the box is wanted.

    Height 40 px.
    """
    pen = Pen(print_width)
    spans = [data.wanted, *data.busy]
    first = max(0, min(FIRST_HOUR, *(math.floor(start) for start, _end in spans)))
    last = min(24, max(LAST_HOUR, *(math.ceil(end) for _start, end in spans)))

    def at(hour: float) -> float:
        return (min(max(hour, first), last) - first) / (last - first)

    pen.line("s-line", 0, 20, 1, 20)
    for hour in sorted({*range(FIRST_HOUR, last + 1, STEP), first, last}):
        pen.line("s-line", at(hour), 17, at(hour), 23)
        if hour in (first, last) or min(hour - first, last - hour) >= STEP / 2:
            anchor = "start" if hour == first else "end" if hour == last else "middle"
            pen.text(_("%(hour)s时") % {"hour": hour}, at(hour), 37, anchor=anchor)
    for start, end in data.ways:
        pen.line("s-way", at(start), 13, at(end), 13)
    for start, end in data.busy:
        pen.rect("s-busy", at(start), 8, at(end) - at(start), 10)
    pen.rect("s-want", at(data.wanted[0]), 5, at(data.wanted[1]) - at(data.wanted[0]), 16)
    return pen.picture("strip", data.label, 40)
