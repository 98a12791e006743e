"""Charts as SVG text: bullet bars, burn-up curves, the line of a day, months by districts, bars that compare.

They are for pages and, with ``print_width``, for documents.

On a page, positions are percentages and heights pixels, colours come from ``charts.css``, and words never
stretch. In a document everything is absolute and carries its own colours and font, because WeasyPrint applies
neither the page's style sheet nor its font to inline SVG. Every chart is one image to a screen reader: the
sentence in ``label`` says all of it. Templates call them as ``charts.bullet(data)`` and so on.
"""

from outreach.web.charts.bars import bullet, public_bullet, seats_bullet
from outreach.web.charts.comparing import ComparisonData, comparison
from outreach.web.charts.curves import burn_up, burn_up_sentence
from outreach.web.charts.data import BulletData, BurnUpData, ForecastPoint, Point, SeatsData, by_month
from outreach.web.charts.grid import MonthGridData, month_grid, shade_of
from outreach.web.charts.pen import PRINT_FONT
from outreach.web.charts.strip import DayLineData, day_line

__all__ = [
    "PRINT_FONT",
    "BulletData",
    "BurnUpData",
    "ComparisonData",
    "DayLineData",
    "ForecastPoint",
    "MonthGridData",
    "Point",
    "SeatsData",
    "bullet",
    "burn_up",
    "burn_up_sentence",
    "by_month",
    "comparison",
    "day_line",
    "month_grid",
    "public_bullet",
    "seats_bullet",
    "shade_of",
]
