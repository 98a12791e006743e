"""A feed as it is answered."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Feed", "etag_of"]


@dataclass(frozen=True, slots=True)
class Feed:
    """A rendered feed: its bytes, a strong tag made from them, and since when they are so."""

    body: bytes
    etag: str
    last_modified: datetime


def etag_of(*parts: bytes) -> str:
    """A strong tag of bytes, or of hashes of them."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return f'"{digest.hexdigest()[:32]}"'
