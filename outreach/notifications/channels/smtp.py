"""Handing mail to a server (RFC 5321), over connections that are used again, with one answer for every letter.

What the server says decides: 5xx to the receiver or the content is for good, everything else is for now. Silence after
the content has left is neither, and a person decides. The last step is not left to the library, which would not tell
silence before the content from silence after it.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

import aiosmtplib

from outreach.notifications.channels.letter import RefusedError, TryAgainError, UncertainError
from outreach.settings import SmtpServer

__all__ = ["Connections", "Patience"]

_IDLE_SECONDS = 20.0
_DOT = re.compile(rb"^\.", re.MULTILINE)
#: "Too many recipients" as old servers say "mailbox full": RFC 5321, 4.5.3.1.10, has it tried again.
_REALLY_TEMPORARY = frozenset({552})
_GONE = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one answer is waited for; ``content`` after the whole mail went out, when servers look into it."""

    connect_seconds: float = 20.0
    command_seconds: float = 30.0
    content_seconds: float = 120.0


class Connections:
    """Connections to one server; as many as letters are under way, kept for the next ones."""

    def __init__(self, server: SmtpServer, greeting: str, patience: Patience | None = None) -> None:
        self.server = server
        self.patience = patience or Patience()
        self._greeting = greeting
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []

    async def send(self, sender: str, receiver: str, mail: bytes, begin: Callable[[], Awaitable[None]]) -> None:
        """Hand over one mail to one receiver.

        Args:
            begin: awaited when everything but the content has been said.

        Raises:
            RefusedError, TryAgainError, UncertainError: see ``Channel.send``.
        """
        client, used = await self._take()
        try:
            try:
                await self._address(client, sender, receiver)
            except (*_GONE, aiosmtplib.SMTPSenderRefused):
                if not used:
                    raise
                # It was closed while it waited, or has had enough letters: that is nobody's fault.
                client.close()
                client = await self.open()
                await self._address(client, sender, receiver)
        except aiosmtplib.SMTPRecipientRefused as error:
            await self._reset(client)
            raise _answer(error.code, error.message) from error
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            raise TryAgainError(_said(error.code, error.message)) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise TryAgainError(_reason(error)) from error
        except BaseException:
            client.close()
            raise
        await self._hand_over(client, mail, begin)
        self._idle.append((client, time.monotonic()))

    async def open(self) -> aiosmtplib.SMTP:
        """A new connection, secured and known as the settings say.

        Raises:
            TryAgainError: there is none; the text says why.
        """
        server = self.server
        start_tls = {"tls": False, "starttls": True, "offered": None, "none": False}[server.security]
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=start_tls,
            local_hostname=self._greeting,
            timeout=self.patience.connect_seconds,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
            if server.user:
                if server.security == "offered" and not _is_private(client, server.host):
                    raise TryAgainError("no STARTTLS: the password would be sent in clear")
                await client.login(server.user, server.password)
        except TryAgainError:
            client.close()
            raise
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            raise TryAgainError(_said(error.code, error.message)) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise TryAgainError(_reason(error)) from error
        client.timeout = self.patience.command_seconds
        return client

    async def close(self) -> None:
        """Say goodbye on every connection that waits."""
        while self._idle:
            client, _since = self._idle.pop()
            try:
                await client.quit(timeout=2)
            except (aiosmtplib.SMTPException, OSError):
                client.close()

    async def _take(self) -> tuple[aiosmtplib.SMTP, bool]:
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and time.monotonic() - since < _IDLE_SECONDS:
                return client, True
            client.close()
        return await self.open(), False

    @staticmethod
    async def _address(client: aiosmtplib.SMTP, sender: str, receiver: str) -> None:
        # By hand, since both addresses are known to be plain: the library would parse them anew for every letter.
        said = await client.execute_command(b"MAIL", f"FROM:<{sender}>".encode("ascii"))
        if said.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPSenderRefused(said.code, said.message, sender)
        said = await client.execute_command(b"RCPT", f"TO:<{receiver}>".encode("ascii"))
        if said.code not in (aiosmtplib.SMTPStatus.completed, aiosmtplib.SMTPStatus.will_forward):
            raise aiosmtplib.SMTPRecipientRefused(said.code, said.message, receiver)

    async def _hand_over(self, client: aiosmtplib.SMTP, mail: bytes, begin: Callable[[], Awaitable[None]]) -> None:
        try:
            started = await client.execute_command(b"DATA")
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise TryAgainError(_reason(error)) from error
        if started.code != aiosmtplib.SMTPStatus.start_input:
            await self._reset(client)
            raise _answer(started.code, started.message)
        protocol = client.protocol
        if protocol is None:
            raise TryAgainError("connection lost")
        try:
            await begin()
        except BaseException:
            client.close()  # the server waits for content that will not come
            raise
        try:
            protocol.write(_DOT.sub(b"..", mail) + b".\r\n")
            done = await protocol.read_response(timeout=self.patience.content_seconds)
        except asyncio.CancelledError:
            client.close()
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise UncertainError(_reason(error)) from error
        if done.code != aiosmtplib.SMTPStatus.completed:
            await self._reset(client)
            raise _answer(done.code, done.message)

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        """Make the connection ready for another letter, or let it go."""
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
        else:
            self._idle.append((client, time.monotonic()))


def _is_private(client: aiosmtplib.SMTP, host: str) -> bool:
    """Whether nobody on the way can read: encrypted, or it does not leave the machine."""
    if client.get_transport_info("sslcontext") is not None or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _answer(code: int, message: str) -> RefusedError | TryAgainError:
    if 500 <= code < 600 and code not in _REALLY_TEMPORARY:
        return RefusedError(_said(code, message))
    return TryAgainError(_said(code, message), timedelta(minutes=5) if code == 450 else None)


def _said(code: int, message: str) -> str:
    return f"{code} {' '.join(message.split())}".strip()


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
