"""JSON and forms of jobs."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from outreach.reports.jobs.domain.states import JobState, JobStep
from outreach.reports.jobs.queries import JobRow
from outreach.reports.jobs.storing import KEPT
from outreach.reports.jobs.wording import failure_words
from outreach.shared.text import LINE_PATTERN
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local

__all__ = ["JobForm", "JobIn", "JobOut", "job_out"]

Year = Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)]
CodeAsked = Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)]
PeriodAsked = Annotated[str, Meta(max_length=10, pattern=LINE_PATTERN)]
NoteText = Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)]


class JobIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to make: a document, or `fix` for a snapshot (定稿). `organisation` and `programme` are codes,
    `period` is `2015-09` or `2015-Q3`."""

    kind: Literal["pdf", "xlsx", "csv", "docx", "fix"]
    year: Year
    as_of: date | None = None
    organisation: CodeAsked = ""
    programme: CodeAsked = ""
    period: PeriodAsked = ""
    form: Literal["full", "page"] = "full"
    note: NoteText = ""


class JobForm(msgspec.Struct, kw_only=True):
    """The same from a page."""

    kind: Literal["pdf", "xlsx", "csv", "docx"]
    year: Year
    as_of: date | None = None
    organisation: CodeAsked = ""
    programme: CodeAsked = ""
    period: PeriodAsked = ""
    form: Literal["full", "page"] = "full"


class JobOrganisation(msgspec.Struct, kw_only=True):
    """Whom the report speaks for."""

    id: UUID
    code: str
    name: str


class JobFailure(msgspec.Struct, kw_only=True):
    """Why it was not made; `type` as in problem details."""

    type: str
    title: str
    detail: str


class JobOut(msgspec.Struct, kw_only=True):
    """A report that is made beside. `file` is where to get it, until `kept_until`; then, and of a snapshot, null."""

    id: UUID
    kind: str
    form: str
    organisation: JobOrganisation
    year: int
    as_of: date
    programme: str
    period: str
    state: JobState
    step: JobStep
    percent: int
    failure: JobFailure | None
    file: str | None
    size_bytes: int | None
    snapshot_id: UUID | None
    asked_by_name: str
    asked_at: datetime
    finished_at: datetime | None
    kept_until: datetime | None


def job_out(job: JobRow) -> JobOut:
    """The job as JSON, failures in the language of the request."""
    failure = None
    if job.failure is not None:
        title, detail = failure_words(job.failure)
        failure = JobFailure(type=f"/problems/{job.failure.code}", title=title, detail=detail)
    return JobOut(
        id=job.id,
        kind=job.kind,
        form=job.form,
        organisation=JobOrganisation(id=job.organisation_id, code=job.organisation_code, name=job.organisation_name),
        year=job.year,
        as_of=job.as_of,
        programme=job.programme,
        period=job.period,
        state=job.state,
        step=job.step,
        percent=job.percent,
        failure=failure,
        file=f"/api/v1/report-jobs/{job.id}/file" if job.digest else None,
        size_bytes=job.size_bytes if job.digest else None,
        snapshot_id=job.snapshot_id,
        asked_by_name=job.asked_by_name,
        asked_at=local(job.asked_at),
        finished_at=local(job.finished_at) if job.finished_at else None,
        kept_until=local(job.finished_at + KEPT) if job.finished_at and job.size_bytes else None,
    )
