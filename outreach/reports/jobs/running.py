"""The work on jobs in this process: at most one task, begun by who asks and by background work."""

import asyncio
import contextlib
import contextvars
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from outreach.reports.jobs.working import work_on_jobs

__all__ = ["begin_jobs", "close", "settled"]

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Here:
    """``told``: what time it was, and what the process's own clock showed then; ``None``: nothing new to look for."""

    task: "asyncio.Task[None] | None" = None
    told: tuple[datetime, float] | None = None


_here = _Here()


def begin_jobs(now: datetime, *, home: Path) -> None:
    """Work on what waits, beside everything else; where this process does so already, it looks again at its end."""
    _here.told = (now, time.monotonic())
    if _here.task is None or _here.task.done():
        # A context of its own: neither the transaction nor the language of who asked.
        _here.task = asyncio.create_task(_until_done(home), context=contextvars.Context())


async def _until_done(home: Path) -> None:
    while (told := _here.told) is not None:
        _here.told = None
        now, at = told
        try:
            await work_on_jobs(now + timedelta(seconds=time.monotonic() - at), home=home)
        except Exception:
            logger.exception("work on report jobs failed; background work tries again")


async def settled() -> None:
    """Wait until this process has nothing to do."""
    if _here.task is not None:
        await asyncio.wait({_here.task})


async def close() -> None:
    """Stop; what is under way is handed back, and done by whoever starts next."""
    _here.told = None
    task, _here.task = _here.task, None
    if task is not None and not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
