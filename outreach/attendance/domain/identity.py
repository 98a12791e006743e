"""Who is the same person at two sessions, without keeping the number that tells it. Pure.

The rule of DESIGN.md: the hash of a phone or card number, else of the normalised name and unit. However a number or a
name was typed or an office program has stored it, it is the same person.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from outreach.accounts.domain.identity import identity_hash, last_four

__all__ = ["Identity", "comparable", "identity_of", "lost_digits", "normal_number"]

#: Fewer digits tell nobody apart: an extension, a seat, a year of birth.
LEAST_DIGITS = 6
#: Longer texts are no number but a remark; nothing is expanded to more digits than a card has.
MOST_CHARACTERS = 40
#: What Excel makes of a long number: ``13800001234.0``, ``1.38E+10``.
_FLOAT = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+]?[0-9]{1,2})?\Z")
#: Two numbers in one cell.
_BETWEEN = re.compile(r"[/;,、；，|]|\s或\s")
#: Points inside names of many peoples, typed in as many ways.
_POINTS = dict.fromkeys(map(ord, "·•‧∙・･⋅．."), "·")


@dataclass(frozen=True, slots=True)
class Identity:
    """``hash``: 64 hexadecimal digits; ``tail``: the number's last four, empty where a name and unit tell who it is."""

    hash: str
    by_number: bool
    tail: str = ""


def identity_of(key: bytes, *, number: str = "", name: str = "", unit: str = "") -> Identity:
    """Who this is: by the number if there is a usable one, else by name and unit.

    Args:
        key: ``attendees.identity_key(settings)``; never changed, or nobody of last year would be recognised.

    Raises:
        ValueError: there is neither a usable number nor a name.
    """
    if number and (found := normal_number(number)):
        return Identity(identity_hash(key, found), by_number=True, tail=last_four(found))
    if not (named := comparable(name)):
        raise ValueError("neither a number nor a name")
    # No number begins so: the two kinds of hashes never meet.
    told = f"name:{named}\x1f{comparable(unit)}"
    return Identity(hmac.digest(key, told.encode(), "sha256").hex(), by_number=False)


def normal_number(text: str) -> str:
    """A phone or card number as capitals and digits only; empty when it tells nobody apart.

    Full-width digits, blanks, dashes, +86 and 0086 do not matter, nor does a float's text; of two numbers in one cell
    the first counts.
    """
    folded = _BETWEEN.split(unicodedata.normalize("NFKC", text).strip(), maxsplit=1)[0].strip()
    if len(folded) > MOST_CHARACTERS:
        return ""
    kept = "".join(ch for ch in _without_point(folded).upper() if ch.isascii() and ch.isalnum())
    if sum(ch.isdigit() for ch in kept) < LEAST_DIGITS:
        return ""
    if len(kept) == 15 and kept.startswith("0086"):
        kept = kept[2:]
    return kept[2:] if len(kept) == 13 and kept.isdigit() and kept.startswith("86") else kept


def lost_digits(text: str) -> bool:
    """Whether a float's text no longer says the whole number: ``1.38E+10`` is one of a hundred million phones.

    Who loads files refuses such cells: the people behind them would become one.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if not _FLOAT.match(folded) or "E" not in folded.upper():
        return False
    said = len(folded.upper().split("E")[0].replace(".", "").lstrip("0"))
    return said < len(_without_point(folded))


def comparable(text: str) -> str:
    """A name or unit without what typing makes different: width, case, blanks, invisible marks, kinds of points."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFKC", folded).translate(_POINTS)
    return "".join(ch for ch in folded if not ch.isspace() and unicodedata.category(ch) not in ("Cc", "Cf", "Zs"))


def _without_point(folded: str) -> str:
    """The integer that a float's text stands for; other text as it is."""
    if not _FLOAT.match(folded) or not ("." in folded or "E" in folded.upper()):
        return folded
    try:
        whole = Decimal(folded)
    except InvalidOperation:  # pragma: no cover — the pattern admits only numbers
        return folded
    if whole != whole.to_integral_value() or whole.adjusted() >= MOST_CHARACTERS:
        return folded
    return format(whole.quantize(Decimal(1)), "f") if whole.adjusted() < 27 else folded
