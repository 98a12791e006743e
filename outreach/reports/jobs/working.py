"""Does the jobs: takes one that nobody works on, makes it, stores what came of it, exactly once.

A job that is worked on has a heartbeat, by the database's clock. Where it stops, the process is dead or stuck, and
another takes the job up; ``tries`` goes up by one, and what the first one still brings is not taken any more.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import anyio
import msgspec

from outreach.accounts.authentication import actor_of_person
from outreach.reports.fixed.commands import fix_report
from outreach.reports.jobs.asking import Asked
from outreach.reports.jobs.domain.errors import JobGivenUpError
from outreach.reports.jobs.domain.progress import expected_seconds, percent_of
from outreach.reports.jobs.domain.states import JobState, JobStep
from outreach.reports.jobs.making import Made, data_of, document_of
from outreach.reports.jobs.queries import Failure, JobRow, job_by_id
from outreach.reports.jobs.storing import forget_jobs, keep_document_within
from outreach.reports.rendering import own_process
from outreach.shared import db
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, OutreachError
from outreach.shared.ids import new_id

__all__ = ["BEAT_SECONDS", "LEASE", "MOST_TRIES", "work_on_jobs"]

logger = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
#: So long after the last heartbeat a job is taken up by another process.
LEASE = timedelta(seconds=30)
#: A job whose process died so often is not tried again by itself.
MOST_TRIES = 3

Clock = Callable[[], datetime]


class _NotOursError(Exception):
    """The job was called off, or another process has it: what was made is thrown away."""


@dataclass(slots=True)
class _Progress:
    """How far the work is, as the heartbeat tells it."""

    step: JobStep = JobStep.READING
    expected: float = 1.0
    began: float = 0.0

    def begin(self, step: JobStep) -> None:
        self.step, self.began = step, time.monotonic()

    @property
    def percent(self) -> int:
        return percent_of(self.step, time.monotonic() - self.began, self.expected)


async def work_on_jobs(now: datetime, *, home: Path, lease: timedelta = LEASE) -> int:
    """Do what waits and what dead processes left, one after the other, and forget what is past its time.

    Safe in any number of processes at once: each takes what no other has.

    Args:
        now: while it works, time goes on from there.

    Returns:
        how many jobs came to an end here, well or not.
    """
    began = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    ended = 0
    while (job := await _taken(clock, lease)) is not None:
        ended += await _work(job, clock, home)
    await forget_jobs(clock(), home=home)
    return ended


async def _taken(clock: Clock, lease: timedelta) -> JobRow | None:
    """``_take``, whole or not at all: a stop meanwhile leaves no job marked as ours that nobody works on."""
    taking = asyncio.create_task(_take(clock, lease))
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            if (job := await taking) is not None:
                await _give_back(job)
        raise


async def _take(clock: Clock, lease: timedelta) -> JobRow | None:
    """The next job, marked as ours; those that were tried too often are given up on the way."""
    while True:
        async with atomic():
            found = await db.row(
                """UPDATE reports_job
                      SET state = 'running', step = 'reading', percent = 0, tries = tries + 1, failure = NULL,
                          heartbeat_at = clock_timestamp()
                    WHERE id = (SELECT id FROM reports_job
                                 WHERE state = 'waiting'
                                    OR (state = 'running' AND heartbeat_at < clock_timestamp() - $1::interval)
                                 ORDER BY asked_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
                   RETURNING id, tries""",
                lease,
            )
        if found is None:
            return None
        job = await job_by_id(found["id"])
        if job is None or job.tries != found["tries"]:
            continue
        if job.tries <= MOST_TRIES:
            return job
        with contextlib.suppress(_NotOursError):
            await _failed(job, clock(), JobGivenUpError(tries=MOST_TRIES))


async def _work(job: JobRow, clock: Clock, home: Path) -> bool:
    """Make one job; whether it came to an end here."""
    progress = _Progress()
    progress.begin(JobStep.READING)
    making = asyncio.create_task(_make(job, clock, home, progress))
    try:
        while not (await asyncio.wait({making}, timeout=BEAT_SECONDS))[0]:
            await _beat(job, progress)
        await making
    except _NotOursError:
        return making.done() and not making.cancelled() and making.exception() is None
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            await _give_back(job)
        raise
    except Exception as error:
        with contextlib.suppress(_NotOursError):
            await _failed(job, clock(), error)
    finally:
        if not making.done():
            making.cancel()
            with anyio.CancelScope(shield=True), contextlib.suppress(asyncio.CancelledError, Exception):
                await making
    return True


async def _make(job: JobRow, clock: Clock, home: Path, progress: _Progress) -> None:
    asked = Asked(
        organisation_id=job.organisation_id,
        organisation_code=job.organisation_code,
        organisation_path=job.organisation_path,
        year=job.year,
        as_of=job.as_of,
        programme=job.programme,
        period=job.period,
    )
    # Whoever asked may have lost the role meanwhile.
    actor = await actor_of_person(job.asked_by, clock())
    if actor is None or not actor.evaluates(job.organisation_path):
        raise ForbiddenError
    known_at = clock()
    data = await data_of(asked, known_at)
    progress.expected = expected_seconds(job.kind, job.form, len(data.sessions))
    progress.begin(JobStep.RENDERING)
    with own_process():
        if job.kind == "fix":

            async def done_within(snapshot_id: UUID) -> None:
                progress.begin(JobStep.STORING)
                await _finish_within(job, clock(), data.title, snapshot_id=snapshot_id)

            await fix_report(actor, known_at, asked=asked, data=data, home=home, note=job.note, also_within=done_within)
            return
        made = Made(data.title, await document_of(data, job.kind, job.form))
    progress.begin(JobStep.STORING)
    async with atomic():
        digest = await keep_document_within(home, made.content)
        await _finish_within(job, clock(), made.title, digest=digest, size_bytes=len(made.content))


async def _beat(job: JobRow, progress: _Progress) -> None:
    """Say that we are at it.

    Raises:
        _NotOursError: it was called off, or another process has it.
    """
    try:
        async with atomic():
            ours = await db.execute(
                """UPDATE reports_job SET heartbeat_at = clock_timestamp(), step = $3, percent = greatest(percent, $4)
                    WHERE id = $1 AND state = 'running' AND tries = $2""",
                job.id,
                job.tries,
                progress.step.value,
                progress.percent,
            )
    except (OutreachError, OSError) as error:
        # The database is away for a moment; what is made meanwhile counts if nobody else has taken it up.
        logger.warning("no heartbeat of report job %s: %s", job.id, error)
        return
    if not ours:
        raise _NotOursError


async def _finish_within(
    job: JobRow, now: datetime, title: str, *, digest: str = "", size_bytes: int = 0, snapshot_id: UUID | None = None
) -> None:
    done = await db.execute(
        """UPDATE reports_job
              SET state = 'done', percent = 100, step = 'storing', title = $3, digest = $4, size_bytes = $5,
                  snapshot = $6, finished_at = $7, heartbeat_at = NULL
            WHERE id = $1 AND state = 'running' AND tries = $2""",
        job.id,
        job.tries,
        title[:200],
        digest,
        size_bytes,
        snapshot_id,
        now,
    )
    if not done:
        raise _NotOursError


async def _failed(job: JobRow, now: datetime, error: Exception) -> None:
    failure = _failure(error)
    async with atomic():
        done = await db.execute(
            """UPDATE reports_job SET state = 'failed', failure = $3, finished_at = $4, heartbeat_at = NULL
                WHERE id = $1 AND state = 'running' AND tries = $2""",
            job.id,
            job.tries,
            msgspec.json.encode(failure).decode(),
            now,
        )
    if not done:
        raise _NotOursError


def _failure(error: Exception) -> Failure:
    if isinstance(error, OutreachError):
        return Failure(code=error.code, facts=error.facts)
    reference = new_id().hex[-8:]
    logger.error("report job failed %s", reference, exc_info=error)
    return Failure(code="internal", facts={"reference": reference})


async def _give_back(job: JobRow) -> None:
    """The process stops in good order: another may go on at once."""
    with contextlib.suppress(Exception):
        async with atomic():
            await db.execute(
                """UPDATE reports_job
                      SET state = $3, step = 'waiting', percent = 0, tries = tries - 1, heartbeat_at = NULL
                    WHERE id = $1 AND state = 'running' AND tries = $2""",
                job.id,
                job.tries,
                JobState.WAITING.value,
            )
