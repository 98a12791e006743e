"""A booking over HTTP by 64 clients, beside a no-op request with the same token and its statements by bare asyncpg.

The floor per booking = CPU of a no-op request with the same bearer token + CPU of a bare asyncpg process that sends the
statements of a booking (guarded update, insert, journal, outbox) in one transaction. Not counted in either: PostgreSQL.
Measured on one hot session, over 200 sessions, and over 200 sessions behind a limit and an opening with a quota.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.stock import database, make_sessions, make_stock, make_unions
from bench.support import Answer, Client, Row, cpu_seconds, home_folder, load, served
from outreach.shared import db
from tests.factories.events import make_event
from tests.factories.openings import make_opening
from tests.factories.programmes import make_programme

__all__ = ["CLIENTS", "bare_cpu", "cpu_of", "measure", "noop"]

CLIENTS = 64
HOT = 1000
SESSIONS = 200
EACH = 10
DISTRICT = "姑苏区"

Job = tuple[str, str]


@dataclass(frozen=True)
class _Prepared:
    """Jobs are pairs of session and union; ``given`` is what the bare process reads."""

    hot: list[Job]
    spread: list[Job]
    limited: list[Job]
    given: dict[str, Any]
    headers: dict[str, str]


async def _prepare(home: Path) -> _Prepared:
    async with database(home, migrating=True) as dsn:
        stock = await make_stock()
        unions = [str(one) for one, _district in await make_unions(stock.root, {DISTRICT: HOT})]
        hot = await make_sessions(stock.event, 1, HOT)
        spread = await make_sessions(stock.event, SESSIONS, EACH)
        limiting = await make_programme(
            stock.root, year=datetime.now(UTC).year, code="limited", max_per_organisation=SESSIONS
        )
        limited = await make_sessions(await make_event(limiting), SESSIONS, EACH)
        await make_opening(
            limiting,
            sessions=tuple(limited),
            quotas={DISTRICT: SESSIONS},
            opens_at=datetime.now(UTC) - timedelta(days=1),
            max_per_organisation=SESSIONS,
            places=SESSIONS * EACH,
        )
        given = {"dsn": dsn, "organisation": str(stock.root.id), "actor": str(stock.actor.person_id)}
    return _Prepared(
        [(str(hot[0].id), union) for union in unions],
        _pairs([one.id for one in spread], unions),
        _pairs([one.id for one in limited], unions),
        given,
        stock.headers,
    )


def _pairs(sessions: list[UUID], unions: list[str]) -> list[Job]:
    """Each session as often as it has seats, each time another union, so that neighbours meet different rows."""
    return [(str(one), unions[(n * 37 + m) % HOT]) for m in range(EACH) for n, one in enumerate(sessions)]


async def _book(client: Client, job: Job) -> Answer:
    body = {
        "session_id": job[0], "organisation_id": job[1], "seats": 1, "contact_name": "陈巧云",
        "contact_phone": "13800000000",
    }  # fmt: skip
    return await client.ask("POST", "/api/v1/bookings", body)


async def noop(client: Client, _job: Any) -> Answer:
    """A request that does nothing, behind the same login."""
    return await client.ask("GET", "/bench/closed")


def cpu_of(
    port: int, pid: int, jobs: list[Any], send: Any, headers: dict[str, str]
) -> tuple[list[Answer], float, float]:
    """The answers, the CPU seconds of serving them, and how long it took."""
    before = cpu_seconds(pid)
    answers, seconds = asyncio.run(load(port, CLIENTS, jobs, send, headers))
    return answers, cpu_seconds(pid) - before, seconds


def measure() -> list[Row]:
    rows: list[Row] = []
    with home_folder() as home:
        ready = asyncio.run(_prepare(home))
        with served(home) as (port, pid):
            cpu_of(port, pid, ready.hot[:200], noop, ready.headers)
            _answers, idle, idle_seconds = cpu_of(port, pid, ready.spread, noop, ready.headers)
            idle, idle_rate = idle / len(ready.spread), len(ready.spread) / idle_seconds
            floor = 0.0
            for name, jobs, bound in (
                ("one hot session", ready.hot, 2),
                (f"{SESSIONS} sessions", ready.spread, 2),
                (f"{SESSIONS} sessions, a limit and an opening with a quota", ready.limited, 4),
            ):
                answers, cpu, seconds = cpu_of(port, pid, jobs, _book, ready.headers)
                refused = [answer for answer in answers if answer.status != 201]
                assert not refused, refused[0].body
                asyncio.run(_emptied(home))
                text = "the floor of the row above"
                if bound == 2:
                    bare = bare_cpu(home, {**ready.given, "jobs": jobs})
                    floor = idle + bare["cpu"] / len(jobs)
                    text = (
                        f"no-op {idle * 1e3:.2f} ms ({idle_rate:.0f}/s) + bare asyncpg "
                        f"{bare['cpu'] / len(jobs) * 1e3:.2f} ms ({len(jobs) / bare['seconds']:.0f}/s)"
                    )
                    asyncio.run(_emptied(home))
                each = cpu / len(jobs)
                rows.append(
                    Row(
                        f"CPU of serving one booking, {CLIENTS} clients, {name}",
                        f"{each * 1e3:.2f} ms ({len(jobs) / seconds:.0f}/s)",
                        text,
                        each / floor,
                        f"≤ {bound} × floor",
                        each <= bound * floor,
                    )
                )
            rows.append(_rush(home, port, pid, ready))
    return rows


def _rush(home: Path, port: int, pid: int, ready: _Prepared) -> Row:
    """Half as many seats as bookings."""
    asyncio.run(_emptied(home, halved=True))
    answers, _cpu, _seconds = cpu_of(port, pid, ready.spread, _book, ready.headers)
    taken = sum(answer.status == 201 for answer in answers)
    refused = sum(answer.status == 409 for answer in answers)
    over = asyncio.run(_over(home))
    seats = SESSIONS * (EACH // 2)
    return Row(
        f"{len(answers)} bookings rush for {seats} seats",
        f"{taken} booked, {refused} refused, {over} sessions over",
        "",
        None,
        "never one seat too many",
        taken == seats and taken + refused == len(answers) and over == 0,
    )


async def _over(home: Path) -> int:
    async with database(home):
        return int(
            await db.value(
                """SELECT count(*) FROM events_session s WHERE s.seats_taken > s.capacity OR s.seats_taken <>
                   (SELECT coalesce(sum(seats), 0) FROM bookings_booking b
                     WHERE b.session = s.id AND b.state = 'confirmed')"""
            )
        )


async def _emptied(home: Path, *, halved: bool = False) -> None:
    async with database(home):
        await db.execute("TRUNCATE bookings_booking, notifications_delivery, notifications_outbox_message")
        await db.execute(
            "UPDATE events_session SET seats_taken = 0, capacity = CASE WHEN $1 THEN capacity / 2 ELSE capacity END",
            halved,
        )


def bare_cpu(home: Path, given: dict[str, Any]) -> dict[str, float]:
    """CPU and seconds of the statements of bookings, sent by a process of their own on the same server."""
    from outreach.shared.postgres import EmbeddedPostgres

    server = EmbeddedPostgres(home)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.bare_bookings"],
            input=json.dumps({**given, "dsn": server.start(), "clients": CLIENTS}),
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
