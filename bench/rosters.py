"""A roster of 100,000 rows sent as xlsx over HTTP, beside python-calamine and COPY of the same file by a bare process.

Wall clock of both, since most of either is spent outside of the serving process; the fastest of three rounds. In three
more rounds another client asks for a list without a pause, and the memory of the server and its reader is looked at.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import xlsxwriter

from bench.stock import database, make_stock
from bench.support import Client, Row, home_folder, percentile, served
from outreach.shared import db
from tests.factories.events import make_session

__all__ = ["measure"]

ROWS = 100_000
TIMES = 3
IDLE_SECONDS = 3.0
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN = "明芳兰英杰伟敏静丽强磊军洋勇艳娜涛超霞平"


def _file(path: Path, first: int) -> None:
    """A sheet as an office makes it: numbers as numbers, 300 units."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["序号", "姓名", "单位", "手机", "性别", "农民工", "备注"])
    for n in range(ROWS):
        name = _FAMILY[n % 20] + _GIVEN[n // 20 % 20] + _GIVEN[n // 400 % 20]
        told = "女" if n % 2 else "男", "是" if n % 3 == 0 else "否"
        sheet.write_row(n + 1, 0, [n + 1, name, f"第{n % 300}机械厂工会", 13800000000 + first + n, *told])
    book.close()


async def _prepare(home: Path) -> tuple[list[UUID], dict[str, str], str]:
    async with database(home, migrating=True) as dsn:
        stock = await make_stock()
        began = datetime.now(UTC) - timedelta(hours=3)
        sessions = [await make_session(stock.event, starts_at=began) for _ in range(3 * TIMES)]
        await db.execute("ANALYZE")
        return [one.id for one in sessions], stock.headers, dsn


class _Watch:
    """Asks for a page without a pause, and looks at the memory, until it is stopped."""

    def __init__(self, port: int, pid: int, headers: dict[str, str]) -> None:
        self._client, self._server, self._running = Client(port, headers), psutil.Process(pid), True
        self.seconds: list[float] = []
        self.most = 0

    async def ask(self) -> None:
        while self._running:
            answer = await self._client.ask("GET", "/api/v1/sessions?limit=20")
            assert answer.status == 200, answer.body
            self.seconds.append(answer.seconds)
            await asyncio.sleep(0.002)
        await self._client.close()

    async def look(self) -> None:
        while self._running:
            self.most = max(self.most, _resident(self._server))
            await asyncio.sleep(0.05)

    def stop(self) -> None:
        self._running = False


def _resident(server: psutil.Process) -> int:
    """Memory of the server and of all it started but PostgreSQL."""
    total = 0
    for process in [server, *server.children(recursive=True)]:
        try:
            if not process.name().startswith("postgres"):
                total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


async def _watched(port: int, pid: int, headers: dict[str, str], work: Any) -> _Watch:
    watch = _Watch(port, pid, headers)
    watching = asyncio.gather(watch.ask(), watch.look())
    await work()
    watch.stop()
    await watching
    return watch


async def _sent(port: int, headers: dict[str, str], session: UUID, content: bytes) -> float:
    """Seconds of one import; the file is sent as it is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        f"POST /api/v1/sessions/{session}/attendees/import?filename=a.xlsx HTTP/1.1", "Host: 127.0.0.1",
        "Content-Type: application/octet-stream", f"Content-Length: {len(content)}", "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    began = time.perf_counter()
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
    answer = await reader.read()
    seconds = time.perf_counter() - began
    writer.close()
    assert b'"new":100000' in answer, answer[:600]
    return seconds


def _bare(dsn: str, file: Path, session: UUID) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "bench.bare_roster", dsn, str(file), str(session)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def measure() -> list[Row]:
    with home_folder() as home, tempfile.TemporaryDirectory() as folder:
        sessions, headers, dsn = asyncio.run(_prepare(home))
        file = Path(folder) / "a.xlsx"
        _file(file, 0)
        content = file.read_bytes()
        took: list[float] = []
        bare: list[float] = []
        busy: list[float] = []
        most = 0
        with served(home) as (port, pid):
            idle = asyncio.run(_watched(port, pid, headers, lambda: asyncio.sleep(IDLE_SECONDS)))
            for session, other in zip(sessions[:TIMES], sessions[TIMES:], strict=False):
                took.append(asyncio.run(_sent(port, headers, session, content)))
                bare.append(_bare(dsn, file, other))
            for session in sessions[2 * TIMES :]:
                watch = asyncio.run(_watched(port, pid, headers, partial(_sent, port, headers, session, content)))
                busy += watch.seconds
                most = max(most, watch.most)
    ratio = min(took) / min(bare)
    slow, usual = percentile(busy, 0.99), percentile(idle.seconds, 0.99)
    memory = (most - idle.most) / 2**20
    return [
        Row(
            f"roster of {ROWS:,} rows, xlsx over HTTP, stored",
            f"{min(took):.2f} s",
            f"calamine + COPY {min(bare):.2f} s",
            ratio,
            "≤ 2",
            ratio <= 2,
        ),
        Row("memory meanwhile above idle", f"{memory:.0f} MiB", "", None, "≤ 300 MiB", memory <= 300),
        Row(
            "p99 of other requests meanwhile",
            f"{slow * 1e3:.1f} ms",
            f"idle {usual * 1e3:.1f} ms",
            slow / usual,
            "≤ 3",
            slow / usual <= 3,
        ),
    ]
