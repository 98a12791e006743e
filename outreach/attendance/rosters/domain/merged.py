"""Merged cells, which mean what stands in their first one. Pure."""

from typing import Any

from outreach.attendance.rosters.domain.headings import Head
from outreach.shared.spreadsheets.sheets import Sheet

__all__ = ["Merged"]


class Merged:
    """Merged cells of a sheet: all of them mean what stands in the first one."""

    def __init__(self, sheet: Sheet, head: Head) -> None:
        self._rows, self._down, self._banners = sheet.rows, dict[tuple[int, int], int](), set[int]()
        names = [block["name"] for block in head.blocks]
        span = max((right - left for (top, left), (_, right) in sheet.merged if top == head.row), default=0)
        for (top, left), (bottom, right) in sheet.merged:
            if bottom <= head.row:
                continue
            if right - left >= max(2, span + 1) and any(left <= column <= right for column in names):
                self._banners.update(range(top, bottom + 1))
            elif bottom > top:
                self._down.update({(row, left): top for row in range(top + 1, bottom + 1)})

    def is_banner(self, row: int) -> bool:
        """A line across the sheet: 第一车间, or a remark."""
        return row in self._banners

    def continues(self, row: int, column: int) -> bool:
        """Whether the cell belongs to one above it: a person who takes two lines."""
        return (row, column) in self._down

    def filled(self, row: int, block: dict[str, int], cells: dict[str, Any]) -> dict[str, Any]:
        if not self._down:
            return cells
        filled = dict(cells)
        for kind in ("unit", "migrant", "new_generation", "worker", "there"):
            top = self._down.get((row, block[kind])) if kind in block else None
            if top is not None:
                filled[kind] = self._rows[top][block[kind]]
        return filled
