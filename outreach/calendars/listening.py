"""Hearing of commits in other processes (LISTEN/NOTIFY); without the connection, feeds follow within a second."""

import logging
import time
from typing import Any

import asyncpg

from outreach.shared import db

__all__ = ["CHANNEL", "Listener"]

logger = logging.getLogger(__name__)

CHANNEL = "calendars"
_CONNECT_AFTER_SECONDS = 5.0


class Listener:
    """A connection of its own; ``told`` is set by every notification and taken back by whoever has asked."""

    def __init__(self) -> None:
        self.told = False
        self._connection: Any = None
        self._tried_at = float("-inf")

    async def listen(self) -> None:
        """Connect if there is no connection, at most every few seconds."""
        if self._connection is not None and not self._connection.is_closed():
            return
        if time.monotonic() - self._tried_at < _CONNECT_AFTER_SECONDS:
            return
        self._tried_at = time.monotonic()
        try:
            self._connection = await asyncpg.connect(**db.ENGINE.config, timeout=5)
            await self._connection.add_listener(CHANNEL, self._hear)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            logger.warning("cannot listen for changes of calendars: %s", error)

    def _hear(self, *_notification: object) -> None:
        self.told = True

    async def close(self) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
