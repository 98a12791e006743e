"""The same figures as tables for a spreadsheet: xlsx with a sheet for every table and annex, csv with one of them."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from outreach.counting.drawings import STATUS_WORDS, promise_of
from outreach.counting.figures import TargetProgress
from outreach.evaluation.scorecard import ProgrammeScore
from outreach.evaluation.wording import verdict_text
from outreach.programmes.domain.targets import Metric
from outreach.reports import wording
from outreach.reports.content import blocks
from outreach.reports.data import ReportData
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.shared.time import local_day
from outreach.web.wording import time_text
from outreach.web.workbooks import Cell, Sheet, workbook

__all__ = ["TABLES", "report_csv", "report_xlsx"]

Table = tuple[Sequence[str], list[list[Cell]]]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and value == int(value) else value


def _targets(data: ReportData) -> Table:
    """One row a target; a programme without figures has one row in words."""
    head = (
        "序号", "项目", "主办单位", "指标", "通知原文", "承诺", "单位", "指标值", "已完成", "总人次", "完成率（%）",
        "已排未办", "序时", "年底预计", "预计下限", "预计上限", "状态", "本期完成", "未登记场次", "完成情况",
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for one in data.programmes:
        programme = one.programme
        first: list[Cell] = [programme.position, programme.name, programme.organisation_name]
        if not one.targets:
            rows.append([*first, *[None] * (len(head) - 5), one.unrecorded or None, programme.account])
        rows += [
            [*first, *_figures(target), _number(data.added(target)), one.unrecorded or None, programme.account]
            for target in one.targets
        ]
    return head, rows


def _figures(target: TargetProgress) -> list[Cell]:
    return [
        target.label,
        target.wording,
        promise_of(target),
        target.unit,
        _number(target.value),
        _number(target.actual),
        _number(target.total),
        target.percent,
        _number(target.planned),
        _number(target.pace),
        _number(target.forecast),
        _number(target.forecast_low),
        _number(target.forecast_high),
        STATUS_WORDS[target.status],
    ]


def _months(data: ReportData) -> Table:
    rows: list[list[Cell]] = []
    for one in data.programmes:
        figures = {(figure.metric, figure.month): figure for figure in one.months}
        for month in data.period.months:
            if (sessions := figures.get((Metric.SESSIONS, month))) is None:
                continue
            visits = figures.get((Metric.VISITS, month))
            rows.append(
                [
                    one.programme.name,
                    month,
                    _number(sessions.actual),
                    _number(sessions.planned),
                    _number(visits.actual) if visits else None,
                    _number(visits.planned) if visits else None,
                ]
            )
    return ("项目", "月份", "已办（场）", "已排未办（场）", "人次（人次）", "已排未办预计（人次）"), rows


def _districts(data: ReportData) -> Table:
    rows: list[list[Cell]] = [
        [one.district or "未填", one.programme_name, one.sessions, one.visits, one.workers]
        for name in data.district_names
        for one in data.districts
        if one.district == name
    ]
    return ("地区（按举办地点）", "项目", "场次（场）", "人次（人次）", "其中职工（人次）"), rows


def _scores(data: ReportData) -> Table:
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
        card.cost.spent_fen / 100 if card.cost.costed else None,
        None if each is None else round(each / 100, 2),
        card.reach.units_below,
        verdict_text(one.verdict),
        one.verdict.note if one.verdict else "",
    ]


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _sessions(data: ReportData) -> Table:
    rows: list[list[Cell]] = [
        [
            number,
            local_day(one.starts_at),
            f"{time_text(one.starts_at)}—{time_text(one.ends_at)}",
            one.programme_name,
            one.title,
            one.kind,
            one.district,
            one.place,
            one.host,
            one.visits,
            one.workers,
        ]
        for number, one in enumerate(data.sessions, 1)
    ]
    head = (
        "序号", "日期", "时间", "项目", "场次", "种类", "地区", "地点", "承接单位", "人次（人次）", "其中职工（人次）",
    )  # fmt: skip
    return head, rows


def _corrections(data: ReportData) -> Table:
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


def _notes(data: ReportData, document: blocks.Document) -> Table:
    lines = [
        document.title,
        document.edition or ("草稿" if document.draft else ""),
        f"单位：{data.owner.name}",
        f"数据截至{wording.as_of_text(data)}",
        wording.overall(data),
        wording.unrecorded_note(data),
        wording.corrections_note(data),
        f"算法：{wording.METHOD}",
    ]
    return ("说明",), [[line] for line in lines if line]


#: Tables that csv can be asked for, and the sheets that they are.
TABLES: dict[str, tuple[str, Callable[[ReportData], Table]]] = {
    "targets": ("完成情况", _targets),
    "months": ("逐月", _months),
    "districts": ("各地", _districts),
    "scores": ("评价", _scores),
    "sessions": ("场次", _sessions),
    "corrections": ("更正", _corrections),
}
_LAST = ("scores", "sessions", "corrections")


def _chinese(data: ReportData, key: str) -> Table:
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        return TABLES[key][1](data)
    finally:
        current_locale.reset(locale)


async def report_xlsx(data: ReportData, document: blocks.Document) -> bytes:
    """A workbook; the same data give the same bytes. Made beside the event loop.

    Args:
        document: the report's blocks, whose further tables and forms are sheets as well.
    """
    own = {key: Sheet(name, *_chinese(data, key), filtering=True) for key, (name, _table) in TABLES.items()}
    sheets = [
        *(one for key, one in own.items() if key not in _LAST),
        *_of_document(document),
        *(own[key] for key in _LAST),
        Sheet("说明", *_notes(data, document)),
    ]
    return await workbook(sheets, title=document.title, made_on=data.as_of)


def _of_document(document: blocks.Document) -> Iterator[Sheet]:
    for table in document.tables:
        if table.sheet:
            head = [_head(column) for column in table.columns]
            yield Sheet(table.sheet, head, [[_cell(value) for value in row] for row in table.rows], filtering=True)
    for annex in document.annexes:
        for one in annex.blocks:
            if isinstance(one, blocks.Form):
                rows = [[_cell(value) for value in row] for row in one.rows]
                yield Sheet(f"附件{annex.number} 统计表", ("项", "代码", "内容", "数值", "单位"), rows, filtering=True)


def _head(column: blocks.Column) -> str:
    return f"{column.words}（{column.unit}）" if column.unit else column.words


def _cell(value: blocks.Value) -> Cell:
    match value:
        case blocks.Amount() | blocks.Percent():
            return _number(value.value)
        case float():
            return _number(value)
        case str():
            return value.strip("　")
    return value


def report_csv(data: ReportData, table: str = "") -> bytes:
    """One table, UTF-8 with a mark so that Excel reads the Chinese; texts are never formulas.

    Args:
        table: a key of ``TABLES``; empty: the targets.

    Raises:
        NotFoundError: there is no such table.
    """
    if (table or "targets") not in TABLES:
        raise NotFoundError
    out = io.StringIO()
    writer = csv.writer(out)
    head, rows = _chinese(data, table or "targets")
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
