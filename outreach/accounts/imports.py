"""Organisations from a spreadsheet: all of it or nothing, every bad row named with its line."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import anyio
import msgspec

from outreach.accounts.commands.organisations import (
    CONFLICTS,
    OrganisationChanges,
    change_organisation_within,
    create_organisation_within,
    lock_tree,
)
from outreach.accounts.domain.errors import RowsRefusedError
from outreach.accounts.domain.organisations import KIND_NAMES, OWNERSHIP_NAMES, Ownership
from outreach.accounts.queries import organisation_by_code
from outreach.accounts.schemas import OrganisationIn
from outreach.shared.db import atomic
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.i18n import gettext, phrase
from outreach.web.forms import problems_in
from outreach.web.problems import field_messages

__all__ = ["COLUMNS", "Loaded", "load_organisations", "messages_by_line"]

MOST_ROWS = 50_000
#: More problems than this are counted, not listed.
MOST_PROBLEMS = 200

#: Field → its column's name in Chinese; the English one is the field itself.
COLUMNS: dict[str, str] = {
    "code": phrase("编码"),
    "name": phrase("名称"),
    "kind": phrase("类别"),
    "parent_code": phrase("上级编码"),
    "district": phrase("区县"),
    "ownership": phrase("所有制"),
    "industry": phrase("行业"),
    "member_count": phrase("会员数"),
    "member_count_on": phrase("会员数统计日期"),
    "women_count": phrase("女职工数"),
}
_MANDATORY = ("code", "name", "kind")
_ALSO = {
    "代码": "code",
    "上级代码": "parent_code",
    "组织编码": "code",
    "单位编码": "code",
    "组织名称": "name",
    "单位名称": "name",
    "工会名称": "name",
    "组织类别": "kind",
    "上级": "parent_code",
    "地区": "district",
    "区、县级市": "district",
    "经济类型": "ownership",
    "已采集会员数": "member_count",
    "统计日期": "member_count_on",
    "parent": "parent_code",
}
_HEADS = {**{words: field for field, words in COLUMNS.items()}, **{field: field for field in COLUMNS}, **_ALSO}
_KINDS = {words: kind.value for kind, words in KIND_NAMES.items()}
_OWNERSHIPS = {words: one.value for one, words in OWNERSHIP_NAMES.items()} | {
    "": "",
    "公有制": "public",
    "非公有制": "non_public",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many organisations a file made and changed; the others were as the file says already."""

    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    given: OrganisationIn
    parent_code: str
    columns: frozenset[str]


async def load_organisations(path: Path, now: datetime) -> Loaded:
    """Load the organisations of an xlsx, xls, ods or csv file (UTF-8 or GB 18030) in one transaction.

    The first row names the columns, in Chinese or English, in any order; unknown columns are left aside. A code that
    exists is brought up to date in the columns that the file has, but never moved. Parents may stand anywhere.

    Raises:
        RowsRefusedError: problems are named ``<line>.<field>``; nothing was stored.
        FileNotFoundError: there is no such file.
    """
    table = await anyio.to_thread.run_sync(_read, path)
    lines = _parsed(table)
    async with atomic(CONFLICTS):
        await lock_tree(alone=True)
        return await _store(lines, now)


def messages_by_line(error: InvalidError) -> list[str]:
    """``第12行，会员数：应是整数。`` for every problem, in the order of the file."""
    said = []
    for name, message in field_messages(error).items():
        line, _dot, field = name.partition(".")
        if not line.isdigit():
            said.append(message)
            continue
        where = gettext("第%(line)s行") % {"line": line}
        column = gettext(COLUMNS[field]) if field in COLUMNS else ""
        said.append(
            gettext("%(where)s，%(column)s：%(message)s") % {"where": where, "column": column, "message": message}
            if column
            else gettext("%(where)s：%(message)s") % {"where": where, "message": message}
        )
    return said


async def _store(lines: Sequence[_Line], now: datetime) -> Loaded:
    created = changed = unchanged = 0
    ids: dict[str, UUID] = {}
    problems: list[FieldProblem] = []
    for line in _parents_first(lines):
        try:
            known = await organisation_by_code(line.given.code)
            parent_id = await _parent(line, ids)
            if known is None:
                facts = msgspec.structs.asdict(line.given) | {"parent_id": parent_id}
                ids[line.given.code] = await create_organisation_within(None, now, **facts)
                created += 1
                continue
            ids[line.given.code] = known.id
            if "parent_code" in line.columns and parent_id != known.parent_id:
                problems.append(FieldProblem(f"{line.number}.parent_code", "parent-differs"))
                continue
            stored = await change_organisation_within(None, now, known, _changes(line))
            changed, unchanged = changed + (stored is not known), unchanged + (stored is known)
        except InvalidError as error:
            problems += [_at(line.number, problem) for problem in error.problems]
    if problems:
        raise _refused(problems)
    return Loaded(created, changed, unchanged)


async def _parent(line: _Line, ids: Mapping[str, UUID]) -> UUID | None:
    if not line.parent_code:
        return None
    if line.parent_code in ids:
        return ids[line.parent_code]
    found = await organisation_by_code(line.parent_code)
    if found is None:
        raise InvalidError([FieldProblem("parent_code", "parent-unknown", {"code": line.parent_code})])
    return found.id


def _changes(line: _Line) -> OrganisationChanges:
    given = msgspec.structs.asdict(line.given)
    return cast("OrganisationChanges", {name: given[name] for name in given if name in line.columns})


def _at(number: int, problem: FieldProblem) -> FieldProblem:
    field = "parent_code" if problem.field == "parent_id" else problem.field
    return FieldProblem(f"{number}.{field}" if field else str(number), problem.code, problem.facts)


def _refused(problems: Sequence[FieldProblem]) -> RowsRefusedError:
    ordered = sorted(problems, key=lambda problem: int(problem.field.partition(".")[0] or 0))
    return RowsRefusedError(ordered[:MOST_PROBLEMS], count=len(problems))


def _parents_first(lines: Sequence[_Line]) -> Iterable[_Line]:
    """Lines in an order in which every parent of the same file comes first; circles come last and are refused."""
    waiting = {line.given.code: line for line in lines}
    below: dict[str, list[_Line]] = {}
    for line in lines:
        below.setdefault(line.parent_code if line.parent_code in waiting else "", []).append(line)
    ready, done = list(reversed(below.get("", []))), set[str]()
    while ready:
        line = ready.pop()
        done.add(line.given.code)
        yield line
        ready += reversed(below.get(line.given.code, []))
    yield from (line for line in lines if line.given.code not in done)


# --- the file --------------------------------------------------------------------------------------------------------


def _read(path: Path) -> list[list[Any]]:
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        return _read_csv(path) if path.suffix.lower() in (".csv", ".txt") else _read_workbook(path)
    except (ValueError, csv.Error) as error:
        raise RowsRefusedError([FieldProblem("", "unreadable-file")], count=1) from error


def _read_csv(path: Path) -> list[list[Any]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""))]


def _read_workbook(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook  # slow import, only here

    try:
        return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ValueError(str(error)) from error


def _text(cell: Any) -> str:
    """A cell as somebody would have typed it: 1001.0 is the code 1001, a date is its day."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def _parsed(table: Sequence[Sequence[Any]]) -> list[_Line]:
    if not table or not any(_text(cell) for row in table[1:] for cell in row):
        raise RowsRefusedError([FieldProblem("", "no-rows")], count=1)
    if len(table) > MOST_ROWS + 1:
        raise RowsRefusedError([FieldProblem("", "too-many-rows", {"most": MOST_ROWS})], count=1)
    heads = [_HEADS.get(_text(cell).lower().replace(" ", "_")) for cell in table[0]]
    problems = [
        FieldProblem("1", "column-missing", {"column": gettext(COLUMNS[field])})
        for field in _MANDATORY
        if field not in heads
    ]
    if problems:
        raise RowsRefusedError(problems[:1], count=len(problems))
    lines: list[_Line] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(table[1:], start=2):
        texts = {head: _text(cell) for head, cell in zip(heads, row, strict=False) if head is not None}
        if not any(texts.values()):
            continue
        found = _line(number, texts, problems)
        if found is not None:
            _refuse_twice(found, seen, problems)
            lines.append(found)
    if problems:
        raise _refused(problems)
    return lines


def _refuse_twice(line: _Line, seen: dict[str, int], problems: list[FieldProblem]) -> None:
    first = seen.setdefault(line.given.code, line.number)
    if first != line.number:
        problems.append(FieldProblem(f"{line.number}.code", "code-twice", {"line": first}))


def _line(number: int, texts: Mapping[str, str], problems: list[FieldProblem]) -> _Line | None:
    raw: dict[str, Any] = {name: text for name, text in texts.items() if text and name != "parent_code"}
    if "kind" in raw:
        raw["kind"] = _KINDS.get(raw["kind"], raw["kind"])
    if "ownership" in raw:
        raw["ownership"] = _OWNERSHIPS.get(raw["ownership"], raw["ownership"])
    if "member_count_on" in raw:
        raw["member_count_on"] = raw["member_count_on"].replace("/", "-").replace(".", "-")
    found = problems_in(OrganisationIn, raw, strict=False)
    if found:
        problems += [_at(number, _in_words(problem)) for problem in found]
        return None
    given = msgspec.convert(raw, OrganisationIn, strict=False)
    return _Line(number, given, texts.get("parent_code", ""), frozenset(texts))


def _in_words(problem: FieldProblem) -> FieldProblem:
    """The choices in the words of the file, not in those of the API."""
    names: Mapping[Any, str] = {"kind": KIND_NAMES, "ownership": OWNERSHIP_NAMES}.get(problem.field, {})  # type: ignore[assignment]
    if not names:
        return problem
    options = [gettext(words) for one, words in names.items() if one != Ownership.UNKNOWN]
    return FieldProblem(problem.field, "not-one-of", {"options": options})
