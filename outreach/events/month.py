"""The month as a table: weeks of days, each with its holiday mark and its first sessions."""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from outreach.events.queries import SessionRow
from outreach.programmes.domain.labels import Label
from outreach.programmes.holidays import Holiday
from outreach.programmes.labels import festivals_of_day
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local_day
from outreach.web.wording import day_plain, day_short, joined, month_day_range

__all__ = ["AT_MOST", "Day", "grid_bounds", "holiday_sentences", "month_after", "month_asked", "weeks_of"]

#: Sessions shown of one day; the rest stands behind a link.
AT_MOST = 3


def month_asked(text: str) -> tuple[int, int] | None:
    """``2015-09`` of an address; nothing for what is no month of a year that can be planned."""
    parts = text.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    year, month = int(parts[0]), int(parts[1])
    return (year, month) if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 else None


@dataclass(frozen=True, slots=True)
class Day:
    """One cell. ``mark``: ``off`` 休, ``work`` 班 or empty; ``is_off``: grey ground; ``festivals`` besides ``name``."""

    on: date
    in_month: bool
    is_today: bool
    is_past: bool
    is_off: bool
    mark: str = ""
    name: str = ""
    sessions: Sequence[SessionRow] = field(default_factory=list)
    more: int = 0
    festivals: Sequence[str] = ()

    @property
    def classes(self) -> str:
        """Classes of the cell; ``none`` keeps empty days out of the phone's list."""
        empty = not self.sessions and not ((self.name or self.festivals) and self.in_month)
        flags = (
            ("off", self.is_off),
            ("out", not self.in_month),
            ("past", self.is_past),
            ("now", self.is_today),
            ("none", empty),
        )
        return " ".join(name for name, given in flags if given)

    @property
    def names(self) -> str:
        """The holiday and the festivals of the day."""
        return joined([one for one in (self.name, *self.festivals) if one], language())

    @property
    def label(self) -> str:
        """The number of the day, with its month where that changes."""
        return str(self.on.day) if self.in_month and self.on.day > 1 else day_plain(self.on, language())


def grid_bounds(year: int, month: int) -> tuple[date, date]:
    """The first Monday and the last Sunday that the table of a month shows."""
    first = date(year, month, 1)
    last = date(year, month, calendar.monthrange(year, month)[1])
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def month_after(year: int, month: int, step: int = 1) -> tuple[int, int]:
    """The month ``step`` months later (earlier when negative)."""
    number = year * 12 + month - 1 + step
    return number // 12, number % 12 + 1


def weeks_of(
    year: int,
    month: int,
    today: date,
    holidays: Mapping[date, Holiday],
    sessions: Iterable[SessionRow],
    labels: Sequence[Label] = (),
) -> list[list[Day]]:
    """Weeks from Monday to Sunday. In the month of ``today`` earlier days are past; other months are shown whole."""
    by_day: dict[date, list[SessionRow]] = {}
    for session in sessions:
        by_day.setdefault(local_day(session.starts_at), []).append(session)
    is_current = (today.year, today.month) == (year, month)
    first, last = grid_bounds(year, month)
    days = []
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        holiday = holidays.get(on)
        mine = by_day.get(on, [])
        days.append(
            Day(
                on=on,
                in_month=on.month == month,
                is_today=on == today,
                is_past=is_current and on < today,
                is_off=holiday.is_off if holiday else on.weekday() >= 5,
                mark=holiday.kind if holiday else "",
                name=_name(on, holidays),
                sessions=mine[:AT_MOST],
                more=max(0, len(mine) - AT_MOST),
                festivals=festivals_of_day(on, labels, day_off=holiday.name if holiday and holiday.is_off else ""),
            )
        )
    return [days[start : start + 7] for start in range(0, len(days), 7)]


def _name(on: date, holidays: Mapping[date, Holiday]) -> str:
    """A holiday is named on its first day only."""
    holiday = holidays.get(on)
    if holiday is None:
        return ""
    if not holiday.is_off:
        return _("调休上班")
    before = holidays.get(on - timedelta(days=1))
    if before is not None and before.is_off and before.name == holiday.name:
        return ""
    return _(holiday.name)


def holiday_sentences(first: date, last: date, holidays: Mapping[date, Holiday]) -> list[str]:
    """What lies between ``first`` and ``last``: ``国庆节10月1日至7日放假``, ``10月10日（周六）上班``."""
    said, run = [], list[Holiday]()
    for holiday in [*(holidays[on] for on in sorted(holidays)), None]:
        follows = (
            run
            and holiday
            and holiday.is_off
            and (holiday.name, holiday.on - run[-1].on)
            == (
                run[-1].name,
                timedelta(days=1),
            )
        )
        if not follows and run:
            if first <= run[-1].on and run[0].on <= last:
                days = month_day_range(run[0].on, run[-1].on, language())
                said.append(_("%(name)s%(days)s放假") % {"name": _(run[0].name), "days": days})
            run = []
        if holiday is not None and holiday.is_off:
            run = [*run, holiday]
        elif holiday is not None and first <= holiday.on <= last:
            said.append(_("%(day)s上班") % {"day": day_short(holiday.on, language())})
    return said
