"""The telephone number under which a booking's contact can be reached. Pure."""

from outreach.shared.errors import FieldProblem
from outreach.shared.text import normal_phone

__all__ = ["phone_problems"]


def phone_problems(field: str, text: str) -> list[FieldProblem]:
    """What is wrong with a number as typed: a mobile has 11 digits, a landline 7 to 12 with its area code."""
    digits = normal_phone(text)
    if digits.startswith("1") and len(digits) != 11:
        return [FieldProblem(field, "phone-length", {"length": len(digits)})]
    if not 7 <= len(digits) <= 12:
        return [FieldProblem(field, "bad-phone")]
    return []
