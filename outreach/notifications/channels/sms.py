"""SMS by whatever gateway speaks HTTP: address, fields, key and what success looks like are settings."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from outreach.notifications.channels.calling import Answer, Caller, NoAnswerError, NotAllowedError, NotSentError
from outreach.notifications.channels.letter import Letter, RefusedError, TryAgainError, UncertainError
from outreach.notifications.domain.short import sms_text
from outreach.settings import Settings, sms_template

__all__ = ["SmsChannel", "open_sms"]


class SmsChannel:
    """Sends the sentence of a message with its link."""

    name = "sms"
    parallel = 4

    def __init__(self, settings: Settings) -> None:
        if settings.sms_url is None:
            raise ValueError("OUTREACH_SMS_URL is not set")
        self._url, self._method = settings.sms_url, settings.sms_method
        self._template = sms_template(settings.sms_body)
        self._success = settings.sms_success
        name, _colon, value = (settings.sms_header or "").partition(":")
        self._headers = {name.strip(): value.strip()} if name.strip() else {}
        # The keeper names the gateway, which may well stand in the house.
        self._caller = Caller(anywhere=True)

    async def send(self, letter: Letter) -> None:
        """Hand one message to the gateway.

        Raises:
            RefusedError: the gateway does not take it.
            TryAgainError: the gateway is away.
            UncertainError: nothing came back; gateways know no repetition.
        """
        url, body, headers = self.request(letter)
        await letter.begin()
        try:
            answer = await self._caller.call(self._method, url, body, headers)
        except (NotSentError, NotAllowedError) as error:
            raise TryAgainError(f"connection {error}") from error
        except NoAnswerError as error:
            raise UncertainError(str(error)) from error
        self._judge(answer)

    def request(self, letter: Letter) -> tuple[str, bytes, Mapping[str, str]]:
        """Address, body and headers of one message."""
        values = {
            "{phone}": letter.address,
            "{text}": sms_text(letter.text, letter.href),
            "{id}": letter.delivery_id.hex,
        }
        filled = _filled(self._template, values)
        if self._method == "GET":
            pairs = filled if isinstance(filled, list) else list(filled.items())
            return f"{self._url}{'&' if '?' in self._url else '?'}{urlencode(pairs)}", b"", self._headers
        if isinstance(filled, list) and all(isinstance(one, tuple) for one in filled):
            kind, body = "application/x-www-form-urlencoded; charset=utf-8", urlencode(filled).encode()
        else:
            kind, body = "application/json; charset=utf-8", msgspec.json.encode(filled)
        return self._url, body, {"Content-Type": kind, **self._headers}

    def _judge(self, answer: Answer) -> None:
        if answer.status == 429 or answer.status >= 500:
            raise TryAgainError(f"HTTP {answer.status}")
        if not 200 <= answer.status < 300:
            raise RefusedError(f"HTTP {answer.status}")
        if self._success and not _succeeded(self._success, answer.body):
            raise RefusedError(answer.body[:200].decode(errors="replace"))

    async def close(self) -> None:
        await self._caller.close()


def _filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with its places filled, after it was read: what is filled in can add no field."""
    match template:
        case str():
            parts = [template]
            for place, value in values.items():
                parts = [piece for part in parts for piece in _split(part, place, value)]
            return "".join(str(part) for part in parts)
        case dict():
            return {name: _filled(value, values) for name, value in template.items()}
        case list():
            return [_filled(one, values) for one in template]
        case tuple():
            return tuple(_filled(one, values) for one in template)
    return template


class _Given(str):
    """Filled in already: a text that holds ``{id}`` keeps it."""

    __slots__ = ()


def _split(part: str, place: str, value: str) -> list[str]:
    if isinstance(part, _Given) or place not in part:
        return [part]
    pieces: list[str] = []
    for number, piece in enumerate(part.split(place)):
        pieces += [_Given(value), piece] if number else [piece]
    return pieces


def _succeeded(rule: str, body: bytes) -> bool:
    path, equals, wanted = rule.partition("=")
    if not equals:
        return rule.encode() in body
    try:
        found: Any = msgspec.json.decode(body)
        for name in path.strip().split("."):
            found = found[int(name)] if isinstance(found, list) else found[name]
    except (msgspec.DecodeError, LookupError, TypeError, ValueError):
        return False
    said = str(found).lower() if isinstance(found, bool) else str(found)
    return said == wanted.strip()


def open_sms(settings: Settings) -> SmsChannel | None:
    """The channel, where a gateway is set."""
    return SmsChannel(settings) if settings.sms_url is not None else None
