"""Sending what is due, in any number of processes at once: each delivery is one worker's until its lease runs out."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from outreach.notifications.channels import open_channels
from outreach.notifications.channels.letter import Channel, Letter, RefusedError, TryAgainError, UncertainError
from outreach.notifications.claiming import Claim, claim, give_back, is_anything_due, recover
from outreach.notifications.composing import Desk, compose, open_desk
from outreach.notifications.domain.backing_off import next_try
from outreach.notifications.routing import route
from outreach.notifications.settling import Ledger, LostLeaseError, Outcome
from outreach.settings import Settings
from outreach.shared.time import Clock

__all__ = ["deliver_due", "deliver_forever"]

logger = logging.getLogger(__name__)

_Queue: TypeAlias = "asyncio.Queue[tuple[Claim, Letter | Exception] | None]"

_ASK_AFTER_SECONDS = 1.0
_ASK_AGAIN_SECONDS = 15.0
#: The longest that one letter may take; its lease is longer.
_SEND_SECONDS = 200.0
_SPARE = timedelta(seconds=_SEND_SECONDS)
#: Taken at once for each letter that may be under way.
_CLAIMS_EACH = 8
#: A worker that is stopped waits so long for the letters under way.
_STOP_SECONDS = 10.0


async def deliver_due(clock: Clock, settings: Settings, *, channels: Mapping[str, Channel] | None = None) -> int:
    """Route what is new and send what is due, once; return how many deliveries were tried.

    Args:
        channels: by default those of the settings, opened for this call.
    """
    opened = open_channels(settings) if channels is None else channels
    try:
        await recover(clock.now())
        await route(clock.now(), set(opened))
        desk = await open_desk(settings)
        done = await asyncio.gather(*(_Drain(one, desk, clock).run() for one in opened.values()))
        return sum(done)
    finally:
        if channels is None:
            await _close(opened)


async def deliver_forever(clock: Clock, settings: Settings) -> None:
    """Deliver until cancelled: one cheap question a second, and work when there is some.

    Channels do not wait for each other: a robot that does not answer keeps no mail back.
    """
    opened = open_channels(settings)
    running: dict[str, asyncio.Task[int]] = {}
    try:
        while True:
            pause = _ASK_AFTER_SECONDS
            try:
                await _begin_due(clock, settings, opened, running)
            except Exception:
                logger.exception("delivering failed; it is tried again in %s seconds", _ASK_AGAIN_SECONDS)
                pause = _ASK_AGAIN_SECONDS
            await asyncio.sleep(pause)
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
        await _close(opened)


async def _begin_due(
    clock: Clock, settings: Settings, opened: Mapping[str, Channel], running: dict[str, "asyncio.Task[int]"]
) -> None:
    for name in [name for name, task in running.items() if task.done()]:
        running.pop(name).result()
    idle = [name for name in opened if name not in running]
    is_new, is_due, is_left = await is_anything_due(clock.now(), idle)
    if is_left:
        await recover(clock.now())
    if is_new:
        await route(clock.now(), set(opened))
    if is_new or is_due or is_left:
        desk = await open_desk(settings)
        for name in idle:
            running[name] = asyncio.create_task(_Drain(opened[name], desk, clock).run())


async def _close(channels: Mapping[str, Channel]) -> None:
    for one in channels.values():
        with contextlib.suppress(Exception):
            await one.close()


@dataclass(slots=True)
class _Drain:
    """Everything that one channel has to send now."""

    channel: Channel
    desk: Desk
    clock: Clock
    tried: int = 0
    _ledger: Ledger = field(init=False)
    _waiting: dict[UUID, Claim] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.clock.now)

    async def run(self) -> int:
        """Send until nothing is due; how many were tried. Cancelled, it lets letters under way arrive and gives the
        others back."""
        queue: _Queue = asyncio.Queue(self.channel.parallel)
        senders = [asyncio.create_task(self._send_from(queue)) for _ in range(self.channel.parallel)]
        try:
            await self._fill(queue)
            await asyncio.gather(*senders)
        finally:
            await self._stop(queue, senders)
            await self._ledger.written()
        return self.tried

    async def _fill(self, queue: _Queue) -> None:
        while claims := await claim(self.clock.now(), self.channel.name, self.channel.parallel * _CLAIMS_EACH):
            self._waiting |= {one.id: one for one in claims}
            for made in await compose(claims, self.desk, self.clock.now()):
                await queue.put(made)
        for _ in range(self.channel.parallel):
            await queue.put(None)

    async def _stop(self, queue: _Queue, senders: list["asyncio.Task[None]"]) -> None:
        if all(one.done() for one in senders):
            return
        left, self._waiting = list(self._waiting.values()), {}
        while not queue.empty():
            queue.get_nowait()
        for _ in senders:
            queue.put_nowait(None)
        await asyncio.wait(senders, timeout=_STOP_SECONDS)
        for one in senders:
            one.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        await give_back(left, self.clock.now())

    async def _send_from(self, queue: _Queue) -> None:
        while (made := await queue.get()) is not None:
            held, letter = made
            if self._waiting.pop(held.id, None) is None:
                continue  # given back
            try:
                if self.clock.now() + _SPARE > held.leased_until:
                    await give_back([held], self.clock.now())  # others were slow; it is still first in line
                    continue
                self.tried += 1
                self._ledger.settle(held, await self._try(held, letter)).add_done_callback(_look)
            except LostLeaseError:
                logger.warning("delivery %s is another worker's by now", held.id)
            except Exception:
                logger.exception("delivery %s could not be given back; its lease will run out", held.id)

    async def _try(self, held: Claim, letter: Letter | Exception) -> Outcome:
        if isinstance(letter, Exception):
            return self._again(held, f"{type(letter).__name__}: {letter}", None)
        begun = False

        async def begin() -> None:
            nonlocal begun
            await self._ledger.begin(held, letter.ident)
            begun = True

        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await self.channel.send(replace(letter, begin=begin))
        except LostLeaseError:
            raise
        except RefusedError as error:
            return Outcome("dead", error=f"refused {error}")
        except UncertainError as error:
            return Outcome("dead", error=f"uncertain {error}")
        except TryAgainError as error:
            return self._again(held, str(error), error.after)
        except Exception as error:
            logger.exception("delivery %s failed", held.id)
            reason = f"{type(error).__name__}: {error}"
            return Outcome("dead", error=f"uncertain {reason}") if begun else self._again(held, reason, None)
        return Outcome("sent")

    def _again(self, held: Claim, reason: str, after: timedelta | None) -> Outcome:
        now = self.clock.now()
        later = next_try(held.attempt, now)
        if later is None:
            return Outcome("dead", error=f"tried {reason}")
        return Outcome("waiting", next_at=max(later, now + after) if after else later, error=f"again {reason}")


def _look(noted: "asyncio.Future[bool]") -> None:
    """What could not be noted shows in the log; the lease runs out, and the row says whether content had left."""
    if noted.cancelled():
        return
    if noted.exception() is not None:
        logger.error("deliveries could not be noted; their leases will run out", exc_info=noted.exception())
    elif not noted.result():
        logger.warning("a delivery was another worker's by the time its letter had arrived")
