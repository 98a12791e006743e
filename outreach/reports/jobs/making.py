"""Makes what a job asks for."""

from dataclasses import dataclass
from datetime import datetime

from outreach.reports.data import ReportData
from outreach.reports.documents import made_of
from outreach.reports.domain.periods import period_asked
from outreach.reports.jobs.asking import Asked
from outreach.reports.queries import report_data
from outreach.web.workbooks import XLSX

__all__ = ["KINDS", "MEDIA", "Made", "data_of", "document_of"]

#: Kinds of documents, and what they are to a browser.
MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": XLSX,
    "csv": "text/csv",
}
KINDS = tuple(MEDIA)


@dataclass(frozen=True, slots=True)
class Made:
    """A document and what it is called, without the ending."""

    title: str
    content: bytes


async def data_of(asked: Asked, now: datetime) -> ReportData:
    """The figures, read in one moment; who may have them was asked before.

    Raises:
        NoProgrammesError: there is nothing to report any more.
    """
    return await report_data(
        year=asked.year,
        as_of=asked.as_of,
        organisation_code=asked.organisation_code,
        programme_code=asked.programme or None,
        period=period_asked(asked.year, asked.period),
        now=now,
    )


async def document_of(data: ReportData, kind: str, form: str, *, number: int | None = None) -> bytes:
    """One document; with the number of a snapshot it is no draft and says so.

    Raises:
        ReportPartMissingError: this machine cannot make it.
    """
    if number is None:
        return await made_of(data, kind, form)
    return await made_of(data, kind, form, draft=False, edition=f"第{number}号定稿")
