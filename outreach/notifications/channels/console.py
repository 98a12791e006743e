"""For developers and rehearsals: what would be sent stands in the log, and nothing leaves the machine."""

import logging

from outreach.notifications.channels.letter import Letter
from outreach.settings import Settings

__all__ = ["ConsoleChannel", "open_console"]

logger = logging.getLogger(__name__)


class ConsoleChannel:
    """Writes every letter to the log."""

    name = "console"
    parallel = 1

    async def send(self, letter: Letter) -> None:
        """Write it; this never fails."""
        logger.info(
            "message to %s (%s): %s | %s | %s%s",
            letter.person_name or "?",
            letter.address or "-",
            letter.subject,
            letter.text,
            letter.href,
            f" | {letter.parts.method}" if letter.parts else "",
        )

    async def close(self) -> None:
        """Nothing is open."""


def open_console(settings: Settings) -> ConsoleChannel | None:
    """The channel, where ``OUTREACH_MESSAGES=console`` asks for it."""
    return ConsoleChannel() if settings.messages == "console" else None
