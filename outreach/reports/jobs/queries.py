"""What is known of jobs. Who reads the organisation's report reads them, too."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.reports.jobs.domain.states import OPEN, JobState, JobStep
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import NotFoundError

__all__ = ["Failure", "JobRow", "job_by_id", "jobs_of", "may_stop", "readable_job"]


class Failure(msgspec.Struct, kw_only=True):
    """Why it was not made; said in the language of who asks."""

    code: str
    facts: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A report that is made beside. ``kind`` ``fix``: a snapshot, ``snapshot_id`` once it is there."""

    id: UUID
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    organisation_path: str
    year: int
    as_of: date
    kind: str
    form: str
    programme: str
    period: str
    note: str
    state: JobState
    step: JobStep
    percent: int
    tries: int
    failure: Failure | None
    snapshot_id: UUID | None
    digest: str
    size_bytes: int
    title: str
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether somebody works on it or will."""
        return self.state in OPEN


_SELECT = """SELECT j.id, j.organisation AS organisation_id, o.code AS organisation_code, o.name AS organisation_name,
       o.path AS organisation_path, j.year, j.as_of, j.kind, j.form, j.programme, j.period, j.note, j.state, j.step,
       j.percent, j.tries, j.failure, j.snapshot AS snapshot_id, j.digest, j.size_bytes, j.title, j.asked_by,
       coalesce(p.name, '') AS asked_by_name, j.asked_at, j.finished_at
  FROM reports_job j JOIN accounts_organisation o ON o.id = j.organisation
  LEFT JOIN accounts_person p ON p.id = j.asked_by"""


def _job(record: Any) -> JobRow:
    failure = msgspec.json.decode(record["failure"], type=Failure) if record["failure"] else None
    return JobRow(**{**record, "state": JobState(record["state"]), "step": JobStep(record["step"]), "failure": failure})


async def job_by_id(job_id: UUID) -> JobRow | None:
    """The job, if there is one."""
    found = await db.row(f"{_SELECT} WHERE j.id = $1", job_id)
    return _job(found) if found else None


async def readable_job(actor: Actor, job_id: UUID) -> JobRow:
    """The job, for who reads figures of its organisation.

    Raises:
        NotFoundError: none for this caller.
    """
    found = await job_by_id(job_id)
    if found is None or not actor.evaluates(found.organisation_path):
        raise NotFoundError
    return found


def may_stop(actor: Actor, job: JobRow) -> bool:
    """Whether the actor may call it off or have it tried again: who asked for it, and who runs the organisation."""
    return actor.person_id == job.asked_by or actor.organises(job.organisation_path)


async def jobs_of(actor: Actor, *, limit: int) -> list[JobRow]:
    """The latest jobs of the organisations whose figures the actor reads, the newest first; one statement."""
    read = (Role.ADMINISTRATOR, Role.ORGANISER, Role.EVALUATOR)
    found = await db.rows(
        f"""{_SELECT} WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))
            ORDER BY j.asked_at DESC, j.id DESC LIMIT $2""",  # noqa: S608 - ours
        [grant.path for grant in actor.grants if grant.role in read],
        limit,
    )
    return [_job(one) for one in found]
