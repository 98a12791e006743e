"""The plug is pulled: real processes, killed with -9 in the middle of a stream of bookings."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.serving import Serving, command, home_of_its_own, servers_of, serving

pytestmark = pytest.mark.postgres_server

UNIONS = 60
PASSWORD = "a long first password\n"


@pytest.fixture
def home() -> Iterator[Path]:
    with home_of_its_own() as made:
        yield made


async def _made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _stock(client: httpx.AsyncClient) -> tuple[str, list[str]]:
    """A published session, and the unions that want it."""
    root = await _made(client, "/api/v1/organisations", {"code": "SZ", "name": "市总工会", "kind": "federation"})
    programme = await _made(
        client, "/api/v1/programmes", {"year": 2099, "code": "p", "name": "项目", "organisation_id": root}
    )
    event = await _made(
        client,
        "/api/v1/events",
        {"programme_id": programme, "title": "讲座", "kind": "讲座", "duration_minutes": 90},
    )
    session = await _made(
        client, "/api/v1/sessions", {"event_id": event, "starts_at": "2099-05-12T14:00:00+08:00", "address": "礼堂"}
    )
    assert (await client.post(f"/api/v1/sessions/{session}/publish")).status_code == 200
    unions = [
        await _made(
            client,
            "/api/v1/organisations",
            {"code": f"U{number}", "name": f"第{number}厂工会", "kind": "grassroots_union", "parent_id": root},
        )
        for number in range(UNIONS)
    ]
    return session, unions


async def _book(client: httpx.AsyncClient, session: str, union: str) -> httpx.Response:
    body = {
        "session_id": session, "organisation_id": union, "seats": 3, "contact_name": "陈巧云",
        "contact_phone": "13800000000",
    }  # fmt: skip
    return await client.post("/api/v1/bookings", json=body, headers={"Idempotency-Key": f"key-{union}"})


async def _until_killed(
    client: httpx.AsyncClient, session: str, unions: list[str], after: int, kill: Any
) -> dict[str, str]:
    """Book for every union, eight at a time; ``kill`` once ``after`` are acknowledged. Union → acknowledged body."""
    acknowledged, waiting = dict[str, str](), iter(unions)

    async def worker() -> None:
        for union in waiting:
            with contextlib.suppress(httpx.TransportError):
                answer = await _book(client, session, union)
                if answer.status_code == 201:
                    acknowledged[union] = answer.text
                else:
                    assert answer.status_code == 503, answer.text
                    assert answer.headers["retry-after"]
            if len(acknowledged) >= after and not killed:
                killed.append(True)
                kill()

    killed: list[bool] = []
    await asyncio.gather(*(worker() for _ in range(8)))
    assert killed
    return acknowledged


def _kill_database(home: Path) -> None:
    for process in servers_of(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _client(server: Serving, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)


async def test_what_was_acknowledged_survives_the_kill_of_server_and_database(home: Path) -> None:
    """First the serving processes die, then PostgreSQL and they; each time the next start has every acknowledged
    booking once, and a key sent again gets the answer that it got, or books now."""
    command(home, "init", "--admin", "keeper", "--password-stdin", given=PASSWORD)
    token = command(home, "token", "create", "keeper").strip()

    with serving(home, "--workers", "2") as first:
        first.wait_until_ready()
        async with _client(first, token) as client:
            session, unions = await _stock(client)
            before = await _until_killed(client, session, unions[: UNIONS // 2], 12, first.kill)
    with serving(home) as second:
        second.wait_until_ready()
        async with _client(second, token) as client:
            again = {union: await _book(client, session, union) for union in before}
            later = await _until_killed(client, session, unions[UNIONS // 2 :], 12, lambda: _kill_database(home))
            unready = await client.get("/readyz")
            refused = await _book(client, session, unions[-1])
        second.kill()
    with serving(home) as third:
        third.wait_until_ready()
        async with _client(third, token) as client:
            stored = await _all_bookings(client, session)
            final = {union: await _book(client, session, union) for union in unions}
            everything = await _all_bookings(client, session)
            taken = (await client.get(f"/api/v1/sessions/{session}")).json()["seats_taken"]
        stopped = third.stop()

    assert {union: answer.text for union, answer in again.items()} == before
    assert [union for union in {**before, **later} if stored.count(union) != 1] == []
    assert len(stored) == len(set(stored))
    assert {union: final[union].text for union in {**before, **later}} == {**before, **later}
    assert {answer.status_code for answer in final.values()} == {201}
    assert sorted(everything) == sorted(unions)
    assert taken == 3 * UNIONS
    assert (unready.status_code, refused.status_code) == (503, 503)
    assert stopped == 0
    assert servers_of(home) == []


async def _all_bookings(client: httpx.AsyncClient, session: str) -> list[str]:
    """The organisations of every live booking of the session."""
    answer = await client.get("/api/v1/bookings", params={"session_id": session, "limit": 200})
    assert answer.json()["next"] is None
    return [one["organisation_id"] for one in answer.json()["items"] if one["state"] == "confirmed"]


def test_two_servers_start_at_once_on_one_home_that_is_not_there_yet(home: Path) -> None:
    """Both get ready, one migrates; one is killed or stopped and the other serves on; the last one out stops the
    database."""
    home.parent.mkdir(exist_ok=True)
    with serving(home) as first, serving(home, "--workers", "2") as second, serving(home, "--no-work") as third:
        for server in (first, second, third):
            server.wait_until_ready()
        first.kill()
        after_kill = [httpx.get(f"{server.url}/api/v1/sessions").status_code for server in (second, third)]
        stopped = [second.stop()]
        after_stop = httpx.get(f"{third.url}/readyz").status_code
        stopped.append(third.stop())

    assert after_kill == [200, 200]
    assert after_stop == 200
    assert stopped == [0, 0]
    assert servers_of(home) == []
