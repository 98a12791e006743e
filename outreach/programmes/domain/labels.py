"""Festivals and campaign periods that are written over every calendar. Pure; organisers change them year by year.

A campaign's days are those of the notices: 送温暖 runs from 22 December to the eve of the Spring Festival
(《元旦春节期间送温暖》), 安全生产月 is June, 女职工维权行动月 March, 职业病防治法宣传周 25 April to 1 May.
Where notices differ from year to year (夏送清凉, 金秋助学, 春风行动) these are the usual months.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from outreach.programmes.domain.lunar import lunar_day, spring_festival
from outreach.shared.errors import FieldProblem
from outreach.shared.i18n import phrase
from outreach.shared.time import implausible_day

__all__ = ["MOST_DAYS", "SHIPPED", "Label", "LabelKind", "label_problems", "labels_of_day", "shipped_labels"]

#: A label over more days than this says nothing any more.
MOST_DAYS = 200


class LabelKind(StrEnum):
    """What a label is: days that are celebrated, or weeks in which unions do one thing together."""

    FESTIVAL = "festival"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Label:
    """A name over the days ``from_on`` to ``last_on``, both included.

    ``code`` names a shipped one and is empty for an own one; ``year`` is the year in which it begins; ``id`` is the
    row of what somebody wrote, ``None`` while it is as shipped.
    """

    code: str
    year: int
    kind: LabelKind
    name: str
    from_on: date
    last_on: date
    id: UUID | None = None
    is_hidden: bool = False

    def covers(self, on: date) -> bool:
        return self.from_on <= on <= self.last_on

    def touches(self, first: date, last: date) -> bool:
        """Whether it has a day from ``first`` to ``last``, both included."""
        return self.from_on <= last and first <= self.last_on


@dataclass(frozen=True, slots=True)
class _Rule:
    """When a shipped label begins and ends: month and day, of the lunar calendar where ``lunar``."""

    code: str
    kind: LabelKind
    name: str
    month: int
    day: int
    lunar: bool = False
    shift_days: int = 0
    #: Last day as month and day; ``None``: the first one. ``(0, 0)``: the eve of the next Spring Festival.
    until: tuple[int, int] | None = None

    def of(self, year: int) -> Label | None:
        """The label that begins in ``year``; ``None`` where the lunar calendar is not known."""
        plain = lunar_day(year, self.month, self.day) if self.lunar else date(year, self.month, self.day)
        if plain is None:
            return None
        first = plain + timedelta(days=self.shift_days)
        last = self._last(year, first)
        return None if last is None else Label(self.code, year, self.kind, self.name, first, last)

    def _last(self, year: int, first: date) -> date | None:
        if self.until is None:
            return first
        if self.until == _NEW_YEARS_EVE:
            feast = spring_festival(year + 1)
            return feast - timedelta(days=1) if feast else None
        month, day = self.until
        return date(year if (month, day) >= (first.month, first.day) else year + 1, month, day)


_NEW_YEARS_EVE = (0, 0)
_F, _C = LabelKind.FESTIVAL, LabelKind.CAMPAIGN

#: Roughly in the order of the year.
_RULES: tuple[_Rule, ...] = (
    _Rule("new-year", _F, phrase("元旦"), 1, 1),
    _Rule("new-years-eve", _F, phrase("除夕"), 1, 1, lunar=True, shift_days=-1),
    _Rule("spring-festival", _F, phrase("春节"), 1, 1, lunar=True),
    _Rule("lantern", _F, phrase("元宵节"), 1, 15, lunar=True),
    _Rule("spring-wind", _C, phrase("春风行动"), 1, 15, until=(3, 31)),
    _Rule("womens-rights", _C, phrase("女职工维权行动月"), 3, 1, until=(3, 31)),
    _Rule("women", _F, phrase("三八国际妇女节"), 3, 8),
    _Rule("reading", _F, phrase("世界读书日"), 4, 23),
    _Rule("occupational-health", _C, phrase("职业病防治法宣传周"), 4, 25, until=(5, 1)),
    _Rule("labour", _F, phrase("五一国际劳动节"), 5, 1),
    _Rule("youth", _F, phrase("五四青年节"), 5, 4),
    _Rule("children", _F, phrase("六一国际儿童节"), 6, 1),
    _Rule("safety", _C, phrase("安全生产月"), 6, 1, until=(6, 30)),
    _Rule("dragon-boat", _F, phrase("端午节"), 5, 5, lunar=True),
    _Rule("coolness", _C, phrase("夏送清凉"), 6, 15, until=(9, 15)),
    _Rule("party", _F, phrase("七一建党节"), 7, 1),
    _Rule("army", _F, phrase("八一建军节"), 8, 1),
    _Rule("schooling", _C, phrase("金秋助学"), 8, 1, until=(9, 30)),
    _Rule("qixi", _F, phrase("七夕"), 7, 7, lunar=True),
    _Rule("teachers", _F, phrase("教师节"), 9, 10),
    _Rule("mid-autumn", _F, phrase("中秋节"), 8, 15, lunar=True),
    _Rule("national", _F, phrase("国庆节"), 10, 1),
    _Rule("double-ninth", _F, phrase("重阳节"), 9, 9, lunar=True),
    _Rule("constitution", _C, phrase("宪法宣传周"), 12, 1, until=(12, 7)),
    _Rule("warmth", _C, phrase("送温暖"), 12, 22, until=_NEW_YEARS_EVE),
)

#: Codes of the shipped labels → their names.
SHIPPED: dict[str, str] = {rule.code: rule.name for rule in _RULES}


def shipped_labels(years: Iterable[int]) -> list[Label]:
    """The labels that come with the program and begin in ``years``, by their first day."""
    made = [rule.of(year) for year in sorted(set(years)) for rule in _RULES]
    return sorted((one for one in made if one), key=lambda one: (one.from_on, one.last_on, one.code))


def labels_of_day(on: date, labels: Sequence[Label], *, kind: LabelKind, day_off: str = "") -> list[str]:
    """Names of the labels of one kind over a day.

    Args:
        day_off: the name of a public holiday of that day; a festival that it names already (国庆节) is not said twice.
    """
    found = [one.name for one in labels if one.kind is kind and one.covers(on)]
    return [name for name in dict.fromkeys(found) if not (day_off and day_off in name)]


def label_problems(from_on: date, last_on: date) -> list[FieldProblem]:
    """Why days cannot carry a label: implausible, in the wrong order, or too many."""
    problems = implausible_day("from_on", from_on) + implausible_day("last_on", last_on)
    if problems:
        return problems
    if last_on < from_on:
        return [FieldProblem("last_on", "last-before-first")]
    if (last_on - from_on).days >= MOST_DAYS:
        return [FieldProblem("last_on", "label-too-long", {"most": MOST_DAYS})]
    return []
