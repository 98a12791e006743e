"""The embedded server with real processes: kills, stale files, awkward paths, other users of the machine."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest

from outreach.shared.postgres import EmbeddedPostgres, PostgresUnavailableError, binaries

pytestmark = pytest.mark.postgres_server

PROJECT = Path(__file__).parents[2]
NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user of the machine")

USER = """
import sys
from pathlib import Path
from outreach.shared.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account of the machine can enter, as nothing below pytest's own can be.

    Root's server needs that where namespaces are refused. What still runs in homes below it is ended afterwards.
    """
    path = Path(tempfile.mkdtemp(prefix="outreach-test-"))
    path.chmod(0o755)
    yield path
    for data in path.glob("**/postgres/data"):
        end_everything(data.parents[1])
    shutil.rmtree(path)


@pytest.fixture
def home(place: Path) -> Path:
    """A home that does not exist yet."""
    return place / "home"


def end_everything(home: Path) -> None:
    for process in processes_of(home):
        process.kill()
    if (place := home / "postgres" / "socket.json").exists():
        folder = place.read_text(encoding="utf-8").rpartition('"folder": "')[2].partition('"')[0]
        shutil.rmtree(folder, ignore_errors=True)


def processes_of(home: Path) -> list[psutil.Process]:
    """Every living process of the cluster under ``home``."""
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            inside = process.info["name"] == "postgres" and Path(process.cwd()) == home.resolve() / "postgres" / "data"
            if inside and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def kill_postmaster(server: EmbeddedPostgres) -> None:
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: server.status().pid is None)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def socket_folder_of(dsn: str) -> Path:
    return Path(parse_qs(urlsplit(dsn).query)["host"][0])


def other_process(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )


def said_by(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


def as_nobody(act: Callable[[], str]) -> str:
    """What ``act`` returns when the account ``nobody`` runs it.

    By fork, since ``nobody`` may be unable to reach this interpreter; so ``act`` imports nothing.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(writer, act().encode())
        except BaseException as error:
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


async def test_start_stop_start_keeps_what_was_written(home: Path) -> None:
    server = EmbeddedPostgres(home)
    await ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS n")

    server.stop()

    assert not server.status().running
    assert processes_of(home) == []
    assert await ask(server.start(), "SELECT n FROM kept") == 7
    server.stop()


async def test_server_is_durable_small_and_without_network(home: Path) -> None:
    server = EmbeddedPostgres(home)
    dsn = server.start()

    found = [
        await ask(dsn, f"SELECT current_setting('{name}')")
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums", "shared_buffers", "TimeZone")
    ]
    pid = server.status().pid

    assert found == ["on", "on", "on", "on", "64MB", "UTC"]
    assert (
        await ask(dsn, "SELECT upper('é') || current_setting('server_encoding') || current_database()")
        == "ÉUTF8outreach"
    )
    assert pid is not None
    assert psutil.Process(pid).net_connections(kind="inet") == []
    server.stop()


def test_files_are_for_the_owner_only(home: Path) -> None:
    server = EmbeddedPostgres(home)
    folder = socket_folder_of(server.start())

    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (server.folder, server.data, folder / ".s.PGSQL.5432", server.folder / "password", server.log)
    }

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes.pop("postgres") & 0o066 == 0
    assert modes == {"data": 0o700, ".s.PGSQL.5432": 0o700, "password": 0o600, "server.log": 0o600}
    server.stop()


def test_wrong_password_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()

    tried = subprocess.run(
        [binaries().psql, "-c", "SELECT 1"],
        env={**server.client_environment(), "PGPASSWORD": "guessed"},
        capture_output=True,
        text=True,
    )

    assert tried.returncode == 2
    assert 'password authentication failed for user "outreach"' in tried.stderr
    server.stop()


def test_programs_of_the_wheel_reach_the_server(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()

    dumped = subprocess.run(
        [binaries().pg_dump, "--schema-only"], env=server.client_environment(), capture_output=True, text=True
    )

    assert (dumped.returncode, dumped.stderr) == (0, "")
    assert "PostgreSQL database dump complete" in dumped.stdout
    server.stop()


@pytest.mark.parametrize(
    "name",
    ["with space", "职工 服务", "a" * 75 + "/" + "b" * 75, 'quote\'d "$HOME" `x` \\ % & #?@:,;'],
    ids=["space", "chinese", "150-characters", "shell-and-url-signs"],
)
async def test_awkward_paths_work(place: Path, name: str) -> None:
    server = EmbeddedPostgres(place / name)

    dsn = server.start()

    assert await ask(dsn, "SELECT current_setting('data_directory')") == str(server.data)
    assert len(os.fsencode(socket_folder_of(dsn))) <= 89
    server.stop()
    assert not server.status().running


async def test_short_folder_of_a_long_path_is_private_and_goes_with_the_server(place: Path) -> None:
    home = place / ("a" * 150)
    server = EmbeddedPostgres(home)
    folder = socket_folder_of(server.start())

    found = folder.lstat()

    assert not folder.is_relative_to(home)
    assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, server.data.stat().st_uid)
    server.stop()
    assert not folder.exists()


async def test_planted_link_in_place_of_the_socket_folder_is_not_followed(home: Path, place: Path) -> None:
    trap = place / "trap"
    trap.mkdir(mode=0o700)
    (home / "postgres").mkdir(parents=True, mode=0o700)
    (home / "postgres" / "run").symlink_to(trap)
    server = EmbeddedPostgres(home)

    dsn = server.start()

    assert await ask(dsn, "SELECT 1") == 1
    assert list(trap.iterdir()) == []
    server.stop()


async def test_killed_server_starts_again_with_what_was_committed(home: Path) -> None:
    server = EmbeddedPostgres(home)
    await ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS n")
    kill_postmaster(server)

    assert await ask(server.start(), "SELECT n FROM kept") == 7
    server.stop()


async def test_orphaned_busy_backend_is_ended_before_the_next_start(home: Path) -> None:
    server = EmbeddedPostgres(home)
    dsn = server.start()
    busy = await asyncpg.connect(dsn)
    backend = await busy.fetchval("SELECT pg_backend_pid()")
    # Counting never looks whether the postmaster is still there; only a signal ends it.
    counting = asyncio.ensure_future(busy.execute("SELECT count(*) FROM generate_series(1::bigint, 100000000000)"))
    await asyncio.sleep(0.3)
    kill_postmaster(server)
    assert psutil.Process(backend).status() == psutil.STATUS_RUNNING

    assert await ask(server.start(), "SELECT 1") == 1

    assert backend not in [process.pid for process in processes_of(home)]
    with pytest.raises((asyncpg.PostgresError, ConnectionError)):
        await counting
    server.stop()


@pytest.mark.parametrize("left", ["stale", "own-pid", "other-server", "empty", "half-a-line", "first-line"])
async def test_pid_file_left_behind_does_not_matter(home: Path, place: Path, left: str) -> None:
    server = EmbeddedPostgres(home)
    await ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS n")
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    kill_postmaster(server)
    wait_for(lambda: processes_of(home) == [])
    other = EmbeddedPostgres(place / "other")
    if left == "other-server":
        other.start()
    first = {"own-pid": str(os.getpid()), "other-server": str(other.status().pid)}.get(left, lines[0])
    text = "\n".join([first, *lines[1:]]) + "\n"
    pid_file.write_text({"empty": "", "half-a-line": lines[0][:2], "first-line": lines[0] + "\n"}.get(left, text))

    assert await ask(server.start(), "SELECT n FROM kept") == 7

    server.stop()
    assert other.status().running == (left == "other-server")
    other.stop()


@pytest.mark.parametrize("damage", ["truncated", "removed"])
async def test_pid_file_lost_under_a_running_server(home: Path, damage: str) -> None:
    server = EmbeddedPostgres(home)
    await ask(server.start(), "CREATE TABLE kept AS SELECT 7 AS n")
    pid_file = server.data / "postmaster.pid"
    pid_file.write_text("") if damage == "truncated" else pid_file.unlink()

    assert await ask(EmbeddedPostgres(home).start(), "SELECT n FROM kept") == 7

    assert len([p for p in processes_of(home) if not p.cmdline()[0].startswith("postgres: ")]) == 1


async def test_socket_cleaned_away_comes_back_at_the_same_place(home: Path) -> None:
    server = EmbeddedPostgres(home)
    dsn = server.start()
    (socket_folder_of(dsn) / ".s.PGSQL.5432").unlink()

    assert EmbeddedPostgres(home).start() == dsn

    assert await ask(dsn, "SELECT 1") == 1


async def test_two_processes_starting_at_the_same_moment_share_one_server(home: Path) -> None:
    first, second = other_process(home), other_process(home)

    dsns = {said_by(first), said_by(second)}

    assert len(dsns) == 1
    assert await ask(dsns.pop(), "SELECT 1") == 1
    leave(first)
    assert EmbeddedPostgres(home).status().running
    leave(second)
    assert not EmbeddedPostgres(home).status().running


async def test_last_one_out_stops_the_server_even_when_another_was_killed(home: Path) -> None:
    killed = other_process(home)
    said_by(killed)
    server = EmbeddedPostgres(home)
    dsn = server.start()

    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()

    assert await ask(dsn, "SELECT 1") == 1
    server.stop()
    assert not server.status().running


def test_forked_child_does_not_keep_the_server(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    try:
        time.sleep(0.2)

        server.stop()

        assert not server.status().running
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


async def test_acknowledged_row_survives_the_kill_of_everything(home: Path) -> None:
    app = other_process(home)
    dsn = said_by(app)
    await ask(dsn, "CREATE TABLE kept (n int)")
    connection = await asyncpg.connect(dsn)
    await connection.execute("INSERT INTO kept VALUES (7)")

    os.killpg(app.pid, signal.SIGKILL)
    for process in processes_of(home):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    app.communicate()
    connection.terminate()

    server = EmbeddedPostgres(home)
    assert await ask(server.start(), "SELECT array_agg(n) FROM kept") == [7]
    server.stop()


@pytest.mark.parametrize("moment", ["data.new", "data", "password"])
async def test_kill_in_the_middle_of_the_first_start_leaves_nothing_in_the_way(home: Path, moment: str) -> None:
    app = other_process(home)
    wait_for((home / "postgres" / moment).exists)
    os.killpg(app.pid, signal.SIGKILL)
    app.communicate()

    server = EmbeddedPostgres(home)

    assert await ask(server.start(), "SELECT 1") == 1
    server.stop()
    assert not (home / "postgres" / "data.new").exists()


def test_data_of_another_major_version_is_refused_with_advice(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(PostgresUnavailableError, match=r"PostgreSQL 16, this version has 17: run outreach backup"):
        server.start()

    assert not server.status().running


def test_lost_password_is_told(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    (server.folder / "password").unlink()

    with pytest.raises(PostgresUnavailableError, match=r"password file .* is missing: restore it"):
        server.start()


def test_setting_that_the_server_refuses_is_told_in_its_own_words(home: Path) -> None:
    (home / "postgres").mkdir(parents=True, mode=0o700)
    (home / "postgres" / "extra.conf").write_text("max_connections = many\n")

    with pytest.raises(PostgresUnavailableError) as refused:
        EmbeddedPostgres(home).start()

    assert 'invalid value for parameter "max_connections": "many"' in str(refused.value)
    assert str(home / "postgres" / "server.log") in str(refused.value)


async def test_settings_of_the_keeper_win(home: Path) -> None:
    (home / "postgres").mkdir(parents=True, mode=0o700)
    (home / "postgres" / "extra.conf").write_text("max_connections = 33\n")
    server = EmbeddedPostgres(home)

    assert await ask(server.start(), "SELECT current_setting('max_connections')") == "33"
    server.stop()


def test_home_that_is_a_file_is_told(home: Path) -> None:
    home.write_text("")

    with pytest.raises(PostgresUnavailableError, match="choose another OUTREACH_HOME"):
        EmbeddedPostgres(home).start()


def test_stop_without_start_does_no_harm(home: Path) -> None:
    server = EmbeddedPostgres(home)

    server.stop()
    server.stop()

    assert not server.status().initialised


# Other users of the machine


def require_reachable_binaries() -> None:
    if as_nobody(lambda: str(os.access(binaries().postgres, os.X_OK))) != "True":
        pytest.skip("the checkout lies in a folder that only root can enter")


@needs_root
def test_root_runs_the_server_in_a_closed_folder_without_loosening_its_mode(home: Path, place: Path) -> None:
    if subprocess.run(["unshare", "--user", "true"], capture_output=True).returncode != 0:
        pytest.skip("user namespaces are refused here")
    place.chmod(0o700)
    server = EmbeddedPostgres(home)
    server.start()

    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    assert server.data.stat().st_uid == 0
    server.stop()


@needs_root
def test_unprivileged_user_runs_a_server_of_its_own(place: Path) -> None:
    require_reachable_binaries()
    home = place / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)

    def start_ask_stop() -> str:
        server = EmbeddedPostgres(home)
        server.start()
        pid = server.status().pid
        asked = subprocess.run(
            [binaries().psql, "-Atc", "SELECT 6 * 7"], env=server.client_environment(), capture_output=True, text=True
        )
        owner = psutil.Process(pid).uids().real
        server.stop()
        return f"{asked.stdout.strip()} {asked.stderr} {owner} {server.status().running}"

    assert as_nobody(start_ask_stop) == f"42  {NOBODY} False"


@needs_root
def test_home_of_another_user_is_told(place: Path) -> None:
    server = EmbeddedPostgres(place / "home")
    server.start()

    told = as_nobody(lambda: EmbeddedPostgres(place / "home").start())

    assert "belongs to another system user (uid 0)" in told
    server.stop()


@needs_root
@pytest.mark.parametrize("name", ["home", "a" * 150], ids=["under-home", "temporary"])
def test_other_local_user_cannot_reach_the_socket(place: Path, name: str) -> None:
    server = EmbeddedPostgres(place / name)
    path = socket_folder_of(server.start()) / ".s.PGSQL.5432"

    def reach() -> str:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(path))
        return "connected"

    assert as_nobody(reach) == "PermissionError: [Errno 13] Permission denied"
    assert as_nobody((server.folder / "password").read_text).startswith("PermissionError: [Errno 13]")
    server.stop()


@needs_root
def test_root_without_namespaces_uses_an_unprivileged_account(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_reachable_binaries()
    monkeypatch.setenv("PATH", str(place))  # no unshare there
    server = EmbeddedPostgres(place / "home")

    server.start()

    pid = server.status().pid
    assert psutil.Process(pid).uids().real == server.data.stat().st_uid != 0
    asked = subprocess.run(
        [binaries().psql, "-Atc", "SELECT 6 * 7"], env=server.client_environment(), capture_output=True, text=True
    )
    assert (asked.stdout, asked.stderr) == ("42\n", "")
    assert as_nobody((server.folder / "password").read_text).startswith("PermissionError: [Errno 13]")
    kill_postmaster(server)
    server.start()
    server.stop()
    assert not server.status().running


@needs_root
def test_root_without_namespaces_in_a_closed_folder_is_told_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir(mode=0o700)
    monkeypatch.setenv("PATH", str(home))

    with pytest.raises(PostgresUnavailableError, match="run as an ordinary user, set OUTREACH_HOME"):
        EmbeddedPostgres(home).start()

    assert stat.S_IMODE((home / "postgres").stat().st_mode) == 0o700
