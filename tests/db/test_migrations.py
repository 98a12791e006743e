"""An empty database is brought up to date once, however many processes start at the same moment."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

SCRIPT = """
import asyncio, sys
from outreach.shared import db
from outreach.shared.migrations import migrate
async def main():
    await db.connect(sys.argv[1])
    print(len(await migrate()))
    await db.disconnect()
asyncio.run(main())
"""


@pytest.fixture
async def empty_database(dsn: str) -> AsyncIterator[str]:
    """A database of its own on the run's server."""
    name = "outreach_migrations"
    admin = await asyncpg.connect(dsn)
    await admin.execute(f"DROP DATABASE IF EXISTS {name}")
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def _migrate(dsn: str, *, kill_after: float | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRIPT, dsn, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    if kill_after is not None:
        await asyncio.sleep(kill_after)
        if process.returncode is None:
            process.kill()
    out, err = await process.communicate()
    return out.decode().strip() if not process.returncode else f"failed: {err.decode()}"


# The first release ended here; its other features' migrations are all still the newest, but for those of the calendars:
# the last watches a table that programmes have since.
FIRST_RELEASE = {
    "programmes": "programmes_0003",
    "events": "events_0002",
    "bookings": "bookings_0002",
    "calendars": "calendars_0004",
}

UP_TO = """
import asyncio, contextlib, importlib, io, json, os, pkgutil, sys
os.environ["PICCOLO_CONF"] = "outreach.piccolo_conf"
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration
from outreach.shared import db
from outreach.shared.migrations import pending_migrations

def id_of(app, prefix):
    package = importlib.import_module(f"outreach.{app}.piccolo_migrations")
    names = [one.name for one in pkgutil.iter_modules(package.__path__)]
    name = next(one for one in names if one.startswith(prefix))
    return importlib.import_module(f"{package.__name__}.{name}").ID

async def main():
    await db.connect(sys.argv[1])
    last = json.loads(sys.argv[2])
    apps = dict.fromkeys(one.app for one in await pending_migrations())
    async with db.atomic() as connection:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        with contextlib.redirect_stdout(io.StringIO()):
            await Migration.create_table(if_not_exists=True).run()
            for app in apps:
                upto = id_of(app, last[app]) if app in last else "all"
                await ForwardsMigrationManager(app_name=app, migration_id=upto).run()
    print(json.dumps(sorted({one.app for one in await pending_migrations()})))
    await db.disconnect()
asyncio.run(main())
"""

# A small year as the first release left it: every state that its bookings could have.
OLD_ROWS = (
    """INSERT INTO accounts_organisation (id, code, name, kind, parent, path, created_at) VALUES
       ('00000000-0000-7000-8000-000000000001', 'SZ', '市总工会', 'federation', NULL,
        '/00000000-0000-7000-8000-000000000001/', '2014-01-01')""",
    """INSERT INTO accounts_organisation (id, code, name, kind, parent, path, created_at)
       SELECT ('00000000-0000-7000-8000-0000000001' || to_char(n, 'FM00'))::uuid, 'U' || n, '第' || n || '厂工会',
              'grassroots_union', '00000000-0000-7000-8000-000000000001',
              '/00000000-0000-7000-8000-000000000001/00000000-0000-7000-8000-0000000001' || to_char(n, 'FM00') || '/',
              '2014-01-01' FROM generate_series(1, 6) n""",
    """INSERT INTO programmes_year (organisation, year, title, created_at, id)
       VALUES ('00000000-0000-7000-8000-000000000001', 2015, '实事项目', '2014-12-01', gen_random_uuid())""",
    """INSERT INTO programmes_programme (id, organisation, year, position, code, name, short_name, created_at)
       VALUES ('00000000-0000-7000-8000-000000000201', '00000000-0000-7000-8000-000000000001', 2015, 1, 'psychology',
               '心理健康', '心理', '2014-12-01')""",
    """INSERT INTO events_event (id, programme, title, kind, duration_minutes, created_at)
       VALUES ('00000000-0000-7000-8000-000000000301', '00000000-0000-7000-8000-000000000201', '睡眠与情绪', '讲座', 90,
               '2014-12-01')""",
    """INSERT INTO events_provider (id, organisation, kind, name, created_at)
       VALUES ('00000000-0000-7000-8000-000000000401', '00000000-0000-7000-8000-000000000001', 'lecturer', '沈若兰',
               '2014-12-01')""",
    """INSERT INTO events_session (id, event, programme, organisation, title, kind, starts_at, ends_at, capacity,
              seats_taken, visibility, state, revised_at, created_at, host)
       SELECT ('00000000-0000-7000-8000-0000000005' || to_char(n, 'FM00'))::uuid,
              '00000000-0000-7000-8000-000000000301', '00000000-0000-7000-8000-000000000201',
              '00000000-0000-7000-8000-000000000001', '睡眠与情绪', '讲座',
              '2015-09-01T06:00Z'::timestamptz + n * interval '1 day',
              '2015-09-01T07:30Z'::timestamptz + n * interval '1 day',
              100, CASE n WHEN 1 THEN 0 ELSE 55 END, 'public', CASE n WHEN 1 THEN 'closed' ELSE 'published' END,
              '2015-08-01', '2015-07-01', CASE n WHEN 3 THEN '00000000-0000-7000-8000-000000000101'::uuid END
         FROM generate_series(1, 3) n""",
    """INSERT INTO events_session_provider (id, session, provider)
       SELECT gen_random_uuid(), id, '00000000-0000-7000-8000-000000000401' FROM events_session""",
    """INSERT INTO events_occupation (id, session, resource_kind, resource_id, slot, starts_at, ends_at)
       SELECT gen_random_uuid(), id, 'provider', '00000000-0000-7000-8000-000000000401', 1, starts_at, ends_at
         FROM events_session""",
    """INSERT INTO bookings_booking (id, session, organisation, seats, state, is_host, contact_name, contact_phone,
              reason, created_at, changed_at)
       SELECT gen_random_uuid(), ('00000000-0000-7000-8000-0000000005' || to_char(given.session, 'FM00'))::uuid,
              ('00000000-0000-7000-8000-0000000001' || to_char(given.unit, 'FM00'))::uuid, given.seats, given.state,
              given.host, '陈巧云', '13800000000', given.reason, '2015-08-02', '2015-08-03'
         FROM (VALUES (1, 1, 20, 'attended', false, ''), (1, 2, 20, 'no_show', false, ''),
                      (2, 1, 25, 'confirmed', false, ''), (2, 2, 30, 'pending', false, ''),
                      (2, 3, 10, 'declined', false, '名额不够'), (2, 4, 10, 'cancelled', false, '不去了'),
                      (3, 1, 55, 'confirmed', true, '')) given (session, unit, seats, state, host, reason)""",
)


async def _run(script: str, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode().strip()


async def _everything(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, list[dict[str, object]]]:
    """Table → its rows as JSON, in a fixed order."""
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = {}
    for name in (one["tablename"] for one in names if one["tablename"] != "migration"):
        rows = await connection.fetch(f"SELECT to_jsonb(t)::text AS row FROM {name} t ORDER BY to_jsonb(t)->>'id'")
        found[name] = [json.loads(one["row"]) for one in rows]
    return found


async def test_data_of_the_first_release_are_all_there_after_the_upgrade(empty_database: str) -> None:
    """Every old value stands; what is new begins empty; the rules that came with it hold for the old rows."""
    pending = json.loads(await _run(UP_TO, empty_database, json.dumps(FIRST_RELEASE)))
    connection = await asyncpg.connect(empty_database)
    for statement in OLD_ROWS:
        await connection.execute(statement)
    before = await _everything(connection)

    ran = int(await _migrate(empty_database))

    after = await _everything(connection)
    await connection.close()
    lost = {
        name: [old for old, new in zip(rows, after[name], strict=True) if any(new[key] != old[key] for key in old)]
        for name, rows in before.items()
    }
    booking, session = after["bookings_booking"][0], after["events_session"][0]
    assert pending == ["bookings", "calendars", "events", "programmes"]
    assert ran >= 6
    assert {name: rows for name, rows in lost.items() if rows} == {}
    assert [len(before[name]) for name in ("bookings_booking", "events_session", "events_occupation")] == [7, 3, 3]
    assert {name: booking[name] for name in sorted(booking.keys() - before["bookings_booking"][0].keys())} == {
        "cancelled_by": "", "is_late": False, "let_go": False, "offer_expires_at": None, "opening": None,
        "queue_number": None, "seats_wanted": None, "times_skipped": 0,
    }  # fmt: skip
    assert {name: session[name] for name in sorted(session.keys() - before["events_session"][0].keys())} == {
        "assigned": False, "override_reason": "", "rain_ends_at": None, "rain_starts_at": None,
    }  # fmt: skip
    assert [one["is_rain"] for one in after["events_occupation"]] == [False] * 3
    assert await _migrate(empty_database) == "0"


async def test_of_two_processes_starting_at_once_one_migrates_and_one_waits(empty_database: str) -> None:
    """Both come up; together they ran each migration once."""
    ran = await asyncio.gather(_migrate(empty_database), _migrate(empty_database))

    connection = await asyncpg.connect(empty_database)
    recorded = await connection.fetchval("SELECT count(*) FROM migration")
    await connection.close()

    assert sorted(int(one) for one in ran) == [0, recorded]
    assert recorded >= 14


async def test_a_migration_killed_in_the_middle_leaves_nothing_behind(empty_database: str) -> None:
    """Whenever it is killed, the next start finds either everything or nothing, and succeeds."""
    for moment in (0.5, 0.8, 1.0, 1.3):
        await _migrate(empty_database, kill_after=moment)

    assert (await _migrate(empty_database)).isdigit()
    assert await _migrate(empty_database) == "0"
