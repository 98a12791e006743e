"""项目取舍: what becomes of a programme next year. Pure."""

from enum import StrEnum

from outreach.shared.errors import FieldProblem
from outreach.shared.i18n import phrase

__all__ = ["DECISION_WORDS", "Decision", "verdict_problems"]

#: Of the column.
MOST_CHARACTERS = 400


class Decision(StrEnum):
    """Keep it as it is, change it, or drop it."""

    KEEP = "keep"
    CHANGE = "change"
    DROP = "drop"


DECISION_WORDS: dict[Decision, str] = {
    Decision.KEEP: phrase("保留"),
    Decision.CHANGE: phrase("调整"),
    Decision.DROP: phrase("取消项目"),
}


def verdict_problems(decision: Decision, note: str) -> list[FieldProblem]:
    """To change or drop something needs a reason that others can read."""
    if decision is not Decision.KEEP and not note.strip():
        return [FieldProblem("note", "verdict-needs-note")]
    if len(note) > MOST_CHARACTERS:
        return [FieldProblem("note", "too-long", {"most": MOST_CHARACTERS, "length": len(note)})]
    return []
