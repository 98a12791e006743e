"""二、分项完成情况: all targets in one table, then each programme with its table, chart and words."""

from collections.abc import Iterator
from datetime import date

from outreach.counting.drawings import burn_up_data, promise_of
from outreach.counting.figures import ProgrammeProgress, TargetProgress
from outreach.counting.months import Sum
from outreach.programmes.domain.targets import Metric, Status
from outreach.reports import wording
from outreach.reports.content.blocks import (
    NOT_KNOWN,
    Amount,
    Block,
    Chart,
    Column,
    Heading,
    Paragraph,
    Percent,
    Table,
    Value,
)
from outreach.reports.data import ReportData
from outreach.reports.outcomes import EXCEEDED, MET, outcome_sentence, outcome_word
from outreach.web import charts
from outreach.web.wording import approx, approx_range, numeral, thousands

__all__ = ["programmes"]

#: Pixels of a chart on paper: the width of the text, and a third of it.
_CHART_WIDTH, _CHART_HEIGHT = 588, 210

#: Of a programme without figures.
IN_WORDS, NOTHING_SAID = "没有数字指标，完成情况见下文", "没有数字指标，以文字报完成情况，尚未填报"

SHAPES: dict[Status, str] = {Status.MET: "✓", Status.ON_TRACK: "●", Status.AT_RISK: "▲", Status.BEHIND: "▼"}


def programmes(data: ReportData) -> Iterator[Block]:
    """The overview, and the programmes one by one in the notice's order."""
    yield Heading("分项完成情况")
    if data.targets:
        yield _part_overview(data) if data.part else _overview(data)
    for one in data.programmes:
        yield from _programme(one, data)


def _state(target: TargetProgress, data: ReportData) -> str:
    word = outcome_word(target, final=data.is_final)
    shape = SHAPES[target.status] if word in (EXCEEDED, MET) or not data.is_final else SHAPES[Status.BEHIND]
    return f"{shape} {word}"


def _wording(target: TargetProgress) -> str:
    said = target.wording or promise_of(target)
    return said if target.label in said else f"{said}\n{target.label}"


def _done(target: TargetProgress) -> Amount:
    return Amount(target.actual, target.unit, _total(target))


def _total(target: TargetProgress) -> str:
    return "" if target.total is None else f"总{wording.amount(target.total, target)}"


def _forecast(target: TargetProgress) -> str:
    if target.status is Status.MET or target.forecast_high <= target.actual:
        return NOT_KNOWN
    if target.too_early:
        return "还太早"
    return f"{approx(target.forecast)}{target.unit}\n{approx_range(target.forecast_low, target.forecast_high)}"


def _added(target: TargetProgress, data: ReportData) -> Value:
    added = data.added(target)
    return None if added is None else Amount(added, target.unit)


def _period_columns(data: ReportData, width: float) -> tuple[Column, ...]:
    return () if data.period.is_year else (Column(f"{data.period.name}完成", width, "number"),)


def _overview(data: ReportData) -> Table:
    period = _period_columns(data, 20)
    ahead = (Column("年底预计", 22, "number"),) if _looks_ahead(data) else ()
    columns = (
        Column("序号", 9, "middle", merged=True),
        Column("项目", 26, merged=True),
        Column("指标（通知原文）"),
        *period,
        Column("已完成", 23, "number"),
        Column("完成率", 15, "number"),
        *ahead,
        Column("结果" if data.is_final else "状态", 21, "middle"),
    )
    rows: list[tuple[Value, ...]] = []
    for place, one in enumerate(data.programmes, 1):
        first = (numeral(place, "zh"), one.programme.name)
        rows += [
            (
                *first,
                _wording(target),
                *((_added(target, data),) if period else ()),
                _done(target),
                Percent(target.percent),
                *((_forecast(target),) if ahead else ()),
                _state(target, data),
            )
            for target in one.targets
        ]
        if not one.targets:
            said = IN_WORDS if one.programme.account else NOTHING_SAID
            rows.append((*first, said, *[None] * (len(columns) - 3)))
    return Table(title=f"指标完成情况（截至{wording.as_of_text(data)}）", columns=columns, rows=tuple(rows))


def _part_overview(data: ReportData) -> Table:
    """What this part of the tree had, beside the whole promise; nobody promised anything for the part alone."""
    period = _period_columns(data, 24)
    columns = (
        Column("序号", 9, "middle", merged=True),
        Column("项目", 30, merged=True),
        Column("指标（通知原文，全部）"),
        *period,
        Column("在本单位完成", 30, "number"),
    )
    rows: list[tuple[Value, ...]] = []
    for place, one in enumerate(data.programmes, 1):
        first = (numeral(place, "zh"), one.programme.name)
        rows += [
            (
                *first,
                _wording(target),
                *((_added(target, data),) if period else ()),
                _done(target) if target.metric.comes_from_sessions else None,
            )
            for target in one.targets
        ]
        if not one.targets:
            said = IN_WORDS if one.programme.account else NOTHING_SAID
            rows.append((*first, said, *[None] * (len(columns) - 3)))
    return Table(
        title=f"上级项目在{data.owner.name}的完成情况（截至{wording.as_of_text(data)}）",
        columns=columns,
        rows=tuple(rows),
        note="指标是全部的承诺；不由场次产生的数不分到单位，写作“—”。",
    )


def _programme(one: ProgrammeProgress, data: ReportData) -> Iterator[Block]:
    others = one.programme.organisation_id != data.owner.id and not data.part
    yield Heading(one.programme.name + (f"（{one.programme.organisation_name}）" if others else ""), 2)
    if not data.part:
        yield from (Paragraph(outcome_sentence(target.label, target, final=data.is_final)) for target in one.targets)
    yield from (Paragraph(line) for line in one.programme.account.splitlines() if line.strip())
    if not one.targets and not one.programme.account:
        yield Paragraph(f"{NOTHING_SAID}。")
    if one.targets and not data.part:
        yield _targets(one, data)
    months = list(_months(one, data))
    yield from months
    if data.part and one.programme.scheduled and not months:
        yield Paragraph(f"{data.period.name or f'{data.year}年'}在{data.owner.name}没有办过场次。")
    for place, burn_up in enumerate(data.burn_ups):
        if burn_up.programme.id == one.programme.id:
            drawn = burn_up_data(burn_up)
            yield Chart(
                title=wording.chart_heading(burn_up, final=data.is_final)
                + "（实线为已完成，点线为计划，虚线和灰带为年底预计与范围）" * (place == 0 and not data.is_final),
                sentence=drawn.label,
                picture=charts.burn_up(drawn, height=_CHART_HEIGHT, print_width=_CHART_WIDTH),
            )


def _targets(one: ProgrammeProgress, data: ReportData) -> Table:
    period = _period_columns(data, 20)
    ahead = _AHEAD if _looks_ahead(data) else ()
    columns = (
        Column("指标"),
        Column("承诺", 29),
        *period,
        Column("已完成", 22, "number"),
        Column("完成率", 15, "number"),
        *ahead,
    )
    rows = tuple(
        (
            target.label,
            promise_of(target),
            *((_added(target, data),) if period else ()),
            Amount(target.actual, target.unit),
            Percent(target.percent),
            *(_ahead(target) if ahead else ()),
        )
        for target in one.targets
    )
    return Table(title=f"{one.programme.short_name}指标", columns=columns, rows=rows, small=bool(ahead))


_AHEAD = (
    Column("已排未办", 20, "number"),
    Column("序时", 21, "number"),
    Column("年底预计", 23, "number"),
)


def _looks_ahead(data: ReportData) -> bool:
    """A month or quarter is told as it was, and a year that is over has nothing ahead."""
    return data.period.is_year and not data.is_final


def _ahead(target: TargetProgress) -> tuple[Value, ...]:
    planned = Amount(target.planned, target.unit) if target.metric.comes_from_sessions else None
    pace = None if target.status is Status.MET else Amount(round(target.pace), target.unit)
    return planned, pace, _forecast(target)


def _months(one: ProgrammeProgress, data: ReportData) -> Iterator[Block]:
    """Sessions and visits by month of the period, of one month in a sentence; nothing without any session."""
    cells = [cell for cell in (data.structure.cells if data.structure else ()) if cell.programme_id == one.programme.id]
    if not cells:
        return
    if len(data.period.months) == 1:
        total = Sum.of(cells)
        share = f"，其中职工{thousands(total.workers)}人次" if total.workers else ""
        words = f"{data.period.name}办{thousands(total.sessions)}场，{thousands(total.visits)}人次{share}。"
        yield Paragraph(words)
        return
    by_month = [Sum.of(cell for cell in cells if cell.month == month) for month in data.period.months]
    whole = Sum.of(cells)
    columns = (
        Column("", 15 if len(by_month) > 3 else 26),
        *(Column(f"{month}月", 0, "number") for month in data.period.months),
        Column("合计", 16, "number"),
    )
    begun = [date(data.year, month, 1) <= data.as_of for month in data.period.months]

    def row(name: str, measure: str) -> tuple[Value, ...]:
        values = (getattr(one, measure) if known else "" for one, known in zip(by_month, begun, strict=True))
        return (name, *values, getattr(whole, measure))

    rows = [row("场次", "sessions"), row("人次", "visits")]
    asked = any(target.metric is Metric.VISITS and target.total is not None for target in one.targets)
    if asked or whole.workers:
        rows.append(row("其中职工", "workers"))
    yield Table(
        title=f"{one.programme.short_name}逐月完成情况", columns=columns, rows=tuple(rows), small=len(by_month) > 3
    )
