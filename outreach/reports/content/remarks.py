"""五、问题与来年安排: the organiser's own words, and the lines to sign on."""

from collections.abc import Iterator

from outreach.reports import wording
from outreach.reports.content.blocks import Block, Column, Heading, Paragraph, Signing, Table, Value
from outreach.reports.data import ReportData
from outreach.web.wording import day_plain

__all__ = ["remarks"]

#: More are in the annex only.
_MOST_CORRECTIONS = 12


def remarks(data: ReportData, *, draft: bool) -> Iterator[Block]:
    """What is missing is said in a draft, and left out of a fixed report."""
    yield Heading("问题与来年安排")
    yield Heading("存在问题", 2)
    facts = wording.shortfalls(data)
    yield from (Paragraph(sentence) for sentence in facts)
    yield from _written(data.text.problems, facts=bool(facts), draft=draft)
    if data.corrections:
        yield Heading("登记以后的更正", 2)
        yield from _corrected(data)
    yield Heading("来年安排", 2)
    yield from _written(data.text.plans, facts=False, draft=draft)
    yield Signing(data.owner.name)


def _corrected(data: ReportData) -> Iterator[Block]:
    """Both values of what was changed; of many, those of the annex."""
    count = len(data.corrections)
    if count > _MOST_CORRECTIONS:
        yield Paragraph(f"登记以后更正过{count}个数，原来的数、改后的数和原因见附件“更正一览表”。")
        return
    yield Paragraph(f"登记以后更正过{count}个数，都记了原因，报告用改后的数。")
    rows: list[tuple[Value, ...]] = [
        (
            day_plain(one.correction.on or one.session.starts_at),
            one.session.title,
            wording.corrected_field(one.correction),
            wording.corrected_value(one.correction.old_value),
            wording.corrected_value(one.correction.new_value),
            one.correction.reason,
        )
        for one in data.corrections
    ]
    yield Table(
        title="更正的数",
        columns=(
            Column("日期", 19),
            Column("场次", 40),
            Column("更正哪一项", 25),
            Column("原来", 16, "number"),
            Column("改后", 16, "number"),
            Column("原因"),
        ),
        rows=tuple(rows),
        small=True,
    )


def _written(text: str, *, facts: bool, draft: bool) -> Iterator[Paragraph]:
    lines = [line for line in text.splitlines() if line.strip()]
    yield from (Paragraph(line) for line in lines)
    if not lines and draft:
        yield Paragraph("（尚未填写。）")
    elif not lines and not facts:
        yield Paragraph("无。")
