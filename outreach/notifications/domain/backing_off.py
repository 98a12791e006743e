"""When a delivery that did not succeed is tried again."""

from datetime import datetime, timedelta

__all__ = ["WAITS", "next_try"]

#: After each try that failed. Together about two days: a server that is away over a weekend night is met again.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
    timedelta(hours=24),
)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after ``attempts`` tries (at least 1) that failed; ``None``: a person decides."""
    return now + WAITS[attempts - 1] if attempts <= len(WAITS) else None
