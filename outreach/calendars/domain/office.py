"""Holidays, make-up workdays, festivals and campaigns as whole days of a calendar. Pure.

They are a feed of their own. Whoever subscribes to sessions wants to be told where to go: a hundred days that say
nothing to do would bury them, and a session feed with all-day noise is what people unsubscribe from. And a calendar
program shows two feeds side by side, in two colours, each to be switched off.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from outreach.calendars.domain.writing import DayEntry
from outreach.programmes.domain.labels import Label, LabelKind

__all__ = ["DayOff", "office_entries"]

#: Kind (``off`` or ``work``) and name of a day as the table of holidays has it.
DayOff = tuple[str, str]

_MARKS = {"off": "休", "work": "班"}
_CATEGORIES = {"off": "放假", "work": "调休上班"}
_LABEL_CATEGORIES = {LabelKind.FESTIVAL: "节日", LabelKind.CAMPAIGN: "活动时段"}


def office_entries(days: Mapping[date, DayOff], labels: Iterable[Label]) -> list[DayEntry]:
    """Everything in the order of the first day.

    A festival whose day off has its name already is not said twice. The UID of a day off or worked is that of its date,
    of a label its code and year (its id, if it is an own one): the same however often it is changed or put back.
    """
    entries = [_day_entry(on, kind, name) for on, (kind, name) in days.items()]
    entries += [_label_entry(one) for one in labels if not _is_said(one, days)]
    return sorted(entries, key=lambda one: (one.first_on, one.last_on, one.ident))


def _day_entry(on: date, kind: str, name: str) -> DayEntry:
    mark = _MARKS[kind]
    return DayEntry(
        ident=f"holiday-{on.isoformat()}",
        first_on=on,
        last_on=on,
        summary=f"{name}（{mark}）" if name else mark,
        categories=(_CATEGORIES[kind],),
        path=_month_of(on),
    )


def _label_entry(label: Label) -> DayEntry:
    return DayEntry(
        ident=f"label-{label.code}-{label.year}" if label.code else f"label-{label.id}",
        first_on=label.from_on,
        last_on=label.last_on,
        summary=label.name,
        categories=(_LABEL_CATEGORIES[label.kind],),
        path=_month_of(label.from_on),
    )


def _is_said(label: Label, days: Mapping[date, DayOff]) -> bool:
    if label.kind is not LabelKind.FESTIVAL or label.from_on != label.last_on:
        return False
    kind, name = days.get(label.from_on, ("", ""))
    return kind == "off" and label.name in name


def _month_of(on: date) -> str:
    return f"/calendar?month={on:%Y-%m}"
