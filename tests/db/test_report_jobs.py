"""Long reports made beside: once each, whoever dies meanwhile; called off, tried again, forgotten."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outreach.accounts.tables import Organisation
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.jobs import making, running, working
from outreach.reports.jobs.commands import MOST_OPEN, ask_for_report, cancel_job, try_again
from outreach.reports.jobs.domain.errors import JobStateError, TooManyJobsError
from outreach.reports.jobs.domain.progress import expected_seconds, is_long, percent_of
from outreach.reports.jobs.domain.states import TRANSITIONS, JobState, JobStep
from outreach.reports.jobs.making import document_of
from outreach.reports.jobs.queries import JobRow, job_by_id, jobs_of, readable_job
from outreach.reports.jobs.storing import KEPT, TOLD, document_bytes, forget_jobs
from outreach.reports.jobs.working import MOST_TRIES, work_on_jobs
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.work import run_work
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.clock import FixedClock
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

AS_OF = date(2015, 9, 15)
PROJECT = Path(__file__).parents[2]


class Reported:
    """A federation with a programme of one held session, its organiser, an evaluator, a district below."""

    root: Organisation
    district: Organisation
    organiser: Actor
    evaluator: Actor
    below: Actor


@pytest.fixture
async def world() -> AsyncIterator[Reported]:
    made = Reported()
    made.root = await make_organisation(name="市总工会", code="CITY")
    made.district = await make_organisation(parent=made.root, name="吴中区总工会", code="WZ", kind="federation")
    made.organiser = await make_actor(Role.ORGANISER, made.root)
    made.evaluator = await make_actor(Role.EVALUATOR, made.root)
    made.below = await make_actor(Role.ORGANISER, made.district)
    await make_year(made.root)
    programme = await make_programme(made.root, code="mind", name="职工心理健康")
    await make_target(programme)
    event = await make_event(programme)
    held = await make_session(event, state="held", starts_at=STARTS_AT - timedelta(days=30))
    await make_headcount(held, on=held.starts_at.date(), total=80)
    yield made
    await running.close()


async def ask(actor: Actor, now: datetime, home: Path, **given: Any) -> JobRow:
    """Ask without this process beginning by itself."""
    job = await ask_for_report(actor, now, **{"kind": "csv", "year": 2015, "as_of": AS_OF, "home": home, **given})
    await running.close()
    return job


async def state_of(job: JobRow) -> JobState:
    found = await job_by_id(job.id)
    assert found is not None
    return found.state


# --- asking -----------------------------------------------------------------------------------------------------------


async def test_a_job_is_made_in_this_process_as_soon_as_it_is_committed(
    world: Reported, now: datetime, tmp_path: Path
) -> None:
    job = await ask_for_report(world.evaluator, now, kind="csv", year=2015, as_of=AS_OF, home=tmp_path)
    assert (job.state, job.percent) == (JobState.WAITING, 0)
    await running.settled()
    done = await readable_job(world.organiser, job.id)

    assert (done.state, done.percent, done.tries, done.title) == (JobState.DONE, 100, 1, "2015年普惠职工实事项目")
    content = await document_bytes(tmp_path, done.digest)
    assert len(content) == done.size_bytes
    assert "职工心理健康" in content.decode("utf-8-sig")


async def test_the_same_asked_for_twice_at_once_is_one_job(world: Reported, now: datetime, tmp_path: Path) -> None:
    jobs = await asyncio.gather(
        *(ask_for_report(world.organiser, now, kind="xlsx", year=2015, home=tmp_path) for _ in range(5))
    )
    await running.settled()

    assert len({one.id for one in jobs}) == 1
    assert await db.value("SELECT count(*) FROM reports_job") == 1
    again = await ask(world.organiser, now, tmp_path, kind="xlsx")
    assert again.id != jobs[0].id


async def test_who_may_ask_and_read(world: Reported, now: datetime, tmp_path: Path) -> None:
    job = await ask(world.organiser, now, tmp_path)
    contact = await make_actor(Role.CONTACT, world.district)
    stranger = await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会"))

    for other in (world.below, stranger, contact):
        with pytest.raises(NotFoundError):
            await readable_job(other, job.id)
        with pytest.raises(NotFoundError):
            await cancel_job(other, now, job_id=job.id)
    with pytest.raises(ForbiddenError):
        await ask(contact, now, tmp_path)
    with pytest.raises(ForbiddenError):
        await ask(world.evaluator, now, tmp_path, kind="fix")
    with pytest.raises(ForbiddenError):
        await cancel_job(world.evaluator, now, job_id=job.id)
    with pytest.raises(NoProgrammesError):
        await ask(stranger, now, tmp_path)
    with pytest.raises(InvalidError) as refused:
        await ask(world.below, now, tmp_path, organisation="CITY")
    assert [one.field for one in refused.value.problems] == ["organisation"]
    assert [one.id for one in await jobs_of(world.evaluator, limit=9)] == [job.id]
    assert await jobs_of(world.below, limit=9) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"as_of": date(2014, 12, 31)}, "as_of"),
        ({"as_of": date(1999, 1, 1)}, "as_of"),
        ({"year": 1900, "as_of": None}, "year"),
        ({"programme": "nothing"}, "programme"),
        ({"organisation": "nobody"}, "organisation"),
    ],
)
async def test_what_cannot_be_reported_is_refused_at_once(
    world: Reported, now: datetime, tmp_path: Path, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await ask(world.organiser, now, tmp_path, **given)

    assert [one.field for one in refused.value.problems] == [field]
    assert await db.value("SELECT count(*) FROM reports_job") == 0


async def test_nobody_fills_the_queue(world: Reported, now: datetime, tmp_path: Path) -> None:
    days = [AS_OF - timedelta(days=number) for number in range(MOST_OPEN + 3)]
    made = await asyncio.gather(
        *(ask_for_report(world.organiser, now, kind="csv", year=2015, as_of=day, home=tmp_path) for day in days),
        return_exceptions=True,
    )
    await running.close()

    assert sum(isinstance(one, TooManyJobsError) for one in made) <= 3
    assert await db.value("SELECT count(*) FROM reports_job WHERE state IN ('waiting', 'running')") <= MOST_OPEN


async def test_asking_takes_the_same_statements_however_many_there_are(
    world: Reported, now: datetime, tmp_path: Path
) -> None:
    lists = []
    for number in (1, 3):
        for days in range(number):
            await ask(world.organiser, now, tmp_path, as_of=AS_OF - timedelta(days=days))
        with counted() as sent:
            assert await jobs_of(world.organiser, limit=50)
        lists.append(len(sent))

    assert lists == [1, 1]


# --- working ----------------------------------------------------------------------------------------------------------


async def test_several_workers_do_each_job_once(world: Reported, now: datetime, tmp_path: Path) -> None:
    for number in range(6):
        await ask(world.organiser, now, tmp_path, as_of=AS_OF - timedelta(days=number))
    ended = await asyncio.gather(*(work_on_jobs(now, home=tmp_path) for _ in range(4)))

    assert sum(ended) == 6
    rows = await db.rows("SELECT state, tries FROM reports_job")
    assert {(one["state"], one["tries"]) for one in rows} == {("done", 1)}


async def test_a_job_of_a_dead_process_is_taken_up_and_a_late_result_is_thrown_away(
    world: Reported, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker hangs without a heartbeat; the second takes over; what the first brings then does not count."""
    job = await ask(world.organiser, now, tmp_path)
    going_on, hanging = asyncio.Event(), asyncio.Event()
    real = document_of

    async def hang(*args: Any, **given: Any) -> bytes:
        if not hanging.is_set():
            hanging.set()
            await going_on.wait()
            return b"late"
        return await real(*args, **given)

    monkeypatch.setattr(working, "document_of", hang)
    first = asyncio.create_task(work_on_jobs(now, home=tmp_path))
    await hanging.wait()
    assert await work_on_jobs(now, home=tmp_path) == 0  # it has a heartbeat: nobody else takes it
    await db.execute("UPDATE reports_job SET heartbeat_at = heartbeat_at - interval '1 minute'")
    assert await work_on_jobs(now, home=tmp_path) == 1
    stored = await readable_job(world.organiser, job.id)
    going_on.set()
    await first

    after = await readable_job(world.organiser, job.id)
    assert after == stored
    assert (after.state, after.tries) == (JobState.DONE, 2)
    assert await document_bytes(tmp_path, after.digest) != b"late"


async def test_a_job_is_called_off_in_the_middle(
    world: Reported, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker finds out at its next heartbeat and kills what renders; afterwards it can be tried again."""
    job = await ask(world.organiser, now, tmp_path)
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def long(*_args: Any, **_given: Any) -> bytes:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        return b""

    with monkeypatch.context() as patched:
        patched.setattr(working, "BEAT_SECONDS", 0.05)
        patched.setattr(working, "document_of", long)
        worker = asyncio.create_task(work_on_jobs(now, home=tmp_path))
        await begun.wait()
        await asyncio.sleep(0.2)
        seen = await readable_job(world.organiser, job.id)
        cancelled = await cancel_job(world.organiser, now, job_id=job.id)
        again = await cancel_job(world.organiser, now, job_id=job.id)
        await asyncio.wait_for(worker, 5)

    assert (seen.state, seen.step) == (JobState.RUNNING, JobStep.RENDERING)
    assert seen.percent >= 15
    assert stopped.is_set()
    assert cancelled.state is again.state is JobState.CANCELLED
    await try_again(world.organiser, now, job_id=job.id, home=tmp_path)
    await running.settled()
    assert await state_of(job) is JobState.DONE
    with pytest.raises(JobStateError):
        await cancel_job(world.organiser, now, job_id=job.id)
    with pytest.raises(JobStateError):
        await try_again(world.organiser, now, job_id=job.id, home=tmp_path)


async def test_a_stop_in_good_order_hands_the_job_back(
    world: Reported, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def long(*_args: Any, **_given: Any) -> bytes:
        begun.set()
        await asyncio.sleep(60)
        return b""

    with monkeypatch.context() as patched:
        patched.setattr(working, "document_of", long)
        job = await ask_for_report(world.organiser, now, kind="csv", year=2015, as_of=AS_OF, home=tmp_path)
        await begun.wait()
        await running.close()
    waiting = await readable_job(world.organiser, job.id)
    assert await work_on_jobs(now, home=tmp_path) == 1

    assert (waiting.state, waiting.tries, waiting.percent) == (JobState.WAITING, 0, 0)
    assert await state_of(job) is JobState.DONE


@pytest.mark.parametrize("steps", range(0, 12, 2))
async def test_a_stop_at_any_moment_leaves_no_job_that_nobody_works_on(
    world: Reported, now: datetime, tmp_path: Path, steps: int
) -> None:
    """Also between marking the job as ours and beginning to make it."""
    job = await ask(world.organiser, now, tmp_path)
    worker = asyncio.create_task(work_on_jobs(now, home=tmp_path))
    for _ in range(steps):
        await asyncio.sleep(0.002)
    worker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await worker

    assert await state_of(job) in (JobState.WAITING, JobState.DONE)


async def test_a_failure_is_kept_with_its_reason_and_can_be_tried_again(
    world: Reported, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = await ask(world.organiser, now, tmp_path)

    async def broken(*_args: Any, **_given: Any) -> bytes:
        raise ValueError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(working, "document_of", broken)
        assert await work_on_jobs(now, home=tmp_path) == 1
    failed = await readable_job(world.organiser, job.id)
    await db.execute("UPDATE programmes_programme SET year = 2016")
    await try_again(world.organiser, now, job_id=job.id, home=tmp_path)
    await running.settled()
    empty = await readable_job(world.organiser, job.id)

    assert failed.state is JobState.FAILED
    assert failed.failure is not None
    assert failed.failure.code == "internal"
    assert "secret" not in str(failed.failure.facts)
    assert failed.failure.facts["reference"] in caplog.text
    assert empty.failure is not None
    assert (empty.failure.code, empty.failure.facts) == ("no-programmes", {"year": 2015})


async def test_a_job_that_kills_its_process_is_given_up(world: Reported, now: datetime, tmp_path: Path) -> None:
    job = await ask(world.organiser, now, tmp_path)
    await db.execute(
        "UPDATE reports_job SET state = 'running', tries = $1, heartbeat_at = clock_timestamp() - interval '1 hour'",
        MOST_TRIES,
    )
    await work_on_jobs(now, home=tmp_path)

    given_up = await readable_job(world.organiser, job.id)
    assert given_up.state is JobState.FAILED
    assert given_up.failure is not None
    assert (given_up.failure.code, given_up.failure.facts) == ("report-job-given-up", {"tries": MOST_TRIES})


async def test_who_lost_the_role_gets_no_report(world: Reported, now: datetime, tmp_path: Path) -> None:
    job = await ask(world.evaluator, now, tmp_path)
    await db.execute(
        "UPDATE accounts_role_grant SET until_on = '2015-01-01' WHERE person = $1", world.evaluator.person_id
    )
    await work_on_jobs(now, home=tmp_path)

    refused = await readable_job(world.organiser, job.id)
    assert refused.failure is not None
    assert (refused.state, refused.failure.code, refused.digest) == (JobState.FAILED, "forbidden", "")


async def test_what_is_past_its_time_goes_and_equal_bytes_stay(world: Reported, now: datetime, tmp_path: Path) -> None:
    first = await ask(world.organiser, now, tmp_path)
    await work_on_jobs(now, home=tmp_path)
    second = await ask(world.organiser, now + timedelta(days=9), tmp_path)
    await work_on_jobs(now + timedelta(days=9), home=tmp_path)
    done = [await readable_job(world.organiser, one.id) for one in (first, second)]

    assert done[0].digest == done[1].digest
    assert await forget_jobs(now + KEPT, home=tmp_path) == 0
    assert await forget_jobs(now + KEPT + timedelta(hours=1), home=tmp_path) == 1
    assert await document_bytes(tmp_path, done[1].digest)
    gone = await readable_job(world.organiser, first.id)
    assert (gone.state, gone.digest, gone.size_bytes) == (JobState.DONE, "", done[0].size_bytes)
    assert await forget_jobs(now + KEPT + timedelta(days=10), home=tmp_path) == 1
    with pytest.raises(NotFoundError):
        await document_bytes(tmp_path, done[1].digest)
    assert len(await jobs_of(world.organiser, limit=9)) == 2
    await forget_jobs(now + TOLD + timedelta(days=1), home=tmp_path)
    assert [one.id for one in await jobs_of(world.organiser, limit=9)] == [second.id]


# --- kill -9 ----------------------------------------------------------------------------------------------------------

_WORKER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from outreach.shared import db
from outreach.reports.jobs import working

async def main() -> None:
    dsn, home, hang = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "hang"
    if hang:
        real = working.document_of
        async def slow(*args, **given):
            made = await real(*args, **given)
            print("rendered", flush=True)
            await asyncio.sleep(120)
            return made
        working.document_of = slow
    await db.connect(dsn)
    print(await working.work_on_jobs(datetime(2015, 9, 15, 1, tzinfo=UTC), home=home), flush=True)
    await db.disconnect()

if __name__ == "__main__":
    asyncio.run(main())
"""


@contextlib.contextmanager
def worker(dsn: str, home: Path, how: str) -> Any:
    """Work on jobs in a process of its own."""
    script = home / "worker.py"
    script.write_text(_WORKER, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script), dsn, str(home), how],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(PROJECT)}, cwd=home,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()


async def test_a_worker_killed_in_the_middle_leaves_the_job_to_the_next(
    world: Reported, now: datetime, tmp_path: Path, dsn: str
) -> None:
    """-9 while a PDF is laid out, then a fresh process: made once, one document, nothing half written."""
    job = await ask(world.organiser, now, tmp_path, kind="pdf")
    with worker(dsn, tmp_path, "hang") as first:
        assert (await asyncio.to_thread(first.stdout.readline)).strip() == "rendered"
        running_job = await readable_job(world.organiser, job.id)
        os.kill(first.pid, signal.SIGKILL)
    killed = await readable_job(world.organiser, job.id)
    await db.execute("UPDATE reports_job SET heartbeat_at = heartbeat_at - interval '1 minute'")
    began = time.monotonic()
    with worker(dsn, tmp_path, "go") as second, worker(dsn, tmp_path, "go") as third:
        said = [(await asyncio.to_thread(one.stdout.readline)).strip() for one in (second, third)]

    done = await readable_job(world.organiser, job.id)
    assert running_job.state is killed.state is JobState.RUNNING
    assert sorted(said) == ["0", "1"]
    assert (done.state, done.tries) == (JobState.DONE, 2)
    assert (await document_bytes(tmp_path, done.digest)).startswith(b"%PDF-")
    assert time.monotonic() - began < 60
    stored = [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
    assert [one.name for one in stored] == [done.digest]


# --- background work --------------------------------------------------------------------------------------------------


async def until_done(job: JobRow) -> None:
    for _ in range(200):
        if await state_of(job) is JobState.DONE:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await state_of(job))


async def test_background_work_begins_what_nobody_began_and_what_dead_processes_left(
    world: Reported, now: datetime, tmp_path: Path
) -> None:
    """Its rounds do not wait for a report; what is finished has the time of the installation's clock."""
    waiting = await ask(world.organiser, now, tmp_path)
    left = await ask(world.organiser, now, tmp_path, kind="xlsx")
    await db.execute(
        """UPDATE reports_job SET state = 'running', tries = 1, heartbeat_at = clock_timestamp() - interval '1 minute'
            WHERE id = $1""",
        left.id,
    )
    later = now + timedelta(minutes=10)
    work = asyncio.create_task(run_work(FixedClock(later), Settings(home=tmp_path, secret_key="t" * 40)))
    try:
        for one in (waiting, left):
            await until_done(one)
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work

    done = [await readable_job(world.organiser, one.id) for one in (waiting, left)]
    assert [one.tries for one in done] == [1, 2]
    for one in done:
        assert one.finished_at is not None
        assert timedelta() <= one.finished_at - later < timedelta(seconds=30)


async def test_background_work_that_stops_hands_back_what_is_under_way(
    world: Reported, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def long(*_args: Any, **_given: Any) -> bytes:
        begun.set()
        await asyncio.sleep(60)
        return b""

    job = await ask(world.organiser, now, tmp_path)
    monkeypatch.setattr(working, "document_of", long)
    work = asyncio.create_task(run_work(FixedClock(now), Settings(home=tmp_path, secret_key="t" * 40)))
    await begun.wait()
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work

    after = await readable_job(world.organiser, job.id)
    assert (after.state, after.tries, after.percent) == (JobState.WAITING, 0, 0)


# --- pure -------------------------------------------------------------------------------------------------------------


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(JobState)


def test_the_estimate_never_falls_and_never_ends_early() -> None:
    seconds = [number / 10 for number in range(600)]
    shown = [percent_of(JobStep.READING, one, 5) for one in seconds]
    shown += [percent_of(JobStep.RENDERING, one, 5) for one in seconds]
    shown.append(percent_of(JobStep.STORING, 0, 5))

    assert shown == sorted(shown)
    assert max(shown) < 100


def test_only_long_documents_are_made_beside() -> None:
    assert not is_long("pdf", "full", 118)
    assert is_long("pdf", "full", 10_000)
    assert not is_long("pdf", "page", 10_000)
    assert not is_long("xlsx", "full", 10_000)
    assert expected_seconds("csv", "full", 10) < expected_seconds("csv", "full", 1000)


def test_every_kind_can_be_named(settings: Settings) -> None:
    from outreach.reports.jobs.wording import kind_words

    assert all(kind_words(kind, "full") for kind in (*making.KINDS, "fix"))
