"""Which passwords are taken. Length counts most; rules about kinds of characters only make people write them down."""

import unicodedata
from collections.abc import Iterable

from outreach.shared.errors import FieldProblem

__all__ = ["LEAST_LENGTH", "MOST_LENGTH", "normal_password", "password_problems"]

LEAST_LENGTH, MOST_LENGTH = 10, 200

# Those of the lists of leaked passwords that are long enough to pass otherwise; runs and repetitions are found by rule.
_COMMON = frozenset(
    {
        "1q2w3e4r5t",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "5201314520",
        "5845201314",
        "a123456789",
        "aa123456789",
        "aa12345678",
        "abc123456789",
        "adminadmin",
        "admin123456",
        "administrator",
        "asd123456789",
        "iloveyou520",
        "iloveyou1314",
        "letmein1234",
        "mima123456",
        "p@ssw0rd123",
        "password12",
        "password123",
        "password1234",
        "passw0rd123",
        "q1w2e3r4t5",
        "qaz123456789",
        "qazwsxedc123",
        "qq123456789",
        "qwer123456",
        "qwertyuiop",
        "qwerty12345",
        "qwerty123456",
        "welcome123",
        "woaini1314",
        "woaini1314520",
        "woaini520520",
        "wodemima123",
        "zaq12wsxcde3",
        "zxcvbnm123",
        "zxcvbnm123456",
        "zhongguo123",
        "gonghui123",
        "gonghui123456",
        "mima1234567",
        "suzhou123456",
    }
)
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")


def normal_password(text: str) -> str:
    """The password that counts: composed characters, no blanks at the ends (phones add them)."""
    return unicodedata.normalize("NFC", text.strip())


def password_problems(field: str, password: str, names: Iterable[str | None]) -> list[FieldProblem]:
    """Why ``password`` cannot be taken; empty when it can.

    Args:
        field: the form field that the problem is shown at.
        names: login name, phone and name of the person; each may be missing.
    """
    text = normal_password(password)
    if len(text) < LEAST_LENGTH:
        return [FieldProblem(field, "password-too-short", {"least": LEAST_LENGTH, "length": len(text)})]
    if len(text) > MOST_LENGTH:
        return [FieldProblem(field, "too-long", {"most": MOST_LENGTH, "length": len(text)})]
    if any(unicodedata.category(ch) in ("Cc", "Cs") for ch in text):
        return [FieldProblem(field, "bad-characters")]
    lower = text.lower()
    for name in names:
        if name and lower.replace(" ", "") in (name.lower(), name.lower() * 2, name.lower()[::-1]):
            return [FieldProblem(field, "password-is-name")]
    if lower in _COMMON or len(set(lower)) < 4 or any(lower in run or lower in run[::-1] for run in _RUNS):
        return [FieldProblem(field, "password-common")]
    return []
