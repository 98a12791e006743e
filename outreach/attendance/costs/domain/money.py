"""Money: typed in yuan, kept in 分 (whole numbers), written in yuan with two decimals. Never a float."""

import re
import unicodedata
from decimal import Decimal

from outreach.shared.errors import FieldProblem
from outreach.shared.i18n import phrase

__all__ = [
    "KIND_WORDS",
    "MOST_FEN",
    "SOURCES",
    "amount_problems",
    "fen_of",
    "fen_per",
    "half_hours_of",
    "hours_text",
    "mean_fen",
    "plain_yuan",
    "yuan_text",
]

#: What is paid for.
KIND_WORDS: dict[str, str] = {
    "fee": phrase("讲课费、演出费"),
    "travel": phrase("交通"),
    "venue": phrase("场地"),
    "materials": phrase("物料"),
    "other": phrase("其他"),
}

#: 资金来源: what a form suggests; other words may be typed.
SOURCES: tuple[str, ...] = (
    phrase("本级工会经费"),
    phrase("上级补助"),
    phrase("财政资金"),
    phrase("单位自筹"),
    phrase("其他"),
)

#: The largest amount of one line: a thousand million yuan, as the table says.
MOST_FEN = 100_000_000_000
#: The most hours of one line, in halves.
MOST_HALF_HOURS = 400

_AMOUNT = re.compile(
    r"(?:人民币|RMB|CNY)?¥?(?P<sign>-?)(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?"
    r"(?P<wan>万)?(?:元|圆|块钱?)?[整正]?"
)
_HOURS = re.compile(r"(?P<whole>[0-9]{1,4})(?:\.(?P<part>[05])0*)?(?:个?课时|个?小时|学时|h)?")


def fen_of(text: str) -> int | None:
    """``1,200.50``, ``１２００``, ``1200元``, ``¥1200``, ``1.2万元`` as 分; ``None``: no amount of money.

    Negative ones are read, too, so that the refusal can say why. A part of a 分 is no amount.
    """
    found = _AMOUNT.fullmatch(_plain(text))
    if found is None:
        return None
    places, part = 6 if found["wan"] else 2, (found["part"] or "").rstrip("0")
    if len(part) > places:
        return None
    fen = int(found["whole"].replace(",", "") + part.ljust(places, "0"))
    return -fen if found["sign"] else fen


def _plain(text: str) -> str:
    """Half-width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).replace("，", ",").split())


def amount_problems(field: str, text: str) -> list[FieldProblem]:
    """What is wrong with an amount as typed; empty when ``fen_of`` gives one that can be kept."""
    fen = fen_of(text)
    if fen is None:
        return [FieldProblem(field, "not-money")]
    if fen < 0:
        return [FieldProblem(field, "too-small", {"least": "0"})]
    return [FieldProblem(field, "too-large-number", {"most": yuan_text(MOST_FEN)})] if fen > MOST_FEN else []


def half_hours_of(text: str) -> int | None:
    """``2``, ``２.５``, ``1.5课时`` in halves of an hour; ``None``: no whole or half hours from half an hour to 200."""
    found = _HOURS.fullmatch(_plain(text))
    if found is None:
        return None
    halves = int(found["whole"]) * 2 + (found["part"] == "5")
    return halves if 1 <= halves <= MOST_HALF_HOURS else None


def fen_per(per_hour_fen: int, half_hours: int) -> int:
    """The fee for so many half hours at a rate by the hour; half a 分 is rounded up."""
    return (per_hour_fen * half_hours + 1) // 2


def mean_fen(fen: int, number: int) -> int | None:
    """What one of ``number`` cost, rounded to a 分; ``None``: there is none."""
    return (2 * fen + number) // (2 * number) if number else None


def yuan_text(fen: int) -> str:
    """``1,200.50`` for 120050."""
    return f"{Decimal(fen).scaleb(-2):,.2f}"


def plain_yuan(fen: int) -> str:
    """``1200.50``: what JSON and input fields hold."""
    return f"{Decimal(fen).scaleb(-2):.2f}"


def hours_text(half_hours: int) -> str:
    """``2``, ``2.5``."""
    whole, half = divmod(half_hours, 2)
    return f"{whole}.5" if half else str(whole)
