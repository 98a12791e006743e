"""The link under a message by which somebody leaves a topic without logging in: signed, for one person and topic."""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

__all__ = ["read_token", "token_for"]

_MARK = b"unsubscribe\0"
_SIGNATURE_BYTES = 16


def token_for(person_id: UUID, topic: str, secret: bytes) -> str:
    """A token for ``/unsubscribe/{token}``, good as long as the key is; nothing is stored."""
    said = person_id.bytes + topic.encode()
    return base64.urlsafe_b64encode(_signature(said, secret) + said).rstrip(b"=").decode()


def read_token(token: str, secret: bytes) -> tuple[UUID, str] | None:
    """Person and topic of a token, or ``None`` when it is not ours."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
        signature, said = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, _signature(said, secret)) or len(said) <= 16:
            return None
        return UUID(bytes=said[:16]), said[16:].decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None


def _signature(said: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, _MARK + said, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
