"""The people of a sheet: accepted, refused with a reason, or there twice. Pure.

What stands under the head and is no person is left out: totals, footers, repeated heads, empty lines.
"""

import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from outreach.attendance.domain.identity import comparable, identity_of
from outreach.attendance.rosters.domain.cells import (
    address,
    card_of,
    clean,
    masked,
    name_of,
    phone_of,
    text_of,
    yes_or_no,
)
from outreach.attendance.rosters.domain.found import Duplicate, Found, Person, Rejected
from outreach.attendance.rosters.domain.headings import Head, best_head, heading_of
from outreach.attendance.rosters.domain.merged import Merged
from outreach.shared.spreadsheets.sheets import Sheet

__all__ = ["people_of"]

_TOTALS = re.compile(r"(?:合计|小计|总计|共计|总数|总人数|累计|本页|人数合计)|共[0-9]+(?:人|名)")
_FOOTER = re.compile(
    r"(?:(?:填表|制表|填报|上报|审核|审批|经办|联系|复核|统计|报送|负责|签字|签名|盖章|单位盖章|工会主席|日期|时间|备注|注|说明|注意|要求|地点|主题|承办|主办)"
    r"[^:：]{0,8}[:：])|(?:注|说明|备注|注意事项)[0-9]?[、.．]|以上|本表|此表|\(?盖章|第[0-9]+页|[\[(]?续表"
)
_CAPTION = re.compile(
    r"(?:填报|所在|工作|参加|报送|组织|承办)?(?:单位|工会|公司)(?:名称)?(?:\((?:盖章|公章|全称)\))?\s*[:：]\s*(\S[^:：]{1,60}?)"
    r"(?=\s{2,}|\s*(?:填表|联系|日期|时间|电话|负责|年|$)|\Z)"
)
_CAPTION_ALONE = re.compile(r"\s*(?:填报|所在|工作|参加|报送)?(?:单位|工会)(?:名称)?\s*:?\s*\Z")
#: Only a cell that begins or looks so is held against the patterns: most rows are people.
_STARTS = frozenset("合小总共累本人填制上审经联复统报负签盖单工日时备注说要地主承以此([（［【续第 　")
_MARKS = re.compile(r"[:：]|名|name", re.IGNORECASE)
MOST_IN_UNIT = 200
_STEP = 5000


def people_of(
    sheets: Sequence[Sheet],
    key: bytes,
    *,
    default_unit: str = "",
    only_there: bool = True,
    keep: int = 5000,
    progress: Callable[[float], None] = lambda share: None,
) -> Found | None:
    """Everybody on all sheets that have a head; ``None``: none has one.

    Args:
        key: of identities.
        default_unit: of rows that name none.
        only_there: leave out whom a column 签到 marks as not there.
        keep: how many refused, and how many doubled rows.
        progress: told the share done, now and then.
    """
    headed = [(sheet, head) for sheet in sheets if (head := best_head(sheet.rows)) is not None]
    # A sheet of explanations names columns, too; beside a real list it is none.
    clear = [one for one in headed if one[1].strength > 2]
    headed = clear or headed
    if not headed:
        return None
    reader = _Reader(key, clean(default_unit), only_there, keep)
    total, done = sum(len(sheet.rows) for sheet, _ in headed) or 1, 0
    for sheet, head in headed:
        prefix = f"{sheet.name}!" if len(headed) > 1 else ""
        reader.found.heads.append(f"{prefix}{head.row + 1}")
        for number in reader.rows(sheet, head, prefix):
            if number % _STEP == 0:
                progress((done + number) / total)
        done += len(sheet.rows)
    progress(1.0)
    return reader.found


class _Reader:
    """Reads row after row; remembers who was met where."""

    def __init__(self, key: bytes, default_unit: str, only_there: bool, keep: int) -> None:
        self.found = Found()
        self._key, self._default_unit, self._only_there, self._keep = key, default_unit, only_there, keep
        self._met: dict[str, tuple[str, int, int, str]] = {}
        self._named: dict[tuple[str, str], tuple[str, bool]] = {}
        self._units: dict[str, str] = {}
        self._groups: dict[tuple[Any, ...], str] = {}
        self._prefix = ""

    def rows(self, sheet: Sheet, head: Head, prefix: str) -> Iterator[int]:
        """Read a sheet; yields the number of each row when it is done."""
        self._prefix = prefix
        unit = _caption(sheet.rows[: head.row]) or self._default_unit
        fill = Merged(sheet, head)
        blocks = [(one, [pair for pair in one.items() if pair[0] != "index"]) for one in head.blocks]
        for number in range(head.row + 1, len(sheet.rows)):
            row = sheet.rows[number]
            if not self._is_no_person(row, number, head, fill):
                for block, columns in blocks:
                    width = len(row)
                    cells = {kind: row[column] for kind, column in columns if column < width}
                    self._row(row, number, block, cells, fill, unit)
            yield number

    def _is_no_person(self, row: Sequence[Any], number: int, head: Head, fill: Merged) -> bool:
        """Whether the whole row is something else; empty ones are not counted."""
        if fill.is_banner(number):
            self.found.left_out += 1
            return True
        first: Any = None
        for first in row:
            if first != "" and first is not None:
                break
        else:
            return True
        name = head.blocks[0]["name"]
        for cell in (first, row[name] if name < len(row) else ""):
            if isinstance(cell, str) and len(cell) > 1 and (cell[0] in _STARTS or _MARKS.search(cell)):
                words = unicodedata.normalize("NFKC", "".join(cell.split()))
                if _TOTALS.match(words) or _FOOTER.match(words) or heading_of(cell) == "name":
                    self.found.left_out += 1
                    return True
        return False

    def _row(
        self, row: Sequence[Any], number: int, block: dict[str, int], cells: dict[str, Any], fill: Merged, unit: str
    ) -> None:
        given = cells.get("name", "")
        if given in ("", None) and all(cell in ("", None) for kind, cell in cells.items() if kind != "remark"):
            return None
        if fill.continues(number, block["name"]):
            return None
        name, wrong = name_of(given)
        if not name and self._is_second_head(cells):
            self.found.left_out += 1
            return None
        cells = fill.filled(number, block, cells)
        unit_name = self._unit(cells.get("unit", "")) or unit
        column, reason, number_ = block["name"], wrong or ("" if name else "name-missing"), ""
        if reason == "name-missing" and not self._says_who(cells):
            self.found.left_out += 1
            return None
        if not reason:
            number_, reason, column = self._number(cells, block)
        if not reason and len(unit_name) > MOST_IN_UNIT:
            reason, column = "unit-long", block["unit"]
        if not reason and not number_ and not unit_name:
            reason, column = "no-identity", block.get("phone", block.get("unit", block["name"]))
        if reason:
            return self._refuse(row, number, column, reason, name, unit_name)
        if self._only_there and "there" in cells and yes_or_no(cells["there"]) is False:
            self.found.absent += 1
            return None
        return self._accept(row, number, block, cells, name, unit_name, number_)

    def _says_who(self, cells: dict[str, Any]) -> bool:
        """Whether a row without a name means a person: a line with a unit alone heads those below it."""
        return any(text_of(cells.get(kind, "")) for kind in ("phone", "card", "member", "gender"))

    def _is_second_head(self, cells: dict[str, Any]) -> bool:
        said = [cell for cell in cells.values() if cell not in ("", None)]
        return bool(said) and all(heading_of(cell) for cell in said)

    def _unit(self, cell: Any) -> str:
        if not isinstance(cell, str):
            return masked(clean(text_of(cell)))
        known = self._units.get(cell)
        if known is None:
            known = self._units[cell] = (
                masked(clean(text_of(cell))) if cell.strip() not in ("/", "-", "—", "无") else ""
            )
        return known

    def _number(self, cells: dict[str, Any], block: dict[str, int]) -> tuple[str, str, int]:
        """The number that tells who it is, the code of what is wrong with it, and its column."""
        for kind, read in (("phone", phone_of), ("card", card_of)):
            if kind in cells and cells[kind] not in ("", None):
                number, wrong = read(cells[kind])
                if number or wrong:
                    return number, wrong, block[kind]
        return (text_of(cells["member"]), "", block["member"]) if "member" in cells else ("", "", block["name"])

    def _accept(
        self, row: Sequence[Any], number: int, block: dict[str, int], cells: dict[str, Any], name: str, unit: str,
        digits: str,
    ) -> None:  # fmt: skip
        identity, by_number, tail = self._identity(digits, name, unit)
        met = self._met.get(identity)
        if met is not None:
            first = f"{met[0]}{address(met[1], met[2])}"
            if by_number and met[3] != name and comparable(met[3]) != comparable(name):
                column = next(block[kind] for kind in ("phone", "card", "member") if kind in block)
                return self._refuse(row, number, column, "same-number", name, unit, first)
            return self._double(number, block, name, unit, first)
        twin = self._twin(name, unit, identity, by_number)
        if twin is not None:
            return self._double(number, block, name, unit, twin)
        self._met[identity] = (self._prefix, number, block["name"], name)
        told = tuple([cells[kind] for kind in ("gender", "migrant", "new_generation") if kind in cells])
        groups = self._groups.get(told)
        if groups is None:
            groups = self._groups[told] = _groups(cells)
        worker = yes_or_no(cells["worker"]) if "worker" in cells else None
        self.found.people.append(Person(name, unit, identity, by_number, tail, worker, groups))
        return None

    def _twin(self, name: str, unit: str, identity: str, by_number: bool) -> str | None:
        """Where the same name of the same unit stood, once with a number and once without: one person, not two."""
        known = self._named.get((name, unit))
        if known is None:
            self._named[(name, unit)] = (identity, by_number)
            return None
        if known[1] and by_number:
            return None
        met = self._met[known[0]]
        return f"{met[0]}{address(met[1], met[2])}"

    def _double(self, number: int, block: dict[str, int], name: str, unit: str, first: str) -> None:
        self.found.duplicate_count += 1
        if len(self.found.duplicates) < self._keep:
            cell = self._prefix + address(number, block["name"])
            self.found.duplicates.append(Duplicate(cell, number + 1, name, unit, first))

    def _identity(self, digits: str, name: str, unit: str) -> tuple[str, bool, str]:
        if len(digits) == 11 and digits.isascii() and digits.isdigit():
            # What identity_of does with a number that is normal already, at a tenth of its cost.
            return hmac.digest(self._key, digits.encode(), "sha256").hex(), True, digits[-4:]
        who = identity_of(self._key, number=digits, name=name, unit=unit)
        return who.hash, who.by_number, who.tail

    def _refuse(
        self, row: Sequence[Any], number: int, column: int, reason: str, name: str, unit: str, first: str = ""
    ) -> None:
        self.found.rejected_count += 1
        if len(self.found.rejected) >= self._keep:
            return
        text = clean(" ".join(masked(one) for one in map(text_of, row[:30]) if one))[:200]
        cell = self._prefix + address(number, column)
        self.found.rejected.append(Rejected(cell, number + 1, reason, first, masked(name)[:60], unit[:60], text))


def _groups(cells: dict[str, Any]) -> str:
    """Keys of ``headcounts.GROUPS``; who is of the new generation is a migrant worker, too."""
    found = set()
    if "new_generation" in cells and yes_or_no(cells["new_generation"]):
        found |= {"migrant", "new_generation_migrant"}
    if "migrant" in cells and yes_or_no(cells["migrant"]):
        found.add("migrant")
        if "新生代" in text_of(cells["migrant"]):
            found.add("new_generation_migrant")
    if "gender" in cells and text_of(cells["gender"])[:1] in ("女", "F", "f"):
        found.add("women")
    return ",".join(sorted(found))


def _caption(rows: Sequence[Sequence[Any]]) -> str:
    """The unit that a line above the head names for all: 单位：××厂工会, in one cell or in two beside each other."""
    for row in rows:
        for column, cell in enumerate(row):
            if not isinstance(cell, str) or len(cell) > 200:
                continue
            words = unicodedata.normalize("NFKC", cell)
            if found := _CAPTION.search(words):
                return masked(clean(found.group(1)))
            if _CAPTION_ALONE.match(words):
                beside = next((text_of(one) for one in row[column + 1 :] if text_of(one)), "")
                if beside and heading_of(beside) in ("", "unit") and not re.search("[:：]", beside):
                    return masked(clean(beside))[:MOST_IN_UNIT]
    return ""
