"""Calling an address that somebody typed in: once resolved, once connected, a short answer, no redirect, no proxy."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from outreach.notifications.domain.addresses import is_public

__all__ = ["Answer", "Caller", "NoAnswerError", "NotAllowedError", "NotSentError"]

#: For everything from the question for the name to the last byte of the answer.
_SECONDS = 10.0
_LARGEST_ANSWER = 16_384

Resolve = Callable[[str, int], Awaitable[list[str]]]


class NotAllowedError(Exception):
    """The address leads into a private network."""


class NotSentError(Exception):
    """Nothing of the content has left: the other side cannot know of it."""


class NoAnswerError(Exception):
    """The content has begun to leave and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``body`` holds its beginning only."""

    status: int
    body: bytes
    retry_after: str = ""


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Caller:
    """Calls addresses. The name is asked for once and the connection goes to that very address, so that a name that
    changes its mind between the check and the call leads nowhere else; certificates are held against the name."""

    def __init__(self, *, anywhere: bool, resolve: Resolve = _resolve, seconds: float = _SECONDS) -> None:
        self._anywhere, self._resolve, self._seconds = anywhere, resolve, seconds
        self._client: httpx.AsyncClient | None = None

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            # A connection belongs to one call: kept ones are known by number, and two names may share one.
            self._client = httpx.AsyncClient(
                verify=httpx.create_ssl_context(trust_env=False),
                trust_env=False,
                follow_redirects=False,
                timeout=self._seconds,
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        return self._client

    async def call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one request.

        Raises:
            NotAllowedError, NotSentError, NoAnswerError: see there.
        """
        began = False

        async def trace(event: str, _info: Mapping[str, Any]) -> None:
            nonlocal began
            began = began or event.endswith("send_request_headers.started")

        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(method, url, body, headers, trace)
        except (TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, UnicodeError) as error:
            reason = "timeout" if isinstance(error, TimeoutError | httpx.TimeoutException) else type(error).__name__
            raise (NoAnswerError if began else NotSentError)(reason) from error

    async def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str], trace: Any) -> Answer:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._pinned(host, port)
        literal = f"[{address}]" if ":" in address else address
        request = self._opened().build_request(
            method,
            httpx.URL(url, host=literal),
            content=body,
            headers={
                "User-Agent": "Outreach",
                "Accept-Encoding": "identity",
                **headers,
                "Host": parts.netloc.rpartition("@")[2],
            },
            extensions={"sni_hostname": host, "trace": trace},
        )
        answer = await self._opened().send(request, stream=True)
        try:
            read = b""
            with contextlib.suppress(httpx.StreamError):
                async for chunk in answer.aiter_raw():
                    read += chunk
                    if len(read) >= _LARGEST_ANSWER:
                        break
            return Answer(answer.status_code, read[:_LARGEST_ANSWER], answer.headers.get("retry-after", ""))
        finally:
            await answer.aclose()

    async def _pinned(self, host: str, port: int) -> str:
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            found = await self._resolve(host, port)
        if not found:
            raise OSError("unknown host")
        if not self._anywhere and not all(is_public(one) for one in found):
            raise NotAllowedError(host)
        return found[0]

    async def close(self) -> None:
        """End what is open."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
