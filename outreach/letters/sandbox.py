"""Templates that somebody sent, in Jinja: held against the placeholders that there are, then filled with nothing else.

A template is first read as a tree. What is not a text, a condition, a loop over one of our lists or a harmless filter
is refused, so that nothing can be called, built up or reached beyond the data; the environment refuses it again.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

__all__ = ["Sandbox", "Trouble", "TroublesFound", "tag_at", "troubles_in"]

#: Loops inside each other.
MOST_DEPTH = 3
LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex"})
FILTERS = frozenset(
    {"count", "d", "default", "e", "escape", "first", "join", "last", "length", "lower", "trim", "upper"}
)
TESTS = frozenset({"defined", "undefined", "none", "odd", "even", "eq", "equalto", "ne", "in", "string"})
_TAG = re.compile(r"\{%[-+]?\s*(\w+)")
_ANY_TAG = re.compile(r"\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)")
_PAIRS = {"endfor": "for", "endif": "if"}
_PLAIN = (nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Add, nodes.Sub, nodes.Tuple, nodes.List, nodes.CondExpr)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong in which line (from 1) of the source: a code and its facts."""

    line: int
    code: str
    facts: dict[str, str] = field(default_factory=dict)


class TroublesFound(Exception):  # noqa: N818 - a message inside one process, not a refusal
    """The template cannot be used."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(troubles)
        self.troubles = troubles


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an expression is: a ``text``, the ``rows`` of a list, one ``row``, the ``loop``."""

    of: str
    names: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""


_TEXT = _Kind("text")
_LOOP = _Kind("loop")


def _kinds(schema: Mapping[str, Any]) -> dict[str, _Kind]:
    return {name: _TEXT if rows is None else _Kind("rows", rows) for name, rows in schema.items()}


class _Reader:
    """Walks the tree of one template and notes what is wrong."""

    def __init__(self) -> None:
        self.found: list[Trouble] = []

    def _note(self, node: nodes.Node, code: str, **facts: str) -> _Kind:
        self.found.append(Trouble(node.lineno, code, facts))
        return _TEXT

    def body(self, parts: Sequence[nodes.Node], scope: Mapping[str, _Kind], depth: int) -> None:
        for one in parts:
            if isinstance(one, nodes.Output):
                self._output(one, scope)
            elif isinstance(one, nodes.If):
                self.kind_of(one.test, scope)
                for inner in (one.body, one.elif_, one.else_):
                    self.body(inner, scope, depth)
            elif isinstance(one, nodes.For):
                self._loop(one, scope, depth)
            else:
                self._note(one, "not-allowed", tag=type(one).__name__.lower())

    def _output(self, node: nodes.Output, scope: Mapping[str, _Kind]) -> None:
        for one in node.nodes:
            if isinstance(one, nodes.TemplateData):
                continue
            kind = self.kind_of(one, scope)
            if kind.of in ("rows", "row", "loop"):
                self._note(one, "not-text", name=_written(one))

    def _loop(self, node: nodes.For, scope: Mapping[str, _Kind], depth: int) -> None:
        over = self.kind_of(node.iter, scope)
        if over.of != "rows" or node.recursive or not isinstance(node.target, nodes.Name):
            if over.of == "rows" or not self._complained(node.iter):
                self._note(node, "not-rows", name=_written(node.iter))
            over = _Kind("rows")
        if depth >= MOST_DEPTH:
            self._note(node, "too-deep", most=str(MOST_DEPTH))
            return
        name = node.target.name if isinstance(node.target, nodes.Name) else ""
        inner = {**scope, name: _Kind("row", over.names, name), "loop": _LOOP}
        if node.test is not None:
            self.kind_of(node.test, inner)
        self.body(node.body, inner, depth + 1)
        self.body(node.else_, scope, depth)

    def _complained(self, node: nodes.Node) -> bool:
        return any(one.line == node.lineno and one.code == "unknown" for one in self.found)

    def kind_of(self, node: nodes.Node, scope: Mapping[str, _Kind]) -> _Kind:
        match node:
            case nodes.Const():
                return _TEXT
            case nodes.Name():
                return scope[node.name] if node.name in scope else self._unknown(node, node.name, scope)
            case nodes.Getattr():
                return self._part(node, node.node, node.attr, scope)
            case nodes.Getitem() if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
                return self._part(node, node.node, node.arg.value, scope)
            case nodes.Filter() if node.node is not None:
                return self._filter(node, scope)
            case nodes.Test():
                if node.name not in TESTS:
                    return self._note(node, "not-allowed", tag=node.name)
                return self._parts((node.node, *node.args), scope)
            case nodes.Compare():
                return self._parts((node.expr, *(operand.expr for operand in node.ops)), scope)
            case _ if isinstance(node, _PLAIN):
                return self._parts(node.iter_child_nodes(), scope)
            case _:
                return self._note(node, "not-allowed", tag=_written(node))

    def _parts(self, parts: Iterable[nodes.Node], scope: Mapping[str, _Kind]) -> _Kind:
        for one in parts:
            self.kind_of(one, scope)
        return _TEXT

    def _filter(self, node: nodes.Filter, scope: Mapping[str, _Kind]) -> _Kind:
        assert node.node is not None, "the caller looked"
        inner = self.kind_of(node.node, scope)
        if node.name not in FILTERS or node.dyn_args is not None or node.dyn_kwargs is not None:
            return self._note(node, "not-allowed", tag=node.name)
        for one in (*node.args, *(pair.value for pair in node.kwargs)):
            self.kind_of(one, scope)
        if inner.of == "rows" and node.name in ("first", "last"):
            return _Kind("row", inner.names)
        return inner if node.name in ("default", "d") else _TEXT

    def _part(self, node: nodes.Node, base: nodes.Node, name: str, scope: Mapping[str, _Kind]) -> _Kind:
        before = len(self.found)
        kind = self.kind_of(base, scope)
        if len(self.found) > before:
            return _TEXT
        if kind.of == "loop" and name in LOOP:
            return _TEXT
        if kind.of == "row":
            known = _kinds(kind.names)
            if name in known:
                return known[name]
            return self._unknown(node, f"{_written(base)}.{name}", {f"{_written(base)}.{one}": _TEXT for one in known})
        return self._unknown(node, f"{_written(base)}.{name}", {})

    def _unknown(self, node: nodes.Node, name: str, known: Mapping[str, _Kind]) -> _Kind:
        near = get_close_matches(name, known, 1, 0.6)
        return self._note(node, "unknown-near" if near else "unknown", name=name, **({"near": near[0]} if near else {}))


def _written(node: nodes.Node) -> str:
    """How an expression was written, as far as a sentence needs it."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    if isinstance(node, nodes.Filter) and node.node is not None:
        return _written(node.node)
    if isinstance(node, nodes.Const):
        return str(node.value)[:40]
    if isinstance(node, nodes.Call):
        return f"{_written(node.node)}()"
    return type(node).__name__.lower()


class Sandbox(ImmutableSandboxedEnvironment):
    """Renders templates of one schema; what ``troubles_in`` would refuse is not even compiled."""

    def __init__(self, schema: Mapping[str, Any], *, autoescape: bool, lines: bool = False) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=autoescape, trim_blocks=lines, lstrip_blocks=lines)
        self.schema = schema
        self.globals.clear()
        self.filters = {name: one for name, one in self.filters.items() if name in FILTERS}
        self.tests = {name: one for name, one in self.tests.items() if name in TESTS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        reader = _Reader()
        reader.body(tree.body, _kinds(self.schema), 0)
        if reader.found:
            raise TroublesFound(reader.found)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Keys of our mappings and the counters of a loop; there are no other attributes."""
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) is dict and isinstance(argument, str) and argument in obj:
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Nothing is ever called."""
        raise SecurityError("nothing can be called in a template")


def troubles_in(lines: Sequence[str], schema: Mapping[str, Any]) -> list[Trouble]:
    """What is wrong with a template given line by line, each thing once, in the order of the lines."""
    source = "\n".join(lines)
    if found := _unbalanced(lines):
        return found
    try:
        Sandbox(schema, autoescape=False).parse(source)
    except TroublesFound as all_of_them:
        found = list(all_of_them.troubles)
    except TemplateSyntaxError as error:
        line = min(max(error.lineno, 1), len(lines) or 1)
        unknown = re.match(r"Encountered unknown tag '(\w+)'", error.message or "")
        if unknown:
            return [Trouble(line, "not-allowed", {"tag": unknown[1]})]
        missing = re.match(r"No (?:filter|test) named '(\w+)'", error.message or "")
        if missing:
            return [Trouble(line, "not-allowed", {"tag": missing[1]})]
        return [Trouble(line, "syntax", {"tag": tag_at(lines, line)})]
    kept: dict[tuple[int, str, str], Trouble] = {}
    for one in found:
        kept.setdefault((one.line, one.code, str(sorted(one.facts.items()))), one)
    return sorted(kept.values(), key=lambda one: one.line)


def tag_at(lines: Sequence[str], line: int) -> str:
    """The first tag of a line, to be shown in a sentence; else the beginning of the line."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    tag = _ANY_TAG.search(text)
    return (tag[0] if tag else text).strip()[:60]


def _unbalanced(lines: Sequence[str]) -> list[Trouble]:
    """A loop or condition that is not closed, or closed without being opened: Jinja names the wrong line for it."""
    opened: list[tuple[str, int]] = []
    for number, text in enumerate(lines, 1):
        for tag in _TAG.findall(text):
            if tag in _PAIRS.values():
                opened.append((tag, number))
            elif tag in _PAIRS:
                if not opened or opened[-1][0] != _PAIRS[tag]:
                    return [Trouble(number, "not-opened", {"tag": tag, "opening": _PAIRS[tag]})]
                opened.pop()
    return [Trouble(line, "not-closed", {"tag": tag, "closing": f"end{tag}"}) for tag, line in opened[-1:]]
