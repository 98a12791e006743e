"""The figures of a report as lists for a spreadsheet: one row a thing, a real number or date in every cell, its unit in
the head of the column or in a column beside it. Chinese, as reports are."""

from collections.abc import Callable, Iterator, Sequence

from outreach.counting.drawings import promise_of
from outreach.counting.figures import ProgrammeProgress, TargetProgress
from outreach.counting.months import Sum
from outreach.evaluation.scorecard import ProgrammeScore
from outreach.evaluation.wording import verdict_text
from outreach.programmes.domain.targets import Metric
from outreach.reports import wording
from outreach.reports.data import ReportData
from outreach.reports.outcomes import outcome_word
from outreach.shared.time import local_day
from outreach.web.workbooks import Cell

__all__ = ["LISTS", "Listed", "number"]

#: Head and rows.
Listed = tuple[Sequence[str], list[list[Cell]]]

#: A column of targets: its head, and what it holds.
_Column = tuple[str, Callable[[TargetProgress], Cell]]


def number(value: float | None) -> int | float | None:
    """A whole number without a point."""
    return int(value) if value is not None and value == int(value) else value


def _targets(data: ReportData) -> Listed:
    """One row a target; a programme without figures has one row in words.

    What a programme has once (sessions without a record, the account in words) stands in its first row.
    """
    columns = [*_promise_columns(), *_done_columns(data)]
    head = ["序号", "项目", "主办单位", *(name for name, _cell in columns), "未登记场次（场）", "完成情况"]
    rows: list[list[Cell]] = []
    for one in data.programmes:
        first: list[Cell] = [one.programme.position, one.programme.name, one.programme.organisation_name]
        last: list[Cell] = [one.unrecorded, one.programme.account or None]
        if not one.targets:
            rows.append([*first, *[None] * len(columns), *last])
        rows += [
            [*first, *(cell(target) for _name, cell in columns), *(last if place == 0 else (None, None))]
            for place, target in enumerate(one.targets)
        ]
    return head, rows


def _promise_columns() -> list[_Column]:
    return [
        ("指标", lambda one: one.label),
        ("通知原文", lambda one: one.wording),
        ("承诺", promise_of),
        ("单位", lambda one: one.unit),
        ("指标值", lambda one: number(one.value)),
    ]


def _done_columns(data: ReportData) -> list[_Column]:
    """The columns of paper: of a part of the tree nothing is promised, and only a year looks ahead."""
    period: list[_Column] = [] if data.period.is_year else [
        (f"{data.period.name}完成", lambda one: number(data.added(one)) if _told(one, data) else None)
    ]  # fmt: skip
    done: list[_Column] = [
        ("在本单位完成" if data.part else "已完成", lambda one: number(one.actual) if _told(one, data) else None),
        ("总人次（人次）", lambda one: number(one.total)),
        *period,
    ]
    if data.part:
        return done
    done.append(("完成率（%）", lambda one: number(one.percent)))
    if data.period.is_year:
        done += [
            ("已排未办", lambda one: number(one.planned)),
            ("序时", lambda one: number(one.pace)),
            ("年底预计", lambda one: number(one.forecast)),
            ("预计下限", lambda one: number(one.forecast_low)),
            ("预计上限", lambda one: number(one.forecast_high)),
        ]
    return [*done, ("结果" if data.is_final else "状态", lambda one: outcome_word(one, final=data.is_final))]


def _told(target: TargetProgress, data: ReportData) -> bool:
    """What no session yields is not divided among the parts of the tree."""
    return not data.part or target.metric.comes_from_sessions


def _months(data: ReportData) -> Listed:
    rows = [[one.programme.name, month, *cells] for one in data.programmes for month, cells in _by_month(one, data)]
    return (
        "项目", "月份", "已办（场）", "人次（人次）", "其中职工（人次）", "已排未办（场）", "已排未办预计（人次）",
    ), rows  # fmt: skip


def _by_month(one: ProgrammeProgress, data: ReportData) -> Iterator[tuple[int, list[Cell]]]:
    """The months of the period, of a programme that has sessions or is made for them."""
    cells = [cell for cell in (data.structure.cells if data.structure else ()) if cell.programme_id == one.programme.id]
    if not cells and not one.months:
        return
    planned = {(figure.metric, figure.month): number(figure.planned) for figure in one.months}
    for month in data.period.months:
        done = Sum.of(cell for cell in cells if cell.month == month)
        ahead = [planned.get((metric, month)) for metric in (Metric.SESSIONS, Metric.VISITS)]
        yield month, [done.sessions, done.visits, done.workers, *ahead]


def _districts(data: ReportData) -> Listed:
    rows: list[list[Cell]] = [
        [one.district or "未填", one.programme_name, one.sessions, one.visits, one.workers]
        for name in data.district_names
        for one in data.districts
        if one.district == name
    ]
    return ("地区（按举办地点）", "项目", "场次（场）", "人次（人次）", "其中职工（人次）"), rows


def _scores(data: ReportData) -> Listed:
    head = (
        "项目", "主办单位", "场次（场）", "人次（人次）", "场均（人次）", "职工评价（份）", "职工评分（分）",
        "承办单位评价（份）", "承办单位评分（分）", "支出（元）", "每人次（元）", "服务下级单位（个）", "来年取舍",
        "理由",
    )  # fmt: skip
    return head, [_score(one) for card in data.scorecards for one in card.items]


def _score(one: ProgrammeScore) -> list[Cell]:
    card = one.card
    said, hosts, each = card.satisfaction.attendees, card.satisfaction.hosts, card.cost.per_visit.value
    return [
        one.programme.name,
        one.programme.organisation_name,
        card.participation.sessions,
        card.participation.visits,
        _rounded(card.participation.visits_per_session.value, 1),
        said.rests_on,
        _rounded(said.value, 2),
        hosts.rests_on,
        _rounded(hosts.value, 2),
        number(card.cost.spent_fen / 100) if card.cost.costed else None,
        None if each is None else _rounded(each / 100, 2),
        card.reach.units_below,
        verdict_text(one.verdict),
        one.verdict.note if one.verdict else "",
    ]


def _rounded(value: float | None, places: int) -> int | float | None:
    return None if value is None else number(round(value, places))


def _sessions(data: ReportData) -> Listed:
    """Every session; one that began before the period adds visits to it, and counts as none."""
    head = (
        "序号", "开始", "结束", "项目", "场次", "种类", "地区", "地点", "承接单位", "人次（人次）", "其中职工（人次）",
        "计场次（场）",
    )  # fmt: skip
    return head, [
        [
            place,
            one.starts_at,
            one.ends_at,
            one.programme_name,
            one.title,
            one.kind,
            one.district,
            one.place,
            one.host,
            one.visits,
            one.workers,
            int(one.id not in data.carried),
        ]
        for place, one in enumerate(data.sessions, 1)
    ]


def _corrections(data: ReportData) -> Listed:
    """Both values of every correction; an empty cell was not reported."""
    rows: list[list[Cell]] = [
        [
            local_day(one.session.starts_at),
            one.session.programme_name,
            one.session.title,
            one.correction.on,
            wording.corrected_field(one.correction),
            one.correction.old_value,
            one.correction.new_value,
            one.correction.reason,
            local_day(one.correction.corrected_at),
        ]
        for one in data.corrections
    ]
    head = (
        "场次日期", "项目", "场次", "哪一天", "更正哪一项", "原来的数（人次）", "改后的数（人次）", "原因", "更正日期",
    )  # fmt: skip
    return head, rows


#: Lists by the word that csv asks for them, with the names of their sheets.
LISTS: dict[str, tuple[str, Callable[[ReportData], Listed]]] = {
    "targets": ("完成情况", _targets),
    "months": ("逐月", _months),
    "districts": ("各地", _districts),
    "scores": ("评价", _scores),
    "sessions": ("场次", _sessions),
    "corrections": ("更正", _corrections),
}
