"""The analysis of a year in words, bars and grids, in the language of the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outreach.attendance.costs.domain.money import yuan_text
from outreach.counting.demand import DemandRow
from outreach.counting.districts import DistrictRow
from outreach.counting.leaders import Leaders
from outreach.counting.months import MonthGrid, Sum
from outreach.counting.overview import Overview, QuarterLine, YearLine
from outreach.events.domain.districts import short_district
from outreach.programmes.wording import promise_words, target_name
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.charts import ComparisonData, MonthGridData
from outreach.web.wording import clauses, joined, month_text, percent, thousands

__all__ = [
    "LeaderFigure",
    "demand_bar",
    "district_bar",
    "grid_data",
    "leader_figures",
    "month_name",
    "overview_news",
    "promised",
    "quarter_bars",
    "quarter_name",
    "year_bar",
]


def _gap() -> str:
    return " " if language() == "en" else ""


# --- the sentence ----------------------------------------------------------------------------------------------------


def overview_news(overview: Overview) -> str:
    """What was done, how that compares with the year before, and which district has least for its members."""
    whole = overview.grid.whole
    facts = {"sessions": thousands(whole.sessions), "visits": thousands(whole.visits)}
    if not whole.sessions and not whole.visits:
        return _("到这一天还没有办过场次。")
    parts = [_("到这一天办了%(sessions)s场，%(visits)s人次") % facts]
    if overview.scope.before.all:
        parts.append(_against(whole.sessions - overview.before.sessions, whole.visits - overview.before.visits))
    return _gap().join([_("%(parts)s。") % {"parts": clauses(parts, language())}, *_districts(overview)])


def _against(sessions: int, visits: int) -> str:
    """What there is more or less of than in the year before."""
    changes = [
        _("场次持平") if not sessions else (_("多%(number)s场") if sessions > 0 else _("少%(number)s场")),
        _("人次持平") if not visits else (_("多%(number)s人次") if visits > 0 else _("少%(number)s人次")),
    ]
    numbers = [thousands(abs(sessions)), thousands(abs(visits))]
    words = [words % {"number": number} for words, number in zip(changes, numbers, strict=True)]
    return _("比去年同一天%(changes)s") % {"changes": joined(words, language())}


def _districts(overview: Overview) -> list[str]:
    known = [(one.here_per_thousand, one.name) for one in overview.compared.districts]
    ranked = sorted((value, short_district(name)) for value, name in known if value is not None)
    if len(ranked) < 2:
        return []
    (least, poorest), (most, richest) = ranked[0], ranked[-1]
    return [
        _("每千名会员的人次，%(richest)s最多（%(most)s），%(poorest)s最少（%(least)s）。")
        % {"richest": richest, "most": thousands(most), "poorest": poorest, "least": thousands(least)}
    ]


# --- figures that leaders ask for ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeaderFigure:
    """One figure with its unit, and what it rests on; ``value`` empty: not known, and ``note`` says why."""

    term: str
    value: str
    unit: str
    note: str


def leader_figures(overview: Overview, unserved_years: int) -> list[LeaderFigure]:
    """In the order in which they are asked for; ``unserved_years`` are those of ``overview.unserved``."""
    one = overview.leaders
    first, mean, days = one.units_first_time, one.visits_per_session, one.delivery_days
    return [
        LeaderFigure(_("服务的单位"), thousands(one.units), _("个"), _("在本单位办过、预约参加过或拼过单的基层单位")),
        LeaderFigure(
            _("其中首次"),
            "" if first is None else thousands(first),
            _("个"),
            _("没有往年的记录，无从比较") if first is None else _("以前各年都没有过"),
        ),
        LeaderFigure(
            _("非公单位"),
            "" if one.non_public_percent is None else percent(one.non_public_percent),
            "",
            _("还没有填过性质的单位")
            if one.non_public_percent is None
            else _("%(part)s个，填了性质的有%(whole)s个")
            % {"part": thousands(one.non_public), "whole": thousands(one.ownership_known)},
        ),
        LeaderFigure(
            _("场均人次"),
            "" if mean is None else thousands(mean),
            _("人次"),
            _("还没有登记人次")
            if mean is None
            else _("%(visits)s人次，登记了的有%(sessions)s场")
            % {"visits": thousands(one.sums.visits), "sessions": thousands(one.sums.counted)},
        ),
        _budget(one),
        _orders(one),
        LeaderFigure(
            _("从点单到办成"),
            "" if days is None else thousands(days),
            _("天"),
            _("还没有办成的点单") if days is None else _("中位数：一半的点单更快"),
        ),
        LeaderFigure(
            _("没有服务过的单位"),
            thousands(overview.unserved.total),
            _("个"),
            _("近%(years)s年，共%(units)s个单位")
            % {"years": unserved_years, "units": thousands(overview.unserved.units)},
        ),
    ]


def _budget(one: Leaders) -> LeaderFigure:
    term, share = _("预算执行"), one.budget_percent
    if share is None:
        return LeaderFigure(term, "", "", _("没有写预算；已登记费用%(spent)s元") % {"spent": yuan_text(one.spent_fen)})
    note = _("已登记%(spent)s元，预算%(budget)s元") % {
        "spent": yuan_text(one.budgeted_fen),
        "budget": yuan_text(one.budget_fen),
    }
    return LeaderFigure(term, percent(share), "", note)


def _orders(one: Leaders) -> LeaderFigure:
    term, share = _("点单兑现"), one.fulfilled_percent
    if share is None:
        return LeaderFigure(term, "", "", _("还没有点单"))
    note = _("办成%(served)s单，点了%(asked)s单，撤回%(withdrawn)s单不算") % {
        "served": thousands(one.served),
        "asked": thousands(one.asked),
        "withdrawn": thousands(one.withdrawn),
    }
    return LeaderFigure(term, percent(share), "", note)


# --- pictures --------------------------------------------------------------------------------------------------------


def grid_data(grid: MonthGrid) -> MonthGridData:
    """Sessions by month and district as a picture; the sentence names the fullest month and district."""
    names = {name: short_district(name) or _("未填") for name in grid.rows}
    label = _("各地区各月场次：还没有。")
    if grid.rows:
        month = max(range(12), key=lambda number: grid.months[number].sessions)
        district = max(grid.totals, key=lambda name: grid.totals[name].sessions)
        label = _(
            "各地区各月场次，共%(total)s场；%(month)s月最多，%(of_month)s场；%(district)s最多，%(of_district)s场。"
        ) % {
            "total": thousands(grid.whole.sessions),
            "month": month + 1,
            "of_month": thousands(grid.months[month].sessions),
            "district": names[district],
            "of_district": thousands(grid.totals[district].sessions),
        }
    return MonthGridData(label, [(names[name], [one.sessions for one in row]) for name, row in grid.rows.items()])


def district_bar(row: DistrictRow, rows: Sequence[DistrictRow], whole: DistrictRow) -> ComparisonData:
    """Visits per 1,000 members at places of the district; the mark is the mean of the whole."""
    known = [one.here_per_thousand for one in rows if one.here_per_thousand is not None]
    value, mean = row.here_per_thousand, whole.here_per_thousand
    facts = {"name": row.name, "value": thousands(value or 0), "mean": thousands(mean or 0)}
    label = (
        _("%(name)s：会员数不详。") % facts
        if value is None
        else _("%(name)s：每千名会员%(value)s人次，全部平均%(mean)s人次。") % facts
    )
    return ComparisonData(label, value, max([*known, mean or 0], default=0), mean)


def year_bar(line: YearLine, lines: Sequence[YearLine]) -> ComparisonData:
    """Sessions this year, and as the mark in the year before at the same day."""
    now, before = (line.now or Sum()).sessions, line.before.sessions if line.before else None
    full = max((one.sessions for row in lines for one in (row.now, row.before) if one), default=0)
    facts = {"name": line.name, "now": thousands(now), "before": thousands(before or 0)}
    label = (
        _("%(name)s：今年%(now)s场，去年没有这个项目。") % facts
        if before is None
        else _("%(name)s：今年%(now)s场，去年同一天%(before)s场。") % facts
    )
    return ComparisonData(label, now, full, before)


def month_name(month: int) -> str:
    """``9月``; ``Sep``."""
    return month_text(2000, month, "en").split()[0] if language() == "en" else f"{month}月"


def promised(line: QuarterLine) -> str:
    """``超过150场次``: the promise whose quarters they are."""
    target = line.target
    return promise_words(target.wording, target.bound, target.value, target.unit)


def quarter_name(number: int) -> str:
    """``第一季度`` for 1."""
    return [_("第一季度"), _("第二季度"), _("第三季度"), _("第四季度")][number - 1]


@dataclass(frozen=True, slots=True)
class QuarterCell:
    """A quarter in a table; ``begun``: by the day asked for."""

    name: str
    actual: str
    percent: str
    planned: str
    begun: bool
    bar: ComparisonData


def quarter_bars(line: QuarterLine, as_of: date) -> list[QuarterCell]:
    """What each quarter brought of the promise, and as the mark what the plan says."""
    target, year = line.target, line.programme.year
    name = f"{line.programme.short_name}{_gap()}{target_name(target.label, target.metric, target.basis, target.kinds)}"
    full = max((value for q in line.quarters for value in (q.percent, q.planned_percent or 0)), default=0)
    cells = []
    for number, quarter in enumerate(line.quarters, 1):
        facts = {
            "name": name,
            "quarter": quarter_name(number),
            "actual": f"{thousands(quarter.actual)}{_gap()}{target.unit}",
            "share": percent(quarter.percent),
            "plan": "" if quarter.planned_percent is None else percent(quarter.planned_percent),
        }
        label = (
            _("%(name)s，%(quarter)s：%(actual)s，占指标%(share)s，没有计划。") % facts
            if quarter.planned_percent is None
            else _("%(name)s，%(quarter)s：%(actual)s，占指标%(share)s，计划%(plan)s。") % facts
        )
        cells.append(
            QuarterCell(
                facts["quarter"],
                facts["actual"],
                facts["share"],
                facts["plan"],
                date(year, number * 3 - 2, 1) <= as_of,
                ComparisonData(label, quarter.percent, full, quarter.planned_percent),
            )
        )
    return cells


def demand_bar(row: DemandRow, rows: Sequence[DemandRow]) -> ComparisonData:
    """Orders served, and as the mark how many were asked."""
    orders = row.orders
    label = _("%(title)s：点了%(asked)s单，办成%(served)s单，没排上%(unserved)s单。") % {
        "title": row.title,
        "asked": orders.asked,
        "served": orders.served,
        "unserved": orders.unserved,
    }
    return ComparisonData(label, orders.served, max(one.orders.asked for one in rows), orders.asked)
