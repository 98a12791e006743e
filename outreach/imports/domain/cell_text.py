"""A cell as text, and how a parser says that it does not fit. Pure."""

import re
import unicodedata
from typing import Any

from outreach.shared.spreadsheets.cells import ERROR, text_of

__all__ = ["BETWEEN", "NOTHING", "Refused", "said"]

#: Between several things in one cell.
BETWEEN = re.compile(r"[、,，;；\n/|]+")
#: Written where there is nothing.
NOTHING = {"", "无", "没有", "暂无", "空", "/", "-", "--", "—", "——", "、", "*", "none", "n/a", "null"}


class Refused(Exception):  # noqa: N818 - the answer of a parser, not a failure
    """The cell does not fit its column: the code of a field rule and its facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def said(cell: Any) -> str:
    """The cell as folded text; empty where it says that there is nothing."""
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if text.casefold() in NOTHING:
        return ""
    if ERROR.match(text):
        raise Refused("cell-error")
    return text
