"""What a person is called at the door: a login name or a telephone number, never confused with each other."""

import re

from outreach.shared.errors import FieldProblem
from outreach.shared.text import clean_line, normal_phone

__all__ = ["looks_like_phone", "name_problems", "normal_login_name", "phone_problems", "shown_phone"]

_MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_LANDLINE = re.compile(r"(0\d{2,3})?[2-9]\d{6,7}(\d{1,5})?\Z")
_PHONE_CHARACTERS = re.compile(r"[\d+() 　－—-]*\Z")


def normal_login_name(text: str) -> str:
    """Small letters, single blanks: ``ZHANG  San`` and ``zhang san`` are one."""
    return clean_line(text).lower()


def looks_like_phone(text: str) -> bool:
    """Whether what was typed at the door is a telephone number: digits and the signs between them only."""
    return bool(_PHONE_CHARACTERS.match(text)) and len(normal_phone(text)) >= 7


def name_problems(field: str, login_name: str | None) -> list[FieldProblem]:
    """Why a login name cannot be taken: too short, or it reads like a telephone number (of somebody else)."""
    if login_name is None:
        return []
    if len(login_name) < 2:
        return [FieldProblem(field, "too-short", {"least": 2})]
    if _PHONE_CHARACTERS.match(login_name):
        return [FieldProblem(field, "login-name-is-number")]
    return []


def phone_problems(field: str, phone: str | None) -> list[FieldProblem]:
    """Why a telephone number (digits, by ``normal_phone``) is none; says how many digits a mobile number lacks."""
    if phone is None or _MOBILE.match(phone) or _LANDLINE.match(phone):
        return []
    if phone.startswith("1") and phone != "1":
        return [FieldProblem(field, "phone-length", {"length": len(phone)})]
    return [FieldProblem(field, "bad-phone")]


def shown_phone(phone: str) -> str:
    """A number for its own holder on a page that others may look at: ``138****1234``."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****"
