"""The same figures as tables for a spreadsheet: xlsx with every table, csv with the targets alone."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from outreach.counting.drawings import STATUS_WORDS, promise_of
from outreach.counting.figures import TargetProgress
from outreach.programmes.domain.targets import Metric
from outreach.reports import wording
from outreach.reports.queries import ReportData
from outreach.shared.time import local
from outreach.web.wording import time_text
from outreach.web.workbooks import Cell, Sheet, workbook

__all__ = ["report_csv", "report_xlsx"]

Table = tuple[Sequence[str], list[list[Cell]]]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and value == int(value) else value


def _targets(data: ReportData) -> Table:
    """One row a target; a programme without figures has one row in words."""
    head = (
        "序号", "项目", "主办单位", "指标", "通知原文", "承诺", "单位", "指标值", "已完成", "总人次", "完成率（%）",
        "已排未办", "序时", "年底预计", "预计下限", "预计上限", "状态", "未登记场次", "完成情况",
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for one in data.programmes:
        programme = one.programme
        first: list[Cell] = [programme.position, programme.name, programme.organisation_name]
        if not one.targets:
            rows.append([*first, *[None] * (len(head) - 5), one.unrecorded or None, programme.account])
        rows += [[*first, *_figures(target), one.unrecorded or None, programme.account] for target in one.targets]
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
        for month in range(1, 13):
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
    return ("项目", "月份", "已办场次", "已排未办场次", "人次", "已排未办预计人次"), rows


def _districts(data: ReportData) -> Table:
    rows: list[list[Cell]] = [
        [one.district or "未填", one.programme_name, one.sessions, one.visits, one.workers]
        for name in data.district_names
        for one in data.districts
        if one.district == name
    ]
    return ("地区（按举办地点）", "项目", "场次", "人次", "其中职工"), rows


def _sessions(data: ReportData) -> Table:
    rows: list[list[Cell]] = [
        [
            number,
            local(one.starts_at).date().isoformat(),
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
    return ("序号", "日期", "时间", "项目", "场次", "种类", "地区", "地点", "承接单位", "人次", "其中职工"), rows


def _corrections(data: ReportData) -> Table:
    """Both values of every correction; an empty cell was not reported."""
    rows: list[list[Cell]] = [
        [
            local(one.session.starts_at).date().isoformat(),
            one.session.programme_name,
            one.session.title,
            one.correction.on.isoformat() if one.correction.on else None,
            wording.corrected_field(one.correction),
            one.correction.old_value,
            one.correction.new_value,
            one.correction.reason,
            local(one.correction.corrected_at).date().isoformat(),
        ]
        for one in data.corrections
    ]
    return ("场次日期", "项目", "场次", "哪一天", "更正哪一项", "原来的数", "改后的数", "原因", "更正日期"), rows


def _notes(data: ReportData) -> Table:
    lines = [
        data.title,
        f"单位：{data.owner.name}",
        f"数据截至{wording.as_of_text(data)}",
        wording.overall(data),
        wording.unrecorded_note(data),
        wording.corrections_note(data),
        f"算法：{wording.METHOD}",
    ]
    return ("说明",), [[line] for line in lines if line]


async def report_xlsx(data: ReportData) -> bytes:
    """A workbook; the same data give the same bytes. Made beside the event loop."""
    tables = (
        ("完成情况", _targets(data)),
        ("逐月", _months(data)),
        ("各地", _districts(data)),
        ("场次", _sessions(data)),
        ("更正", _corrections(data)),
        ("说明", _notes(data)),
    )
    sheets = [Sheet(name, head, rows) for name, (head, rows) in tables]
    return await workbook(sheets, title=data.title, made_on=date(data.year, 1, 1))


def report_csv(data: ReportData) -> bytes:
    """The table of targets, UTF-8 with a mark so that Excel reads the Chinese; texts are never formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    head, rows = _targets(data)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
