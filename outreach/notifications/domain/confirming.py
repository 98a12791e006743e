"""The link that confirms a mail address: signed, for one person and address, good for three days. Pure."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

__all__ = ["GOOD_FOR", "confirm_token", "read_confirm_token"]

GOOD_FOR = timedelta(days=3)
_MARK = b"confirm-address\0"
_SIGNATURE_BYTES = 16


def confirm_token(person_id: UUID, email: str, secret: bytes, *, until: datetime) -> str:
    """A token for ``/account/messages/confirm/{token}``; nothing is stored."""
    said = person_id.bytes + int(until.timestamp()).to_bytes(6, "big") + email.encode()
    return base64.urlsafe_b64encode(_signature(said, secret) + said).rstrip(b"=").decode()


def read_confirm_token(token: str, secret: bytes, now: datetime) -> tuple[UUID, str] | None:
    """Person and address of a token, or ``None`` when it is not ours or too old."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
        signature, said = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, _signature(said, secret)) or len(said) <= 22:
            return None
        until = datetime.fromtimestamp(int.from_bytes(said[16:22], "big"), UTC)
        return (UUID(bytes=said[:16]), said[22:].decode()) if now < until else None
    except (binascii.Error, UnicodeError, ValueError, OverflowError, OSError):
        return None


def _signature(said: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, _MARK + said, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
