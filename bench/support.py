"""Serving the application for a measurement, and sending it a bounded load over loopback."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

__all__ = [
    "Answer",
    "Client",
    "Row",
    "cpu_seconds",
    "free_port",
    "home_folder",
    "load",
    "percentile",
    "postgres_seconds",
    "served",
]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, its baseline, their ratio, and the bound it must keep."""

    name: str
    measured: str
    baseline: str
    ratio: float | None
    bound: str
    kept: bool


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float = 0.0


@dataclass
class Client:
    """A keep-alive HTTP/1.1 client of the few features a measurement needs, cheap enough not to be what is measured."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a request; ``body`` as JSON, or a form that is encoded already (bytes)."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**26)
        assert self._reader is not None
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        if content:
            kind = "x-www-form-urlencoded" if isinstance(body, bytes) else "json"
            lines.append(f"Content-Type: application/{kind}")
        lines += [f"{name}: {value}" for name, value in {**self.headers, **(headers or {})}.items()]
        began = time.perf_counter()
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        given = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        answer = b""
        if status not in (204, 304) and method != "HEAD":
            if "content-length" in given:
                answer = await self._reader.readexactly(int(given["content-length"]))
            elif given.get("transfer-encoding") == "chunked":
                while size := int((await self._reader.readline()).split(b";")[0], 16):
                    answer += await self._reader.readexactly(size)
                    await self._reader.readline()
                await self._reader.readline()
        return Answer(status, given, answer, time.perf_counter() - began)

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()


async def load(
    port: int,
    clients: int,
    jobs: list[Any],
    send: Callable[[Client, Any], Awaitable[Answer]],
    headers: dict[str, str] | None = None,
) -> tuple[list[Answer], float]:
    """Send ``jobs`` by so many clients at once; return the answers and the seconds it took."""
    waiting = list(reversed(jobs))
    answers: list[Answer] = []

    async def one() -> None:
        client = Client(port, headers or {})
        while waiting:
            answers.append(await send(client, waiting.pop()))
        await client.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return answers, time.perf_counter() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def home_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        yield Path(folder)


@contextmanager
def served(
    home: Path, *, target: str = "bench.application:application", wait: str = "/healthz"
) -> Iterator[tuple[int, int]]:
    """Serve with one worker of granian; yields (port, process id); ended by its process id."""
    port = free_port()
    script = (
        "from granian import Granian; from granian.constants import Interfaces; "
        f"Granian({target!r}, factory=True, address='127.0.0.1', port={port}, interface=Interfaces.ASGI, "
        "websockets=False, log_access=False, log_enabled=False).serve()"
    )
    environment = {**os.environ, "OUTREACH_HOME": str(home), "OUTREACH_BASE_URL": f"http://127.0.0.1:{port}"}
    with (home / "bench-server.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=log, stderr=log)
    try:
        asyncio.run(_until_answered(port, wait, process))
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _until_answered(port: int, path: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            client = Client(port)
            answer = await client.ask("GET", path)
            await client.close()
            if answer.status == 200:
                return
        except (OSError, asyncio.IncompleteReadError):
            pass
        await asyncio.sleep(0.01)
    raise RuntimeError("the server did not answer")


def cpu_seconds(pid: int) -> float:
    """CPU of a process and all below it, without PostgreSQL: what serving itself costs."""
    parent = psutil.Process(pid)
    total = 0.0
    for process in [parent, *parent.children(recursive=True)]:
        try:
            if process.name().startswith("postgres"):
                continue
            times = process.cpu_times()
            total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total


def postgres_seconds(home: Path) -> float:
    """CPU of the home's database server with its backends, those that have ended too."""
    (pid_file,) = home.glob("*/data/postmaster.pid")
    server = psutil.Process(int(pid_file.read_text(encoding="ascii").splitlines()[0]))
    times = server.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for backend in server.children(recursive=True):
        try:
            times = backend.cpu_times()
            total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return float(total)


def resident_bytes(pid: int) -> int:
    """Unique memory of the serving processes, without PostgreSQL."""
    parent = psutil.Process(pid)
    processes = [parent, *parent.children(recursive=True)]
    return max(p.memory_info().rss for p in processes if not p.name().startswith("postgres"))


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
