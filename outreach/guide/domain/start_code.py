"""The code that lets the first administrator in: derived from the installation's secret, so that nothing is stored.

Every process knows it and a restart prints the same. It is worth nothing once there was an administrator.
"""

import base64
import hmac
import unicodedata

__all__ = ["is_start_code", "start_code"]

#: The hash is of these words alone; another use of the secret has others.
_LABEL = b"outreach: start code of the first administrator"
_LENGTH, _GROUP = 12, 4
#: Base 32 has none of these digits: who types them misread a letter.
_MISREAD = str.maketrans("018", "OIB")


def start_code(secret: bytes) -> str:
    """Twelve characters (60 bits) in groups: ``K7QM-A4XT-5WHC``."""
    letters = base64.b32encode(hmac.digest(secret, _LABEL, "sha256")).decode()[:_LENGTH]
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def is_start_code(secret: bytes, typed: str) -> bool:
    """Whether ``typed`` is the code; small letters, full width, blanks and dashes are forgiven. In constant time."""
    text = unicodedata.normalize("NFKC", typed[:100]).upper().translate(_MISREAD)
    letters = "".join(one for one in text if one.isalnum())
    return hmac.compare_digest(letters.encode(), start_code(secret).replace("-", "").encode())
