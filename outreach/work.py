"""Background work: what must happen without anybody asking. Safe in any number of processes at once."""

import asyncio
import logging
from datetime import datetime

from outreach.attendance.reported.asking import ask_for_headcounts
from outreach.attendance.rosters.commands import forget_rosters
from outreach.bookings.waiting import expire_offers
from outreach.shared import db
from outreach.shared.time import Clock
from outreach.web.idempotency import forget_old_answers

__all__ = ["run_work", "work_once"]

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


async def work_once(now: datetime) -> None:
    """One round: forget what is past its time, give the seats of offers that have run out to the next groups, and ask
    for the figures of what took place yesterday."""
    await forget_old_answers(now)
    await forget_rosters(now)
    await expire_offers(now)
    await ask_for_headcounts(now)
    async with db.atomic():
        await db.execute("DELETE FROM web_tries WHERE window_ends_at < $1", now)
        await db.execute("DELETE FROM accounts_login WHERE expires_at < $1", now)
        await db.execute("DELETE FROM accounts_entry_code WHERE expires_at < $1", now)


async def run_work(clock: Clock) -> None:
    """Work until cancelled; a failing round is logged and the next one tries again."""
    while True:
        try:
            await work_once(clock.now())
        except Exception:
            logger.exception("background work failed; it is tried again in %s seconds", EVERY_SECONDS)
        await asyncio.sleep(EVERY_SECONDS)
