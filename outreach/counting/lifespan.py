"""What the application does for counting when it stops."""

from outreach.counting.keeping import forget

__all__ = ["close"]


async def close() -> None:
    """Forget what is remembered of this database."""
    forget()
