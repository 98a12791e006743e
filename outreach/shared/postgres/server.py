"""The server of one installation as the rest of the program knows it, shared with other processes."""

import contextlib
import fcntl
import os
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from outreach.shared.postgres.cluster import Cluster
from outreach.shared.postgres.files import (
    open_lock,
    try_lock,
    wait_for_lock,
)
from outreach.shared.postgres.programs import (
    DATABASE,
    PORT,
    USER,
    PostgresUnavailableError,
    environment,
)

__all__ = ["EmbeddedPostgres", "Status"]

_LOCK_SECONDS = 180  # another process may be initialising on a slow disk


@dataclass(frozen=True, slots=True)
class Status:
    """The server as it is now; ``pid`` and ``socket_folder`` are ``None`` while it is not running."""

    initialised: bool
    running: bool
    pid: int | None
    socket_folder: Path | None
    data: Path
    log: Path


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
        self._cluster = Cluster(self.folder)
        self.data = self._cluster.data
        self.log = self._cluster.log
        self._held: int | None = None

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
                    return self._dsn(self._cluster.ensure_running())
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
            users = open_lock(self.folder / "users.lock")
            try:
                if try_lock(users, fcntl.LOCK_EX):
                    self._cluster.stop()
            finally:
                os.close(users)

    def status(self) -> Status:
        """Look without changing anything."""
        postmaster = self._cluster.postmaster()
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
        postmaster = self._cluster.postmaster()
        if postmaster is None:
            raise PostgresUnavailableError(
                f"{self.folder} 中的数据库没有运行。", f"The database in {self.folder} does not run."
            )
        return {
            **environment(),
            "PGHOST": str(postmaster.socket_folder),
            "PGPORT": str(PORT),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self._cluster.password(),
        }

    # Locks

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone in starting and stopping, among all processes."""
        descriptor = open_lock(self.folder / "start.lock")
        try:
            wait_for_lock(descriptor, _LOCK_SECONDS, self.folder)
            yield
        finally:
            os.close(descriptor)

    def _hold(self) -> None:
        if self._held is None:
            self._held = open_lock(self.folder / "users.lock")
            wait_for_lock(self._held, _LOCK_SECONDS, self.folder, fcntl.LOCK_SH)
            _holders.add(self)

    def _let_go(self) -> None:
        # Closing, not unlocking: an unlock would also undo the lock of whoever shares the descriptor by fork.
        held, self._held = self._held, None
        if held is not None:
            os.close(held)

    # Folder and address

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

    def _dsn(self, socket_folder: Path) -> str:
        # The host stands in the query, where every character can be quoted; asyncpg reads it from there.
        host = quote(str(socket_folder), safe="")
        return f"postgresql://{USER}:{quote(self._cluster.password(), safe='')}@/{DATABASE}?host={host}&port={PORT}"


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
