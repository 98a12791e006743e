"""定稿: numbers, bytes and figures that never move again; beside today; withdrawn."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from outreach.accounts.tables import Organisation
from outreach.attendance.commands import correct_headcount
from outreach.events.tables import Session
from outreach.programmes.commands.tallies import add_tally
from outreach.programmes.tables import Programme, Target
from outreach.reports.fixed import commands
from outreach.reports.fixed.commands import fix_report, withdraw_snapshot
from outreach.reports.fixed.comparing import compared
from outreach.reports.fixed.domain.errors import SnapshotWithdrawnError
from outreach.reports.fixed.domain.figures import (
    FixedFigures,
    FixedSession,
    FixedTarget,
    changes,
    differences,
)
from outreach.reports.fixed.queries import SnapshotRow, readable_snapshot, snapshots_of
from outreach.reports.jobs import running
from outreach.reports.jobs.asking import checked
from outreach.reports.jobs.commands import ask_for_report
from outreach.reports.jobs.domain.states import JobState
from outreach.reports.jobs.making import KINDS, data_of, document_of
from outreach.reports.jobs.queries import readable_job
from outreach.reports.jobs.working import work_on_jobs
from outreach.reports.years.commands import close_year, reopen_year
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError
from outreach.shared.files import file_path, stored_bytes
from outreach.shared.ids import new_id
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.bookings import make_headcount
from tests.factories.events import STARTS_AT, make_event, make_session
from tests.factories.programmes import make_programme, make_target, make_year
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

AS_OF = date(2015, 9, 15)
HELD_AT = STARTS_AT - timedelta(days=30)


class World:
    """A federation with one programme: sessions promised, books tallied; one session held with 80 visits."""

    root: Organisation
    organiser: Actor
    evaluator: Actor
    programme: Programme
    sessions: Target
    books: Target
    held: Session


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    made.root = await make_organisation(name="市总工会", code="CITY")
    made.organiser = await make_actor(Role.ORGANISER, made.root)
    made.evaluator = await make_actor(Role.EVALUATOR, made.root)
    await make_year(made.root)
    made.programme = await make_programme(made.root, code="mind", name="职工心理健康")
    made.sessions = await make_target(made.programme, key="sessions", label="讲座")
    made.books = await make_target(
        made.programme, key="books", label="手册", metric="tally", unit="本", value=500.0, position=2
    )
    event = await make_event(made.programme)
    made.held = await make_session(event, state="held", starts_at=HELD_AT)
    await make_headcount(made.held, on=HELD_AT.date(), total=80, workers=60)
    yield made
    await running.close()


async def fix(actor: Actor, now: datetime, home: Path, **given: Any) -> UUID:
    """Fix the year as of 15 September."""
    note = given.pop("note", "")
    asked = await checked(now, **{"allowed": actor.evaluates, "year": 2015, "as_of": AS_OF, **given})
    return await fix_report(actor, now, asked=asked, data=await data_of(asked, now), home=home, note=note)


async def bytes_of(snapshot: SnapshotRow, home: Path) -> dict[str, bytes]:
    return {one.kind: await stored_bytes(home, one.digest) for one in snapshot.files}


async def plain(data: Any, kind: str, _form: str, *, number: int | None = None) -> bytes:
    """A document without its layout."""
    return f"{kind} 第{number}号 {data.title}".encode()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where numbers and figures alone matter."""
    monkeypatch.setattr(commands, "document_of", plain)


# --- what is fixed stays ----------------------------------------------------------------------------------------------


async def test_bytes_and_figures_never_move_whatever_happens(world: World, now: datetime, tmp_path: Path) -> None:
    """Every document, every figure: the same after a correction, an entry, a new session, another name of the year."""
    snapshot_id = await fix(world.organiser, now, tmp_path, note="报市总常委会")
    before = await readable_snapshot(world.evaluator, snapshot_id)
    files = await bytes_of(before, tmp_path)
    later = now + timedelta(days=3)
    await correct_headcount(
        world.organiser, later, session_id=world.held.id, field_name="total", on=HELD_AT.date(), value=95,
        reason="数错了一排",
    )  # fmt: skip
    await add_tally(
        world.organiser, later, programme_id=world.programme.id, target="books", on=date(2015, 9, 1), quantity=120
    )
    await db.execute("UPDATE programmes_year SET title = '改过的标题'")
    await db.execute("UPDATE programmes_target SET value = 7 WHERE key = 'sessions'")

    after = await readable_snapshot(world.evaluator, snapshot_id)
    assert after == before
    assert await bytes_of(after, tmp_path) == files
    assert tuple(files) == ("pdf", "docx", "xlsx", "csv")
    assert {kind: hashlib.sha256(content).hexdigest() for kind, content in files.items()} == {
        one.kind: one.digest for one in before.files
    }
    assert (before.number, before.note, before.as_of, before.title) == (
        1,
        "报市总常委会",
        AS_OF,
        "2015年普惠职工实事项目",
    )
    assert (before.figures.sessions, before.figures.visits, before.figures.workers) == (1, 80, 60)
    assert [(one.key, one.value, one.actual) for one in before.figures.targets] == [
        ("sessions", 50, 1),
        ("books", 500, 0),
    ]
    noted = await db.row(
        "SELECT facts ->> 'number' AS number, reason FROM accounts_journal WHERE action = 'report.fixed'"
    )
    assert noted is not None
    assert (noted["number"], noted["reason"]) == ("1", "报市总常委会")


async def test_the_database_itself_refuses_to_change_it(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    snapshot_id = await fix(world.organiser, now, tmp_path)

    for statement in (
        "UPDATE reports_snapshot SET figures = '{}'",
        "UPDATE reports_snapshot SET number = 2",
        "UPDATE reports_snapshot SET note = 'x', withdrawn_at = now(), withdrawn_by = id, withdrawn_reason = 'x'",
        "DELETE FROM reports_snapshot",
        "UPDATE reports_snapshot_file SET digest = repeat('0', 64)",
        "DELETE FROM reports_snapshot_file",
    ):
        with pytest.raises(asyncpg.RaiseError, match="never changes"):
            await db.execute(statement)
    assert (await readable_snapshot(world.organiser, snapshot_id)).number == 1


async def test_the_document_says_its_number_and_is_no_draft(world: World, now: datetime, tmp_path: Path) -> None:
    import io

    from pypdf import PdfReader

    snapshot = await readable_snapshot(world.organiser, await fix(world.organiser, now, tmp_path))
    files = await bytes_of(snapshot, tmp_path)
    asked = await checked(now, allowed=world.organiser.evaluates, year=2015, as_of=AS_OF)
    draft = await document_of(await data_of(asked, now), "pdf", "full")

    def text_of(pdf: bytes) -> str:
        return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())

    assert "第1号定稿" in text_of(files["pdf"])
    assert "草稿" not in text_of(files["pdf"])
    assert "第1号定稿" not in text_of(draft)


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_round", range(5))
async def test_two_at_once_get_two_numbers_without_a_gap(
    world: World, now: datetime, tmp_path: Path, quick: None, _round: int
) -> None:
    """Who comes second prints again: the number in each document is its own."""
    made = await asyncio.gather(*(fix(world.organiser, now, tmp_path) for _ in range(4)))
    snapshots = [await readable_snapshot(world.organiser, one) for one in made]

    assert sorted(one.number for one in snapshots) == [1, 2, 3, 4]
    for one in snapshots:
        assert f"第{one.number}号".encode() in (await bytes_of(one, tmp_path))["pdf"]


async def test_numbers_are_of_one_organisation_and_year(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    other = await make_organisation(name="别市总工会", code="OTHER")
    stranger = await make_actor(Role.ORGANISER, other)
    await make_programme(other)
    await make_programme(world.root, year=2014, code="old")
    numbers = []
    for actor, given in (
        (world.organiser, {}),
        (stranger, {}),
        (world.organiser, {"year": 2014, "as_of": None}),
        (world.organiser, {"programme": "mind"}),
        (world.organiser, {"period": "2015-Q3"}),
    ):
        snapshot = await readable_snapshot(actor, await fix(actor, now, tmp_path, **given))
        numbers.append((snapshot.year, snapshot.number, snapshot.programme, snapshot.period))

    assert numbers == [
        (2015, 1, "", ""),
        (2015, 1, "", ""),
        (2014, 1, "", ""),
        (2015, 2, "mind", ""),
        (2015, 3, "", "2015-Q3"),
    ]


async def test_a_snapshot_is_made_by_a_job_exactly_once(
    world: World, now: datetime, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker is taken for dead after printing: what it brings then makes no second snapshot."""
    job = await ask_for_report(world.organiser, now, kind="fix", year=2015, as_of=AS_OF, note="年中", home=tmp_path)
    await running.close()
    going_on, hanging = asyncio.Event(), asyncio.Event()

    async def hang(*args: Any, **given: Any) -> bytes:
        if not hanging.is_set():
            hanging.set()
            await going_on.wait()
        return await plain(*args, **given)

    monkeypatch.setattr(commands, "document_of", hang)
    first = asyncio.create_task(work_on_jobs(now, home=tmp_path))
    await hanging.wait()
    await db.execute("UPDATE reports_job SET heartbeat_at = heartbeat_at - interval '1 minute'")
    await work_on_jobs(now, home=tmp_path)
    going_on.set()
    await first

    done = await readable_job(world.organiser, job.id)
    snapshots = await snapshots_of(world.organiser)
    assert (done.state, done.tries) == (JobState.DONE, 2)
    assert [(one.id, one.number, one.note) for one in snapshots] == [(done.snapshot_id, 1, "年中")]
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'report.fixed'") == 1


async def test_two_people_who_fix_the_same_at_once_get_two_numbers(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    """One person's second tap is the same job."""
    deputy = await make_actor(Role.ORGANISER, world.root)
    asked = [
        await ask_for_report(one, now, kind="fix", year=2015, as_of=AS_OF, home=tmp_path)
        for one in (world.organiser, world.organiser, deputy)
    ]
    await running.close()
    await asyncio.gather(*(work_on_jobs(now, home=tmp_path) for _ in range(3)))

    assert asked[0].id == asked[1].id
    done = [await readable_job(world.evaluator, one.id) for one in (asked[0], asked[2])]
    assert [one.state for one in done] == [JobState.DONE, JobState.DONE]
    snapshots = {one.id: one for one in await snapshots_of(world.evaluator)}
    assert sorted(one.number for one in snapshots.values()) == [1, 2]
    assert [snapshots[one.snapshot_id].fixed_by_name for one in done if one.snapshot_id] == [
        world.organiser.name,
        deputy.name,
    ]


# --- the end of the year ----------------------------------------------------------------------------------------------

LAST_MINUTE = datetime(2015, 12, 31, 15, 59, tzinfo=UTC)
MIDNIGHT = datetime(2015, 12, 31, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("asked_at", [LAST_MINUTE, MIDNIGHT, MIDNIGHT + timedelta(days=100)])
async def test_a_year_ends_at_midnight_and_without_a_day_it_is_fixed_at_its_end(
    world: World, tmp_path: Path, quick: None, asked_at: datetime
) -> None:
    event = await make_event(world.programme)
    for starts_at in (LAST_MINUTE, MIDNIGHT):
        session = await make_session(event, state="held", starts_at=starts_at)
        await make_headcount(session, on=(starts_at + timedelta(hours=8)).date(), total=30)
    snapshot_id = await fix(world.organiser, asked_at, tmp_path, as_of=None)
    snapshot = await readable_snapshot(world.organiser, snapshot_id)

    assert (snapshot.as_of, snapshot.figures.sessions, snapshot.figures.visits) == (date(2015, 12, 31), 2, 110)


async def test_closing_and_opening_the_year_moves_no_snapshot_and_a_closed_year_can_be_fixed(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    """Fixed long before the closing, and again after it; opened again and corrected, both stand as they were."""
    first_id = await fix(world.organiser, now, tmp_path)
    after = MIDNIGHT + timedelta(days=20)
    given: dict[str, Any] = {"organisation_id": world.root.id, "year": 2015, "reason": "为什么"}
    await close_year(world.organiser, after, **given)
    second_id = await fix(world.organiser, after, tmp_path, as_of=None)
    before = [await readable_snapshot(world.organiser, one) for one in (first_id, second_id)]
    files = [await bytes_of(one, tmp_path) for one in before]
    await correct_headcount(
        world.organiser, after, session_id=world.held.id, field_name="total", on=HELD_AT.date(), value=95,
        reason="数错了一排",
    )  # fmt: skip
    await reopen_year(await make_actor(Role.ADMINISTRATOR, None), after, **given)
    await add_tally(
        world.organiser, after, programme_id=world.programme.id, target="books", on=date(2015, 12, 1), quantity=70
    )

    found = [await readable_snapshot(world.organiser, one) for one in (first_id, second_id)]
    assert found == before
    assert [await bytes_of(one, tmp_path) for one in found] == files
    assert [(one.number, one.as_of) for one in found] == [(1, AS_OF), (2, date(2015, 12, 31))]
    deeds = [one.action for one in (await compared(found[0], after + timedelta(days=1))).deeds]
    assert deeds == ["year.closed", "year.reopened", "tally.added"]


# --- who --------------------------------------------------------------------------------------------------------------


async def test_who_fixes_reads_and_withdraws(world: World, now: datetime, tmp_path: Path, quick: None) -> None:
    snapshot_id = await fix(world.organiser, now, tmp_path)
    below = await make_organisation(parent=world.root, name="吴中区总工会", kind="federation")
    others = [
        await make_actor(Role.ORGANISER, below),
        await make_actor(Role.CONTACT, world.root),
        await make_actor(Role.ORGANISER, await make_organisation(name="别市总工会")),
    ]

    for other in others:
        with pytest.raises(NotFoundError):
            await readable_snapshot(other, snapshot_id)
        with pytest.raises(NotFoundError):
            await withdraw_snapshot(other, now, snapshot_id=snapshot_id, reason="为什么")
        assert await snapshots_of(other) == []
    with pytest.raises(ForbiddenError):
        await fix(world.evaluator, now, tmp_path)
    with pytest.raises(ForbiddenError):
        await withdraw_snapshot(world.evaluator, now, snapshot_id=snapshot_id, reason="为什么")
    assert [one.id for one in await snapshots_of(world.evaluator)] == [snapshot_id]


async def test_withdrawn_with_a_reason_once_and_kept(world: World, now: datetime, tmp_path: Path, quick: None) -> None:
    snapshot_id = await fix(world.organiser, now, tmp_path)
    with pytest.raises(InvalidError):
        await withdraw_snapshot(world.organiser, now, snapshot_id=snapshot_id, reason="  ")
    before = await readable_snapshot(world.organiser, snapshot_id)
    done = await asyncio.gather(
        *(withdraw_snapshot(world.organiser, now, snapshot_id=snapshot_id, reason="漏了一个项目") for _ in range(3)),
        return_exceptions=True,
    )
    again = await readable_snapshot(world.organiser, await fix(world.organiser, now, tmp_path))

    after = await readable_snapshot(world.organiser, snapshot_id)
    assert sum(isinstance(one, SnapshotWithdrawnError) for one in done) == 2
    assert (after.is_withdrawn, after.withdrawn_reason) == (True, "漏了一个项目")
    unmoved = replace(after, withdrawn_at=None, withdrawn_by_name="", withdrawn_reason="")
    assert unmoved == before
    assert again.number == 2
    assert len((await bytes_of(after, tmp_path))["pdf"]) > 0


# --- beside today -----------------------------------------------------------------------------------------------------


async def test_nothing_differs_while_nothing_changed(world: World, now: datetime, tmp_path: Path, quick: None) -> None:
    snapshot = await readable_snapshot(world.organiser, await fix(world.organiser, now, tmp_path))
    found = await compared(snapshot, now)

    assert (found.differences, found.sessions, found.changed, found.deeds) == ([], [], 0, [])


async def test_beside_today_it_says_what_differs_by_how_much_and_why(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    snapshot = await readable_snapshot(world.organiser, await fix(world.organiser, now, tmp_path))
    later = now + timedelta(days=3)
    await correct_headcount(
        world.organiser, later, session_id=world.held.id, field_name="total", on=HELD_AT.date(), value=95,
        reason="数错了一排",
    )  # fmt: skip
    event = await make_event(world.programme)
    added = await make_session(event, state="held", starts_at=HELD_AT - timedelta(days=1), title="后来补录")
    await make_headcount(added, on=added.starts_at.date(), total=30)
    await add_tally(
        world.organiser, later, programme_id=world.programme.id, target="books", on=date(2015, 9, 1), quantity=120
    )
    await add_tally(
        world.organiser, later, programme_id=world.programme.id, target="books", on=date(2015, 9, 18), quantity=9
    )

    found = await compared(snapshot, later)
    by = {(one.target.key if one.target else "", one.name): one.by for one in found.differences}
    assert by[("", "sessions")] == 1
    assert by[("", "visits")] == 45
    assert by[("sessions", "actual")] == 1
    assert by[("books", "actual")] == 120
    assert ("sessions", "value") not in by
    changed = {one.title: one for one in found.sessions}
    assert found.changed == 2
    assert changed["后来补录"].change.before is None
    corrected = changed[world.held.title]
    assert corrected.change.before is not None
    assert corrected.change.now is not None
    assert (corrected.change.before.visits, corrected.change.now.visits) == (80, 95)
    assert [(one.old_value, one.new_value, one.reason) for one in corrected.corrections] == [(80, 95, "数错了一排")]
    assert [(one.action, one.facts["quantity"]) for one in found.deeds] == [("tally.added", 120), ("tally.added", 9)]


async def test_of_a_quarter_it_says_which_earlier_session_moved_the_targets(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    """Targets add up from January; the sessions of the report are those of the quarter."""
    visits = await make_target(world.programme, key="visits", label="听众", metric="visits", unit="人次", position=3)
    spring = await make_session(
        await make_event(world.programme), state="held", starts_at=datetime(2015, 5, 5, 6, tzinfo=UTC)
    )
    await make_headcount(spring, on=date(2015, 5, 5), total=40)
    snapshot = await readable_snapshot(world.organiser, await fix(world.organiser, now, tmp_path, period="2015-Q3"))
    assert (snapshot.figures.sessions, snapshot.figures.visits) == (1, 80)
    later = now + timedelta(days=3)
    await correct_headcount(
        world.organiser, later, session_id=spring.id, field_name="total", on=date(2015, 5, 5), value=44,
        reason="漏了门口的",
    )  # fmt: skip

    found = await compared(snapshot, later)
    by = {(one.target.id if one.target else None, one.name): one.by for one in found.differences}
    assert by[visits.id, "actual"] == 4
    assert (None, "visits") not in by
    assert found.sessions == []
    assert [(one.id, one.reasons) for one in found.earlier] == [(spring.id, ["漏了门口的"])]


async def test_lists_and_comparisons_take_the_same_statements_however_much_there_is(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    lists, comparisons = [], []
    latest = new_id()
    for number in (1, 3):
        while await db.value("SELECT count(*) FROM reports_snapshot") < number:
            latest = await fix(world.organiser, now, tmp_path)
        snapshot = await readable_snapshot(world.organiser, latest)
        for day in range(number):
            session = await make_session(await make_event(world.programme), state="held", starts_at=HELD_AT)
            await make_headcount(session, on=HELD_AT.date(), total=30 + day)
        with counted() as sent:
            assert len(await snapshots_of(world.organiser)) == number
        lists.append(len(sent))
        with counted() as sent:
            assert (await compared(snapshot, now)).changed
        comparisons.append(len(sent))

    assert lists == [1, 1]
    assert comparisons[0] == comparisons[1]


async def test_bytes_that_are_gone_are_told_and_not_made_up(
    world: World, now: datetime, tmp_path: Path, quick: None
) -> None:
    snapshot = await readable_snapshot(world.organiser, await fix(world.organiser, now, tmp_path))
    path = file_path(tmp_path, snapshot.file("csv").digest)
    path.write_bytes(b"something else")

    with pytest.raises(NotFoundError):
        await stored_bytes(tmp_path, snapshot.file("csv").digest)
    assert set(KINDS) == {one.kind for one in snapshot.files}


# --- pure -------------------------------------------------------------------------------------------------------------


def a_target(**given: Any) -> FixedTarget:
    values = dict.fromkeys(FixedTarget.__struct_fields__, 0.0)
    texts = dict.fromkeys(("programme", "organisation", "key", "label", "wording", "unit", "bound", "status"), "")
    return FixedTarget(**{**values, **texts, "id": new_id(), "programme_id": new_id(), "total": None, **given})


def test_differences_are_found_by_identity_and_never_lost() -> None:
    kept, gone, new = a_target(actual=3.0), a_target(value=9.0), a_target(value=5.0, actual=1.0)
    moved = FixedTarget(**{**{name: getattr(kept, name) for name in FixedTarget.__struct_fields__}, "actual": 4.0})
    before = FixedFigures(targets=(kept, gone), programmes=1, sessions=3, visits=9, workers=0, unrecorded=0)
    after = FixedFigures(targets=(moved, new), programmes=1, sessions=3, visits=9, workers=0, unrecorded=1)

    found = [
        (one.target.id if one.target else None, one.name, one.before, one.now) for one in differences(before, after)
    ]
    assert found == [
        (None, "unrecorded", 0, 1),
        (kept.id, "actual", 3, 4),
        (gone.id, "value", 9, None),
        (gone.id, "actual", 0, None),
        (new.id, "value", None, 5),
        (new.id, "actual", None, 1),
    ]
    assert differences(before, before) == []


def test_changes_name_what_came_went_and_moved() -> None:
    def a_session(day: int, visits: int | None) -> FixedSession:
        return FixedSession(id=new_id(), programme_id=new_id(), on=date(2015, 5, day), visits=visits, workers=None)

    same, gone, old, new = a_session(1, 9), a_session(4, None), a_session(2, 7), a_session(3, 5)
    moved = FixedSession(id=old.id, programme_id=old.programme_id, on=old.on, visits=8, workers=None)

    assert [(one.before, one.now) for one in changes([same, gone, old], [same, moved, new])] == [
        (old, moved),
        (None, new),
        (gone, None),
    ]
