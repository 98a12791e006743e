"""Text that people type: what may be in it and how it is cleaned."""

import unicodedata
from typing import Annotated

from msgspec import Meta

__all__ = [
    "LINE_PATTERN",
    "VISIBLE_LINE_PATTERN",
    "Code",
    "District",
    "Line",
    "LongText",
    "OptionalLine",
    "Phone",
    "ShortLine",
    "clean_line",
    "normal_phone",
]

# No control characters (C0, DEL, C1), no line or paragraph separators, no bidirectional overrides, no lone surrogates:
# they break iCalendar, CSV and XML, or hide what is written.
_BAD = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
# These two are for lines of other lengths than those below as well: msgspec takes one ``Meta`` with a length only.
LINE_PATTERN = rf"^[^{_BAD}\t\n\r]*\Z"
VISIBLE_LINE_PATTERN = rf"^(?=.*\S)[^{_BAD}\t\n\r]*\Z"
_TEXT = rf"^[^{_BAD}]*\Z"

#: A mandatory single line such as a title or name.
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=VISIBLE_LINE_PATTERN)]
ShortLine = Annotated[str, Meta(min_length=1, max_length=60, pattern=VISIBLE_LINE_PATTERN)]
#: A single line that may be empty.
OptionalLine = Annotated[str, Meta(max_length=200, pattern=LINE_PATTERN)]
District = Annotated[str, Meta(max_length=40, pattern=LINE_PATTERN)]
#: Running text; line breaks allowed.
LongText = Annotated[str, Meta(max_length=4000, pattern=_TEXT)]
#: A short ASCII code used in addresses (``culture``, ``SZ-0012``).
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*\Z")]
#: A telephone number as typed; ``normal_phone`` decides.
Phone = Annotated[str, Meta(max_length=30, pattern=r"^[0-9+() 　－—-]*\Z")]


def clean_line(text: str) -> str:
    """NFC, outer blanks off, inner runs of blanks folded to one."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def normal_phone(text: str) -> str:
    """Digits only, full-width ones too, without +86: ``０１３８-0000 0000`` and ``+86 138…`` become comparable."""
    digits = "".join(ch for ch in unicodedata.normalize("NFKC", text) if ch.isdigit() and ch.isascii())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
