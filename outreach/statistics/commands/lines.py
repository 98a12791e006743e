"""What people say beside a figure: one line, cleaned; named when it cannot be kept."""

import re

from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.text import LINE_PATTERN, clean_line

__all__ = ["MOST_NOTE", "MOST_REASON", "line_problems", "needed_line"]

#: Characters of a note beside a cell, and of a reason.
MOST_NOTE, MOST_REASON = 200, 400


def line_problems(field: str, text: str, most: int) -> list[FieldProblem]:
    """What is wrong with a line that may be empty."""
    if len(text) > most:
        return [FieldProblem(field, "too-long", {"most": most, "length": len(text)})]
    return [] if re.match(LINE_PATTERN, text) else [FieldProblem(field, "bad-characters")]


def needed_line(field: str, text: str) -> str:
    """The line, cleaned.

    Raises:
        InvalidError: it is empty, too long, or has characters that no line has; names ``field``.
    """
    said = clean_line(text)
    if problems := line_problems(field, said, MOST_REASON) if said else [FieldProblem(field, "required")]:
        raise InvalidError(problems)
    return said
