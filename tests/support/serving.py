"""``outreach serve`` in processes of its own, on a home of its own; ended by their own ids, politely or with -9."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

__all__ = ["Serving", "command", "home_of_its_own", "servers_of", "serving"]

PROJECT = Path(__file__).parents[2]


@contextlib.contextmanager
def home_of_its_own() -> Iterator[Path]:
    """A home that does not exist yet; whatever still runs on it at the end is killed."""
    place = Path(tempfile.mkdtemp(prefix="outreach-test-"))
    place.chmod(0o755)  # where root has no user namespaces, the database's account must pass through
    home = place / "home"
    try:
        yield home
    finally:
        for process in servers_of(home):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        note = home / "postgres" / "socket.json"
        if note.exists():
            folder = note.read_text(encoding="utf-8").rpartition('"folder": "')[2].partition('"')[0]
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(place)


def servers_of(home: Path) -> list[psutil.Process]:
    """Every living PostgreSQL process of the cluster under ``home``."""
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            inside = process.info["name"] == "postgres" and Path(process.cwd()) == home.resolve() / "postgres" / "data"
            if inside and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _environment(home: Path) -> dict[str, str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("OUTREACH_")}
    return {**clean, "OUTREACH_HOME": str(home), "PYTHONPATH": str(PROJECT)}


def command(home: Path, *words: str, given: str = "") -> str:
    """Run ``outreach words``; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "outreach", *words],
        env=_environment(home), input=given, capture_output=True, text=True, timeout=120, cwd=home.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Serving:
    """A running server; ``url`` is where."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
        self.process, self.url, self.log = process, url, log

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def pids(self) -> list[int]:
        """The main process and its workers, without the database."""
        main = psutil.Process(self.process.pid)
        below = [one for one in main.children(recursive=True) if one.name() != "postgres"]
        return [main.pid, *(one.pid for one in below)]

    def kill(self) -> None:
        """-9 to the main process and all its workers, before any of them can tell another."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self) -> int:
        """Politely; return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)


@contextlib.contextmanager
def serving(home: Path, *words: str) -> Iterator[Serving]:
    """``outreach serve`` on a free port; not awaited, killed at the end if it still runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = home.parent / f"serve-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "outreach", "serve", "--port", str(port), *words],
            env=_environment(home), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=home.parent,
        )  # fmt: skip
    made = Serving(process, f"http://127.0.0.1:{port}", log)
    try:
        yield made
    finally:
        if process.poll() is None:
            made.kill()
