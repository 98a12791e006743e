"""HTML forms of coverage: the ramp of goals, services of another system, a reason."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import msgspec

from outreach.counting.coverage.schemas import GoalWording, Percent, Visits
from outreach.programmes.coverage.commands import GoalGiven
from outreach.programmes.coverage.goals import MOST_YEARS, straight_line
from outreach.programmes.coverage.queries import GoalRow
from outreach.programmes.schemas import Wording, Year, number
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.text import Line
from outreach.shared.time import FIRST_YEAR, LAST_YEAR
from outreach.web.forms import parse_form, problems_in

__all__ = [
    "OutsideServiceForm",
    "RampForm",
    "RampGiven",
    "RemovalForm",
    "filled_in",
    "goal_field",
    "goals_given",
    "ramp_form",
    "ramp_order",
    "ramp_values",
    "service_order",
    "years_of",
]

_GOAL = "goal:"


class RampForm(msgspec.Struct, kw_only=True):
    """The years of the ramp; each year's percent comes in a field of its own, see ``goal_field``.

    ``do``: store it; show other years; propose the years between. Only the first one writes.
    """

    first: Year
    last: Year
    wording: GoalWording = ""
    do: Literal["save", "years", "line"] = "save"


class _OnePercent(msgspec.Struct):
    percent: Percent


class OutsideServiceForm(msgspec.Struct, kw_only=True):
    """Real-name services that another system recorded; ``form_key``: sent twice it is one entry."""

    organisation_id: UUID
    on: dt.date
    name: Line
    visits: Visits
    people: Visits | None = None
    note: Wording = ""
    form_key: UUID | None = None


class RemovalForm(msgspec.Struct, kw_only=True):
    reason: Line


def goal_field(year: int) -> str:
    """The name of the field with the goal of ``year``."""
    return f"{_GOAL}{year}"


@dataclass(frozen=True, slots=True)
class RampGiven:
    """What was posted: the years, and the percents that could be read."""

    form: RampForm
    percents: Mapping[int, float]

    @property
    def years(self) -> range:
        return range(self.form.first, self.form.last + 1)


def ramp_form(values: Mapping[str, Any]) -> RampGiven:
    """What the posted form says; percents are read unless only the years are to change.

    Raises:
        InvalidError: names every bad field.
    """
    form = parse_form(RampForm, values)
    if not form.first <= form.last < form.first + MOST_YEARS:
        raise invalid("last", "years-reversed", most=MOST_YEARS)
    if form.do == "years":
        return RampGiven(form, {})
    percents: dict[int, float] = {}
    problems: list[FieldProblem] = []
    for year in range(form.first, form.last + 1):
        text = _figure_text(values.get(goal_field(year), ""))
        if not text:
            continue
        wrong = problems_in(_OnePercent, {"percent": text}, strict=False)
        problems += [FieldProblem(goal_field(year), one.code, one.facts) for one in wrong]
        if not wrong:
            percents[year] = float(text)
    if problems:
        raise InvalidError(problems)
    return RampGiven(form, percents)


def _figure_text(given: Any) -> str:
    """``２０％`` is 20."""
    text = given[-1] if isinstance(given, list) else given
    return unicodedata.normalize("NFKC", text).replace("%", "").strip() if isinstance(text, str) else ""


def filled_in(given: RampGiven) -> dict[str, Any]:
    """Values of the form with the years between proposed on a straight line.

    Raises:
        InvalidError: fewer than two years are given.
    """
    if len(given.percents) < 2:
        raise invalid(goal_field(given.form.first), "nothing-between")
    filled = straight_line(given.form.first, given.form.last, given.percents)
    return {goal_field(year): number(percent) for year, percent in filled.items()}


def goals_given(given: RampGiven, own: Iterable[GoalRow]) -> list[GoalGiven]:
    """The goals that the form stores: an empty year has none; the notice's words belong to the first and last year."""
    words = {one.year: one.wording for one in own}
    ends = {year for year in (min(given.percents, default=None), max(given.percents, default=None)) if year}
    return [
        GoalGiven(year, given.percents.get(year), given.form.wording if year in ends else words.get(year, ""))
        for year in given.years
    ]


def ramp_values(own: Sequence[GoalRow], year: int) -> dict[str, Any]:
    """What the form of stored goals shows; without any, five years from ``year`` on."""
    years = [one.year for one in own]
    return {
        "first": min(years, default=year),
        "last": max(years, default=year + 4),
        "wording": next((one.wording for one in own if one.wording), ""),
        **{goal_field(one.year): number(one.percent) for one in own},
    }


def years_of(values: Mapping[str, Any]) -> range:
    """The years whose fields the form shows; none where first and last make no sense yet."""
    try:
        first, last = int(str(values.get("first", ""))), int(str(values.get("last", "")))
    except ValueError:
        return range(0)
    return (
        range(first, last + 1) if FIRST_YEAR <= first <= last <= LAST_YEAR and last - first < MOST_YEARS else range(0)
    )


def ramp_order(years: Iterable[int]) -> list[tuple[str, str]]:
    """Fields of the ramp with their labels."""
    return [
        ("first", _("首年")),
        ("last", _("末年")),
        *((goal_field(year), _("%(year)s年") % {"year": year}) for year in years),
        ("wording", _("通知原文")),
    ]


def service_order() -> list[tuple[str, str]]:
    """Fields of an entry with their labels."""
    return [
        ("organisation_id", _("哪个单位的会员")),
        ("on", _("日期")),
        ("name", _("服务名称")),
        ("visits", _("实名人次")),
        ("people", _("人数")),
        ("note", _("备注")),
    ]
