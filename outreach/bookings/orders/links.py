"""The provider's link ``/answer/{token}``: signed, expiring, nothing stored for it (ADR 0011).

A token is base64url of 44 bytes (order, provider, assignment, expiry in seconds) and their HMAC-SHA256.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from outreach.shared.errors import NotFoundError

__all__ = ["LinkGrant", "link_token", "read_link"]

_FORM = struct.Struct(">16s16sIQ")
_SIGNATURE_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class LinkGrant:
    """What a link allows: this provider to answer this assignment of the order, before ``expires_at``."""

    order_id: UUID
    provider_id: UUID
    assignment: int
    expires_at: datetime


def link_token(secret: bytes, grant: LinkGrant) -> str:
    """The token of a grant; the expiry is cut to whole seconds."""
    payload = _FORM.pack(
        grant.order_id.bytes, grant.provider_id.bytes, grant.assignment, int(grant.expires_at.timestamp())
    )
    return base64.urlsafe_b64encode(payload + _signature(secret, payload)).rstrip(b"=").decode()


def read_link(secret: bytes, token: str) -> LinkGrant:
    """The grant in a token that ``link_token`` made, whether it still holds or not.

    Raises:
        NotFoundError: it was not made with this secret; what was wrong with it is not said.
    """
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotFoundError from None
    if len(data) != _FORM.size + _SIGNATURE_BYTES:
        raise NotFoundError
    payload, signature = data[: _FORM.size], data[_FORM.size :]
    # The last character has unused bits: only the spelling that we wrote is a link of ours.
    spelled = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    if not hmac.compare_digest(signature, _signature(secret, payload)) or spelled != token:
        raise NotFoundError
    order, provider, assignment, expires = _FORM.unpack(payload)
    return LinkGrant(UUID(bytes=order), UUID(bytes=provider), assignment, datetime.fromtimestamp(expires, UTC))


def _signature(secret: bytes, payload: bytes) -> bytes:
    return hmac.new(secret, b"provider-link:" + payload, hashlib.sha256).digest()
