"""Everything that writes attendance at the same moment, with the closing in the middle of it.

Each writer is right alone; here none may wait in a ring (which the server answers 503), and what is written after the
closing is nothing: visits, people, records and the state of the session fit together whoever was first.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from outreach.attendance import commands, people
from outreach.attendance.attendees import PersonGiven, identity_key
from outreach.attendance.checking_in import check_in
from outreach.attendance.closing import erasing
from outreach.attendance.closing.commands import remark_session
from outreach.attendance.commands import Figures
from outreach.attendance.costs.commands import record_cost
from outreach.attendance.costs.domain.drafts import draft_of
from outreach.attendance.domain.identity import identity_of
from outreach.attendance.doors import door_by_token
from outreach.attendance.opening_doors import open_door
from outreach.attendance.opinions.giving import Said, give_opinion
from outreach.attendance.reported.commands import report_headcount
from outreach.attendance.rosters.commands import confirm_roster, preview_roster
from outreach.attendance.ticking.commands import TickGiven, record_ticks
from outreach.events.queries import session_by_id
from outreach.papers.certificates import issue_certificates
from outreach.programmes.domain.errors import ClosedYearError
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.errors import UnavailableError
from tests.db.test_orders_races import outcome
from tests.factories.bookings import BookingWorld, make_booking
from tests.factories.events import STARTS_AT, make_session
from tests.factories.orders import make_order
from tests.factories.programmes import make_year
from tests.support.handing_in import hand_in, picture

pytestmark = pytest.mark.usefixtures("database")

RUNS = 6
DURING, AFTER = STARTS_AT + timedelta(hours=1), STARTS_AT + timedelta(hours=3)
DAY = STARTS_AT.date()
UNIT = "胥江机械厂工会"
ROSTER = ("姓名,单位\n" + "".join(f"职工{number},{UNIT}\n" for number in range(30))).encode()


class Scene(BookingWorld):
    """A session at the union's own site, made for its order, with a poster and the previews of two rosters."""

    async def ready(self, settings: Settings) -> "Scene":
        await self.build()
        self.session = await make_session(self.event, host=self.union.id, visibility="host")
        await make_booking(self.session, self.union, is_host=True)
        await make_booking(self.session, self.other, state="pending")
        await make_order(self.event, self.union, state="scheduled", session=self.session.id)
        self.settings, self.key = settings, identity_key(settings)
        made = await open_door(self.organiser, STARTS_AT, session_id=self.session.id)
        self.token = made.token
        self.rosters = [
            (who, await self._preview(who, presence))
            for who, presence in ((self.organiser, True), (self.contact, False))
        ]
        return self

    async def _preview(self, who: Any, presence: bool) -> Any:
        made = await preview_roster(
            who, DURING, session_id=self.session.id, content=ROSTER, name="名单.csv", presence=presence, on=DAY,
            key=self.key,
        )  # fmt: skip
        return made.id

    def writers(self, home: Path) -> dict[str, Callable[[], Awaitable[Any]]]:
        """All of them, by name; each may be called once."""
        id_ = self.session.id
        made: dict[str, Callable[[], Awaitable[Any]]] = {
            f"check-in {number}": partial(self._come, number) for number in range(12)
        }
        made |= {f"ticks {number}": self._tick for number in range(3)}
        made |= {
            f"roster {number}": partial(confirm_roster, who, AFTER, session_id=id_, roster_id=roster)
            for number, (who, roster) in enumerate(self.rosters)
        }
        return made | {
            "person": self._add,
            "head-count": lambda: commands.put_headcount(
                self.organiser, AFTER, session_id=id_, figures=Figures(on=DAY, total=50)
            ),
            "report": lambda: report_headcount(
                self.contact, AFTER, session_id=id_, organisation_id=self.union.id, figures=Figures(on=DAY, total=40)
            ),
            "correction": lambda: commands.correct_headcount(
                self.organiser, AFTER, session_id=id_, field_name="total", on=DAY, value=44, reason="重数"
            ),
            "hold": lambda: commands.hold_session(self.organiser, AFTER, session_id=id_),
            "remark": lambda: remark_session(self.organiser, AFTER, session_id=id_, remarks="很好"),
            "photo of the host": lambda: hand_in(self, self.contact, AFTER, home, picture(3)),
            "photo of staff": lambda: hand_in(self, self.organiser, AFTER, home, picture(3), picture(9), reason="补"),
            "cost": lambda: record_cost(
                self.organiser, AFTER, session_id=id_, draft=draft_of(kind="travel", amount="12")
            ),
            "certificates": self._certify,
        }

    async def _come(self, number: int) -> None:
        door = await door_by_token(self.token)
        done = await check_in(DURING, door=door, key=self.key, name=f"职工{number % 6}", unit=UNIT, came_by="qr")
        await give_opinion(DURING, key=self.key, attendee_id=done.attendee_id, said=Said(5, 4, 3))

    async def _tick(self) -> None:
        ticks = [TickGiven(key=uuid4(), name=f"职工{number}", unit=UNIT) for number in range(8)]
        await record_ticks(self.organiser, AFTER, key=self.key, session_id=self.session.id, on=DAY, ticks=ticks)

    async def _add(self) -> None:
        person = PersonGiven(name="职工0", unit_name=UNIT, identity=identity_of(self.key, name="职工0", unit=UNIT))
        made = await people.add_person(self.organiser, AFTER, session_id=self.session.id, on=DAY, person=person)
        await people.undo_presence(
            self.organiser, AFTER, session_id=self.session.id, attendee_id=made.attendee_id, reason="点错"
        )

    async def _certify(self) -> None:
        session = await session_by_id(self.session.id)
        there = await db.rows("SELECT id FROM attendance_attendee WHERE session = $1 AND present", session.id)
        await issue_certificates(
            self.organiser, AFTER, self.settings, session=session, people=[one["id"] for one in there], halves=2
        )

    async def closing(self) -> str:
        """Close it, or find it closed; one that is not held yet is held first."""
        while True:
            said = await outcome(
                commands.close_session(self.organiser, AFTER, session_id=self.session.id, remarks="办完了")
            )
            if said != "SessionStateError" or (await session_by_id(self.session.id)).state == "closed":
                return said
            await outcome(commands.hold_session(self.organiser, AFTER, session_id=self.session.id))


async def written_by_now(session_id: Any) -> list[Any]:
    """All that counts."""
    return [
        await db.rows(
            "SELECT identity, present, revision FROM attendance_attendee WHERE session = $1 ORDER BY 1", session_id
        ),
        await db.rows('SELECT "on", total, revision FROM attendance_headcount WHERE session = $1', session_id),
        await db.rows("SELECT remarks, missing_reason FROM attendance_record WHERE session = $1", session_id),
    ]


@pytest.mark.parametrize("run", range(RUNS))
async def test_every_writer_and_two_closings(settings: Settings, tmp_path: Path, run: int) -> None:
    scene = await Scene().ready(settings)
    rnd = random.Random(run)
    writers = scene.writers(tmp_path)

    async def start(doing: Awaitable[str], pause: float) -> str:
        await asyncio.sleep(pause)
        return await doing

    # At first few come before the closing, at last most do.
    close_at = 0.3 * (run + 1) / RUNS
    said = await asyncio.gather(
        *(start(outcome(one()), rnd.random() * 0.3) for one in writers.values()),
        *(start(scene.closing(), close_at) for _ in range(2)),
    )

    assert sorted(said[-2:]) == ["SessionStateError", "done"]
    assert UnavailableError.__name__ not in said, dict(zip([*writers, "closing", "again"], said, strict=True))
    await _fits(scene)
    before = await written_by_now(scene.session.id)
    late = {name for name, one in scene.writers(tmp_path).items() if await outcome(one()) == "done"}
    after = await written_by_now(scene.session.id)
    assert after[0] == before[0]
    assert after[2] == before[2]
    # Ticks are answered one by one, a roster that is stored already is not stored again; the others have their reason.
    assert {name.rstrip(" 012") for name in late} <= {
        "ticks", "roster", "correction", "photo of staff", "cost", "certificates",
    }  # fmt: skip


async def _fits(scene: Scene) -> None:
    session = await session_by_id(scene.session.id)
    lines = await db.rows(
        "SELECT action FROM accounts_journal WHERE object_id = $1 AND action LIKE 'session.%'", session.id
    )
    actions = [one["action"] for one in lines]
    assert session.state == "closed"
    assert (actions.count("session.held"), actions.count("session.closed")) == (1, 1)
    bookings = await db.rows("SELECT state FROM bookings_booking WHERE session = $1 ORDER BY 1", session.id)
    assert [one["state"] for one in bookings] == ["attended", "declined"]
    assert await db.value("SELECT state FROM bookings_order WHERE session = $1", session.id) == "fulfilled"
    doubled = await db.value(
        """SELECT count(*) FROM (SELECT 1 FROM attendance_attendee GROUP BY session, "on", identity
                                  HAVING count(*) > 1) twice"""
    )
    assert doubled == 0


async def test_names_are_erased_while_somebody_still_writes(settings: Settings) -> None:
    """A year that was closed long ago takes nobody, so that nobody is named after the erasure."""
    scene = await Scene().ready(settings)
    await scene._come(1)
    long_after = datetime(2017, 3, 1, tzinfo=STARTS_AT.tzinfo)
    await make_year(scene.root, state="closed", closed_at=STARTS_AT + timedelta(days=120))

    said = await asyncio.gather(
        *(outcome(scene._come(number)) for number in range(6)),
        *(
            outcome(confirm_roster(who, AFTER, session_id=scene.session.id, roster_id=id_))
            for who, id_ in scene.rosters
        ),
        *(outcome(erasing.erase_names(long_after, 12)) for _ in range(2)),
    )
    assert said[:6] == ["CheckinClosedError"] * 6
    assert said[6:8] == [ClosedYearError.__name__] * 2
    assert said[8:] == ["done"] * 2
    assert await db.value("SELECT count(*) FROM accounts_journal WHERE action = 'names.erased'") == 1
    assert await db.value("SELECT count(*) FROM attendance_attendee WHERE name <> '' OR tail <> ''") == 0
    assert await db.value("SELECT count(*) FROM attendance_roster WHERE rows::text LIKE '%职工%'") == 0
