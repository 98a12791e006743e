"""The file of a year's programmes (``data/*.toml``): every problem is named by programme, target and field."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from outreach.programmes.domain.promise import (
    ProgrammeFacts,
    TargetFacts,
    quarter_share_problems,
    ramp_of,
    ramp_problems,
    target_problems,
    year_problems,
)
from outreach.programmes.schemas import Document, Names, ProgrammeLists, TargetFields, Values
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.text import Code, Line
from outreach.web.forms import problems_in

__all__ = ["Notice", "notice_of", "shipped_notices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a file promises: one organisation, one year. ``named`` are the keys that it gives, by programme's code."""

    year: int
    organisation: str
    title: str
    document: str
    submissions_due: date | None
    programmes: tuple[ProgrammeFacts, ...]
    named: Mapping[str, frozenset[str]]


class _Head(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    year: Annotated[int, Meta(ge=1, le=9999)]
    organisation: Line
    title: Line
    document: Document = ""
    submissions_due: date | None = None


class _Target(TargetFields, kw_only=True, forbid_unknown_fields=True):
    id: Code
    kinds: Names = ()
    values: Values = msgspec.field(default_factory=dict)


class _Programme(ProgrammeLists, kw_only=True, forbid_unknown_fields=True):
    """A programme without its targets."""


def notice_of(content: bytes) -> Notice:
    """The notice in a file.

    Raises:
        InvalidError: names every bad field as ``culture.sessions.bound`` (programme, target, field; numbers where a
            code is missing), or ``file`` when it is no TOML in UTF-8.
    """
    raw = _read(content)
    programmes = raw.pop("programme", None)
    problems = problems_in(_Head, raw)
    if not any(problem.field == "year" for problem in problems):
        problems += year_problems(raw["year"])
    if programmes is None:
        problems.append(FieldProblem("programme", "required"))
    elif not isinstance(programmes, list) or not all(isinstance(one, dict) for one in programmes):
        problems.append(FieldProblem("programme", "not-list-of-tables", {"name": "programme"}))
        programmes = []
    facts = []
    codes: set[str] = set()
    for number, one in enumerate(programmes or [], 1):
        problems += _duplicate(one, "code", codes, _place(one, "code", "programme", number))
        found = _programme_of(one, number, raw.get("year"))
        if isinstance(found, ProgrammeFacts):
            facts.append(found)
        else:
            problems += found
    if problems:
        raise InvalidError(problems)
    head = msgspec.convert(raw, _Head)
    return Notice(
        year=head.year,
        organisation=head.organisation,
        title=head.title,
        document=head.document,
        submissions_due=head.submissions_due,
        programmes=tuple(facts),
        named={one["code"]: frozenset(one) for one in programmes},
    )


def _read(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise invalid("file", "not-utf-8") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        if place is None:
            raise invalid("file", "broken-toml-at-end") from None
        raise invalid("file", "broken-toml", line=int(place[1]), column=int(place[2])) from None


def _place(raw: Mapping[str, Any], key: str, kind: str, number: int) -> str:
    """How a programme or target is named in a message: its code, else its number in the file."""
    given = raw.get(key)
    return given if isinstance(given, str) and given else f"{kind}{number}"


def _duplicate(raw: Mapping[str, Any], key: str, seen: set[str], place: str) -> list[FieldProblem]:
    given = raw.get(key)
    if not isinstance(given, str):
        return []
    if given in seen:
        return [FieldProblem(f"{place}.{key}", "duplicate-code", {"code": given})]
    seen.add(given)
    return []


def _programme_of(raw: Mapping[str, Any], number: int, year: Any) -> ProgrammeFacts | list[FieldProblem]:
    own = dict(raw)
    place = _place(raw, "code", "programme", number)
    given = own.pop("target", [])
    problems = list(_prefixed(place, problems_in(_Programme, own)))
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return [*problems, FieldProblem(f"{place}.target", "not-list-of-tables", {"name": "programme.target"})]
    targets: list[TargetFacts] = []
    keys: set[str] = set()
    for position, one in enumerate([_with_value(one, year) for one in given], 1):
        at = f"{place}.{_place(one, 'id', 'target', position)}"
        problems += [*_duplicate(one, "id", keys, at), *_prefixed(at, problems_in(_Target, one))]
        if not problems:
            targets.append(_target_of(one))
            problems += target_problems(targets[-1], own.get("kinds", ()), f"{at}.")
            problems += ramp_problems(targets[-1], year, f"{at}.") if isinstance(year, int) else []
    if not any(problem.field == f"{place}.quarter_shares" for problem in problems):
        problems += quarter_share_problems(own.get("quarter_shares", ()), f"{place}.")
    if problems:
        return problems
    return ProgrammeFacts(**msgspec.structs.asdict(msgspec.convert(own, _Programme)), targets=tuple(targets))


def _with_value(raw: Mapping[str, Any], year: Any) -> Mapping[str, Any]:
    """The target with the value of its year, where it gives ``values`` by year (``{2015 = 20, 2019 = 80}``) alone."""
    values = raw.get("values")
    if "value" in raw or not isinstance(values, dict) or str(year) not in values:
        return raw
    return {**raw, "value": values[str(year)]}


def _target_of(raw: Mapping[str, Any]) -> TargetFacts:
    facts = msgspec.structs.asdict(msgspec.convert(raw, _Target))
    return TargetFacts(key=facts.pop("id"), ramp=ramp_of(facts.pop("values")), **facts)


def _prefixed(place: str, problems: Iterable[FieldProblem]) -> Iterable[FieldProblem]:
    return (FieldProblem(f"{place}.{one.field}", one.code, one.facts) for one in problems)


def shipped_notices() -> dict[str, bytes]:
    """The files that come with the program, by name: ``suzhou-2015``, ``yangpu-2017``."""
    from importlib.resources import files

    folder = files("outreach.programmes") / "data"
    return {one.name.removesuffix(".toml"): one.read_bytes() for one in folder.iterdir() if one.name.endswith(".toml")}
