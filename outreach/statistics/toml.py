"""The file of a form: every problem is named by item, row, cell and field (``item9.B.9B2.part_of``)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from outreach.attendance.domain.headcounts import GROUPS
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.text import LINE_PATTERN, VISIBLE_LINE_PATTERN, Code, Line, OptionalLine, ShortLine
from outreach.statistics.domain.checks import form_problems
from outreach.statistics.domain.forms import Cell, CellKind, DayRule, Figure, Form, Item, Rollup, Row, Rule
from outreach.web.forms import problems_in

__all__ = ["MOST_BYTES", "form_of", "shipped_forms"]

MOST_BYTES = 200_000

_Words = Annotated[str, Meta(min_length=1, max_length=400, pattern=VISIBLE_LINE_PATTERN)]
_Why = Annotated[str, Meta(max_length=400, pattern=LINE_PATTERN)]
_Ids = str | list[Code]


class _DayFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    on: Annotated[str, Meta(pattern=r"^[0-9]{2}-[0-9]{2}\Z")] = ""
    festival: Annotated[int, Meta(ge=-60, le=60)] | None = None
    years: Annotated[int, Meta(ge=-1, le=1)] = 0
    doubtful: _Why = ""


class _HeadFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    code: Code
    title: Annotated[str, Meta(min_length=1, max_length=60, pattern=VISIBLE_LINE_PATTERN)]
    annex: Annotated[str, Meta(max_length=20, pattern=LINE_PATTERN)] = ""
    source: OptionalLine = ""
    unit_label: ShortLine = "填报单位"
    date_label: ShortLine = "年　月　日"
    filler_label: ShortLine = "填报人"
    phone_label: ShortLine = "联系电话"
    notes: Annotated[list[_Words], Meta(max_length=20)] = []
    doubtful: _Why = ""


class _ItemFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=1, le=999)]
    lead: OptionalLine = ""
    doubtful: _Why = ""


class _RowFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    text: _Words
    code: Annotated[str, Meta(max_length=8, pattern=r"^[A-Za-z0-9]*\Z")] = ""
    doubtful: _Why = ""


class _RuleFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    figure: Figure
    programmes: Annotated[list[Code], Meta(max_length=20)] = []
    kinds: Annotated[list[ShortLine], Meta(max_length=20)] = []
    group: Annotated[str, Meta(max_length=40)] = ""
    workers: bool = False
    target: Annotated[str, Meta(max_length=40)] = ""
    by: Literal["owner", "host"] = "owner"


class _CellFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    id: Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*\Z")]
    label: Line
    kind: CellKind = CellKind.NUMBER
    unit: Annotated[str, Meta(max_length=10, pattern=LINE_PATTERN)] = ""
    decimals: Annotated[int, Meta(ge=0, le=4)] = 0
    rule: dict[str, Any] | None = None
    part_of: _Ids = []
    sum_of: Annotated[list[Code], Meta(max_length=40)] = []
    rollup: Rollup | None = None
    doubtful: _Why = ""


def form_of(content: bytes) -> Form:
    """The form in a file.

    Raises:
        InvalidError: names every bad place, or ``file`` when it is no TOML in UTF-8 or too large.
    """
    raw = _read(content)
    problems: list[FieldProblem] = []
    days = {name: _day(raw, name, problems) for name in ("cut_off", "hand_in")}
    period = raw.pop("period", None)
    period = period if isinstance(period, dict) else {}
    days |= {f"period_{name}": _day(period, name, problems, "period.") for name in ("from", "until")}
    problems += [FieldProblem(f"period.{name}", "unknown-field") for name in period]
    items = [_item(one, number, problems) for number, one in enumerate(_tables(raw, "item", "item", problems), 1)]
    problems += problems_in(_HeadFields, raw)
    if problems:
        raise InvalidError(problems)
    head = msgspec.structs.asdict(msgspec.convert(raw, _HeadFields))
    rules: dict[str, Any] = {
        name: DayRule(**msgspec.structs.asdict(day)) for name, day in days.items() if day is not None
    }
    made = Form(
        **{**head, **rules, "notes": tuple(head["notes"])}, items=tuple(one for one in items if one is not None)
    )
    if problems := form_problems(made, GROUPS):
        raise InvalidError(problems)
    return made


def _read(content: bytes) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise invalid("file", "too-large-file", most=MOST_BYTES // 1000)
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise invalid("file", "not-utf-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        if place is None:
            raise invalid("file", "broken-toml-at-end") from None
        raise invalid("file", "broken-toml", line=int(place[1]), column=int(place[2])) from None


def _tables(raw: dict[str, Any], key: str, place: str, problems: list[FieldProblem]) -> list[dict[str, Any]]:
    given = raw.pop(key, None)
    if not given:
        problems.append(FieldProblem(place, "required"))
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        problems.append(FieldProblem(place, "not-list-of-tables", {"name": key}))
        return []
    if len(given) > 100:
        problems.append(FieldProblem(place, "too-many-items", {"most": 100, "count": len(given)}))
        return []
    return given


def _prefixed(place: str, problems: Iterable[FieldProblem]) -> list[FieldProblem]:
    return [FieldProblem(f"{place}.{one.field}", one.code, one.facts) for one in problems]


def _day(raw: dict[str, Any], name: str, problems: list[FieldProblem], before: str = "") -> _DayFields | None:
    place, given = f"{before}{name}", raw.pop(name, None)
    if not isinstance(given, dict):
        problems.append(FieldProblem(place, "required"))
        return None
    if wrong := problems_in(_DayFields, given):
        problems += _prefixed(place, wrong)
        return None
    day = msgspec.convert(given, _DayFields)
    if bool(day.on) == (day.festival is not None):
        problems.append(FieldProblem(place, "day-or-festival"))
        return None
    if day.on:
        try:
            date.fromisoformat(f"2001-{day.on}")  # 29 February is no day of every year
        except ValueError:
            problems.append(FieldProblem(f"{place}.on", "not-day-of-year", {"on": day.on}))
            return None
    return day


def _item(raw: dict[str, Any], number: int, problems: list[FieldProblem]) -> Item | None:
    given = raw.get("number")
    place = f"item{given if isinstance(given, int) else number}"
    rows = [_row(one, place, at, problems) for at, one in enumerate(_tables(raw, "row", f"{place}.row", problems), 1)]
    if wrong := problems_in(_ItemFields, raw):
        problems += _prefixed(place, wrong)
        return None
    facts = msgspec.structs.asdict(msgspec.convert(raw, _ItemFields))
    return Item(**facts, rows=tuple(one for one in rows if one is not None))


def _row(raw: dict[str, Any], above: str, number: int, problems: list[FieldProblem]) -> Row | None:
    code = raw.get("code")
    place = f"{above}.{code if isinstance(code, str) and code else f'row{number}'}"
    given = _tables(raw, "cells", f"{place}.cells", problems)
    cells = [_cell(one, place, at, problems) for at, one in enumerate(given, 1)]
    if wrong := problems_in(_RowFields, raw):
        problems += _prefixed(place, wrong)
        return None
    facts = msgspec.structs.asdict(msgspec.convert(raw, _RowFields))
    return Row(**facts, cells=tuple(one for one in cells if one is not None))


def _cell(raw: Mapping[str, Any], above: str, number: int, problems: list[FieldProblem]) -> Cell | None:
    given = raw.get("id")
    place = f"{above}.{given if isinstance(given, str) and given else f'cell{number}'}"
    wrong = _prefixed(place, problems_in(_CellFields, raw))
    rule = raw.get("rule")
    if isinstance(rule, dict):
        wrong += _prefixed(f"{place}.rule", problems_in(_RuleFields, rule))
    if wrong:
        problems += wrong
        return None
    facts = msgspec.structs.asdict(msgspec.convert(raw, _CellFields))
    part_of = facts["part_of"]
    facts["part_of"] = (part_of,) if isinstance(part_of, str) else tuple(part_of)
    facts["sum_of"] = tuple(facts["sum_of"])
    facts["rollup"] = facts["rollup"] or (Rollup.NONE if facts["kind"] is CellKind.YES_NO else Rollup.SUM)
    if rule is not None:
        described = msgspec.structs.asdict(msgspec.convert(rule, _RuleFields))
        lists = {name: tuple(described[name]) for name in ("programmes", "kinds")}
        facts["rule"] = Rule(**{**described, **lists})
    return Cell(**facts)


@cache
def shipped_forms() -> dict[str, bytes]:
    """The forms that come with the program, by code."""
    from importlib.resources import files

    folder = files("outreach.statistics") / "forms"
    found = [one.read_bytes() for one in folder.iterdir() if one.name.endswith(".toml")]
    return {form_of(content).code: content for content in sorted(found)}
