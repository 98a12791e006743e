"""Background work: what must happen without anybody asking. Safe in any number of processes at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from outreach.attendance.closing.erasing import erase_names
from outreach.attendance.closing.reminding import remind_of_closing
from outreach.attendance.reminders.orders import remind_of_orders
from outreach.attendance.reminders.sessions import remind_of_sessions
from outreach.attendance.reported.asking import ask_for_headcounts
from outreach.attendance.rosters.commands import forget_rosters
from outreach.attendance.ticking.answers import forget_ticks
from outreach.bookings.waiting import expire_offers
from outreach.counting.counters import recount
from outreach.counting.weekly import send_weekly_summaries
from outreach.imports.commands import forget_previews
from outreach.notifications.claiming import recover
from outreach.notifications.working import deliver_forever
from outreach.reports.jobs import running
from outreach.settings import Settings
from outreach.shared import db
from outreach.shared.files import forget_unfinished
from outreach.shared.time import Clock
from outreach.web.idempotency import forget_old_answers

__all__ = ["run_work", "work_once"]

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


async def work_once(
    now: datetime, *, keep_names_months: int = Settings().keep_names_months, home: Path | None = None
) -> None:
    """One round: forget what is past its time, give the seats of offers that have run out to the next groups, ask for
    the figures of what took place, remind of what comes and of what is not closed or decided, tell those who want it
    how the week stands, empty names whose time is over, count what changed.

    One thing that fails keeps nothing else from being done.

    Args:
        home: ``OUTREACH_HOME``, where unfinished files are looked for; ``None``: nowhere.

    Raises:
        ExceptionGroup: what failed.
    """
    failed: list[Exception] = []
    steps: list[Callable[[datetime], Awaitable[Any]]] = [
        forget_old_answers,
        forget_rosters,
        forget_previews,
        forget_ticks,
        expire_offers,
        ask_for_headcounts,
        remind_of_closing,
        remind_of_sessions,
        remind_of_orders,
        send_weekly_summaries,
        partial(erase_names, months=keep_names_months),
        recount,
        recover,
        _forget_what_expired,
    ]
    if home is not None:
        steps.append(partial(forget_unfinished, home=home))
    for step in steps:
        try:
            await step(now)
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("background work", failed)


async def _forget_what_expired(now: datetime) -> None:
    async with db.atomic():
        await db.execute("DELETE FROM web_tries WHERE window_ends_at < $1", now)
        await db.execute("DELETE FROM accounts_login WHERE expires_at < $1", now)
        await db.execute("DELETE FROM accounts_entry_code WHERE expires_at < $1", now)


async def run_work(clock: Clock, settings: Settings) -> None:
    """Work until cancelled; a failing round is logged and the next one tries again.

    Long reports are a task beside the rounds, which stay quick: those that nobody has begun, and those whose process
    died; so are messages on their way. What is under way when this ends is handed back to whoever runs next.
    """
    delivering = asyncio.create_task(deliver_forever(clock, settings), name="deliver messages")
    try:
        while True:
            running.begin_jobs(clock.now(), home=settings.home)
            try:
                await work_once(clock.now(), keep_names_months=settings.keep_names_months, home=settings.home)
            except Exception:
                logger.exception("background work failed; it is tried again in %s seconds", EVERY_SECONDS)
            await asyncio.sleep(EVERY_SECONDS)
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        await running.close()
