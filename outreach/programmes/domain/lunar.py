"""Days of the lunar calendar, 2000 to 2050, by the civil calendar of China (GB/T 33661-2017).

Fifty-one numbers instead of a formula or a library. Their new years agree with the lunar calendars cnlunar 0.2.5,
borax 4.1.3 and lunardate 0.3.0, their Dragon Boat and Mid-autumn festivals with every official list of days off.
"""

from datetime import date, timedelta
from functools import cache

__all__ = ["FIRST_FESTIVAL", "LAST_FESTIVAL", "lunar_day", "spring_festival"]

FIRST_FESTIVAL, LAST_FESTIVAL = 2000, 2050
_FIRST_DAY = date(2000, 2, 5)

#: Ten years a line. Bits 15 to 4: months 1 to 12 with 30 days (else 29); bits 3 to 0: the month after which a leap
#: month follows, 0 none; bit 16: that leap month has 30 days.
_YEARS = """
    0c960 0d954 0d4a0 0da50 07552 056a0 0abb7 025d0 092d0 0cab5
    0a950 0b4a0 0baa4 0ad50 055d9 04ba0 0a5b0 15176 052b0 0a930
    07954 06aa0 0ad50 05b52 04b60 0a6e6 0a4e0 0d260 0ea65 0d530
    05aa0 076a3 096d0 04afb 04ad0 0a4d0 1d0b6 0d250 0d520 0dd45
    0b5a0 056d0 055b2 049b0 0a577 0a4b0 0aa50 1b255 06d20 0ada0
    14b63
"""


def spring_festival(year: int) -> date | None:
    """The first day of the lunar year that begins in ``year``; ``None`` outside the table."""
    return lunar_day(year, 1, 1)


def lunar_day(year: int, month: int, day: int) -> date | None:
    """Day ``day`` of lunar month ``month`` (never a leap month) of the lunar year that begins in ``year``.

    ``None`` outside the table. Months 11 and 12 mostly fall into the next year.
    """
    if not FIRST_FESTIVAL <= year <= LAST_FESTIVAL:
        return None
    first, lengths = _table()[year - FIRST_FESTIVAL]
    return first + timedelta(days=sum(lengths[: month - 1]) + day - 1)


@cache
def _table() -> list[tuple[date, tuple[int, ...]]]:
    """Each year's first day, and the days from each of its twelve months' first to the next's, leap months included."""
    made, first = [], _FIRST_DAY
    for code in (int(text, 16) for text in _YEARS.split()):
        lengths = [30 if code & (0x8000 >> number) else 29 for number in range(12)]
        if leap := code & 0xF:
            lengths[leap - 1] += 30 if code & 0x10000 else 29
        made.append((first, tuple(lengths)))
        first += timedelta(days=sum(lengths))
    return made
