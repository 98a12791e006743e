"""The organiser's desk and the analysis of a year with ten years behind it, over HTTP, beside a no-op behind a login.

Each look is at another day, so that nothing remembered answers it; then the desk again at the same one.
"""

import asyncio
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.counting import KINDS
from bench.stock import database
from bench.support import Client, Row, home_folder, served
from outreach.counting.counters import recount
from outreach.shared import db
from outreach.shared.actors import Role
from outreach.shared.time import local_day
from tests.factories.accounts import make_actor, make_api_token, make_organisation
from tests.factories.events import make_event
from tests.factories.programmes import make_programme, make_target, make_year

__all__ = ["measure"]

YEARS, PROGRAMMES, SESSIONS_A_YEAR, PEOPLE_EACH, UNITS, LOOKS = 10, 8, 1_500, 20, 300, 15
NOW = datetime.now(UTC)

_UNITS = """
INSERT INTO accounts_organisation (id, code, name, kind, parent, path, district, ownership, industry, member_count,
                                   revision, created_at)
SELECT made.id, 'U' || made.n, '第' || made.n || '厂工会', 'grassroots_union', $1, $2 || made.id || '/',
       ('{姑苏区,吴中区,相城区,昆山市}'::text[])[1 + made.n % 4], '', '', 100 + made.n, 1, now()
  FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $3::int) n) made
"""
_SESSIONS = """
INSERT INTO events_session (id, event, programme, organisation, title, kind, address, district, starts_at, ends_at,
                            capacity, visibility, state, revised_at, published_at, created_at, host)
SELECT gen_random_uuid(), e.event, e.programme, $2, '锡剧折子戏', ($3::text[])[1 + n % cardinality($3::text[])], '礼堂',
       u.district, at, at + interval '2 hours', 120, 'public',
       CASE WHEN n % 29 = 0 THEN 'cancelled' WHEN at < now() THEN 'closed' ELSE 'published' END, now(), now(), now(),
       u.id
  FROM generate_series(0, $4::int - 1) n
  JOIN (SELECT id AS event, programme, row_number() OVER (ORDER BY id) - 1 AS place FROM events_event
         WHERE id = ANY($1::uuid[])) e ON e.place = n % cardinality($1::uuid[])
  JOIN (SELECT id, district, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_organisation
         WHERE parent = $2) u ON u.place = n % $6::int
 CROSS JOIN LATERAL (SELECT make_timestamptz($5, 1, 2, 1, 0, 0, 'UTC') + n * (interval '360 days' / $4::int) AS at) t
"""
_HEADS = """
INSERT INTO attendance_headcount (id, session, "on", total, workers, breakdown, recorded_at)
SELECT gen_random_uuid(), id, timezone('Asia/Shanghai', starts_at)::date, 80, 60, '{}', now()
  FROM events_session WHERE state = 'closed'
"""
_PEOPLE = """
INSERT INTO attendance_attendee (id, session, "on", name, unit_name, identity, by_number, tail, is_worker, groups,
                                 expected, present, came_by, checked_in_at, device, created_at, changed_at, revision)
SELECT gen_random_uuid(), s.id, timezone('Asia/Shanghai', s.starts_at)::date, '', '',
       encode(sha256((hashtext(s.id::text || k) % 50000)::text::bytea), 'hex'), true, '', true, '{}', false, true, 'qr',
       s.starts_at, '', now(), now(), 1
  FROM events_session s CROSS JOIN generate_series(1, $1::int) k WHERE s.state = 'closed' ON CONFLICT DO NOTHING
"""


async def _prepare(home: Path) -> str:
    """The token of the city's organiser."""
    async with database(home, migrating=True):
        city = await make_organisation(name="市总工会")
        await db.execute(_UNITS, city.id, city.path, UNITS)
        this_year = local_day(NOW).year
        for year in range(this_year - YEARS + 1, this_year + 1):
            await make_year(city, year=year)
            events = []
            for number in range(PROGRAMMES):
                programme = await make_programme(city, year=year, code=f"p{number}", position=number + 1, kinds=KINDS)
                await make_target(programme, value=200.0)
                await make_target(programme, key="v", metric="visits", unit="人次", position=2, value=15_000.0)
                if number == 0:
                    await make_target(programme, key="p", metric="people", unit="人", position=3, value=3_000.0)
                events += [(await make_event(programme)).id for _item in range(3)]
            await db.execute(_SESSIONS, events, city.id, KINDS, SESSIONS_A_YEAR, year, UNITS)
        await db.execute(_HEADS)
        await db.execute(_PEOPLE, PEOPLE_EACH)
        await recount(NOW)
        await db.execute("VACUUM ANALYZE")
        actor = await make_actor(Role.ORGANISER, city)
        return await make_api_token(actor.person_id)


async def _looks(port: int, token: str, paths: list[str]) -> list[float]:
    """Seconds of each look, one after another."""
    client = Client(port, {"Authorization": f"Bearer {token}"})
    seconds = []
    for path in paths:
        answer = await client.ask("GET", path)
        assert answer.status == 200, (path, answer.status, answer.body[:300])
        seconds.append(answer.seconds)
    await client.close()
    return seconds


def measure() -> list[Row]:
    with home_folder() as home:
        token = asyncio.run(_prepare(home))
        today = local_day(NOW)
        days = [(today - timedelta(days=number)).isoformat() for number in range(1, LOOKS + 1)]

        def looked(*paths: str) -> float:
            return statistics.median(asyncio.run(_looks(port, token, list(paths))))

        with served(home) as (port, _pid):
            looked("/desk", "/desk/figures", "/bench/closed")  # templates and statements are prepared once
            noop = looked(*["/bench/closed"] * LOOKS)
            desk = looked(*(f"/desk?as_of={day}" for day in days))
            again = looked(*["/desk"] * LOOKS)
            analysis = looked(*(f"/desk/figures?as_of={day}" for day in days))
            noop = min(noop, looked(*["/bench/closed"] * LOOKS))
    behind = f"{YEARS} years, {YEARS * SESSIONS_A_YEAR:,} sessions, {YEARS * PROGRAMMES} programmes"
    return [
        Row(f"the desk opens, {behind} (median)", f"{desk * 1e3:.0f} ms", f"no-op behind a login {noop * 1e3:.1f} ms",
            desk / noop, "≤ 200 ms", desk <= 0.2),
        Row("the same day again", f"{again * 1e3:.0f} ms", f"another day {desk * 1e3:.0f} ms", again / desk, "≤ 200 ms",
            again <= 0.2),
        Row("the analysis of a year opens (median)", f"{analysis * 1e3:.0f} ms",
            f"no-op behind a login {noop * 1e3:.1f} ms", analysis / noop, "≤ 200 ms", analysis <= 0.2),
    ]  # fmt: skip
