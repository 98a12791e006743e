"""Days, years and clocks of cells, as offices write them and as spreadsheets keep them. Pure."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from outreach.imports.domain.cell_text import Refused, said
from outreach.imports.domain.columns import Column
from outreach.shared.time import FIRST_YEAR, LAST_YEAR

__all__ = ["read_clock", "read_day", "read_year"]

_DAY = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*[日号]?(?![0-9])")
_RUN = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])\Z")
_SHORT_DAY = re.compile(r"[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?")
#: Days as a spreadsheet counts them.
_SERIAL_START = date(1899, 12, 30)


def read_day(cell: Any, _column: Column) -> str | None:
    on: date | None
    if isinstance(cell, datetime):
        on = cell.date()
    elif isinstance(cell, date):
        on = cell
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 <= cell < 80_000:
        on = _SERIAL_START + timedelta(days=int(cell))
    else:
        text = said(cell)
        if not text:
            return None
        on = _day_of_text(text)
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise Refused("year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, year=on.year)
    return on.isoformat()


def _day_of_text(text: str) -> date:
    if re.fullmatch(r"[2-7][0-9]{4}(?:\.[0-9]+)?", text):
        return _SERIAL_START + timedelta(days=int(float(text)))
    found = _DAY.match(text) or _RUN.match(text)
    if found is None:
        raise Refused("day-without-year" if _SHORT_DAY.match(text) else "not-date")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise Refused("no-such-day") from None


def read_year(cell: Any, _column: Column) -> str | None:
    text = said(cell).removesuffix("度").removesuffix("年")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise Refused("not-number")
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Refused("year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, year=int(text))
    return str(int(text))


_CLOCK = (
    r"(上午|下午|中午|晚上|早上|晚)?\s*([0-9]{1,2})\s*(?:[::点时]\s*([0-9]{1,2})?)?"
    r"\s*(?:分|整)?(?::[0-9]{2})?(半)?\s*(am|pm)?"
)
_CLOCKS = re.compile(rf"{_CLOCK}(?:\s*(?:[-~—–－至到]+)\s*{_CLOCK})?\Z", re.IGNORECASE)


def read_clock(cell: Any, _column: Column) -> str | None:
    """``14:00``, or ``14:00-15:30`` where a cell says both."""
    if isinstance(cell, datetime):
        return f"{cell:%H:%M}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta):
        cell = cell.total_seconds() / 86_400
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 <= cell < 1:
        minutes = round(float(cell) * 1440)
        return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
    text = said(cell)
    if not text:
        return None
    found = _CLOCKS.match(text)
    if found is None or (text.isdigit() and len(text) > 2):
        raise Refused("not-clock")
    first, last = found.groups()[:5], found.groups()[5:]
    starts = _moment(*first)
    if last[1] is None:
        return starts
    return f"{starts}-{_moment(last[0] or first[0], *last[1:])}"


def _moment(part: str | None, hour: str, minute: str | None, half: str | None, half_day: str | None) -> str:
    hours, minutes = int(hour), 30 if half else int(minute or 0)
    later = part in ("下午", "晚上", "晚") or (half_day or "").lower() == "pm" or (part == "中午" and hours < 3)
    if later and hours < 12:
        hours += 12
    if not (hours <= 23 and minutes <= 59):
        raise Refused("not-clock")
    return f"{hours:02d}:{minutes:02d}"
