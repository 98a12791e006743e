"""What became of deliveries, written for many at once: everything that is ready while one commit runs is in the next.

The row is written before a letter's content leaves and after the answer, so two commits a letter; alone they would be
most of the time that a letter takes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from outreach.notifications.claiming import Claim
from outreach.shared import db

__all__ = ["Ledger", "LostLeaseError", "Outcome"]

_MOST_ERROR = 400


class LostLeaseError(Exception):
    """The delivery is another worker's by now, or a person has decided about it: nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; ``next_at`` where it waits. ``error``: refused, uncertain, tried or again, then why."""

    state: Literal["sent", "waiting", "dead"]
    next_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    claim: Claim
    done: "asyncio.Future[bool]"
    outcome: Outcome | None  # None: the content is about to leave
    ident: str = ""


class Ledger:
    """Writes for all senders of a process, in the order in which they come.

    Who begins a letter waits until that is committed, and with it everything noted before: so a connection has one
    letter at most whose fate is unknown, though nobody waits for ``settle``.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._entries: list[_Entry] = []
        self._writing: asyncio.Task[None] | None = None

    async def begin(self, claim: Claim, ident: str) -> None:
        """Note that the content of a letter is about to leave, and under which name.

        Raises:
            LostLeaseError: it must not.
        """
        if not await self._enter(claim, None, ident):
            raise LostLeaseError

    def settle(self, claim: Claim, outcome: Outcome) -> "asyncio.Future[bool]":
        """Note what became of a try; whether the delivery was still ours."""
        return self._enter(claim, outcome)

    async def written(self) -> None:
        """Wait until everything is committed that was noted so far."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    def _enter(self, claim: Claim, outcome: Outcome | None, ident: str = "") -> "asyncio.Future[bool]":
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._entries.append(_Entry(claim, done, outcome, ident))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return done

    async def _write(self) -> None:
        while self._entries:
            await asyncio.sleep(0)  # who is ready now goes along
            entries, self._entries = self._entries, []
            try:
                ours = await _written(entries, self._now())
            except Exception as error:  # every sender learns of it
                for one in entries:
                    if not one.done.done():
                        one.done.set_exception(error)
            else:
                for one in entries:
                    if not one.done.done():
                        one.done.set_result(one.claim.id in ours)


#: One statement, and by itself one transaction: both kinds of lines in one round trip.
_WRITE = """
WITH begun AS (
    UPDATE notifications_delivery d SET began_data = true, ident = held.ident, changed_at = $9
      FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS held (id, leased_until, ident)
     WHERE d.id = held.id AND d.state = 'sending' AND d.leased_until = held.leased_until
 RETURNING d.id
), settled AS (
    UPDATE notifications_delivery d
       SET state = held.state, next_at = coalesce(held.next_at, d.next_at), error = held.error, leased_until = NULL,
           began_data = held.state = 'dead' AND d.began_data,
           sent_at = CASE WHEN held.state = 'sent' THEN $9 ELSE d.sent_at END, changed_at = $9
      FROM unnest($4::uuid[], $5::timestamptz[], $6::text[], $7::timestamptz[], $8::text[])
             AS held (id, leased_until, state, next_at, error)
     WHERE d.id = held.id AND d.state = 'sending' AND d.leased_until = held.leased_until
 RETURNING d.id
)
SELECT id FROM begun UNION ALL SELECT id FROM settled
"""


async def _written(entries: list[_Entry], now: datetime) -> set[object]:
    """The deliveries that were still ours. A delivery has one line at most among ``entries``: its sender waits."""
    begun = [one for one in entries if one.outcome is None]
    settled = [(one.claim, one.outcome) for one in entries if one.outcome is not None]
    found = await db.rows(
        _WRITE,
        [one.claim.id for one in begun],
        [one.claim.leased_until for one in begun],
        [one.ident[:200] for one in begun],
        [claim.id for claim, _ in settled],
        [claim.leased_until for claim, _ in settled],
        [outcome.state for _, outcome in settled],
        [outcome.next_at for _, outcome in settled],
        [outcome.error[:_MOST_ERROR] for _, outcome in settled],
        now,
    )
    return {one["id"] for one in found}
