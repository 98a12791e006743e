"""What a file holds, as read. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Sheet"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cells of a sheet from its first row and column on; merged ranges as ((row, column), (row, column)), inclusive."""

    name: str
    rows: Sequence[Sequence[Any]]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
