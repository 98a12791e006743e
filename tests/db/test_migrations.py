"""An empty database is brought up to date once, however many processes start at the same moment."""

import asyncio
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
