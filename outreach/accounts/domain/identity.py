"""Who is the same person at two sessions, without keeping the number that tells it."""

import hashlib
import hmac
import unicodedata

from outreach.shared.text import normal_phone

__all__ = ["identity_hash", "last_four"]


def identity_hash(key: bytes, phone_or_card: str) -> str:
    """The keyed hash (HMAC-SHA256, 64 hexadecimal digits) of a telephone or member card number.

    Args:
        key: ``secret_of(settings, "identity")``; it is never changed, or nobody of last year would be recognised.
        phone_or_card: as typed; blanks, dashes, full-width digits, a leading +86 and small letters do not matter.

    Raises:
        ValueError: there is nothing in it to recognise a person by.
    """
    number = _normal_number(phone_or_card)
    if not number:
        raise ValueError("neither a telephone nor a card number")
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()


def last_four(phone_or_card: str) -> str:
    """The last four characters of the number, which staff may see to tell two people apart."""
    return _normal_number(phone_or_card)[-4:]


def _normal_number(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).upper()
    letters = "".join(ch for ch in folded if ch.isascii() and ch.isalnum())
    return letters if any(ch.isalpha() for ch in letters) else normal_phone(folded)
