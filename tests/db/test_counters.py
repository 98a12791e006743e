"""Counters and what is remembered give the same figures as the rows, whatever was written, by whom and when."""

import asyncio
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from outreach.counting import keeping
from outreach.counting.checking import Checked, check_counters, count_everything_anew
from outreach.counting.counters import recount, waiting_marks
from outreach.counting.facts import facts_of
from outreach.counting.queries import programme_progress
from outreach.events.tables import Event, Session
from outreach.programmes.tables import Programme, Target
from outreach.shared import db
from outreach.shared.ids import new_id
from outreach.shared.time import ZONE, local_day
from tests.factories.accounts import make_organisation
from tests.factories.events import make_event, make_session
from tests.factories.programmes import make_programme, make_tally, make_target
from tests.support.queries import counted

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2015, 9, 15, 9, tzinfo=ZONE)
TODAY = NOW.date()
COUNTED = ("held", "closed")


def at(month: int, day: int, hour: int = 14) -> datetime:
    return datetime(2015, month, day, hour, tzinfo=ZONE)


async def be_there(session: UUID, on: date, person: str, *, present: bool = True, worker: bool | None = None) -> UUID:
    made = new_id()
    await db.execute(
        """INSERT INTO attendance_attendee (id, session, "on", name, identity, is_worker, expected, present, came_by,
                                            checked_in_at, created_at, changed_at)
           VALUES ($1, $2, $3, $4, $4, $5, NOT $6::boolean, $6, CASE WHEN $6 THEN 'qr' ELSE '' END, $7, $7, $7)
           ON CONFLICT DO NOTHING""",
        made, session, on, person, worker, present, NOW,
    )  # fmt: skip
    return made


class Oracle:
    """The figures by the words of DESIGN, one by one from every row."""

    def __init__(self, sessions: list[Any], heads: list[Any], people: list[Any], as_of: date) -> None:
        self.sessions = {
            one["id"]: one for one in sessions if one["state"] in COUNTED and local_day(one["starts_at"]).year == 2015
        }
        self.heads = {(one["session"], one["on"]): one for one in heads}
        self.people = [one for one in people if one["present"] and one["session"] in self.sessions]
        self.as_of = as_of

    @classmethod
    async def read(cls, as_of: date) -> "Oracle":
        return cls(
            await db.rows("SELECT id, programme, kind, state, starts_at FROM events_session"),
            await db.rows("SELECT * FROM attendance_headcount"),
            await db.rows("SELECT * FROM attendance_attendee"),
            as_of,
        )

    def _ours(self, programme: UUID) -> set[UUID]:
        return {id_ for id_, one in self.sessions.items() if one["programme"] == programme}

    def visits(self, programme: UUID) -> tuple[int, int]:
        """Everybody and workers, held and counted by the day."""
        ours = {one for one in self._ours(programme) if local_day(self.sessions[one]["starts_at"]) <= self.as_of}
        total = sum(head["total"] for (session, on), head in self.heads.items() if session in ours and on <= self.as_of)
        workers = sum(
            head["workers"] or 0 for (session, on), head in self.heads.items() if session in ours and on <= self.as_of
        )
        named = [
            one for one in self.people
            if one["session"] in ours and one["on"] <= self.as_of and (one["session"], one["on"]) not in self.heads
        ]  # fmt: skip
        return total + len(named), workers + sum(one["is_worker"] is True for one in named)

    def by_month(self, programme: UUID, kinds: tuple[str, ...]) -> dict[int, int]:
        first: dict[str, date] = {}
        for one in self.people:
            session = self.sessions[one["session"]]
            if session["programme"] == programme and (not kinds or session["kind"] in kinds):
                day = max(one["on"], local_day(session["starts_at"]))
                first[one["identity"]] = min(day, first.get(one["identity"], day))
        return dict(Counter(day.month for day in first.values() if day <= self.as_of))


class World:
    """Two programmes, each with two people targets, and what a year does to their sessions."""

    programmes: list[Programme]
    events: list[Event]
    targets: list[Target]

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)

    async def build(self) -> "World":
        owner = await make_organisation()
        self.programmes = [await make_programme(owner) for _ in range(2)]
        self.events = [await make_event(one) for one in self.programmes]
        self.targets = [
            await make_target(one, key=f"people{len(kinds)}", metric="people", unit="人", kinds=kinds)
            for one in self.programmes
            for kinds in ([], ["演出"])
        ]
        for number in range(8):
            day = self.dice.randrange(250)
            await make_session(
                self.events[number % 2],
                kind=self.dice.choice(["讲座", "演出"]),
                state=self.dice.choice(["published", "held", "closed"]),
                starts_at=at(1, 2) + timedelta(days=day),
                ends_at=at(1, 2) + timedelta(days=day + self.dice.choice([0, 0, 2]), hours=2),
            )
        return self

    async def _one(self, table: str, where: str = "true") -> Any:
        found = await db.rows(f"SELECT * FROM {table} WHERE {where} ORDER BY id")
        return self.dice.choice(found) if found else None

    async def step(self) -> None:
        """Something that a command, an import or a keeper with SQL would do."""
        session = await self._one("events_session")
        attendee = await self._one("attendance_attendee")
        on = local_day(session["starts_at"]) + timedelta(days=self.dice.randrange(2))
        match self.dice.randrange(14):
            case 0 | 1 | 2:
                person, worker = f"p{self.dice.randrange(30)}", self.dice.choice([None, True, False])
                await be_there(session["id"], on, person, present=self.dice.random() < 0.7, worker=worker)
            case 3:
                await self._list(session["id"], on)
            case 4 if attendee:
                await db.execute(
                    """UPDATE attendance_attendee SET present = NOT present, came_by = 'list', checked_in_at = $2,
                              is_worker = NOT is_worker WHERE id = $1""",
                    attendee["id"],
                    NOW,
                )
            case 5 if attendee:
                await db.execute("DELETE FROM attendance_attendee WHERE id = $1", attendee["id"])
            case 6 if attendee:
                await db.execute(
                    """UPDATE attendance_attendee SET identity = $2 WHERE id = $1 AND NOT EXISTS (
                           SELECT 1 FROM attendance_attendee a WHERE a.session = $3 AND a."on" = $4 AND a.identity = $2)
                    """,
                    attendee["id"], f"p{self.dice.randrange(30)}", attendee["session"], attendee["on"],
                )  # fmt: skip
            case 7 | 8:
                total = self.dice.randrange(1, 90)
                await db.execute(
                    """INSERT INTO attendance_headcount (id, session, "on", total, workers, recorded_at)
                       VALUES (gen_random_uuid(), $1, $2, $3, $4, $5) ON CONFLICT (session, "on") DO UPDATE
                          SET total = EXCLUDED.total, workers = EXCLUDED.workers""",
                    session["id"], on, total, self.dice.choice([None, total // 2]), NOW,
                )  # fmt: skip
            case 9:
                head = await self._one("attendance_headcount")
                if head:
                    await db.execute("DELETE FROM attendance_headcount WHERE id = $1", head["id"])
            case 10 | 11:
                state = self.dice.choice(["published", "held", "closed", "cancelled"])
                await db.execute("UPDATE events_session SET state = $2 WHERE id = $1", session["id"], state)
            case 12:
                kind, index = self.dice.choice(["讲座", "演出"]), self.dice.randrange(2)
                await db.execute(
                    "UPDATE events_session SET kind = $2, programme = $3, event = $4 WHERE id = $1",
                    session["id"], kind, self.programmes[index].id, self.events[index].id,
                )  # fmt: skip
            case _:
                days = timedelta(days=self.dice.choice([-20, -1, 1, 20]))
                await db.execute(
                    "UPDATE events_session SET starts_at = starts_at + $2, ends_at = ends_at + $2 WHERE id = $1",
                    session["id"], days,
                )  # fmt: skip

    async def _list(self, session: UUID, on: date) -> None:
        """A file of more people than are marked one by one."""
        await db.execute(
            """INSERT INTO attendance_attendee (id, session, "on", identity, expected, present, came_by, checked_in_at,
                                                created_at, changed_at)
               SELECT gen_random_uuid(), $1, $2, 'p' || n, false, true, 'import', $3, $3, $3
                 FROM generate_series($4::int, $4::int + 120) n ON CONFLICT DO NOTHING""",
            session, on, NOW, self.dice.randrange(200),
        )  # fmt: skip

    async def change_targets(self) -> None:
        """A target counts other kinds from now on, or comes, or goes."""
        target = self.dice.choice(self.targets)
        kinds = self.dice.choice([[], ["演出"], ["讲座"], ["讲座", "演出"]])
        await Target.update({Target.kinds: kinds}).where(Target.id == target.id)
        target.kinds = kinds

    async def check(self, as_of: date) -> None:
        oracle = await Oracle.read(as_of)
        ids = [UUID(str(one.id)) for one in self.programmes]
        found = await facts_of(ids, 2015, as_of, NOW)
        for id_ in ids:
            visits = found[id_].visits
            assert (sum(one.total for one in visits), sum(one.workers for one in visits)) == oracle.visits(id_)
        for target in self.targets:
            programme = UUID(str(target.programme))
            by_month = {one.month: one.people for one in found[programme].people[target.id] if one.people}
            assert by_month == oracle.by_month(programme, tuple(target.kinds))


@pytest.mark.parametrize("seed", range(8))
async def test_counters_are_the_rows_after_anything_that_may_happen(seed: int) -> None:
    world = await World(seed).build()
    dice = Random(seed + 100)
    for number in range(70):
        await world.step()
        if dice.random() < 0.1:
            await world.change_targets()
        if dice.random() < 0.25:
            await recount(NOW)
        if number % 5 == 0:
            await world.check(date(2015, 1, 1) + timedelta(days=dice.randrange(364)))
    await world.check(date(2015, 12, 31))
    await recount(NOW)
    assert await waiting_marks() == 0
    await world.check(date(2015, 12, 31))


async def test_the_figures_of_a_counted_year_are_read_from_counters() -> None:
    """What is wrong in them shows, so that the tests above do prove something; and the recount mends what is marked."""
    programme = await make_programme(await make_organisation())
    event = await make_event(programme)
    target = await make_target(programme, metric="people", unit="人")
    session = await make_session(event, state="held", starts_at=at(3, 2))
    await be_there(session.id, date(2015, 3, 2), "a")
    await recount(NOW)
    await db.execute("UPDATE counting_day SET total = 70")
    await db.execute("UPDATE counting_people SET people = 70")
    facts = (await facts_of([programme.id], 2015, TODAY, NOW))[programme.id]
    assert ([one.total for one in facts.visits], [one.people for one in facts.people[target.id]]) == ([70], [70])
    await be_there(session.id, date(2015, 3, 2), "b")
    facts = (await facts_of([programme.id], 2015, TODAY, NOW))[programme.id]
    assert [one.total for one in facts.visits] == [2]


async def test_a_batch_smaller_than_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outreach.counting.counters.BATCH", 3)
    world = await World(7).build()
    for _ in range(40):
        await world.step()
    waiting = await waiting_marks()
    assert await recount(NOW) == waiting
    assert await waiting_marks() == 0
    await world.check(date(2015, 12, 31))


async def test_check_ins_while_they_are_counted() -> None:
    """Eight doors write, each in its own transaction, some left open for a while, while two processes recount and
    others look: nobody loses a person, and who has written sees it at once."""
    programme = await make_programme(await make_organisation())
    event = await make_event(programme)
    await make_target(programme, key="visits", metric="visits", unit="人次", position=1)
    await make_target(programme, key="people", metric="people", unit="人", position=2)
    sessions = [await make_session(event, state="held", starts_at=at(3, 1 + n)) for n in range(3)]
    each, doors = 12, 8
    there: dict[int, int] = defaultdict(int)

    async def door(number: int) -> None:
        for n in range(each):
            async with db.atomic():
                await be_there(sessions[n % 3].id, date(2015, 3, 1 + n % 3), f"{number}-{n}")
                await asyncio.sleep(0.002 * (number % 3))
            there[number] += 1
            least = sum(there.values())
            seen = await programme_progress(programme.id, TODAY, now=NOW)
            assert [one.actual >= least for one in seen.targets] == [True, True]

    done = asyncio.Event()

    async def count() -> None:
        while not done.is_set():
            await recount(NOW)
            await asyncio.sleep(0)

    counting = [asyncio.create_task(count()) for _ in range(2)]
    await asyncio.gather(*(door(number) for number in range(doors)))
    done.set()
    await asyncio.gather(*counting)
    assert [one.actual for one in (await programme_progress(programme.id, TODAY, now=NOW)).targets] == [96, 96]
    await recount(NOW)
    assert [one.actual for one in (await programme_progress(programme.id, TODAY, now=NOW)).targets] == [96, 96]


async def test_a_recount_waits_for_no_writer_and_no_writer_for_it(dsn: str) -> None:
    """A door has written and not committed: its session can be counted all the same, and again after the commit."""
    programme = await make_programme(await make_organisation())
    session = await make_session(await make_event(programme), state="held", starts_at=at(3, 2))
    await make_target(programme, metric="visits", unit="人次")
    await be_there(session.id, date(2015, 3, 2), "a")
    other = await asyncpg.connect(dsn)
    try:
        writing = other.transaction()
        await writing.start()
        await other.execute("SELECT 1 FROM events_session WHERE id = $1 FOR SHARE", session.id)
        await other.execute(
            """INSERT INTO attendance_attendee (id, session, "on", identity, present, came_by, checked_in_at,
                                                created_at, changed_at)
               VALUES (gen_random_uuid(), $1, '2015-03-02', 'b', true, 'qr', $2, $2, $2)""",
            session.id,
            NOW,
        )
        await asyncio.wait_for(recount(NOW), 2)
        assert [one.actual for one in (await programme_progress(programme.id, TODAY, now=NOW)).targets] == [1]
        await writing.commit()
    finally:
        await other.close()
    assert [one.actual for one in (await programme_progress(programme.id, TODAY, now=NOW)).targets] == [2]


async def the_visits(programme: Programme, as_of: date = TODAY, now: datetime = NOW) -> float:
    return (await programme_progress(programme.id, as_of, now=now)).targets[0].actual


async def test_what_is_remembered_is_right_after_every_kind_of_change() -> None:
    owner = await make_organisation()
    programme = await make_programme(owner)
    event = await make_event(programme)
    tally = await make_target(programme, key="books", metric="tally", unit="本", position=2)
    await make_target(programme, key="sessions", position=1)

    async def figures() -> list[float]:
        """The second look must agree with the first, and cost no more than the question whether anything changed."""
        first = await programme_progress(programme.id, TODAY, now=NOW)
        with counted() as statements:
            second = await programme_progress(programme.id, TODAY, now=NOW)
        assert (second, len(statements)) == (first, 3)
        return [one.actual for one in first.targets]

    assert await figures() == [0, 0]
    session = await make_session(event, state="held", starts_at=at(3, 2))
    assert await figures() == [1, 0]
    await Session.update({Session.state: "cancelled"}).where(Session.id == session.id)
    assert await figures() == [0, 0]
    await Session.update({Session.state: "closed", Session.starts_at: at(9, 16), Session.ends_at: at(9, 16, 16)}).where(
        Session.id == session.id
    )
    assert await figures() == [0, 0]
    made = await make_tally(tally, quantity=12.0)
    assert await figures() == [0, 12]
    await made.delete().where(type(made).id == made.id)
    assert await figures() == [0, 0]
    await Target.update({Target.value: 7.0}).where(Target.id == tally.id)
    assert (await programme_progress(programme.id, TODAY, now=NOW)).targets[1].value == 7
    await recount(NOW)
    assert await figures() == [0, 0]


async def test_who_books_changes_no_figure_and_nothing_is_read_again() -> None:
    programme = await make_programme(await make_organisation())
    session = await make_session(await make_event(programme))
    await make_target(programme)
    await programme_progress(programme.id, TODAY, now=NOW)
    await Session.update({Session.seats_taken: 5}).where(Session.id == session.id)
    with counted() as statements:
        await programme_progress(programme.id, TODAY, now=NOW)
    assert len(statements) == 3  # programme, targets, whether anything changed


async def test_time_alone_makes_a_session_unrecorded() -> None:
    """Nothing was written, and yet the figure changes; and a clock that is set back finds the old one."""
    programme = await make_programme(await make_organisation())
    event = await make_event(programme)
    for hour in (10, 15):
        await make_session(event, starts_at=at(9, 15, hour), ends_at=at(9, 15, hour + 2))

    async def unrecorded(now: datetime) -> int:
        return (await programme_progress(programme.id, TODAY, now=now)).unrecorded

    moments = [at(9, 15, 9), at(9, 15, 11), at(9, 15, 12), at(9, 15, 16), at(9, 15, 17), at(9, 15, 11), at(9, 18, 9)]
    assert [await unrecorded(moment) for moment in moments] == [0, 0, 1, 1, 2, 0, 2]


async def test_what_is_rolled_back_is_remembered_by_nobody() -> None:
    programme = await make_programme(await make_organisation())
    event = await make_event(programme)
    await make_target(programme)
    assert await the_visits(programme) == 0
    with pytest.raises(RuntimeError, match="given up"):
        async with db.atomic():
            await make_session(event, state="held", starts_at=at(3, 2))
            assert await the_visits(programme) == 1
            raise RuntimeError("given up")
    assert await the_visits(programme) == 0


async def test_a_few_questions_are_remembered_and_not_every_one() -> None:
    programme = await make_programme(await make_organisation())
    await make_target(programme)
    keeping.forget()
    for number in range(100):
        await programme_progress(programme.id, date(2015, 1, 1) + timedelta(days=number), now=NOW)
    assert len(keeping._kept) == 64
    keeping.forget()


async def test_emptied_tables_are_counted_as_empty() -> None:
    programme = await make_programme(await make_organisation())
    session = await make_session(await make_event(programme), state="held", starts_at=at(3, 2))
    await make_target(programme, key="visits", metric="visits", unit="人次", position=1)
    await make_target(programme, key="people", metric="people", unit="人", position=2)
    await be_there(session.id, date(2015, 3, 2), "a")
    await recount(NOW)
    seen = await programme_progress(programme.id, TODAY, now=NOW)
    assert [one.actual for one in seen.targets] == [1, 1]
    await db.execute("TRUNCATE attendance_attendee CASCADE")
    seen = await programme_progress(programme.id, TODAY, now=NOW)
    assert [one.actual for one in seen.targets] == [0, 0]


async def test_the_doctor_finds_what_is_counted_wrongly_and_a_recount_mends_it() -> None:
    programme = await make_programme(await make_organisation())
    event = await make_event(programme)
    target = await make_target(programme, metric="people", unit="人")
    sessions = [await make_session(event, state="held", starts_at=at(3, 2 + n)) for n in range(3)]
    for number, session in enumerate(sessions):
        await be_there(session.id, date(2015, 3, 2 + number), "a")
    waits = await check_counters()
    assert (waits.sessions, waits.people, waits.waiting >= 6) == (0, 0, True)
    await recount(NOW)
    assert await check_counters() == Checked(3, 0, 1, 0, 0)
    await db.execute("UPDATE counting_day SET total = 7 WHERE session = $1", sessions[0].id)
    await db.execute("DELETE FROM counting_day WHERE session = $1", sessions[1].id)
    await db.execute("DELETE FROM counting_person WHERE target = $1", target.id)
    found = await check_counters()
    assert (found.wrong_sessions, found.wrong_people, found.agrees) == (2, 2, False)  # "a", and the sum by day
    await count_everything_anew()
    await recount(NOW)
    assert await check_counters() == Checked(3, 0, 1, 0, 0)
