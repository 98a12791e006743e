"""The plug is pulled while a file is stored: afterwards nothing of it is there, and confirming it again stores it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from outreach.shared.postgres import EmbeddedPostgres
from tests.support.serving import Serving, command, home_of_its_own, serving
from tests.support.sheets import xlsx_of

pytestmark = pytest.mark.postgres_server

UNITS = 4000
PASSWORD = "a long first password\n"


@pytest.fixture
def home() -> Iterator[Path]:
    with home_of_its_own() as made:
        yield made


@contextlib.asynccontextmanager
async def _connected(home: Path) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    server = EmbeddedPostgres(home)
    connection = await asyncpg.connect(await asyncio.to_thread(server.start))
    try:
        yield connection
    finally:
        await connection.close()
        await asyncio.to_thread(server.stop)


def _client(server: Serving, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    return httpx.AsyncClient(base_url=server.url, headers=headers, timeout=120)


async def _is_storing(connection: Any) -> bool:
    """Whether somebody has been writing organisations for a while: each is a row that nobody else sees yet."""
    written: int = await connection.fetchval(
        "SELECT pg_sequence_last_value(pg_get_serial_sequence('accounts_journal', 'id'))"
    )
    return written > UNITS // 4


async def _killed_while_storing(server: Serving, home: Path, token: str, where: str, kill: Callable[[], None]) -> None:
    async with _connected(home) as connection, _client(server, token) as client:
        confirming = asyncio.create_task(client.post(f"{where}/confirm"))
        while not await _is_storing(connection):
            assert not confirming.done(), (await confirming).text
            await asyncio.sleep(0.01)
        kill()
        with contextlib.suppress(httpx.TransportError):
            answer = await confirming
            assert answer.status_code in (500, 503), answer.text


async def _stored(home: Path) -> tuple[int, int, int]:
    """Organisations of the file, journal lines about them, and previews that were confirmed."""
    async with _connected(home) as connection:
        found = await connection.fetchrow(
            """SELECT (SELECT count(*) FROM accounts_organisation WHERE code LIKE 'K%'),
                      (SELECT count(*) FROM accounts_journal WHERE action = 'organisation.created'
                          AND object_id IN (SELECT id FROM accounts_organisation WHERE code LIKE 'K%')),
                      (SELECT count(*) FROM imports_preview WHERE stored_at IS NOT NULL)"""
        )
    return tuple(found)


async def test_import_killed_in_the_middle_stores_nothing_and_then_everything(home: Path) -> None:
    """Killed with -9 while it is stored; the preview is still there, and confirmed whole."""
    command(home, "init", "--admin", "keeper", "--password-stdin", given=PASSWORD)
    token = command(home, "token", "create", "keeper").strip()
    rows: list[list[Any]] = [["编码", "名称", "类别", "上级"]]
    rows += [[f"K{n}", f"第{n}厂工会", "基层工会", "SZ"] for n in range(UNITS)]

    with serving(home) as first:
        first.wait_until_ready()
        async with _client(first, token) as client:
            root = {"code": "SZ", "name": "市总工会", "kind": "federation"}
            assert (await client.post("/api/v1/organisations", json=root)).status_code == 201
            sent = await client.post("/desk/imports/units", files={"file": ("a.xlsx", xlsx_of(rows))})
            assert sent.status_code == 303, sent.text
            where = sent.headers["location"]
        await _killed_while_storing(first, home, token, where, first.kill)
    after_kill = await _stored(home)
    with serving(home) as second:
        second.wait_until_ready()
        async with _client(second, token) as client:
            shown = (await client.get(where)).text
            done = await client.post(f"{where}/confirm")
            again = await client.post(f"{where}/confirm")
        second.stop()

    assert after_kill == (0, 0, 0)
    assert f"会新建{UNITS:,}条" in shown
    assert (done.status_code, again.status_code) == (303, 303)
    assert await _stored(home) == (UNITS, UNITS, 1)
