"""Which days of the demo's year are worked, free or a festival, and where its clock stands."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from outreach.shared.time import ZONE

__all__ = ["Days", "days_of", "known_years"]

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


@dataclass(frozen=True, slots=True)
class Days:
    """A year as the State Council arranged it.

    ``off`` and ``worked`` are the days of festivals and the weekend days worked for them, with the festival's name.
    """

    year: int
    today: date
    off: dict[date, str]
    worked: dict[date, str]

    def is_workday(self, day: date) -> bool:
        """Whether offices and factories work."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def is_spring_festival(self, day: date) -> bool:
        """Whether the day lies in the week of the Spring Festival, when nothing is held at all."""
        return self.off.get(day) == "春节"

    def of_month(self, month: int) -> list[date]:
        """All days of a month."""
        first = date(self.year, month, 1)
        return [day for n in range(31) if (day := first + timedelta(days=n)).month == month]

    def now(self) -> datetime:
        """The moment at which the demo's clock starts."""
        return at(self.today, 9)

    def near_today(self, days: int) -> date:
        """The day so many days from today, moved further away while it is a festival."""
        step = timedelta(days=-1 if days < 0 else 1)
        day = self.today + timedelta(days=days)
        while days and day in self.off and not (self.year == 2015 and days < 0):
            day += step
        return day


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment on the local wall clock."""
    return datetime.combine(day, time(hour, minute), ZONE)


def known_years() -> tuple[int, int]:
    """First and last whole year whose holidays are known."""
    from chinese_calendar.constants import holidays  # a second to import, for the demo only

    return min(holidays).year, max(holidays).year


def days_of(year: int) -> Days:
    """The year; its clock starts at the Tuesday nearest to 15 September (2015: that very day)."""
    from chinese_calendar.constants import holidays, workdays  # as above

    middle = date(year, 9, 15)
    offset = (1 - middle.weekday()) % 7
    return Days(
        year,
        middle + timedelta(days=offset if offset <= 3 else offset - 7),
        {day: _NAMES[name] for day, name in holidays.items() if day.year == year},
        {day: _NAMES[name] for day, name in workdays.items() if day.year == year},
    )
