"""One-time codes that staff print and hand over: short enough to type, long enough not to be guessed."""

import secrets
import unicodedata
from datetime import timedelta

__all__ = ["ENTRY_CODE_VALID", "new_entry_code", "normal_entry_code"]

ENTRY_CODE_VALID = timedelta(days=14)

#: Without 0 O, 1 I, 2 Z, 5 S, 8 B: what is read from paper has one meaning.
_ALPHABET = "34679ACDEFGHJKLMNPQRTUVWXY"
_GROUPS, _GROUP = 3, 4


def new_entry_code() -> str:
    """A new code of 12 characters (56 bits) in groups: ``K7QM-A4XT-9WHC``."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def normal_entry_code(text: str) -> str | None:
    """The code as issued, from what somebody typed (small letters, full width, blanks, no dashes); else ``None``."""
    typed = [ch for ch in unicodedata.normalize("NFKC", text[:100]).upper() if ch.isalnum()]
    if len(typed) != _GROUPS * _GROUP or any(ch not in _ALPHABET for ch in typed):
        return None
    return "-".join("".join(typed[start : start + _GROUP]) for start in range(0, len(typed), _GROUP))
