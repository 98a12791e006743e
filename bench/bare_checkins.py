"""The statements of check-ins by bare asyncpg: the floor of ``bench.checkins``. Reads JSON, prints CPU and seconds.

What a check-in asks the database is not written down here: the application serves each request once inside this
process while its statements are recorded, the attendees are emptied, and then the same statements are sent again,
with the same values, by a bare pool. Only that is measured.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.support import postgres_seconds
from outreach.app import create_app
from outreach.settings import Settings
from outreach.shared import db

#: asyncpg asks for unknown types once a connection.
_NOT_OURS = ("typeinfo", "pg_catalog.pg_type", "'jit'")

Statement = tuple[str, tuple[Any, ...]]


async def _recorded(given: dict[str, Any]) -> list[list[Statement]]:
    """What each request sends to the database, in order."""
    application = create_app(Settings(home=Path(given["home"])), dsn=given["dsn"])
    async with application.lifespan():
        pool = db.ENGINE.pool
        assert pool is not None
        sent: list[Statement] = []
        for holder in pool._holders:
            if holder._con is None:
                await holder.connect()
            holder._con.add_query_logger(lambda query: sent.append((query.query, query.args or ())))
        transport = httpx.ASGITransport(app=application)  # type: ignore[arg-type]
        found: list[list[Statement]] = []
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for job in given["jobs"]:
                sent.clear()
                answer = await client.post(job["path"], content=job["body"], headers=job["headers"])
                assert answer.status_code == job["status"], answer.text
                found.append([one for one in sent if not any(mark in one[0] for mark in _NOT_OURS)])
    return found


async def main() -> None:
    given = json.load(sys.stdin)
    jobs = await _recorded(given)
    pool = await asyncpg.create_pool(given["dsn"], min_size=10, max_size=10)
    await pool.execute("TRUNCATE attendance_attendee CASCADE")
    statements = sum(len(job) for job in jobs) / len(jobs)

    async def one() -> None:
        while jobs:
            job = jobs.pop()
            async with pool.acquire() as connection:
                for query, args in job:
                    if args:
                        await connection.fetch(query, *args)
                    else:
                        await connection.execute(query)

    home = Path(given["home"])
    database, cpu, began = postgres_seconds(home), time.process_time(), time.perf_counter()
    await asyncio.gather(*(one() for _ in range(given["clients"])))
    print(
        json.dumps(
            {
                "cpu": time.process_time() - cpu,
                "postgres": postgres_seconds(home) - database,
                "seconds": time.perf_counter() - began,
                "statements": statements,
            }
        )
    )
    await pool.close()


asyncio.run(main())
