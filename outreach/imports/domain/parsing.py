"""What a cell of a column means: a plain value (text, number, yes or no, ISO day, clock), or why it is none. Pure.

An empty cell is ``None``. A refusal is a code of the phrases of field rules, with its facts.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any
from uuid import UUID

from outreach.accounts.domain.names import phone_problems
from outreach.imports.domain.availability import read_parts
from outreach.imports.domain.cell_text import BETWEEN, NOTHING, Refused, said
from outreach.imports.domain.columns import Column
from outreach.imports.domain.moments import read_clock, read_day, read_year
from outreach.shared.spreadsheets.cells import ERROR, clean, text_of
from outreach.shared.text import normal_phone

__all__ = ["PARSERS", "parser_of"]


Parser = Callable[[Any, Column], Any]

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
#: An identity card has no place in any column of ours.
_CARD = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9A-Za-z])")
_YES = {"是", "y", "yes", "true", "1", "√", "✓", "✔", "有", "对", "可", "启用", "在用"}
_NO = {"否", "n", "no", "false", "0", "×", "✗", "x", "不是", "非", "不", "停用", "不可"}
_MAIL = re.compile(r"[^@\s<>,;\"()]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200})\.[A-Za-z]{2,24}\Z")
_BETWEEN_CHINESE = re.compile(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])")


def parser_of(column: Column, seen: dict[str, Any] | None = None) -> Callable[[Any], Any]:
    """How a cell of the column is read; what was read once is remembered, since columns repeat themselves.

    Args:
        seen: gets text → value of what was read, for callers with so many cells that a call for each is felt.

    Raises (when called):
        Refused: the cell does not fit.
    """
    parse = PARSERS[column.parse]
    seen = {} if seen is None else seen

    def read(cell: Any) -> Any:
        if cell is None or cell == "":
            return None
        if type(cell) is not str:
            return parse(cell, column)
        known = seen.get(cell, seen)
        if known is seen:
            known = seen[cell] = parse(cell, column)
        return known

    return read


def _line(cell: Any, column: Column) -> str | None:
    # Most cells are short texts without anything odd.
    is_plain = (
        type(cell) is str
        and 1 < len(cell) <= column.most
        and cell.isprintable()
        and cell[0] not in "#='无没暂空"
        and "\\" not in cell
        and "  " not in cell
        and unicodedata.is_normalized("NFC", cell)
    )
    text = cell.strip() if is_plain else clean(unicodedata.normalize("NFC", text_of(cell)))
    if not is_plain or not text[:1].isalnum():
        if text.casefold() in NOTHING:
            return None
        if ERROR.match(text):
            raise Refused("cell-error")
    if len(text) > column.most:
        raise Refused("too-long", most=column.most, length=len(text))
    _refuse_card(text)
    return text


def _refuse_card(text: str) -> None:
    if len(text) >= 18 and _CARD.search(text):
        raise Refused("identity-number")


def _text(cell: Any, column: Column) -> str | None:
    """Running text, line breaks kept."""
    lines = [clean(line) for line in text_of(cell).replace("\r\n", "\n").split("\n")]
    text = "\n".join(lines).strip()
    if ERROR.match(text):
        raise Refused("cell-error")
    if len(text) > column.most:
        raise Refused("too-long", most=column.most, length=len(text))
    _refuse_card(text)
    return text or None


def _name(cell: Any, column: Column) -> str | None:
    """A person's name: one person, and no telephone number beside it."""
    text = _line(cell, column)
    if text is None:
        return None
    if BETWEEN.search(text):
        raise Refused("several-names")
    text = _BETWEEN_CHINESE.sub("", text)
    if re.search(r"[0-9]{5}", text) or not any(ch.isalpha() for ch in text):
        raise Refused("name-digits")
    return text


def _code(cell: Any, column: Column) -> str | None:
    if type(cell) is str and len(cell) <= column.most and _CODE.match(cell) and cell.casefold() not in NOTHING:
        return cell
    text = said(cell)
    if not text:
        return None
    if len(text) > column.most:
        raise Refused("too-long", most=column.most, length=len(text))
    if not _CODE.match(text):
        raise Refused("bad-code")
    return text


def _ref(cell: Any, column: Column) -> str | None:
    """A code or a name; a number that the office program made of a code is that code."""
    if isinstance(cell, float):
        cell = text_of(cell)
    return _line(cell, column)


def _names(cell: Any, column: Column) -> list[str] | None:
    text = text_of(cell)
    if ERROR.match(text.strip()):
        raise Refused("cell-error")
    found = [name for part in BETWEEN.split(text) if (name := clean(part)) and name.casefold() not in NOTHING]
    for one in found:
        if len(one) > column.most:
            raise Refused("too-long", most=column.most, length=len(one))
        _refuse_card(one)
    if len(found) > column.items:
        raise Refused("too-many-items", most=column.items, count=len(found))
    return list(dict.fromkeys(found)) or None


_UNIT = re.compile(r"(?:人次|人|名|场次|场|分钟|天|间|个|册|本|份|户|次|min|分)\Z")


def _number(cell: Any, column: Column, least: float) -> float | None:
    if isinstance(cell, bool):
        raise Refused("not-number")
    if isinstance(cell, int | float):
        number = float(cell)
    else:
        text = said(cell)
        if not text:
            return None
        plain = _UNIT.sub("", text).replace(",", "").replace("，", "").replace(" ", "")
        if not re.fullmatch(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,6})?", plain):
            raise Refused("not-number")
        number = float(plain)
    if number != number or number < least:
        raise Refused("too-small", least=f"{least:,.0f}")
    if number > column.most:
        raise Refused("too-large-number", most=f"{column.most:,}")
    return number


def _whole(cell: Any, column: Column, least: float = 0) -> int | None:
    number = _number(cell, column, least)
    if number is None:
        return None
    if not number.is_integer():
        raise Refused("not-whole-number")
    return int(number)


def _decimal(cell: Any, column: Column) -> float | None:
    return _number(cell, column, 0)


def _yes(cell: Any, _column: Column) -> bool | None:
    text = said(cell).casefold()
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Refused("not-yes-no")


def _choice(cell: Any, column: Column) -> str | None:
    text = said(cell).casefold().replace(" ", "")
    if not text:
        return None
    for one in column.choices:
        words = (one.code, one.words, one.english, *one.also)
        if text in {unicodedata.normalize("NFKC", word).casefold().replace(" ", "") for word in words}:
            return one.code
    raise Refused("not-of-list", column=column.key)


def _phone(cell: Any, column: Column) -> str | None:
    text = said(cell)
    if not text:
        return None
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", text.upper()):
        raise Refused("number-cut-short")
    if len(text) > column.most or not re.fullmatch(r"[0-9+()\- —－]+", text):
        raise Refused("bad-phone")
    digits = normal_phone(text)
    problems = phone_problems("phone", digits)
    if not digits or problems:
        found = problems[0] if problems else None
        raise Refused(found.code if found else "bad-phone", **(found.facts if found else {}))
    return digits


def _mail(cell: Any, column: Column) -> str | None:
    text = said(cell)
    if not text:
        return None
    if len(text) > column.most or not _MAIL.match(text) or ".." in text:
        raise Refused("bad-email")
    return text


def _id(cell: Any, _column: Column) -> str | None:
    text = said(cell)
    if not text:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        raise Refused("id-changed") from None


PARSERS: dict[str, Parser] = {
    "line": _line,
    "text": _text,
    "name": _name,
    "code": _code,
    "ref": _ref,
    "names": _names,
    "whole": _whole,
    "positive": lambda cell, column: _whole(cell, column, 1),
    "decimal": _decimal,
    "yes": _yes,
    "choice": _choice,
    "phone": _phone,
    "mail": _mail,
    "id": _id,
    "day": read_day,
    "year": read_year,
    "clock": read_clock,
    "parts": read_parts,
}
