"""What a worker's own phone remembers: a signed cookie with name and unit, and of a number only its hash and tail."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

import msgspec

from outreach.attendance.domain.identity import Identity

__all__ = ["WHO_COOKIE", "Remembered", "cookie_header", "cookie_of", "device_of_phone", "remembered"]

WHO_COOKIE = "outreach_who"
#: As long as browsers keep a cookie at most.
WHO_KEPT_SECONDS = 400 * 24 * 3600
#: More was not made here.
_LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """``number``: who the number typed on this phone belongs to, if one was; ``device`` is random."""

    name: str
    unit: str
    number: Identity | None
    device: str


def cookie_of(secret: bytes, who: Remembered) -> str:
    """The cookie's value: ASCII, signed."""
    number = (who.number.hash, who.number.tail) if who.number else None
    payload = base64.urlsafe_b64encode(msgspec.json.encode((who.name, who.unit, number, who.device))).rstrip(b"=")
    return f"{payload.decode()}.{_signature(secret, payload)}"


def cookie_header(secret: bytes, who: Remembered, *, secure: bool) -> str:
    """``Set-Cookie`` for the check-in pages alone. Written by hand: the way through ``http.cookies`` took a twentieth
    of a check-in's CPU, and every phone of a hall gets one."""
    kept = f"{WHO_COOKIE}={cookie_of(secret, who)}; HttpOnly; Max-Age={WHO_KEPT_SECONDS}; Path=/checkin; SameSite=lax"
    return f"{kept}; Secure" if secure else kept


def remembered(secret: bytes, cookie: str) -> Remembered | None:
    """What ``cookie_of`` wrote; ``None`` for anything else."""
    if not cookie or not cookie.isascii() or len(cookie) > _LONGEST:
        return None
    payload, _dot, signature = cookie.partition(".")
    if not hmac.compare_digest(_signature(secret, payload.encode()), signature):
        return None
    try:
        decoded = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        name, unit, number, device = msgspec.json.decode(decoded, type=tuple[str, str, tuple[str, str] | None, str])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return None
    identity = Identity(number[0], by_number=True, tail=number[1]) if number else None
    return Remembered(name=name, unit=unit, number=identity, device=device)


def device_of_phone(who: Remembered | None) -> tuple[str, str]:
    """The phone's random mark, a new one where there is none, and the hash that is stored of it."""
    device = who.device if who and who.device else secrets.token_hex(16)
    return device, hashlib.sha256(device.encode()).hexdigest()[:32]


def _signature(secret: bytes, payload: bytes) -> str:
    return hmac.digest(secret, b"who:" + payload, "sha256").hex()[:43]
