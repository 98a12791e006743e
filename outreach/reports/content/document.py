"""A report put together: what stands on the cover, the five parts, the annexes."""

from collections.abc import Sequence

from outreach.reports import wording
from outreach.reports.content.annexes import own_annexes
from outreach.reports.content.blocks import Annex, Document, numbered
from outreach.reports.content.evaluation import evaluation
from outreach.reports.content.overall import overall
from outreach.reports.content.programmes import programmes
from outreach.reports.content.reach import reach
from outreach.reports.content.remarks import remarks
from outreach.reports.data import ReportData

__all__ = ["document_of"]


def document_of(data: ReportData, annexes: Sequence[Annex] = (), *, draft: bool = True, edition: str = "") -> Document:
    """The report as blocks.

    Args:
        annexes: what other features add; they stand before the report's own.
        draft: says so on every page, and what is still to be written.
        edition: what a fixed report is called, ``第3号定稿``.
    """
    parts = (overall(data), programmes(data), reach(data), evaluation(data), remarks(data, draft=draft))
    blocks, all_annexes = numbered([one for part in parts for one in part], [*annexes, *own_annexes(data)])
    return Document(
        title=f"{data.title}完成情况报告",
        span=wording.span_text(data),
        issuer=data.owner.name,
        cut=wording.as_of_text(data),
        blocks=blocks,
        annexes=all_annexes,
        edition=edition,
        draft=draft,
        subject=wording.overall(data),
    )
