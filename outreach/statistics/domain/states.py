"""The life of a filled table: ``open → submitted → locked``, back by ``returned``."""

from enum import StrEnum

from outreach.shared.i18n import phrase

__all__ = ["FILLABLE", "HANDED_IN", "STATE_WORDS", "TRANSITIONS", "TableState", "may_become"]


class TableState(StrEnum):
    """Where a table stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    LOCKED = "locked"


TRANSITIONS: dict[TableState, frozenset[TableState]] = {
    TableState.OPEN: frozenset({TableState.SUBMITTED}),
    TableState.SUBMITTED: frozenset({TableState.RETURNED, TableState.LOCKED}),
    TableState.RETURNED: frozenset({TableState.SUBMITTED}),
    TableState.LOCKED: frozenset(),
}

#: Whose figures count above.
HANDED_IN = frozenset({TableState.SUBMITTED, TableState.LOCKED})
#: Whose cells may be typed.
FILLABLE = frozenset({TableState.OPEN, TableState.RETURNED})

STATE_WORDS: dict[TableState, str] = {
    TableState.OPEN: phrase("待填报"),
    TableState.SUBMITTED: phrase("已报"),
    TableState.RETURNED: phrase("退回重填"),
    TableState.LOCKED: phrase("已锁定"),
}


def may_become(before: TableState, after: TableState) -> bool:
    """Whether a table may go from ``before`` to ``after``."""
    return after in TRANSITIONS[before]
