"""Rows of the menu, of providers and venues: a draft's fields into named columns, with a revision that counts up."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, StaleError
from outreach.shared.ids import new_id

__all__ = ["as_staff", "insert_within", "update_within"]


def as_staff(actor: Actor) -> AbstractAsyncContextManager[Any]:
    """A transaction of somebody who is staff.

    Raises:
        ForbiddenError: the caller is none.
    """
    if not actor.is_staff:
        raise ForbiddenError
    return atomic()


async def insert_within(table: str, columns: dict[str, str], draft: Any, now: datetime) -> UUID:
    """A new row with a draft's fields; ``columns``: column → field. Return its id."""
    id_ = new_id()
    numbers = ", ".join(f"${number}" for number in range(3, 3 + len(columns)))
    await db.execute(
        f"INSERT INTO {table} (id, created_at, revision, {', '.join(columns)}) VALUES ($1, $2, 1, {numbers})",  # noqa: S608
        id_,
        now,
        *_values(columns, draft),
    )
    return id_


async def update_within(
    table: str, columns: dict[str, str], id_: UUID, draft: Any, stored: int, expected: int | None
) -> int:
    """The row with a draft's fields; return its new revision.

    Raises:
        StaleError: it was changed since ``expected``.
    """
    if expected is not None and expected != stored:
        raise StaleError(revision=stored)
    settings = ", ".join(f"{column} = ${number}" for number, column in enumerate(columns, 2))
    await db.execute(
        f"UPDATE {table} SET {settings}, revision = revision + 1 WHERE id = $1",  # noqa: S608 - names of columns
        id_,
        *_values(columns, draft),
    )
    return stored + 1


def _values(columns: dict[str, str], draft: Any) -> list[Any]:
    given = [getattr(draft, name) for name in columns.values()]
    return [list(value) if isinstance(value, tuple) else value for value in given]
