"""What a single cell says: texts, numbers, yes and no; and how it is shown to whom may not read a number. Pure."""

import re
import unicodedata
from typing import Any

from outreach.attendance.domain.identity import lost_digits, normal_number
from outreach.shared.spreadsheets.cells import ERROR, address, clean, file_name, masked, text_of

__all__ = ["address", "card_of", "clean", "file_name", "masked", "name_of", "phone_of", "text_of", "yes_or_no"]

#: Written where there is nothing.
_NOTHING = {"", "无", "没有", "暂无", "空", "/", "-", "--", "—", "——", "、", "*", "none", "n/a"}
_MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")
_LANDLINE = re.compile(r"(?:0[0-9]{9,11}|[2-8][0-9]{6,7})\Z")
_SEVERAL = re.compile(r"[、,，;；/|\n]|\s和\s")
_NUMBERED = re.compile(r"[0-9]{1,4}\s*[.、)）．]\s*(?=\D)")
_BETWEEN_CHINESE = re.compile(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])")
_YES = {
    "是", "y", "yes", "true", "1", "√", "✓", "✔", "有", "对", "属于", "农民工", "外来务工",
    "外来务工人员", "新生代", "新生代农民工", "职工", "到", "已到", "已签", "已签到", "签到", "参加",
}  # fmt: skip
_NO = {
    "否", "n", "no", "false", "0", "×", "✗", "x", "不是", "非", "不", "无", "没到", "未到",
    "没来", "缺席", "请假", "未参加", "未签到", "缺勤", "未签",
}  # fmt: skip
MOST_IN_NAME = 40


def name_of(cell: Any) -> tuple[str, str]:
    """A person's name and the code of what is wrong with it; both empty when there is none."""
    if (
        isinstance(cell, str)
        and cell.isalpha()
        and len(cell) <= MOST_IN_NAME
        and unicodedata.is_normalized("NFKC", cell)
    ):
        return (cell, "") if cell not in _NOTHING else ("", "")
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if text.casefold() in _NOTHING:
        return "", ""
    if ERROR.match(text):
        return text, "cell-error"
    text = _NUMBERED.sub("", text, count=1) if text[:1].isdigit() else text
    if _SEVERAL.search(text):
        return clean(text), "name-several"
    text = _BETWEEN_CHINESE.sub("", clean(text))
    if any(ch.isdigit() for ch in text) or not any(ch.isalpha() for ch in text):
        return text, "name-digits"
    return text, "name-long" if len(text) > MOST_IN_NAME else ""


def phone_of(cell: Any) -> tuple[str, str]:
    """The eleven digits of a mobile telephone and the code of what is wrong; both empty when there is none.

    A telephone that a whole office shares tells nobody apart: it counts as none.
    """
    if isinstance(cell, float) and 1.3e10 <= cell < 2e10 and cell.is_integer():
        return str(int(cell)), ""
    if isinstance(cell, str) and len(cell) == 11 and _MOBILE.match(cell):
        return cell, ""
    text = text_of(cell)
    if text.casefold() in _NOTHING:
        return "", ""
    if ERROR.match(text):
        return "", "cell-error"
    if lost_digits(text):
        return "", "number-cut"
    number = normal_number(text)
    if _MOBILE.match(number):
        return number, ""
    return "", "" if _LANDLINE.match(number) else "number-wrong"


def card_of(cell: Any) -> tuple[str, str]:
    """The number of an identity card, checked by its last character, and the code of what is wrong."""
    text = text_of(cell)
    if text.casefold() in _NOTHING:
        return "", ""
    if ERROR.match(text):
        return "", "cell-error"
    if lost_digits(text) or (isinstance(cell, float) and abs(cell) > 2**53):
        return "", "card-cut"
    number = normal_number(text)
    if len(number) == 15 and number.isdigit():
        return number, ""
    return (number, "") if len(number) == 18 and _card_fits(number) else ("", "card-wrong")


def _card_fits(number: str) -> bool:
    """GB 11643: the last character is a check on the others."""
    if not number[:17].isdigit():
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return "10X98765432"[total % 11] == number[17]


def yes_or_no(cell: Any) -> bool | None:
    """``None``: the cell does not say."""
    text = unicodedata.normalize("NFKC", text_of(cell)).strip().casefold()
    if text in _YES:
        return True
    return False if text in _NO else None
