"""Long reports as JSON: ask, look how far, download."""

from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.reports.jobs.commands import ask_for_report, cancel_job, try_again
from outreach.reports.jobs.downloading import document_answer
from outreach.reports.jobs.queries import readable_job
from outreach.reports.jobs.schemas import JobIn, JobOut, job_out
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path

__all__ = ["ROUTES"]

PATH = "/api/v1/report-jobs"
TAGS = ["reports"]


@post(PATH, status_code=201, tags=TAGS, operation_id="createReportJob", summary="Have a report made beside")
async def create(
    data: JSONBody[JobIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[JobOut]:
    """The same asked for again while it is made is the same job; the document is kept 30 days."""
    job = await ask_for_report(
        actor,
        now,
        kind=data.kind,
        year=data.year,
        as_of=data.as_of,
        organisation=data.organisation,
        programme=data.programme,
        period=data.period,
        form=data.form,
        note=data.note,
        home=settings.home,
    )
    return Response(job_out(job), status_code=201, headers={"Location": f"{PATH}/{job.id}"})


@get(PATH + "/{job_id:str}", tags=TAGS, operation_id="getReportJob", summary="How far a report is")
async def read(job_id: FromPath[str], actor: NamedDependency[Actor]) -> JobOut:
    """`state` is `waiting`, `running`, `done`, `failed` or `cancelled`; `percent` is an estimate."""
    return job_out(await readable_job(actor, id_in_path(job_id)))


@get(PATH + "/{job_id:str}/file", tags=TAGS, operation_id="getReportJobFile", summary="The document")
async def download(
    job_id: FromPath[str], actor: NamedDependency[Actor], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """409 until it is done."""
    return await document_answer(await readable_job(actor, id_in_path(job_id)), settings)


@post(PATH + "/{job_id:str}/cancel", status_code=200, tags=TAGS, operation_id="cancelReportJob", summary="Call it off")
async def cancel(job_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> JobOut:
    """Again: nothing changes."""
    return job_out(await cancel_job(actor, now, job_id=id_in_path(job_id)))


@post(PATH + "/{job_id:str}/retry", status_code=200, tags=TAGS, operation_id="retryReportJob", summary="Try again")
async def retry(
    job_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> JobOut:
    """One that failed or was called off, with the figures as they are then."""
    return job_out(await try_again(actor, now, job_id=id_in_path(job_id), home=settings.home))


ROUTES = [create, read, download, cancel, retry]
