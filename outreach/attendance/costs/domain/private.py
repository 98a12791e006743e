"""Numbers that are never stored: identity cards and bank accounts. They are written on paper by hand."""

import re
import unicodedata

__all__ = ["holds_private_number"]

#: Digits in one piece or with single blanks or hyphens between, as people group them; an identity card may end in X.
_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9])*(?:[ -]?[Xx](?![0-9A-Za-z]))?")
#: Telephone numbers: mobile ones with or without 86, others with their area code.
_PHONE = re.compile(r"(?:\+?(?:00)?86)?1[3-9][0-9]{9}|0[1-9][0-9]{1,2}[0-9]{7,8}")
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


def holds_private_number(text: str) -> bool:
    """Whether a text holds what looks like an identity card (15 or 18) or a bank account (12 to 19 digits).

    Telephone numbers and days (20150912-20150913) are none; nor are numbers in groups of fewer than 15 digits, which
    are amounts or days more often than accounts.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    return any(_is_private(found.group()) for found in _RUN.finditer(plain))


_DASHES = {ord(dash): "-" for dash in "‐‑‒–—―－"}


def _is_private(run: str) -> bool:
    pieces = [one for one in re.split("[ -]", run) if one]
    if any(_is_number(one, least=12) for one in pieces):
        return True
    if all(_DAY.fullmatch(one) for one in pieces) or _are_phones(pieces):
        return False
    return _is_number("".join(pieces), least=15)


def _is_number(digits: str, *, least: int) -> bool:
    if digits[-1] in "Xx":
        return len(digits) == 18
    return least <= len(digits) <= 19 and not _PHONE.fullmatch(digits)


def _are_phones(pieces: list[str]) -> bool:
    """Whether the pieces together are telephone numbers one after another (0512-65223344 13812345678)."""
    if not pieces:
        return True
    return any(
        _PHONE.fullmatch("".join(pieces[:taken])) and _are_phones(pieces[taken:])
        for taken in range(1, min(len(pieces), 4) + 1)
    )
