"""The Spring Festival (正月初一) of the years 2000 to 2050, by the civil calendar of China (GB/T 33661-2017).

A table instead of a formula or a library: 51 days that never change, all of them agreeing with the lunar calendars
cnlunar 0.2.5, borax 4.1.3 and lunardate 0.3.0.
"""

from datetime import date

__all__ = ["FIRST_FESTIVAL", "LAST_FESTIVAL", "spring_festival"]

FIRST_FESTIVAL, LAST_FESTIVAL = 2000, 2050

#: Ten years a line, each as month and day.
_DAYS = """
    0205 0124 0212 0201 0122 0209 0129 0218 0207 0126
    0214 0203 0123 0210 0131 0219 0208 0128 0216 0205
    0125 0212 0201 0122 0210 0129 0217 0206 0126 0213
    0203 0123 0211 0131 0219 0208 0128 0215 0204 0124
    0212 0201 0122 0210 0130 0217 0206 0126 0214 0202
    0123
"""


def spring_festival(year: int) -> date | None:
    """The first day of the lunar year that begins in ``year``; ``None`` outside the table."""
    if not FIRST_FESTIVAL <= year <= LAST_FESTIVAL:
        return None
    day = _DAYS.split()[year - FIRST_FESTIVAL]
    return date(year, int(day[:2]), int(day[2:]))
