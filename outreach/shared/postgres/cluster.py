"""One cluster: initialising it, starting its server, stopping it."""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from outreach.shared.postgres.accounts import Account, account_for
from outreach.shared.postgres.files import (
    lines_of,
    open_lock,
    open_own,
    sync_folder,
    try_lock,
    write,
)
from outreach.shared.postgres.processes import Postmaster, end, is_alive, postmaster_of, processes_in
from outreach.shared.postgres.programs import (
    DATABASE,
    MAJOR,
    PORT,
    USER,
    PostgresUnavailableError,
    binaries,
    environment,
)
from outreach.shared.postgres.sockets import place_file
from outreach.shared.postgres.sockets import socket_folder as find_socket_folder

__all__ = ["Cluster"]

_START_SECONDS = 900  # recovery after a power cut replays up to max_wal_size
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


class Cluster:
    """The data of one server and the process that runs on them. Who may touch them when is decided by the caller."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self._password_file = folder / "password"
        self._settings_file = folder / "postgresql.conf"
        self._access_file = folder / "pg_hba.conf"
        self._logged_before = 0

    def postmaster(self) -> Postmaster | None:
        """The living server, if there is one."""
        return postmaster_of(self.data)

    def password(self) -> str:
        """The password of the server's only user.

        Raises:
            PostgresUnavailableError: its file is missing.
        """
        try:
            return self._password_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise PostgresUnavailableError(
                f"缺少数据库口令文件 {self._password_file}，请从备份中恢复它。",
                f"The database's password file {self._password_file} is missing: restore it from a backup.",
            ) from None

    def ensure_running(self) -> Path:
        """Under the lock: the socket folder of the living server, started if need be."""
        postmaster = self.postmaster()
        if postmaster is not None and not postmaster.socket.exists():
            # A cleaner of temporary files took the socket away: only a restart brings it back, at the same place.
            end(postmaster.process)
            postmaster = None
        if postmaster is not None:
            self._wait_until_ready(postmaster.process.pid)
            return postmaster.socket_folder
        account = account_for(self.folder, self.data)
        server_lock = self._claim_cluster()
        try:
            if not self.data.is_dir():
                self._initialise(account, server_lock)
            self._check_version()
            socket_folder = find_socket_folder(self.folder, account)
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

    def stop(self) -> None:
        """Under the lock: stop the server, if it runs, and take its temporary socket folder away."""
        postmaster = self.postmaster()
        if postmaster is not None:
            end(postmaster.process)
            if postmaster.socket_folder.parent != self.folder:
                with contextlib.suppress(OSError):
                    postmaster.socket_folder.rmdir()
                    place_file(self.folder).unlink(missing_ok=True)

    def _claim_cluster(self) -> int:
        """Clear away what a killed server left; return the locked descriptor that the next server inherits."""
        for process in processes_in(self.data) + processes_in(self._unfinished):
            end(process)
        descriptor = open_lock(self.folder / "server.lock")
        deadline = time.monotonic() + 15
        while not try_lock(descriptor, fcntl.LOCK_EX):
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

    def _initialise(self, account: Account, server_lock: int) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill in the middle leaves nothing."""
        shutil.rmtree(self._unfinished, ignore_errors=True)
        if not self._password_file.exists():
            write(self._password_file, secrets.token_urlsafe(32))
        account.make_folder(self._unfinished)
        # initdb reads the password itself, and may be another account than ours.
        password = self.folder / "password.new"
        write(password, self.password(), owner=account.uid)
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
        sync_folder(self.folder)

    def _configure(self, socket_folder: Path) -> None:
        """Write the configuration beside the data, where only the keeper can change it; it holds no secret."""
        extra = self.folder / "extra.conf"
        settings = _CONFIGURATION.format(port=PORT, socket_folder=_quoted(socket_folder), extra=extra)
        if extra.is_file():
            settings += f"include = {_quoted(extra)}\n"
        write(self._settings_file, settings, mode=0o644)
        write(self._access_file, _ACCESS, mode=0o644)

    def _launch(self, account: Account, server_lock: int) -> int:
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        log = open_own(self.log, os.O_WRONLY | os.O_APPEND)
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
                env=environment(),
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
            lines = lines_of(self.data / "postmaster.pid")
            if len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready":
                return
            if not is_alive(pid) or time.monotonic() > deadline:
                raise self._failed(self._end_of_log())
            time.sleep(0.02)

    def _check_version(self) -> None:
        found = "".join(lines_of(self.data / "PG_VERSION")).strip()
        if found != MAJOR:
            raise PostgresUnavailableError(
                f"{self.data} 由 PostgreSQL {found or '?'} 创建，本版本使用 {MAJOR}："
                "请用旧版本执行 outreach backup，再用本版本执行 outreach restore。",
                f"{self.data} was made by PostgreSQL {found or '?'}, this version has {MAJOR}: "
                "run outreach backup with the older version, then outreach restore with this one.",
            )

    def _run(self, account: Account, command: Sequence[str], server_lock: int, given: str = "") -> None:
        done = subprocess.run(
            [*account.prefix, *command],
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment(),
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


def _quoted(path: Path) -> str:
    """A string of ``postgresql.conf``."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "''") + "'"
