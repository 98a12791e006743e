"""五、问题与来年安排: the organiser's own words, and the lines to sign on."""

from collections.abc import Iterator

from outreach.reports import wording
from outreach.reports.content.blocks import Block, Heading, Paragraph, Signing
from outreach.reports.data import ReportData

__all__ = ["remarks"]


def remarks(data: ReportData, *, draft: bool) -> Iterator[Block]:
    """What is missing is said in a draft, and left out of a fixed report."""
    yield Heading("问题与来年安排")
    yield Heading("存在问题", 2)
    facts = wording.shortfalls(data)
    yield from (Paragraph(sentence) for sentence in facts)
    yield from _written(data.text.problems, facts=bool(facts), draft=draft)
    yield Heading("来年安排", 2)
    yield from _written(data.text.plans, facts=False, draft=draft)
    yield Signing(data.owner.name)


def _written(text: str, *, facts: bool, draft: bool) -> Iterator[Paragraph]:
    lines = [line for line in text.splitlines() if line.strip()]
    yield from (Paragraph(line) for line in lines)
    if not lines and draft:
        yield Paragraph("（尚未填写。）")
    elif not lines and not facts:
        yield Paragraph("无。")
