"""Counts the statements that a piece of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from outreach.shared import db

#: asyncpg asks for unknown types once a connection, and switches the JIT off while it does. The name over every page is
#: read by the clock, every few seconds.
NOT_OURS = ("typeinfo", "pg_catalog.pg_type", "'jit'", "/* kept */")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects the SQL text of every statement sent through the pool while the block runs."""
    sent: list[str] = []
    pool = db.ENGINE.pool
    assert pool is not None
    loggers: list[Any] = []
    for holder in pool._holders:
        if holder._con is not None:

            def record(query: Any) -> None:
                if not any(mark in query.query for mark in NOT_OURS):
                    sent.append(query.query)

            holder._con.add_query_logger(record)
            loggers.append((holder._con, record))
    try:
        yield sent
    finally:
        for connection, record in loggers:
            if not connection.is_closed():
                connection.remove_query_logger(record)
