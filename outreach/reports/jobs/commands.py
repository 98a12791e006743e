"""Ask for a report that is made beside, call it off, have it tried again."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from outreach.reports.jobs.asking import Asked, checked
from outreach.reports.jobs.domain.errors import JobStateError, TooManyJobsError
from outreach.reports.jobs.domain.states import JobState, may_become
from outreach.reports.jobs.queries import JobRow, job_by_id, may_stop, readable_job
from outreach.reports.jobs.running import begin_jobs
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError
from outreach.shared.ids import new_id
from outreach.shared.text import clean_line

__all__ = ["FIX", "MOST_OPEN", "ask_for_report", "cancel_job", "try_again"]

#: Jobs of one person that wait or run.
MOST_OPEN = 20
#: The kind of a job that fixes a report.
FIX = "fix"

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('report-jobs:' || $1::text, 0))"


async def ask_for_report(
    actor: Actor,
    now: datetime,
    *,
    kind: str,
    year: int,
    as_of: date | None = None,
    organisation: str = "",
    programme: str = "",
    period: str = "",
    form: str = "full",
    note: str = "",
    home: Path,
) -> JobRow:
    """Have a report made beside, or fixed (``kind`` ``fix``); asked for again while it is made, it is the same job.

    Args:
        kind: ``making.KINDS`` or ``FIX``.
        organisation: a code; empty: the highest one that the actor may have.
        period: ``2015-09``, ``2015-Q3``; empty: the year.

    Raises:
        ForbiddenError: the actor reads no reports, or fixes none.
        NoProgrammesError: there is nothing to report.
        TooManyJobsError: the actor has too many that wait.
        InvalidError: names every bad field.
    """
    if not (actor.is_staff or (kind != FIX and actor.has(Role.EVALUATOR))):
        raise ForbiddenError
    allowed = actor.organises if kind == FIX else actor.evaluates
    asked = await checked(
        now,
        allowed=allowed,
        year=year,
        as_of=as_of,
        organisation=organisation,
        home_id=actor.home.organisation_id if actor.home else None,
        programme=programme,
        period=period,
    )
    async with atomic():
        # One person's requests take their turns, so that the limit holds.
        await db.execute(_ALONE, str(actor.person_id))
        job_id = await _stored_within(actor, now, asked, kind, form if kind == "pdf" else "full", clean_line(note))
        db.after_commit(_beginning(now, home))
        found = await job_by_id(job_id)
    assert found is not None
    return found


def _beginning(now: datetime, home: Path) -> Callable[[], Awaitable[None]]:
    """Begin here as soon as it is committed; where this process dies, background work of any other goes on."""

    async def begin() -> None:
        begin_jobs(now, home=home)

    return begin


async def _stored_within(actor: Actor, now: datetime, asked: Asked, kind: str, form: str, note: str) -> UUID:
    values = (asked.organisation_id, asked.year, asked.as_of, kind, form, asked.programme, asked.period)
    known: UUID | None = await db.value(
        """SELECT id FROM reports_job
            WHERE asked_by = $1 AND state IN ('waiting', 'running') AND organisation = $2 AND year = $3 AND as_of = $4
              AND kind = $5 AND form = $6 AND programme = $7 AND period = $8""",
        actor.person_id,
        *values,
    )
    if known is not None:
        return known
    waiting = await db.value(
        "SELECT count(*) FROM reports_job WHERE asked_by = $1 AND state IN ('waiting', 'running')", actor.person_id
    )
    if waiting >= MOST_OPEN:
        raise TooManyJobsError(most=MOST_OPEN, retry_after=60)
    made = new_id()
    await db.execute(
        """INSERT INTO reports_job
                  (id, organisation, year, as_of, kind, form, programme, period, note, asked_by, asked_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        made,
        *values,
        note,
        actor.person_id,
        now,
    )
    return made


async def cancel_job(actor: Actor, now: datetime, *, job_id: UUID) -> JobRow:
    """Call a job off that waits or is under way; whoever works on it stops within seconds. Again: nothing changes.

    Raises:
        NotFoundError, ForbiddenError: not the actor's.
        JobStateError: it is done or was not made.
    """
    async with atomic():
        before = await _stoppable(actor, job_id)
        if before.state == JobState.CANCELLED:
            return before
        done = await db.execute(
            """UPDATE reports_job SET state = 'cancelled', finished_at = $2, heartbeat_at = NULL
                WHERE id = $1 AND state IN ('waiting', 'running')""",
            job_id,
            now,
        )
        if not done:
            raise JobStateError(state=(await readable_job(actor, job_id)).state.value)
        return await readable_job(actor, job_id)


async def try_again(actor: Actor, now: datetime, *, job_id: UUID, home: Path) -> JobRow:
    """Have a job that was not made, or was called off, made after all; with the figures as they are then.

    Raises:
        NotFoundError, ForbiddenError: not the actor's.
        JobStateError: it is done, or under way.
    """
    async with atomic({"reports_job_once": lambda: JobStateError(state=JobState.WAITING.value)}):
        before = await _stoppable(actor, job_id)
        if not may_become(before.state, JobState.WAITING) or before.is_open:
            raise JobStateError(state=before.state.value)
        done = await db.execute(
            """UPDATE reports_job
                  SET state = 'waiting', step = 'waiting', percent = 0, tries = 0, failure = NULL, finished_at = NULL,
                      asked_at = $2
                WHERE id = $1 AND state = $3""",
            job_id,
            now,
            before.state.value,
        )
        if not done:
            raise JobStateError(state=(await readable_job(actor, job_id)).state.value)
        db.after_commit(_beginning(now, home))
        return await readable_job(actor, job_id)


async def _stoppable(actor: Actor, job_id: UUID) -> JobRow:
    found = await readable_job(actor, job_id)
    if not may_stop(actor, found):
        raise ForbiddenError
    return found
