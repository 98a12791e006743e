"""Column settings that Piccolo's own defaults get wrong (they fill forgotten values and delete history by cascade)."""

from typing import Any

from piccolo.columns import ForeignKey, OnDelete
from piccolo.columns.base import OnUpdate

__all__ = ["MAY", "MUST", "refers_to"]

#: A value that must be given; the database refuses a row without it.
MUST: dict[str, Any] = {"null": False, "default": None, "required": True}
#: A value that may be unknown; unknown and empty differ.
MAY: dict[str, Any] = {"null": True, "default": None}


def refers_to(table: Any, *, null: bool = False) -> ForeignKey[Any]:
    """A reference that forbids deleting what it points to."""
    return ForeignKey(
        references=table,
        null=null,
        default=None,
        required=not null,
        on_delete=OnDelete.restrict,
        on_update=OnUpdate.restrict,
        index=True,
    )
