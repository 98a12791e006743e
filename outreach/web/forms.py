"""Input from outside, JSON bodies and HTML forms alike: every bad field is found and named at once.

A schema is a ``msgspec.Struct`` (``forbid_unknown_fields=True`` for JSON). ``problems_in`` explains what is wrong with
raw input; ``parse_form`` turns a posted form into the struct; ``FormState`` gives the page back what was typed.
"""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from litestar import Request
from msgspec import inspect as types

from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.time import ZONE
from outreach.web.problems import field_messages
from outreach.web.security import form_of

__all__ = ["FormState", "parse_form", "problem_of_text", "problems_in", "read_form"]

S = TypeVar("S", bound=msgspec.Struct)


def problems_in(schema: Any, raw: Mapping[str, Any] | None, *, strict: bool = True) -> list[FieldProblem]:
    """Every problem of ``raw`` held against ``schema`` (a Struct type); empty when it fits."""
    if raw is None:
        return [FieldProblem("", "not-an-object")]
    described = _described(schema)
    if isinstance(described, types.UnionType):  # a body that may be left out
        described = next((one for one in described.types if isinstance(one, types.StructType)), described)
    if not isinstance(described, types.StructType):
        return [FieldProblem("", "unusable")]
    problems: list[FieldProblem] = []
    known = {one.encode_name for one in described.fields}
    annotations = _annotations(described.cls)
    if described.forbid_unknown_fields:
        problems += [FieldProblem(name, "unknown-field") for name in raw if name not in known]
    for one in described.fields:
        if one.encode_name not in raw:
            if one.required:
                problems.append(FieldProblem(one.encode_name, "required"))
            continue
        value = raw[one.encode_name]
        try:
            msgspec.convert(value, annotations[one.encode_name], strict=strict)
        except (msgspec.ValidationError, ValueError) as error:
            problems.append(_explained(one.encode_name, one.type, value, str(error)))
    return problems


@functools.cache
def _described(schema: Any) -> types.Type:
    """What the schema says of itself; asked for every form, and dear."""
    return types.type_info(schema)


@functools.cache
def _annotations(schema: type[msgspec.Struct]) -> Mapping[str, Any]:
    return {f.encode_name: f.type for f in msgspec.structs.fields(schema)}


def _explained(name: str, kind: types.Type, value: Any, message: str) -> FieldProblem:
    """Which rule of ``kind`` the value breaks. Nested paths are taken from the decoder's own message."""
    if " - at `$" in message and not isinstance(_plain(kind), types.DictType):
        path = message.rsplit("`$", 1)[1].rstrip("`").replace("[", ".").replace("]", "").replace("...", "0")
        name = f"{name}{path}"
    kind = _plain(kind)
    if value is None or value == "":
        return FieldProblem(name, "required")
    match kind:
        case types.IntType() | types.FloatType():
            return _number_problem(name, kind, value)
        case types.StrType():
            return _text_problem(name, kind, value)
        case types.EnumType():
            return FieldProblem(name, "not-one-of", {"options": [str(member.value) for member in kind.cls]})
        case types.LiteralType():
            return FieldProblem(name, "not-one-of", {"options": [str(value) for value in kind.values]})
        case types.ListType() | types.VarTupleType() | types.SetType() | types.FrozenSetType():
            return _list_problem(name, kind, value)
        case types.StructType():
            return _nested_problem(name, kind, value)
    return FieldProblem(name, _SIMPLE.get(type(kind), "unusable"))


def problem_of_text(name: str, annotation: Any, limits: Any, text: str) -> FieldProblem:
    """What is wrong with a text that could not be read as ``annotation``; ``limits`` has ``ge``, ``max_length`` …"""
    parts = get_args(annotation)
    plain = next(one for one in parts if one is not NoneType) if NoneType in parts else annotation
    rules = {int: ("ge", "gt", "le", "lt"), float: ("ge", "gt", "le", "lt"), str: ("min_length", "max_length")}
    given = {rule: limit for rule in rules.get(plain, ()) if (limit := getattr(limits, rule, None)) is not None}
    return _explained(name, types.type_info(Annotated[plain, msgspec.Meta(**given)] if given else plain), text, "")


_SIMPLE: dict[type[types.Type], str] = {
    types.BoolType: "not-boolean",
    types.DateTimeType: "not-time",
    types.DateType: "not-date",
}


def _list_problem(name: str, kind: Any, value: Any) -> FieldProblem:
    if not isinstance(value, list | tuple | set):
        return FieldProblem(name, "not-list")
    if kind.min_length is not None and len(value) < kind.min_length:
        return FieldProblem(name, "too-few-items", {"least": kind.min_length, "count": len(value)})
    if kind.max_length is not None and len(value) > kind.max_length:
        return FieldProblem(name, "too-many-items", {"most": kind.max_length, "count": len(value)})
    return _first_bad_item(name, kind.item_type, value) or FieldProblem(name, "unusable")


def _nested_problem(name: str, kind: types.StructType, value: Any) -> FieldProblem:
    root = name.partition(".")[0]
    nested = problems_in(kind.cls, value if isinstance(value, Mapping) else None)
    if not nested:
        return FieldProblem(name, "unusable")
    inner = nested[0]
    return FieldProblem(f"{root}.{inner.field}" if inner.field else root, inner.code, inner.facts)


def _first_bad_item(name: str, kind: types.Type, value: Any) -> FieldProblem | None:
    inner = kind.type if isinstance(kind, types.Metadata) else kind
    root = name.split(".", maxsplit=1)[0]
    for number, item in enumerate(value):
        if isinstance(inner, types.StructType):
            found = problems_in(inner.cls, item if isinstance(item, Mapping) else None)
            if found:
                return FieldProblem(f"{root}.{number}.{found[0].field}", found[0].code, found[0].facts)
        elif isinstance(inner, types.StrType) and not isinstance(item, str):
            return FieldProblem(f"{root}.{number}", "not-text")
    return None


def _number_problem(name: str, kind: types.IntType | types.FloatType, value: Any) -> FieldProblem:
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or number != number:
        return FieldProblem(name, "not-whole-number" if isinstance(kind, types.IntType) else "not-number")
    most = kind.le if kind.le is not None else kind.lt
    if kind.gt is not None and number <= kind.gt:
        return FieldProblem(name, "not-above", {"least": f"{kind.gt:,}"})
    if kind.ge is not None and number < kind.ge:
        return FieldProblem(name, "too-small", {"least": f"{kind.ge:,}"})
    if most is not None and number > most:
        return FieldProblem(name, "too-large-number", {"most": f"{most:,}"})
    return FieldProblem(name, "not-whole-number" if isinstance(kind, types.IntType) else "not-number")


def _text_problem(name: str, kind: types.StrType, value: Any) -> FieldProblem:
    if not isinstance(value, str):
        return FieldProblem(name, "not-text")
    if kind.max_length is not None and len(value) > kind.max_length:
        return FieldProblem(name, "too-long", {"most": kind.max_length, "length": len(value)})
    if kind.min_length is not None and len(value.strip()) < kind.min_length:
        return FieldProblem(name, "required" if not value.strip() else "too-short", {"least": kind.min_length})
    return FieldProblem(name, "bad-characters")


async def read_form(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The posted form: field → text, or list of texts where a name was sent more than once. Blanks at the ends go.

    The CSRF field was checked by the guard and is left out; so are names starting with an underscore.
    """
    given = await form_of(request)
    values: dict[str, Any] = {}
    for name in given:
        texts = [item.strip().replace("\r\n", "\n") if isinstance(item, str) else item for item in given.getall(name)]
        if not name.startswith("_"):
            values[name] = texts[0] if len(texts) == 1 else texts
    return values


def parse_form(schema: type[S], values: Mapping[str, Any]) -> S:
    """Turn a posted form into ``schema``.

    Empty texts count as not given, so a field's default applies; a check box sends ``on``; ``datetime-local`` texts
    without a zone are local times; a single value for a list field becomes a list of one.

    Raises:
        InvalidError: names every bad field.
    """
    described = {one.name: one.type for one in _described(schema).fields}  # type: ignore[attr-defined]
    raw: dict[str, Any] = {}
    for name, value in values.items():
        if name not in described:
            continue
        kind = _plain(described[name])
        if isinstance(kind, types.BoolType):
            raw[name] = value in ("on", "true", "1", "yes", True)
        elif isinstance(kind, types.ListType | types.VarTupleType):
            items = value if isinstance(value, list) else [value]
            raw[name] = [item for item in items if item != ""]
        elif isinstance(value, list):
            raw[name] = value[-1]
        elif isinstance(kind, types.DateTimeType) and isinstance(value, str) and value:
            raw[name] = _local_time(value)
        elif value != "" or _takes_empty(described[name]):
            raw[name] = value
    try:
        return msgspec.convert(raw, schema, strict=False)
    except (msgspec.ValidationError, ValueError):
        # Only what does not fit is looked at field by field.
        if problems := problems_in(schema, raw, strict=False):
            raise InvalidError(problems) from None
        raise


def _plain(kind: types.Type) -> types.Type:
    if isinstance(kind, types.Metadata):
        return _plain(kind.type)
    if isinstance(kind, types.UnionType):
        return next((_plain(t) for t in kind.types if not isinstance(t, types.NoneType)), kind)
    return kind


def _takes_empty(kind: types.Type) -> bool:
    plain = kind.type if isinstance(kind, types.Metadata) else kind
    return isinstance(plain, types.StrType) and not plain.min_length


def _local_time(text: str) -> Any:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).isoformat()


@dataclass(frozen=True, slots=True)
class FormState:
    """What a form shows: values typed or stored, message per bad field, and the fields' order with labels."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    order: Sequence[tuple[str, str]] = ()

    @classmethod
    def refused(
        cls, values: Mapping[str, Any], error: InvalidError, order: Sequence[tuple[str, str]] = ()
    ) -> "FormState":
        """The state after a refusal: everything typed is kept."""
        return cls(values, field_messages(error), order)
