"""All targets of a year with 10,000 sessions and 1,000,000 attendees, beside one plain aggregate of the same rows.

Times are what the caller waits for the statements (driver and socket included), the best of several rounds; nothing is
remembered in between but in the line that says so. Then the same while a hundred sessions changed since the last
recount, the recount itself, and what a mark adds to a check-in.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bench.stock import database
from bench.support import Row, home_folder
from outreach.counting import keeping
from outreach.counting.counters import recount
from outreach.counting.facts import facts_of
from outreach.counting.queries import programme_progress
from outreach.shared import db
from outreach.shared.time import ZONE
from tests.factories.accounts import make_organisation
from tests.factories.events import make_event
from tests.factories.programmes import make_programme, make_target
from tests.support.queries import counted

__all__ = ["measure"]

SESSIONS, PEOPLE_EACH, IDENTITIES, MENU = 10_000, 100, 400_000, 40
KINDS = ["讲座", "演出", "培训", "展览"]
YEAR = 2025
AS_OF, NOW = date(2025, 9, 30), datetime(2025, 9, 30, 18, tzinfo=ZONE)
ROUNDS, CHANGED = 40, 100

_SESSIONS = """
INSERT INTO events_session (id, event, programme, organisation, title, kind, address, district, starts_at, ends_at,
                            capacity, visibility, state, revised_at, published_at, created_at)
SELECT gen_random_uuid(), ($3::uuid[])[1 + n % cardinality($3::uuid[])], $1, $2, '讲座',
       ($4::text[])[1 + n % cardinality($4::text[])], '礼堂', '', at, at + interval '2 hours', 120, 'public',
       CASE WHEN n % 29 = 0 THEN 'cancelled' WHEN at < $6 THEN 'closed' ELSE 'published' END, now(), now(), now()
  FROM generate_series(0, $5::int - 1) n
 CROSS JOIN LATERAL (SELECT make_timestamptz($7, 1, 2, 1, 0, 0, 'UTC') + n * (interval '360 days' / $5::int) AS at) t
"""
_ATTENDEES = """
INSERT INTO attendance_attendee (id, session, "on", name, unit_name, identity, by_number, tail, is_worker, groups,
                                 expected, present, came_by, checked_in_at, device, created_at, changed_at, revision)
SELECT gen_random_uuid(), s.id, timezone('Asia/Shanghai', s.starts_at)::date, '', '',
       encode(sha256((hashint8(s.n * $1::int + k) % $2::int)::text::bytea), 'hex'), true, '', k % 3 <> 0, '{}', false,
       s.state IN ('held', 'closed'), CASE WHEN s.state IN ('held', 'closed') THEN 'qr' ELSE '' END, s.starts_at, '',
       now(), now(), 1
  FROM (SELECT *, row_number() OVER (ORDER BY starts_at, id) AS n FROM events_session) s
 CROSS JOIN generate_series(1, $1::int) k
 ON CONFLICT DO NOTHING
"""
_PLAIN = """
SELECT s.kind, count(*), count(*) FILTER (WHERE a.is_worker)
  FROM attendance_attendee a JOIN events_session s ON s.id = a.session
 WHERE s.programme = $1 AND s.state IN ('held', 'closed') AND a.present AND a."on" <= $2 GROUP BY s.kind
"""


async def _prepare() -> UUID:
    owner = await make_organisation(name="市总工会")
    programme = await make_programme(owner, year=YEAR, kinds=KINDS)
    for position, (metric, kinds) in enumerate(
        (("sessions", []), ("sessions", ["讲座"]), ("sessions", ["演出"]), ("visits", []), ("people", []),
         ("people", ["培训"]), ("courses", []), ("lecturers", []), ("tally", []))
    ):  # fmt: skip
        await make_target(
            programme, key=f"{metric}-{position}", metric=metric, kinds=kinds, position=position, value=1e6
        )
    await make_target(programme, key="workers", metric="visits", basis="workers", position=20, value=1e6)
    events = [(await make_event(programme)).id for _ in range(MENU)]
    async with db.atomic():
        # A session a little more than every hour around the clock, so that the last quarter is to come.
        await db.execute(_SESSIONS, programme.id, owner.id, events, KINDS, SESSIONS, NOW, YEAR)
        await db.execute(_ATTENDEES, PEOPLE_EACH, IDENTITIES)
    await db.execute("VACUUM ANALYZE")
    return UUID(str(programme.id))


async def _best(work: Callable[[], Awaitable[Any]], rounds: int = ROUNDS) -> float:
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        found.append(time.perf_counter() - began)
    return min(found)


async def _change(count: int) -> None:
    """One person more at each of so many sessions, as the check-in writes it."""
    await db.execute(
        """UPDATE attendance_attendee SET present = false WHERE id IN (
               SELECT DISTINCT ON (session) id FROM attendance_attendee WHERE present ORDER BY session, id LIMIT $1)""",
        count,
    )


async def _one_row(triggers: bool, session: UUID) -> float:
    """Seconds of one insert of one person, with or without the trigger that leaves the mark."""
    async with db.atomic():
        if not triggers:
            await db.execute("ALTER TABLE attendance_attendee DISABLE TRIGGER USER")

        async def insert() -> None:
            await db.execute(
                """INSERT INTO attendance_attendee (id, session, "on", identity, present, came_by, checked_in_at,
                                                    created_at, changed_at)
                   VALUES (gen_random_uuid(), $1, '2025-01-01', gen_random_uuid()::text, true, 'qr', now(), now(),
                           now())""",
                session,
            )

        took = await _best(insert, 300)
        if not triggers:
            await db.execute("ALTER TABLE attendance_attendee ENABLE TRIGGER USER")
        return took


async def _measured() -> list[Row]:
    with home_folder() as home:
        async with database(home, migrating=True):
            programme = await _prepare()
            attendees = await db.value("SELECT count(*) FROM attendance_attendee")
            began = time.perf_counter()
            marks = await recount(NOW)
            counting = time.perf_counter() - began
            await db.execute("VACUUM ANALYZE")

            async def facts() -> None:
                await facts_of([programme], YEAR, AS_OF, NOW)

            async def progress() -> None:
                await programme_progress(programme, AS_OF, now=NOW)

            with counted() as statements:
                await facts_of([programme], YEAR, AS_OF, NOW)
            plain = await _best(lambda: db.rows(_PLAIN, programme, AS_OF))
            took = await _best(facts)
            keeping.forget()
            await progress()
            again = await _best(progress)
            await _change(CHANGED)
            changed = await _best(facts)
            began = time.perf_counter()
            await recount(NOW)
            little = time.perf_counter() - began
            session = await db.value("SELECT id FROM events_session ORDER BY id LIMIT 1")
            bare, marked = await _one_row(False, session), await _one_row(True, session)
    name = f"{SESSIONS:,} sessions, {attendees:,} attendees"
    return [
        Row(f"all targets of a year with {name}", f"{took * 1e3:.1f} ms", f"one plain aggregate {plain * 1e3:.0f} ms",
            took / plain, "≤ 30 ms, or ≤ 0.25 × on a busy machine", took <= max(0.030, plain / 4)),
        Row("statements of it", str(len(statements)), "", None, "4", len(statements) == 4),
        Row("second look at the unchanged year, forecast and all", f"{again * 1e3:.1f} ms", "", None, "≤ 5 ms",
            again <= 0.005),
        Row(f"the same targets while {CHANGED} sessions wait for the recount", f"{changed * 1e3:.1f} ms",
            f"all counted {took * 1e3:.1f} ms", changed / took, "≤ 100 ms", changed <= 0.1),
        Row(f"recount of these; of everything ({marks:,} marks)", f"{little * 1e3:.0f} ms; {counting:.1f} s", "", None,
            "", True),
        Row("one attendee written, with its mark", f"{marked * 1e6:.0f} µs", f"without {bare * 1e6:.0f} µs",
            marked / bare, "", True),
    ]  # fmt: skip


def measure() -> list[Row]:
    return asyncio.run(_measured())
