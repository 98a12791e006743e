"""Counts tries in the database, so that every process agrees and a restart forgives nothing."""

from datetime import datetime, timedelta

from outreach.shared import db
from outreach.shared.errors import TooManyRequestsError

__all__ = ["check_tries", "count_try", "forget_tries"]


async def count_try(name: str, *, limit: int, window: timedelta, now: datetime) -> None:
    """Count one try of ``name``; the counter starts anew when its window is over.

    Raises:
        TooManyRequestsError: more than ``limit`` tries in the window; ``retry_after`` in seconds.
    """
    async with db.atomic():
        row = await db.row(
            """INSERT INTO web_tries AS t (name, tried, window_ends_at) VALUES ($1, 1, $2)
               ON CONFLICT (name) DO UPDATE SET
                   tried = CASE WHEN t.window_ends_at <= $3 THEN 1 ELSE t.tried + 1 END,
                   window_ends_at = CASE WHEN t.window_ends_at <= $3 THEN $2 ELSE t.window_ends_at END
               RETURNING tried, window_ends_at""",
            name,
            now + window,
            now,
        )
    if row is not None and row["tried"] > limit:
        raise TooManyRequestsError(retry_after=max(1, int((row["window_ends_at"] - now).total_seconds())))


async def check_tries(name: str, *, limit: int, now: datetime) -> None:
    """Refuse without counting: for what counts its failures only.

    Raises:
        TooManyRequestsError: ``limit`` tries of ``name`` were counted in the window that is open; ``retry_after``.
    """
    row = await db.row(
        "SELECT window_ends_at FROM web_tries WHERE name = $1 AND tried >= $2 AND window_ends_at > $3", name, limit, now
    )
    if row is not None:
        raise TooManyRequestsError(retry_after=max(1, int((row["window_ends_at"] - now).total_seconds())))


async def forget_tries(name: str) -> None:
    """Start anew, after a success."""
    async with db.atomic():
        await db.execute("DELETE FROM web_tries WHERE name = $1", name)
