"""The time that a report is of: a year, one of its quarters, or one of its months. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from outreach.shared.errors import invalid

__all__ = ["Period", "period_asked"]

_ASKED = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>0[1-9]|1[0-2])|-?Q(?P<quarter>[1-4]))\Z")
_NUMERALS = "一二三四"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months of one year, from ``first_month`` to ``last_month`` (1 to 12, both included)."""

    year: int
    first_month: int = 1
    last_month: int = 12

    @property
    def is_year(self) -> bool:
        return (self.first_month, self.last_month) == (1, 12)

    @property
    def since_on(self) -> date:
        """The first day."""
        return date(self.year, self.first_month, 1)

    @property
    def until_on(self) -> date:
        """The last day."""
        return date(self.year, self.last_month, monthrange(self.year, self.last_month)[1])

    @property
    def before_on(self) -> date:
        """The day before it begins."""
        return self.since_on - timedelta(days=1)

    @property
    def months(self) -> range:
        return range(self.first_month, self.last_month + 1)

    @property
    def name(self) -> str:
        """``9月``, ``第三季度``; of a year empty. Chinese, as reports are."""
        if self.is_year:
            return ""
        if self.first_month == self.last_month:
            return f"{self.first_month}月"
        return f"第{_NUMERALS[(self.first_month - 1) // 3]}季度"

    @property
    def code(self) -> str:
        """``2015-09``, ``2015-Q3``, ``2015``: what ``period_asked`` takes, and names of files."""
        if self.is_year:
            return str(self.year)
        if self.first_month == self.last_month:
            return f"{self.year}-{self.first_month:02d}"
        return f"{self.year}-Q{(self.first_month - 1) // 3 + 1}"

    def cut(self, as_of: date) -> date:
        """The day at which its figures are cut: no later than its end."""
        return as_of if self.is_year else min(as_of, self.until_on)


def period_asked(year: int, text: str | None) -> Period:
    """The period of ``2015-09``, ``2015-Q3`` (``2015Q3``), or of the whole year without a text.

    Raises:
        InvalidError: ``period`` is none of these, or of another year.
    """
    if not text or text == str(year):
        return Period(year)
    found = _ASKED.match(text)
    if found is None or int(found["year"]) != year:
        raise invalid("period", "not-a-period", year=year)
    if found["month"]:
        return Period(year, int(found["month"]), int(found["month"]))
    last = int(found["quarter"]) * 3
    return Period(year, last - 2, last)
