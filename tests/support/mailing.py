"""A real SMTP server on loopback that behaves as a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

__all__ = ["MailServer", "mail_server"]


@dataclass(slots=True)
class MailServer:
    """What it took, and what it says: ``at_rcpt`` and ``at_data`` are used up one by one, then everything is taken.

    An answer is a line of SMTP; ``stall`` says nothing for a long time, ``cut`` closes the connection; ``keep, stall``
    and ``keep, cut`` take the mail first.
    """

    url: str = ""
    at_rcpt: list[str] = field(default_factory=list)
    at_data: list[str] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """Everything that was taken, read back by the standard library."""
        return [message_from_bytes(one, policy=policy.default) for one in self.kept]

    @property
    def idents(self) -> list[str]:
        return [str(one["Message-ID"]) for one in self.mails]

    async def handle_EHLO(  # noqa: N802 - names of the library
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        said = await self._say(server, self.at_rcpt.pop(0) if self.at_rcpt else "250 OK")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = self.at_data.pop(0) if self.at_data else "250 taken"
        if said.startswith(("250", "keep")):
            assert isinstance(envelope.content, bytes)
            self.kept.append(envelope.content)
        return await self._say(server, said.removeprefix("keep, "))

    @staticmethod
    async def _say(server: SMTP, said: str) -> str:
        if said == "stall":
            await asyncio.sleep(30)
        if said == "cut":
            transport: Any = server.transport
            transport.abort()
            await asyncio.sleep(30)
        return said


@contextlib.asynccontextmanager
async def mail_server(**given: Any) -> AsyncIterator[MailServer]:
    """The server, running until the end of the block; ``given`` goes to aiosmtpd's ``SMTP``."""
    made = MailServer()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(made, hostname="mail.test", loop=loop, **given), "127.0.0.1", 0)
    made.url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        listening.close()
