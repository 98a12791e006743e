"""四、评价: the scorecard of the programmes in the report, in four dimensions, and what was decided."""

from collections.abc import Iterator

from outreach.evaluation.scorecard import ProgrammeScore, Scorecard
from outreach.evaluation.wording import dimensions, scorecard_news, verdict_text
from outreach.reports.content.blocks import NOT_KNOWN, Block, Column, Heading, Paragraph, Table, Value
from outreach.reports.data import ReportData

__all__ = ["evaluation"]


def evaluation(data: ReportData) -> Iterator[Block]:
    """One table for each owner of programmes in the report."""
    yield Heading("评价")
    cards = [card for card in data.scorecards if card.items]
    if data.part:
        yield Paragraph("项目由主办单位评价，见主办单位的报告。")
    elif not cards:
        yield Paragraph("没有可以评价的项目。")
    for card in cards:
        name = card.owner.name if card.owner else data.owner.name
        news = scorecard_news(card)
        since = "" if data.period.is_year else "年初至今，"
        yield Paragraph(since + (news if len(cards) == 1 else f"{name}：{news}"))
        if any(dimensions(one) for one in card.items):
            yield _table(card, name)
        if silent := [one for one in card.items if not dimensions(one)]:
            yield Paragraph(f"没有场次、只看指标的有：{'；'.join(_verdict(one) for one in silent)}。")
    owners = len({one.programme.organisation_id for one in data.programmes})
    if owners > len(data.scorecards) and not data.part:
        yield Paragraph(f"另有{owners - len(data.scorecards)}家下级单位的项目，见各单位的报告。")


def _table(card: Scorecard, name: str) -> Table:
    return Table(
        title=f"{name}项目评分",
        columns=(
            Column("项目", 21, merged=True),
            Column("方面", 21),
            Column("结果和名次", 25, "number"),
            Column("说明"),
            Column("来年取舍", 19, merged=True),
        ),
        rows=tuple(row for one in card.items for row in _rows(one)),
        small=True,
        note="评价不足规定份数的不评；名次只在有这个数的项目之间排。",
    )


def _verdict(one: ProgrammeScore) -> str:
    if one.verdict is None:
        return one.programme.name
    note = f"，{one.verdict.note}" if one.verdict.note else ""
    return f"{one.programme.name}（来年{verdict_text(one.verdict)}{note}）"


def _rows(one: ProgrammeScore) -> Iterator[tuple[Value, ...]]:
    """A line for each dimension."""
    verdict = verdict_text(one.verdict)
    if one.verdict and one.verdict.note:
        verdict = f"{verdict}\n{one.verdict.note}"
    for each in dimensions(one):
        figure = f"{each.figure}{each.unit}" if each.known else NOT_KNOWN
        placed = "\n".join(part for part in (figure, each.rank) if part)
        yield one.programme.name, each.name, placed, "；".join(each.lines), verdict
