"""A check-in over HTTP by 64 clients, beside a no-op request with the same cookie and its statements by bare asyncpg.

The floor per check-in = CPU of a no-op request with the same cookie + CPU of a bare asyncpg process that sends the very
statements of the check-in. PostgreSQL is counted on both sides, and told apart. By the program's way (JSON) and by the
poster's page (a form, answered with the whole page), in one hall and over 50 sessions.
"""

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.stock import database, make_stock, make_unions
from bench.support import Answer, Client, Row, cpu_seconds, home_folder, load, postgres_seconds, served
from outreach.attendance.tables import Door
from outreach.shared import db
from tests.factories.events import make_session

__all__ = ["measure"]

CLIENTS = 64
PEOPLE = 2000
SESSIONS = 50
#: Units that booked each session; whose name a worker types is looked up among them.
UNITS = 20
_FAMILY, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "明芳兰英杰伟敏静丽强磊军洋勇艳娜涛超霞平"


@dataclass(frozen=True)
class _Job:
    """One request; ``status``: its answer when it is the first of this person."""

    path: str
    body: Any
    status: int
    headers: dict[str, str]

    def given(self) -> dict[str, Any]:
        """As the bare process reads it."""
        text = self.body.decode() if isinstance(self.body, bytes) else json.dumps(self.body)
        kind = "x-www-form-urlencoded" if isinstance(self.body, bytes) else "json"
        headers = {**self.headers, "Content-Type": f"application/{kind}"}
        return {"path": self.path, "body": text, "status": self.status, "headers": headers}


async def _prepare(home: Path) -> tuple[str, list[str]]:
    """Sessions that begin in half an hour, their doors open; the DSN and the doors' tokens."""
    async with database(home, migrating=True) as dsn:
        stock = await make_stock()
        await make_unions(stock.root, {"姑苏区": UNITS})
        soon = datetime.now(UTC) + timedelta(minutes=30)
        tokens = []
        for number in range(SESSIONS):
            session = await make_session(stock.event, starts_at=soon, capacity=None)
            token = f"bench-{number:03d}"
            await Door(session=session.id, token=token, code=f"{number:06d}", created_at=soon).save()
            await db.execute(
                """INSERT INTO bookings_booking (id, session, organisation, seats, state, contact_name, contact_phone,
                                                 note, created_at, changed_at)
                   SELECT gen_random_uuid(), $1, id, 10, 'confirmed', '陈巧云', '13800000000', '', now(), now()
                     FROM accounts_organisation WHERE parent = $2""",
                session.id,
                stock.root.id,
            )
            tokens.append(token)
        await db.execute("ANALYZE")
    return dsn, tokens


def _person(number: int) -> dict[str, str]:
    name = _FAMILY[number % 20] + _GIVEN[number // 20 % 20] + _GIVEN[number // 400 % 20]
    return {"name": name, "unit": f"姑苏区{1 + number % UNITS}厂工会", "phone": f"139{number:08d}"}


def _by_program(tokens: list[str]) -> list[_Job]:
    return [_Job("/api/v1/checkins", {"token": tokens[n % len(tokens)], **_person(n)}, 201, {}) for n in range(PEOPLE)]


async def _by_page(port: int, tokens: list[str]) -> list[_Job]:
    """Forms as a phone sends them that opened the poster's address once: with its cookie and the page's token."""
    client = Client(port)
    opened = await client.ask("GET", f"/checkin/{tokens[0]}")
    await client.close()
    cookie = opened.headers["set-cookie"].partition(";")[0]
    found = re.search(rb'name="_csrf_token" value="([0-9a-f]+)"', opened.body)
    assert found is not None
    token = found[1].decode()
    return [
        _Job(
            f"/checkin/{tokens[n % len(tokens)]}",
            urlencode({**_person(n), "_csrf_token": token}).encode(),
            200,
            {"Cookie": cookie},
        )
        for n in range(PEOPLE)
    ]


async def _send(client: Client, job: _Job) -> Answer:
    return await client.ask("POST", job.path, job.body, job.headers)


async def _noop(client: Client, job: _Job) -> Answer:
    """A request that does nothing, with the same cookie."""
    return await client.ask("GET", "/bench/open", headers=job.headers)


@dataclass(frozen=True)
class _Cost:
    """Of one request, in seconds of CPU; ``rate``: requests a second."""

    serving: float
    postgres: float
    rate: float

    @property
    def both(self) -> float:
        return self.serving + self.postgres


def _cost(home: Path, port: int, pid: int, jobs: list[_Job], send: Any) -> tuple[list[Answer], _Cost]:
    serving, postgres = cpu_seconds(pid), postgres_seconds(home)
    answers, seconds = asyncio.run(load(port, CLIENTS, jobs, send))
    number = len(jobs)
    cost = _Cost((cpu_seconds(pid) - serving) / number, (postgres_seconds(home) - postgres) / number, number / seconds)
    return answers, cost


def measure() -> list[Row]:
    rows: list[Row] = []
    with home_folder() as home:
        dsn, tokens = asyncio.run(_prepare(home))
        with served(home) as (port, pid):
            pages = asyncio.run(_by_page(port, tokens))
            hall = asyncio.run(_by_page(port, tokens[:1]))
            _cost(home, port, pid, pages[:300], _send)  # warms up
            for name, jobs in (
                ("by a program, one hall", _by_program(tokens[:1])),
                (f"by a program, {SESSIONS} sessions", _by_program(tokens)),
                ("by the poster's page, one hall", hall),
                (f"by the poster's page, {SESSIONS} sessions", pages),
            ):
                asyncio.run(_emptied(home))
                _answers, idle = _cost(home, port, pid, jobs, _noop)
                answers, cost = _cost(home, port, pid, jobs, _send)
                refused = [one for one, job in zip(answers, jobs, strict=True) if one.status != job.status]
                assert not refused, refused[0].body
                assert asyncio.run(_there(home)) == PEOPLE
                asyncio.run(_emptied(home))
                rows.append(_row(name, idle, cost, _bare(home, dsn, jobs)))
    return rows


def _row(name: str, idle: _Cost, cost: _Cost, bare: dict[str, float]) -> Row:
    sent = _Cost(bare["cpu"] / PEOPLE, bare["postgres"] / PEOPLE, PEOPLE / bare["seconds"])
    floor = idle.serving + sent.both
    return Row(
        f"CPU of one check-in with PostgreSQL, {CLIENTS} clients, {name}",
        f"{cost.both * 1e3:.2f} ms, of which PostgreSQL {cost.postgres * 1e3:.2f} ms ({cost.rate:.0f}/s)",
        f"no-op {idle.serving * 1e3:.2f} ms + bare asyncpg {sent.serving * 1e3:.2f} ms + its PostgreSQL "
        f"{sent.postgres * 1e3:.2f} ms ({bare['statements']:.0f} statements)",
        cost.both / floor,
        "≤ 2 × floor",
        cost.both <= 2 * floor,
    )


async def _emptied(home: Path) -> None:
    async with database(home):
        await db.execute("TRUNCATE attendance_attendee CASCADE")


async def _there(home: Path) -> int:
    async with database(home):
        return int(await db.value("SELECT count(*) FROM attendance_attendee WHERE present"))


def _bare(home: Path, dsn: str, jobs: list[_Job]) -> dict[str, float]:
    """CPU and seconds of the statements of these requests, sent by a process of their own on the same server."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.bare_checkins"],
        input=json.dumps({"home": str(home), "dsn": dsn, "clients": CLIENTS, "jobs": [job.given() for job in jobs]}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, float] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    for row in measure():
        print(row)
