"""When somebody can come, as it is written: ``周二下午、周一至周五晚上``. Pure."""

import re
from typing import Any

from outreach.events.domain.parts import PART_CODES, PART_WORDS
from outreach.imports.domain.cell_text import BETWEEN, Refused, said
from outreach.imports.domain.columns import Column

__all__ = ["parts_text", "read_parts"]

_WEEKDAYS = "一二三四五六日"
_SPAN = re.compile(
    r"(?:周|星期|礼拜)?([一二三四五六日天])(?:(?:至|到|-|~|—)(?:周|星期|礼拜)?([一二三四五六日天]))?((?:上午|中午|下午|晚上|全天)*)"
)
_EVERY = {"工作日": (1, 5), "周末": (6, 7), "每天": (1, 7), "天天": (1, 7)}


def read_parts(cell: Any, _column: Column) -> list[str] | None:
    """``周二下午、周一至周五晚上`` as codes of ``events.domain.parts``, Monday first."""
    text = said(cell).replace(" ", "")
    if not text:
        return None
    found: set[str] = set()
    for piece in BETWEEN.split(text):
        if piece:
            found.update(_codes_of(piece))
    return [code for code in PART_CODES if code in found]


def _codes_of(piece: str) -> list[str]:
    every = next((word for word in _EVERY if piece.startswith(word)), None)
    if every is not None:
        first, last = _EVERY[every]
        asked = piece[len(every) :]
    else:
        match = _SPAN.fullmatch(piece)
        if match is None:
            raise Refused("not-parts", piece=piece[:20])
        first = _WEEKDAYS.index(match[1].replace("天", "日")) + 1
        last = _WEEKDAYS.index(match[2].replace("天", "日")) + 1 if match[2] else first
        asked = match[3]
    parts = [part for part, words in PART_WORDS.items() if words in asked or not asked or "全天" in asked]
    if last < first or not parts:
        raise Refused("not-parts", piece=piece[:20])
    return [f"{day}-{part}" for day in range(first, last + 1) for part in parts]


def parts_text(codes: list[str] | None) -> str:
    """The codes as ``read_parts`` reads them: ``周二下午、周四下午``."""
    texts = []
    for code in codes or ():
        day, _dash, part = code.partition("-")
        texts.append(f"周{_WEEKDAYS[int(day) - 1]}{PART_WORDS[part]}")
    return "、".join(texts)
