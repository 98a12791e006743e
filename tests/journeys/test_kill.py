"""The plug is pulled: real processes, killed with -9 in the middle of a stream of bookings."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from outreach.shared.postgres import EmbeddedPostgres
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


async def _stock(client: httpx.AsyncClient, wanted: int = UNIONS) -> tuple[str, list[str]]:
    """A published session, and the unions that want it."""
    root = await _made(client, "/api/v1/organisations", {"code": "SZ", "name": "市总工会", "kind": "federation"})
    programme = await _made(
        client,
        "/api/v1/programmes",
        {"year": 2099, "code": "p", "name": "项目", "organisation_id": root, "scheduled": True},
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
        for number in range(wanted)
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


# --- five hundred bookings, cancellations and orders ------------------------------------------------------------------

STREAM_UNIONS = 230
SEATS, CAPACITY = 3, 60
CLIENTS = 16
#: So many are acknowledged when the plug is pulled.
AFTER = 220


@dataclass
class Stream:
    """What every union does: it books or queues, every fifth calls it off again, and it orders.

    ``acknowledged``: key → body of the answer.
    """

    sessions: list[str]
    event: str
    unions: list[str]
    acknowledged: dict[str, str] = field(default_factory=dict)

    @property
    def operations(self) -> int:
        return 2 * len(self.unions) + len(self.unions[::5])

    async def send(self, client: httpx.AsyncClient, number: int) -> None:
        """The unions' requests in their order; one that got no answer ends the union's row."""
        union = self.unions[number]
        contact = {"contact_name": "陈巧云", "contact_phone": "13800000000"}
        booked = await self._post(
            client,
            f"book-{number}",
            "/api/v1/bookings",
            {"session_id": self.sessions[number % 2], "organisation_id": union, "seats": SEATS, "waitlist": True,
             **contact},
        )  # fmt: skip
        if number % 5 == 0 and booked is not None:
            await self._post(
                client, f"cancel-{number}", f"/api/v1/bookings/{booked['id']}/cancel", {"reason": "不去了"}
            )
        await self._post(
            client,
            f"order-{number}",
            "/api/v1/orders",
            {"event_id": self.event, "organisation_id": union, "audience": 60, "address": "食堂",
             "windows": [{"date": "2099-05-20", "part": "afternoon"}], **contact},
        )  # fmt: skip

    async def _post(
        self, client: httpx.AsyncClient, key: str, path: str, body: dict[str, Any]
    ) -> dict[str, Any] | None:
        with contextlib.suppress(httpx.TransportError):
            answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
            if answer.status_code in (200, 201):
                assert self.acknowledged.setdefault(key, answer.text) == answer.text, key
                return dict(answer.json())
            assert answer.status_code == 503, answer.text
        return None

    async def run(self, client: httpx.AsyncClient, kill: Any = None) -> None:
        """All of them, some at once; ``kill`` once enough are acknowledged."""
        waiting = iter(range(len(self.unions)))

        async def worker() -> None:
            for number in waiting:
                await self.send(client, number)
                if kill is not None and len(self.acknowledged) >= AFTER and not killed:
                    killed.append(True)
                    kill()

        killed: list[bool] = []
        await asyncio.gather(*(worker() for _ in range(CLIENTS)))
        assert kill is None or killed


async def test_five_hundred_bookings_cancellations_and_orders_survive_the_kill(home: Path) -> None:
    """Killed with -9 in the middle, started again: everything acknowledged is there once, nothing half made, no seat
    too many, the queue where it belongs, each message once; and the same keys finish the rest."""
    command(home, "init", "--admin", "keeper", "--password-stdin", given=PASSWORD)
    token = command(home, "token", "create", "keeper").strip()

    with serving(home) as first:
        first.wait_until_ready()
        async with _client(first, token) as client:
            stream = await _stream(client)
            await stream.run(client, first.kill)
    before = dict(stream.acknowledged)
    with serving(home) as second:
        second.wait_until_ready()
        async with asyncpg_of(home) as connection:
            in_between = await _stored(connection)
            troubles = await _troubles(connection)
            async with _client(second, token) as client:
                await stream.run(client)
            at_the_end = await _stored(connection)
            troubles += await _troubles(connection)
        second.stop()

    assert AFTER <= len(before) < stream.operations
    assert [key for key in before if in_between.get(_thing(key, before[key])) != 1] == []
    assert troubles == []
    assert stream.acknowledged.items() >= before.items()
    assert len(stream.acknowledged) == stream.operations
    assert {key for key, number in at_the_end.items() if number != 1} == set()
    assert len(at_the_end) == stream.operations


def _thing(key: str, body: str) -> str:
    """What an acknowledgement speaks of: ``book``, ``cancel`` or ``order``, and its id."""
    return f"{key.split('-', maxsplit=1)[0]} {json.loads(body)['id']}"


async def _stream(client: httpx.AsyncClient) -> Stream:
    session, unions = await _stock(client, STREAM_UNIONS)
    event = str((await client.get(f"/api/v1/sessions/{session}")).json()["event_id"])
    sessions = []
    for day in (13, 14):
        given = {
            "event_id": event,
            "starts_at": f"2099-05-{day}T14:00:00+08:00",
            "address": "礼堂",
            "capacity": CAPACITY,
        }
        sessions.append(await _made(client, "/api/v1/sessions", given))
        assert (await client.post(f"/api/v1/sessions/{sessions[-1]}/publish")).status_code == 200
    return Stream(sessions, event, unions)


@contextlib.asynccontextmanager
async def asyncpg_of(home: Path) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of our own to the embedded database, which runs as long as somebody uses it."""
    server = EmbeddedPostgres(home)
    connection = await asyncpg.connect(await asyncio.to_thread(server.start))
    try:
        yield connection
    finally:
        await connection.close()
        await asyncio.to_thread(server.stop)


async def _stored(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, int]:
    """How often what was asked for is there: a booking and an order by its row, a cancellation by its journal line."""
    rows = await connection.fetch("""
        SELECT 'book ' || id AS thing, count(*)::int AS number FROM bookings_booking GROUP BY id
         UNION ALL SELECT 'order ' || id, count(*)::int FROM bookings_order GROUP BY id
         UNION ALL SELECT 'cancel ' || object_id, count(*)::int FROM accounts_journal
                    WHERE action = 'booking.cancelled' GROUP BY object_id""")
    return {one["thing"]: one["number"] for one in rows}


#: What must never be found, whenever one looks.
_NEVER = {
    "seats that are not those of the bookings": """
        SELECT s.id FROM events_session s WHERE s.seats_taken > s.capacity OR s.seats_taken <>
               (SELECT coalesce(sum(b.seats), 0) FROM bookings_booking b
                 WHERE b.session = s.id AND b.state IN ('pending', 'offered', 'confirmed'))""",
    "a group that waits and fits": """
        SELECT b.id FROM bookings_booking b JOIN events_session s ON s.id = b.session
         WHERE b.state = 'waitlisted' AND b.seats <= s.capacity - s.seats_taken""",
    "a queue with two of one number": """
        SELECT session FROM bookings_booking WHERE queue_number IS NOT NULL
         GROUP BY session, queue_number HAVING count(*) > 1""",
    "two of one unit": """
        SELECT organisation FROM bookings_booking GROUP BY organisation, session HAVING count(*) > 1
         UNION ALL SELECT organisation FROM bookings_order GROUP BY organisation HAVING count(*) > 1""",
    "a booking without its line in the journal": """
        SELECT b.id FROM bookings_booking b WHERE (SELECT count(*) FROM accounts_journal j
                 WHERE j.object_id = b.id AND j.from_state IS NULL) <> 1""",
    "an order without its times or its line in the journal": """
        SELECT r.id FROM bookings_order r
         WHERE (SELECT count(*) FROM bookings_order_window w WHERE w.order_id = r.id) <> 1
            OR (SELECT count(*) FROM accounts_journal j WHERE j.object_id = r.id) <> 1""",
    "a message twice": """
        SELECT object_id FROM notifications_outbox_message GROUP BY object_id, kind HAVING count(*) > 1""",
    "a confirmation that was not told, or not made": """
        SELECT b.id FROM bookings_booking b
         WHERE (SELECT count(*) FROM notifications_outbox_message m WHERE m.object_id = b.id
                   AND m.kind IN ('booking-confirmed', 'booking-promoted')) <>
               (SELECT count(*) FROM accounts_journal j WHERE j.object_id = b.id AND j.to_state = 'confirmed')""",
    "a cancellation that is half made": """
        SELECT b.id FROM bookings_booking b WHERE (b.state = 'cancelled') <> EXISTS
               (SELECT 1 FROM accounts_journal j WHERE j.object_id = b.id AND j.action = 'booking.cancelled')""",
}


async def _troubles(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    return [name for name, sql in _NEVER.items() if await connection.fetch(sql)]


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
