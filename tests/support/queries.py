"""Counts the statements that a piece of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from outreach.shared import db


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
                # asyncpg asks for unknown types once a connection; that is not ours.
                if "pg_catalog.pg_type" not in query.query and "typeinfo" not in query.query:
                    sent.append(query.query)

            holder._con.add_query_logger(record)
            loggers.append((holder._con, record))
    try:
        yield sent
    finally:
        for connection, record in loggers:
            if not connection.is_closed():
                connection.remove_query_logger(record)
