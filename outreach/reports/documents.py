"""A report as PDF, docx, xlsx and csv; and the leaders' single page. All of them print the same blocks and figures."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from outreach.counting.drawings import STATUS_WORDS, bullet_data, burn_up_data, programme_lines
from outreach.counting.figures import BurnUp
from outreach.events.domain.districts import short_district
from outreach.programmes.domain.targets import Bound, Metric
from outreach.reports import wording
from outreach.reports.content.blocks import Document, text_of
from outreach.reports.content.document import document_of
from outreach.reports.content.programmes import SHAPES
from outreach.reports.data import ReportData
from outreach.reports.docx import report_docx
from outreach.reports.domain.periods import period_asked
from outreach.reports.queries import report_data
from outreach.reports.rendering import pdf_of
from outreach.reports.sheets import report_csv, report_xlsx
from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.web.templates import render

__all__ = ["Form", "Kind", "made_of", "page_html", "report_document", "report_html", "report_pdf"]

Kind = Literal["pdf", "docx", "xlsx", "csv"]
Form = Literal["full", "page"]

#: Sizes of type that the single page tries, in points, before it gives up a part of its content; last the targets
#: alone stand there as small as they must.
_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0)
_SMALLEST = (6.5, 6.0, 5.5, 5.0, 4.5, 4.0)
_MOST_DISTRICTS = 12
_LABELLED = re.compile(r'<svg\b[^>]*?\baria-label="([^"]*)"[^>]*>')
_LEGEND = re.compile(r"(<svg>)(?!<title>)")


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """One line of the table by 地点: ``cells`` stand in the order of the districts' names."""

    name: str
    cells: tuple[int, ...]
    total: int


async def report_document(
    *,
    kind: Kind | str,
    year: int,
    as_of: date,
    organisation_code: str | None = None,
    programme_code: str | None = None,
    period: str | None = None,
    form: Form | str = "full",
    now: datetime | None = None,
) -> bytes:
    """A report for the keeper at the command line, who may read everything; see ``queries.report_data``.

    Args:
        period: ``2015-09``, ``2015-Q3``; ``None``: the year.

    Raises:
        InvalidError: no such period.
        NotFoundError: no such organisation.
        NoProgrammesError: there is nothing to report.
        ReportPartMissingError: this machine cannot make PDF.
    """
    data = await report_data(
        year=year,
        as_of=as_of,
        organisation_code=organisation_code,
        programme_code=programme_code,
        period=period_asked(year, period),
        now=now,
    )
    return await made_of(data, kind, form)


async def made_of(
    data: ReportData,
    kind: Kind | str,
    form: Form | str = "full",
    *,
    draft: bool = True,
    edition: str = "",
    table: str = "",
) -> bytes:
    """The report in the format asked for.

    Args:
        form: matters to PDF only.
        draft: says 草稿 on every page; a fixed report has an ``edition`` instead (``第3号定稿``).
        table: of csv: which sheet of the workbook; empty: the first.

    Raises:
        NotFoundError: there is no such table.
    """
    if kind == "csv":
        return report_csv(data, table)
    document = _document(data, draft=draft, edition=edition)
    if kind == "xlsx":
        return await report_xlsx(data, document)
    if kind == "docx":
        return await report_docx(document)
    return await _pdf(data, document, form)


async def report_pdf(data: ReportData, form: Form | str = "full", *, draft: bool = True, edition: str = "") -> bytes:
    """The PDF; the same data give the same bytes.

    Raises:
        ReportPartMissingError: this machine cannot make PDF.
    """
    return await _pdf(data, _document(data, draft=draft, edition=edition), form)


async def _pdf(data: ReportData, document: Document, form: Form | str) -> bytes:
    if form != "page" or data.part:  # of a part no promise can be kept or broken, which is what the page shows
        return await pdf_of((_rendered("reports/year.html", document=document, text_of=text_of), None))
    whole, shorter, targets = (
        page_html(data, keep, draft=document.draft, edition=document.edition)
        for keep in ("all", "no districts", "targets")
    )
    return await pdf_of(
        *((html, size) for html in (whole, shorter, targets) for size in _SIZES),
        *((targets, size) for size in _SMALLEST),
    )


def _document(data: ReportData, *, draft: bool, edition: str) -> Document:
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        return document_of(data, data.annexes, draft=draft, edition=edition)
    finally:
        current_locale.reset(locale)


def report_html(data: ReportData, *, draft: bool = True, edition: str = "") -> str:
    """The official document (GB/T 9704 page)."""
    document = _document(data, draft=draft, edition=edition)
    return _rendered("reports/year.html", document=document, text_of=text_of)


def page_html(data: ReportData, keep: str = "all", *, draft: bool = True, edition: str = "") -> str:
    """The leaders' single page; ``keep`` leaves out the table by district, or everything but targets and asks."""
    names, rows = district_rows(data)
    return _rendered(
        "reports/page.html",
        data=data,
        draft=draft,
        edition=edition,
        wording=wording,
        shapes=SHAPES,
        status_words=STATUS_WORDS,
        lines=list(zip(programme_lines(data.programmes, links=False), data.programmes, strict=True)),
        bullet_data=bullet_data,
        has_tolerance=any(target.bound is Bound.ABOUT for target in data.targets),
        charts_of=[
            (burn_up_data(one), wording.chart_heading(one, final=data.is_final))
            for one in _drawn(data)
            if keep != "targets"
        ],
        district_names=[short_district(name) or "未填" for name in names],
        district_rows=rows if keep == "all" else [],
    )


def _drawn(data: ReportData) -> list[BurnUp]:
    """The two curves that a single page has room for: those of sessions first."""
    return sorted(data.burn_ups, key=lambda one: one.target.metric is not Metric.SESSIONS)[:2]


def _rendered(template: str, **context: object) -> str:
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        html = render(template, **context)
    finally:
        current_locale.reset(locale)
    # A tagged PDF takes what a picture says from its title, where pages have it in aria-label.
    return _LEGEND.sub(r"\1<title>图例</title>", _LABELLED.sub(r"\g<0><title>\1</title>", html))


def district_rows(data: ReportData) -> tuple[list[str], list[DistrictRow]]:
    """Sessions by district of every programme that had any, visits too where a target asks for them.

    At most twelve districts stand for themselves; the others, those with the fewest sessions, are ``其他``.
    """
    sessions = dict.fromkeys(data.district_names, 0)
    for one in data.districts:
        sessions[one.district] += one.sessions
    largest = set(sorted(sessions, key=lambda name: -sessions[name])[:_MOST_DISTRICTS])
    names = [name for name in data.district_names if name in largest]
    rows: list[DistrictRow] = []
    for programme in data.programmes:
        ours = {one.district: one for one in data.districts if one.programme_id == programme.programme.id}
        if not ours:
            continue
        short = programme.programme.short_name
        asked = next((target for target in programme.targets if target.metric is Metric.VISITS), None)
        measures = [(f"{short} 场次", "sessions")]
        if asked is not None:
            workers = asked.basis == "workers"
            measures.append((f"{short} {'职工人次' if workers else '人次'}", "workers" if workers else "visits"))
        for label, measure in measures:
            by_name: dict[str, int] = {name: getattr(one, measure) for name, one in ours.items()}
            cells = [by_name.get(name, 0) for name in names]
            if len(names) < len(data.district_names):
                cells.append(sum(by_name.values()) - sum(cells))
            rows.append(DistrictRow(label, tuple(cells), sum(by_name.values())))
    return (names if len(names) == len(data.district_names) else [*names, "其他"]), rows
