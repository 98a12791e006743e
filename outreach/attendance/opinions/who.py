"""By what a phone shows that it may answer: the check-in's id, signed; and under what name its answer is kept."""

import hashlib
import hmac
from uuid import UUID

from outreach.shared.errors import invalid

__all__ = ["check_in_of", "given_by", "who_of"]


def who_of(secret: bytes, attendee_id: UUID) -> str:
    """``id.signature``: ASCII, and good for nothing but an opinion.

    Args:
        secret: of the application (``app.state.secret``).
    """
    return f"{attendee_id}.{_signature(secret, attendee_id)}"


def check_in_of(secret: bytes, who: str) -> UUID:
    """The check-in that ``who_of`` signed.

    Raises:
        InvalidError: anything else; names ``who``.
    """
    text, _dot, signature = who.partition(".")
    try:
        attendee_id = UUID(text)
    except ValueError:
        raise invalid("who", "check-in-unknown") from None
    if not hmac.compare_digest(_signature(secret, attendee_id).encode(), signature.encode()):
        raise invalid("who", "check-in-unknown")
    return attendee_id


def _signature(secret: bytes, attendee_id: UUID) -> str:
    return hmac.new(secret, b"opinion:" + attendee_id.bytes, hashlib.sha256).hexdigest()[:43]


def given_by(key: bytes, attendee_id: UUID) -> str:
    """What is kept instead of the check-in: the same one answers once, and nobody without the key finds it.

    Args:
        key: ``attendees.identity_key(settings)``.
    """
    return hmac.new(key, f"opinion:{attendee_id}".encode(), hashlib.sha256).hexdigest()
