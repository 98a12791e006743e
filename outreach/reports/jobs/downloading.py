"""A document that a job made, as an answer."""

from litestar import Response

from outreach.reports.jobs.domain.errors import JobFileGoneError, JobNotDoneError
from outreach.reports.jobs.domain.states import JobState
from outreach.reports.jobs.making import MEDIA
from outreach.reports.jobs.queries import JobRow
from outreach.reports.jobs.storing import KEPT, document_bytes
from outreach.reports.jobs.wording import disposition
from outreach.settings import Settings
from outreach.shared.errors import NotFoundError

__all__ = ["document_answer"]


async def document_answer(job: JobRow, settings: Settings) -> Response[bytes]:
    """The bytes, to be saved.

    Raises:
        JobNotDoneError: there are none (yet).
        NotFoundError: a snapshot has its documents itself.
        JobFileGoneError: they are past their time.
    """
    if job.state is not JobState.DONE:
        raise JobNotDoneError(state=job.state.value)
    if job.snapshot_id is not None:
        raise NotFoundError
    try:
        content = await document_bytes(settings.home, job.digest)
    except NotFoundError:
        raise JobFileGoneError(days=KEPT.days) from None
    return Response(
        content,
        media_type=MEDIA[job.kind],
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": disposition(job),
            "X-Content-Type-Options": "nosniff",
        },
    )
