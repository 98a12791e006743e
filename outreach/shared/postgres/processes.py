"""The server processes of one cluster, found by the folder in which they work."""

import contextlib
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from outreach.shared.postgres.files import lines_of
from outreach.shared.postgres.programs import PORT, PostgresUnavailableError

__all__ = ["Postmaster", "end", "is_alive", "postmaster_of", "processes_in"]

_STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A living server and the folder of its socket."""

    process: psutil.Process
    socket_folder: Path

    @property
    def socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"


def postmaster_of(data: Path) -> Postmaster | None:
    """The living server of this cluster that its pid file names."""
    lines = lines_of(data / "postmaster.pid")
    if len(lines) < 5 or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    for process in processes_in(data):
        if process.pid == pid and not is_backend(process):
            return Postmaster(process, Path(lines[4].strip("\n")))
    return None


def end(process: psutil.Process) -> None:
    """End a server process: first as PostgreSQL wants it, then by force; data survive either."""
    gently = (signal.SIGQUIT, 10) if is_backend(process) else (signal.SIGINT, _STOP_SECONDS)
    for sign, seconds in (gently, (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(sign)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not process.is_running() or not is_alive(process.pid):
                return
            time.sleep(0.02)
    raise PostgresUnavailableError(
        f"数据库进程 {process.pid} 无法停止，请手动结束它后再试。",
        f"The database process {process.pid} does not stop: end it by hand and try again.",
    )


def is_alive(pid: int) -> bool:
    """Running, and not a zombie: where process 1 does not reap, a killed server stays one for ever."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def is_backend(process: psutil.Process) -> bool:
    """Whether a server process is a child of the postmaster: those retitle themselves ``postgres: …``."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return True
    return not words or words[0].startswith("postgres: ")


def processes_in(data: Path) -> list[psutil.Process]:
    """Living processes of PostgreSQL that work in ``data``, the postmaster first."""
    if not data.is_dir():
        return []
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] not in ("postgres", "initdb"):
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if is_alive(process.pid) and Path(process.cwd()).samefile(data):
                found.append(process)
    return sorted(found, key=is_backend)
