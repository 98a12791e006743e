"""What a cell says and where it stands; how a text is shown to whom may not read a number. Pure."""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

from outreach.shared.text import clean_line

__all__ = ["ERROR", "address", "clean", "file_name", "masked", "text_of"]

#: What an office program stores where a formula failed.
ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)\Z", re.IGNORECASE)
_LONG_DIGITS = re.compile(r"[0-9](?:[0-9]|[ \-.](?=[0-9])){5,}[0-9Xx]")


def text_of(cell: Any) -> str:
    """A cell as somebody would have typed it: 13800001234.0 is 13800001234, ``="138…"`` and ``'138…`` are 138…."""
    if isinstance(cell, str):
        text = cell.strip()
        if text[:2] == '="' and text[-1:] == '"' and len(text) > 2:
            return text[2:-1].strip()
        return text.removeprefix("'").strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def clean(text: str) -> str:
    """One line without control and invisible characters and without backslashes."""
    kept = "".join(ch if unicodedata.category(ch) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") else " " for ch in text)
    return clean_line(kept.replace("\\", "/"))


def masked(text: str) -> str:
    """The text with every long run of digits hidden but for its last four."""
    folded = unicodedata.normalize("NFKC", text)
    return _LONG_DIGITS.sub(lambda found: "*" * 4 + found.group()[-4:], folded)


def file_name(name: str) -> str:
    """A file's name without its folders and without what no eye sees."""
    return clean(re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1])


def address(row: int, column: int) -> str:
    """``C5`` of row 4 and column 2, both counted from 0."""
    letters, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{letters}{row + 1}"
