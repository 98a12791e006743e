"""A booking over HTTP by 32 clients, beside a no-op request with the same token and its statements by bare asyncpg.

The floor per booking = CPU of a no-op request with the same bearer token + CPU of a bare asyncpg process that sends the
statements of a booking (guarded update, insert, journal, outbox) in one transaction. Not counted in either: PostgreSQL.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.support import Answer, Client, Row, cpu_seconds, home_folder, load, served

__all__ = ["measure"]

CLIENTS = 32
SESSIONS = 40
UNIONS = 50


async def _prepare(home: Path, capacity: int) -> dict[str, Any]:
    """Sessions nine days ahead, unions, and an administrator's token."""
    from datetime import UTC, datetime, timedelta

    from outreach.app import connected
    from outreach.settings import Settings
    from outreach.shared import db
    from outreach.shared.actors import Role
    from tests.factories.accounts import make_actor, make_api_token, make_organisation
    from tests.factories.events import make_event, make_session
    from tests.factories.programmes import make_programme

    async with connected(Settings(home=home)) as dsn:
        root = await make_organisation()
        actor = await make_actor(Role.ADMINISTRATOR, None)
        token = await make_api_token(actor.person_id)
        programme = await make_programme(root, year=datetime.now(UTC).year)
        event = await make_event(programme)
        unions = [(await make_organisation(parent=root)).id for _ in range(UNIONS)]
        soon = datetime.now(UTC) + timedelta(days=9)
        sessions = [
            (await make_session(event, capacity=capacity, starts_at=soon + timedelta(hours=n))).id
            for n in range(SESSIONS)
        ]
        assert await db.value("SELECT count(*) FROM events_session") == SESSIONS
    return {
        "dsn": dsn,
        "token": token,
        "sessions": [str(one) for one in sessions],
        "unions": [str(one) for one in unions],
        "organisation": str(root.id),
        "actor": str(actor.person_id),
    }


async def _counted(home: Path, sql: str) -> Any:
    from outreach.app import connected
    from outreach.settings import Settings
    from outreach.shared import db

    async with connected(Settings(home=home), migrating=False):
        return await db.value(sql)


async def _book(client: Client, job: tuple[str, str]) -> Answer:
    body = {
        "session_id": job[0], "organisation_id": job[1], "seats": 1, "contact_name": "陈巧云",
        "contact_phone": "13800000000",
    }  # fmt: skip
    return await client.ask("POST", "/api/v1/bookings", body)


async def _noop(client: Client, _job: Any) -> Answer:
    return await client.ask("GET", "/bench/closed")


def _cpu_of(port: int, pid: int, jobs: list[Any], send: Any, token: str) -> tuple[list[Answer], float, float]:
    before = cpu_seconds(pid)
    answers, seconds = asyncio.run(load(port, CLIENTS, jobs, send, {"Authorization": f"Bearer {token}"}))
    return answers, cpu_seconds(pid) - before, seconds


def measure() -> list[Row]:
    with home_folder() as home:
        ample = asyncio.run(_prepare(home, capacity=UNIONS))
        jobs = [(session, union) for union in ample["unions"] for session in ample["sessions"]]
        with served(home) as (port, pid):
            warm = jobs[:200]
            _cpu_of(port, pid, warm, _noop, ample["token"])
            _noops, noop_cpu, noop_seconds = _cpu_of(port, pid, jobs, _noop, ample["token"])
            answers, cpu, seconds = _cpu_of(port, pid, jobs, _book, ample["token"])
            made = sum(answer.status == 201 for answer in answers)
            assert made == len(jobs), {answer.status: answer.body for answer in answers}
            # The same statements by bare asyncpg, on the same server, while the application idles.
            asyncio.run(_emptied(home))
            bare = _bare(home, ample, len(jobs))
            asyncio.run(_emptied(home, capacity=UNIONS // 2))
            rush, _cpu, _seconds = _cpu_of(port, pid, jobs, _book, ample["token"])
        taken = sum(answer.status == 201 for answer in rush)
        refused = sum(answer.status == 409 for answer in rush)
        over = asyncio.run(
            _counted(
                home,
                """SELECT count(*) FROM events_session s WHERE s.seats_taken > s.capacity OR s.seats_taken <>
                   (SELECT coalesce(sum(seats), 0) FROM bookings_booking b
                     WHERE b.session = s.id AND b.state = 'confirmed')""",
            )
        )
    count = len(jobs)
    floor = noop_cpu / count + bare["cpu"] / count
    ratio = cpu / count / floor
    exact = taken == SESSIONS * (UNIONS // 2) and taken + refused == count and over == 0
    return [
        Row(
            f"CPU of serving one booking, {CLIENTS} clients",
            f"{cpu / count * 1e3:.2f} ms ({count / seconds:.0f}/s)",
            f"no-op {noop_cpu / count * 1e3:.2f} ms ({count / noop_seconds:.0f}/s) + bare asyncpg "
            f"{bare['cpu'] / count * 1e3:.2f} ms ({count / bare['seconds']:.0f}/s)",
            ratio,
            "≤ 3 × floor",
            ratio <= 3,
        ),
        Row(
            f"{count} bookings rush for {SESSIONS * (UNIONS // 2)} seats",
            f"{taken} booked, {refused} refused, {over} sessions over",
            "",
            None,
            "never one seat too many",
            exact,
        ),
    ]


async def _emptied(home: Path, capacity: int = UNIONS) -> None:
    from outreach.app import connected
    from outreach.settings import Settings
    from outreach.shared import db

    async with connected(Settings(home=home), migrating=False):
        await db.execute("TRUNCATE bookings_booking, notifications_outbox_message")
        await db.execute("UPDATE events_session SET seats_taken = 0, capacity = $1", capacity)


def _bare(home: Path, data: dict[str, Any], count: int) -> dict[str, float]:
    from outreach.shared.postgres import EmbeddedPostgres

    server = EmbeddedPostgres(home)
    given = {**data, "dsn": server.start(), "count": count, "clients": CLIENTS}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.bare_bookings"],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        server.stop()
    result: dict[str, float] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    began = time.perf_counter()
    for row in measure():
        print(row)
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
