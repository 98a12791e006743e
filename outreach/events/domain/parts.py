"""Parts of a day that orders and availability speak of. Pure."""

from datetime import date, datetime, time
from enum import StrEnum

from outreach.shared.i18n import phrase
from outreach.shared.time import ZONE, local

__all__ = ["PART_CODES", "PART_WORDS", "DayPart", "part_bounds", "part_code", "part_of", "usual_start"]


class DayPart(StrEnum):
    """Morning, noon (the break between shifts), afternoon, evening."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


PART_WORDS: dict[str, str] = {
    DayPart.MORNING: phrase("上午"),
    DayPart.NOON: phrase("中午"),
    DayPart.AFTERNOON: phrase("下午"),
    DayPart.EVENING: phrase("晚上"),
}

#: Local wall clock, end exclusive: parts follow each other without a gap.
_BOUNDS: dict[DayPart, tuple[time, time]] = {
    DayPart.MORNING: (time(8), time(11, 30)),
    DayPart.NOON: (time(11, 30), time(13, 30)),
    DayPart.AFTERNOON: (time(13, 30), time(17, 30)),
    DayPart.EVENING: (time(17, 30), time(22)),
}

#: When a session of that part usually begins.
_STARTS: dict[DayPart, time] = {
    DayPart.MORNING: time(9),
    DayPart.NOON: time(12),
    DayPart.AFTERNOON: time(14),
    DayPart.EVENING: time(18, 30),
}


#: Every code of ``part_code``, Monday first.
PART_CODES: tuple[str, ...] = tuple(f"{day}-{part.value}" for day in range(1, 8) for part in DayPart)


def part_bounds(on: date, part: DayPart) -> tuple[datetime, datetime]:
    """``[start, end)`` of a part of a local day, aware."""
    start, end = _BOUNDS[part]
    return datetime.combine(on, start, ZONE), datetime.combine(on, end, ZONE)


def usual_start(on: date, part: DayPart) -> datetime:
    """When a session of that part usually begins, aware."""
    return datetime.combine(on, _STARTS[part], ZONE)


def part_of(moment: datetime) -> DayPart:
    """The part of the local day that ``moment`` falls in; before eight is morning, after ten at night evening."""
    at = local(moment).time()
    return next((part for part, (_start, end) in _BOUNDS.items() if at < end), DayPart.EVENING)


def part_code(on: date, part: DayPart) -> str:
    """How availability names it: ISO weekday and part, ``2-afternoon`` for a Tuesday."""
    return f"{on.isoweekday()}-{part.value}"
