"""The database: one engine, one way to write (``atomic``), one way to ask (``rows``, ``row``, ``value``).

Piccolo describes the tables and their migrations and serves simple statements; questions and hot writes are SQL.
Why not Piccolo's own ``transaction()``: it leaks its connection and leaves its context variable set after a failing
COMMIT or a cancelled request, and a nested one undoes nothing.
"""

import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import anyio
import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from outreach.shared.errors import OutreachError, UnavailableError

__all__ = [
    "ENGINE",
    "Conflicts",
    "after_commit",
    "atomic",
    "commits",
    "connect",
    "connection",
    "copy_rows",
    "disconnect",
    "execute",
    "in_transaction",
    "outer_transaction",
    "reading",
    "row",
    "rows",
    "value",
]

logger = logging.getLogger(__name__)


class _Engine(PostgresEngine):
    """Piccolo's engine, without the connection that it opens on being made: the server is not known yet."""

    async def check_version(self) -> None:
        """Left to the doctor."""


#: Piccolo finds it through ``outreach.piccolo_conf``; ``connect`` fills in where the server is.
ENGINE = _Engine(config={})

#: Constraint name → the named error that its violation means.
Conflicts = Mapping[str, Callable[[], OutreachError]]

Connection: TypeAlias = Any  # asyncpg.Connection, which has no types

# A statement that waits longer than this for another's row is given up and answered with 503: the person tries again.
_SESSION = {"lock_timeout": "8s", "idle_in_transaction_session_timeout": "60s", "timezone": "UTC"}

_replicas: list[asyncpg.Pool] = []
_turns = itertools.count()
_commits = itertools.count(1)
_committed = [0]


#: What the driver says when the server or the connection went away.
_GONE = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    OSError,
)


@dataclass(slots=True)
class _Unit:
    """The open unit of work of this task."""

    transaction: PostgresTransaction
    joinable: bool
    after_commit: list[Callable[[], Awaitable[None]]] = field(default_factory=list)


_unit: ContextVar[_Unit | None] = ContextVar("unit", default=None)
#: The replica that this task reads from; ``None``: the primary.
_reading: ContextVar[int | None] = ContextVar("reading", default=None)


async def connect(dsn: str, *, read_dsns: Sequence[str] = (), min_size: int = 2, max_size: int = 10) -> None:
    """Open the pool on the primary and one on each replica.

    Raises:
        UnavailableError: the server does not answer; ``reason`` is the driver's own word, for the log and the doctor.
    """
    ENGINE.config = {"dsn": dsn, "server_settings": _SESSION}
    try:
        await ENGINE.start_connection_pool(min_size=min_size, max_size=max_size, reset=_nothing_to_reset)
        for replica in read_dsns:
            pool = await asyncpg.create_pool(
                replica, min_size=1, max_size=max_size, server_settings=_SESSION, reset=_nothing_to_reset
            )
            _replicas.append(pool)
    except (OSError, asyncpg.PostgresError, ValueError) as error:
        raise UnavailableError(reason=f"{type(error).__name__}: {error}") from error


async def _nothing_to_reset(_connection: Connection) -> None:
    """Spare asyncpg's RESET after every statement, a round trip each.

    Nothing here changes a session: settings are SET LOCAL, locks are advisory transaction locks, LISTEN has its own
    connection. An open transaction is rolled back by asyncpg all the same.
    """


async def disconnect() -> None:
    """Close every pool; a second call does nothing."""
    if ENGINE.pool is not None:
        await ENGINE.close_connection_pool()
    while _replicas:
        await _replicas.pop().close()


@contextlib.asynccontextmanager
async def atomic(conflicts: Conflicts | None = None) -> AsyncIterator[Connection]:
    """One transaction; every command is exactly one.

    Commits at the end of the block, rolls back when an exception leaves it, and releases the connection even when
    the request is cancelled meanwhile. Jobs given to ``after_commit`` run after the commit only.

    Args:
        conflicts: which named error the violation of a constraint means.

    Raises:
        OutreachError: what the block raised, or what ``conflicts`` says.
        UnavailableError: a deadlock or lock time-out; the same request may be sent again.
        RuntimeError: a transaction is already open here (nested ones would undo nothing).
    """
    unit = _unit.get()
    if unit is not None:
        if not unit.joinable:
            raise RuntimeError("atomic() inside atomic(): call the function ending in _within instead")
        unit.joinable = False  # one command for one request, also inside an outer transaction
        with _named_errors(conflicts):
            yield cast("Connection", unit.transaction.connection)
        return
    async with _transaction(joinable=False, conflicts=conflicts) as unit:
        yield cast("Connection", unit.transaction.connection)


@contextlib.asynccontextmanager
async def outer_transaction() -> AsyncIterator[Connection]:
    """A transaction around one command and what must be stored with it (the answer kept for an idempotency key)."""
    async with _transaction(joinable=True, conflicts=None) as unit:
        yield cast("Connection", unit.transaction.connection)


@contextlib.asynccontextmanager
async def _transaction(*, joinable: bool, conflicts: Conflicts | None) -> AsyncIterator[_Unit]:
    pool = _pool()
    opened: Connection = await pool.acquire()
    transaction = opened.transaction()
    try:
        await transaction.start()
        piccolo_transaction = PostgresTransaction(ENGINE)
        piccolo_transaction.connection, piccolo_transaction.transaction = opened, transaction
        unit = _Unit(piccolo_transaction, joinable)
        engine_token, unit_token = ENGINE.current_transaction.set(piccolo_transaction), _unit.set(unit)
        try:
            with _named_errors(conflicts):
                try:
                    yield unit
                except BaseException:
                    # On a connection that is gone the server has rolled back already.
                    with anyio.CancelScope(shield=True), contextlib.suppress(*_GONE):
                        await transaction.rollback()
                    raise
                # A COMMIT that was sent cannot be recalled: finish it even if the caller has gone.
                with anyio.CancelScope(shield=True):
                    await transaction.commit()
                    _count_commit()
        finally:
            ENGINE.current_transaction.reset(engine_token)
            _unit.reset(unit_token)
    finally:
        with anyio.CancelScope(shield=True):
            await pool.release(opened)
    for job in unit.after_commit:
        try:
            await job()
        except Exception:  # the write is acknowledged: what follows it may fail, and is seen in the log
            logger.exception("after-commit job failed")


@contextlib.contextmanager
def _named_errors(conflicts: Conflicts | None) -> Any:
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        name = getattr(error, "constraint_name", None)
        if conflicts and isinstance(name, str) and name in conflicts:
            named = conflicts[name]()
            raise named from error
        raise
    except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError, asyncpg.SerializationError) as error:
        raise UnavailableError(retry_after=1) from error


def _count_commit() -> None:
    _committed[0] = next(_commits)


def commits() -> int:
    """How many transactions this process has committed: what was read before the last of them may have changed."""
    return _committed[0]


def after_commit(job: Callable[[], Awaitable[None]]) -> None:
    """Run ``job`` once the open transaction is committed; never when it is rolled back."""
    unit = _unit.get()
    if unit is None:
        raise RuntimeError("after_commit() outside atomic()")
    unit.after_commit.append(job)


def in_transaction() -> bool:
    """Whether a transaction is open here."""
    return _unit.get() is not None


def connection() -> Connection:
    """The connection of the open transaction, for COPY and the like.

    Raises:
        RuntimeError: no transaction is open.
    """
    unit = _unit.get()
    if unit is None:
        raise RuntimeError("no transaction is open")
    return cast("Connection", unit.transaction.connection)


@contextlib.contextmanager
def reading() -> Any:
    """Let questions go to a read replica, when there is one: feeds, public pages, reports.

    All of them to the same one, so that a page agrees with itself.
    """
    token = _reading.set(next(_turns))
    try:
        yield
    finally:
        _reading.reset(token)


def _pool() -> asyncpg.Pool:
    if ENGINE.pool is None:
        raise UnavailableError(reason="not connected")
    return ENGINE.pool


def _asked() -> Any:
    """Where a statement goes: the open transaction, else a replica if that is enough, else the primary's pool."""
    unit = _unit.get()
    if unit is not None:
        return unit.transaction.connection
    turn = _reading.get()
    if _replicas and turn is not None:
        return _replicas[turn % len(_replicas)]
    return _pool()


async def rows(sql: str, *args: Any) -> list[asyncpg.Record]:
    """All rows of ``sql`` with ``$1 …`` filled by ``args``."""
    return cast("list[asyncpg.Record]", await _asked().fetch(sql, *args))


async def row(sql: str, *args: Any) -> asyncpg.Record | None:
    """The first row, or ``None``."""
    return cast("asyncpg.Record | None", await _asked().fetchrow(sql, *args))


async def value(sql: str, *args: Any) -> Any:
    """The first column of the first row, or ``None``."""
    return await _asked().fetchval(sql, *args)


async def execute(sql: str, *args: Any) -> int:
    """Run a statement; return how many rows it touched. Writes belong into ``atomic``."""
    status: str = await _asked().execute(sql, *args)
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0


async def copy_rows(table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
    """Load many rows by COPY inside the open transaction (25 times as fast as single inserts)."""
    await connection().copy_records_to_table(table, columns=list(columns), records=records)
