"""What a cell of a column means: a plain value (text, number, yes or no, ISO day, clock), or why it is none. Pure.

An empty cell is ``None``. A refusal is a code of the phrases of field rules, with its facts.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from outreach.accounts.domain.names import phone_problems
from outreach.events.domain.parts import PART_CODES, PART_WORDS
from outreach.imports.domain.columns import Column
from outreach.shared.spreadsheets.cells import ERROR, clean, text_of
from outreach.shared.text import normal_phone
from outreach.shared.time import FIRST_YEAR, LAST_YEAR

__all__ = ["PARSERS", "Refused", "parser_of", "parts_text"]


class Refused(Exception):  # noqa: N818 - the answer of a parser, not a failure
    """The cell does not fit its column: the code of a field rule and its facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


Parser = Callable[[Any, Column], Any]

#: Written where there is nothing.
_NOTHING = {"", "无", "没有", "暂无", "空", "/", "-", "--", "—", "——", "、", "*", "none", "n/a", "null"}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
#: An identity card has no place in any column of ours.
_CARD = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9A-Za-z])")
_BETWEEN = re.compile(r"[、,，;；\n/|]+")
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


def _said(cell: Any) -> str:
    """The cell as folded text; empty where it says that there is nothing."""
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if text.casefold() in _NOTHING:
        return ""
    if ERROR.match(text):
        raise Refused("cell-error")
    return text


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
        if text.casefold() in _NOTHING:
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
    if _BETWEEN.search(text):
        raise Refused("several-names")
    text = _BETWEEN_CHINESE.sub("", text)
    if re.search(r"[0-9]{5}", text) or not any(ch.isalpha() for ch in text):
        raise Refused("name-digits")
    return text


def _code(cell: Any, column: Column) -> str | None:
    if type(cell) is str and len(cell) <= column.most and _CODE.match(cell) and cell.casefold() not in _NOTHING:
        return cell
    text = _said(cell)
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
    found = [name for part in _BETWEEN.split(text) if (name := clean(part)) and name.casefold() not in _NOTHING]
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
        text = _said(cell)
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
    text = _said(cell).casefold()
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Refused("not-yes-no")


def _choice(cell: Any, column: Column) -> str | None:
    text = _said(cell).casefold().replace(" ", "")
    if not text:
        return None
    for one in column.choices:
        words = (one.code, one.words, one.english, *one.also)
        if text in {unicodedata.normalize("NFKC", word).casefold().replace(" ", "") for word in words}:
            return one.code
    raise Refused("not-of-list", column=column.key)


def _phone(cell: Any, column: Column) -> str | None:
    text = _said(cell)
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
    text = _said(cell)
    if not text:
        return None
    if len(text) > column.most or not _MAIL.match(text) or ".." in text:
        raise Refused("bad-email")
    return text


def _id(cell: Any, _column: Column) -> str | None:
    text = _said(cell)
    if not text:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        raise Refused("id-changed") from None


# --- days and clocks -------------------------------------------------------------------------------------------------

_DAY = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*[日号]?(?![0-9])")
_RUN = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])\Z")
_SHORT_DAY = re.compile(r"[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?")
#: Days as a spreadsheet counts them.
_SERIAL_START = date(1899, 12, 30)


def _day(cell: Any, _column: Column) -> str | None:
    on: date | None
    if isinstance(cell, datetime):
        on = cell.date()
    elif isinstance(cell, date):
        on = cell
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 <= cell < 80_000:
        on = _SERIAL_START + timedelta(days=int(cell))
    else:
        text = _said(cell)
        if not text:
            return None
        on = _day_of_text(text)
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise Refused("year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, year=on.year)
    return on.isoformat()


def _day_of_text(text: str) -> date:
    if re.fullmatch(r"[2-7][0-9]{4}(?:\.[0-9]+)?", text):
        return _SERIAL_START + timedelta(days=int(float(text)))
    found = _DAY.match(text) or _RUN.match(text)
    if found is None:
        raise Refused("day-without-year" if _SHORT_DAY.match(text) else "not-date")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise Refused("no-such-day") from None


def _year(cell: Any, _column: Column) -> str | None:
    text = _said(cell).removesuffix("度").removesuffix("年")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise Refused("not-number")
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Refused("year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, year=int(text))
    return str(int(text))


_CLOCK = (
    r"(上午|下午|中午|晚上|早上|晚)?\s*([0-9]{1,2})\s*(?:[::点时]\s*([0-9]{1,2})?)?"
    r"\s*(?:分|整)?(?::[0-9]{2})?(半)?\s*(am|pm)?"
)
_CLOCKS = re.compile(rf"{_CLOCK}(?:\s*(?:[-~—–－至到]+)\s*{_CLOCK})?\Z", re.IGNORECASE)


def _clock(cell: Any, _column: Column) -> str | None:
    """``14:00``, or ``14:00-15:30`` where a cell says both."""
    if isinstance(cell, datetime):
        return f"{cell:%H:%M}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta):
        cell = cell.total_seconds() / 86_400
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 <= cell < 1:
        minutes = round(float(cell) * 1440)
        return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
    text = _said(cell)
    if not text:
        return None
    found = _CLOCKS.match(text)
    if found is None or (text.isdigit() and len(text) > 2):
        raise Refused("not-clock")
    first, last = found.groups()[:5], found.groups()[5:]
    starts = _moment(*first)
    if last[1] is None:
        return starts
    return f"{starts}-{_moment(last[0] or first[0], *last[1:])}"


def _moment(part: str | None, hour: str, minute: str | None, half: str | None, half_day: str | None) -> str:
    hours, minutes = int(hour), 30 if half else int(minute or 0)
    later = part in ("下午", "晚上", "晚") or (half_day or "").lower() == "pm" or (part == "中午" and hours < 3)
    if later and hours < 12:
        hours += 12
    if not (hours <= 23 and minutes <= 59):
        raise Refused("not-clock")
    return f"{hours:02d}:{minutes:02d}"


# --- availability ----------------------------------------------------------------------------------------------------

_WEEKDAYS = "一二三四五六日"
_SPAN = re.compile(
    r"(?:周|星期|礼拜)?([一二三四五六日天])(?:(?:至|到|-|~|—)(?:周|星期|礼拜)?([一二三四五六日天]))?((?:上午|中午|下午|晚上|全天)*)"
)
_EVERY = {"工作日": (1, 5), "周末": (6, 7), "每天": (1, 7), "天天": (1, 7)}


def _parts(cell: Any, _column: Column) -> list[str] | None:
    """``周二下午、周一至周五晚上`` as codes of ``events.domain.parts``, Monday first."""
    text = _said(cell).replace(" ", "")
    if not text:
        return None
    found: set[str] = set()
    for piece in _BETWEEN.split(text):
        if piece:
            found.update(_codes_of(piece))
    return [code for code in PART_CODES if code in found]


def _codes_of(piece: str) -> list[str]:
    every = next((word for word in _EVERY if piece.startswith(word)), None)
    if every is not None:
        first, last = _EVERY[every]
        said = piece[len(every) :]
    else:
        match = _SPAN.fullmatch(piece)
        if match is None:
            raise Refused("not-parts", piece=piece[:20])
        first = _WEEKDAYS.index(match[1].replace("天", "日")) + 1
        last = _WEEKDAYS.index(match[2].replace("天", "日")) + 1 if match[2] else first
        said = match[3]
    parts = [part for part, words in PART_WORDS.items() if words in said or not said or "全天" in said]
    if last < first or not parts:
        raise Refused("not-parts", piece=piece[:20])
    return [f"{day}-{part}" for day in range(first, last + 1) for part in parts]


def parts_text(codes: list[str] | None) -> str:
    """The codes as ``_parts`` reads them: ``周二下午、周四下午``."""
    said = []
    for code in codes or ():
        day, _dash, part = code.partition("-")
        said.append(f"周{_WEEKDAYS[int(day) - 1]}{PART_WORDS[part]}")
    return "、".join(said)


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
    "day": _day,
    "year": _year,
    "clock": _clock,
    "parts": _parts,
}
