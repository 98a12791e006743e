"""What a file would change: every row is new, changed, the same, there twice, or refused with its cell. Pure.

A row and what is stored are compared column by column in the form of the export, so that a file that was exported and
not edited changes nothing.
"""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from outreach.imports.domain.columns import Kind
from outreach.imports.domain.reading import Read, Row

__all__ = ["Entry", "Note", "Plan", "Problem", "Rules", "Stored", "planned"]

K = TypeVar("K")
_UNCHANGED: Mapping[str, tuple[Any, Any]] = MappingProxyType({})
K_contra = TypeVar("K_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: the column to look at, a code of the field rules, its facts, what is in the cell."""

    column: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be known of a row that is taken: as ``Problem``."""

    column: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """Something that is there: its values by column as the export writes them, empty ones ``None``.

    ``locked``: the code of a field rule that says why it takes no change, if it takes none.
    """

    id: str
    values: Mapping[str, Any]
    locked: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """A row on its way. ``values`` by column as read, then as the export would write them; ``refs``: what the names
    in it mean, JSON-able for msgspec; ``first``: the cell of its double."""

    row: Row
    values: dict[str, Any]
    refs: dict[str, Any] = field(default_factory=dict)
    # Most rows have none of these, and there are thousands of rows.
    problems: Sequence[Problem] = ()
    notes: Sequence[Note] = ()
    stored: Stored | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=lambda: _UNCHANGED)
    first: str = ""

    def refuse(self, column: str, code: str, **facts: Any) -> None:
        """Add a problem, one for each column: the first that was found."""
        if all(one.column != column for one in self.problems):
            self.problems = [*self.problems, Problem(column, code, facts, said(self.values.get(column)))]

    def note(self, column: str, code: str, facts: Mapping[str, Any]) -> None:
        """Add what is to be known of the row."""
        self.notes = [*self.notes, Note(column, code, facts)]

    def is_bad(self, *columns: str) -> bool:
        """Whether one of the columns was refused already."""
        return bool(self.problems) and any(one.column in columns for one in self.problems)

    @property
    def status(self) -> str:
        if self.problems:
            return "rejected"
        if self.first:
            return "duplicate"
        if self.stored is None:
            return "new"
        return "changed" if self.changes else "same"


def said(value: Any) -> str:
    """A value as text, for the list of refused rows."""
    if value is None:
        return ""
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)


class Rules(Protocol[K_contra]):
    """What is special about a kind."""

    kind: Kind

    def resolve(self, entry: Entry, known: K_contra) -> None:
        """Turn names into what they mean; refuse what does not exist for this person."""

    def key(self, entry: Entry) -> Hashable | None:
        """What makes two rows the same thing; ``None``: nothing does."""

    def match(self, entry: Entry, known: K_contra) -> Stored | None:
        """What the row is about, if it is there already; may refuse."""

    def check(self, entry: Entry, known: K_contra) -> None:
        """What is wrong with the row as a whole, its values completed; ``changes`` are known."""

    def check_all(self, entries: Sequence[Entry], known: K_contra, cell: Callable[[Entry, str], str]) -> None:
        """What is wrong with rows beside each other; those refused are in ``entries`` too."""


@dataclass(slots=True)
class Plan(Generic[K]):
    """Every row of a file with what becomes of it, and what it was held against."""

    kind: Kind
    read: Read
    entries: list[Entry]
    known: K

    _by_status: dict[str, list[Entry]] = field(default_factory=dict)

    def of(self, status: str) -> list[Entry]:
        """Rows of one sort, in the order of the file; asked once the plan is whole."""
        if not self._by_status:
            for entry in self.entries:
                self._by_status.setdefault(entry.status, []).append(entry)
        return self._by_status.get(status, [])

    def cell(self, entry: Entry, column: str) -> str:
        """``C7``."""
        return self.read.cell(entry.row, column)

    def fingerprint(self) -> str:
        """The same for two plans that would write the same."""
        said = [
            (status, one.row.sheet, one.row.line, one.stored.id if one.stored else "", dict(one.changes), one.refs)
            for status in ("new", "changed", "rejected")
            for one in self.of(status)
        ]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def planned(rules: Rules[K], read: Read, known: K) -> Plan[K]:
    """What the rows would change of what is known."""
    kind, has = rules.kind, read.has
    keys = [one.key for one in kind.columns]
    entries: list[Entry] = []
    firsts: dict[Hashable, Entry] = {}
    taken: dict[str, Entry] = {}
    plan = Plan(kind, read, entries, known)
    keeps = {one.key for one in kind.columns if one.keeps}
    given = [(number, key) for number, key in enumerate(keys) if key in has]
    for row in read.rows:
        cells = row.values
        entry = Entry(row, {key: cells[number] for number, key in given})
        if row.bad:
            entry.problems = [Problem(keys[bad.column], bad.code, bad.facts, bad.text) for bad in row.bad]
        entries.append(entry)
        rules.resolve(entry, known)
        key = None if entry.problems else rules.key(entry)
        first = entry if key is None else firsts.setdefault(key, entry)
        if first is not entry:
            entry.first = plan.cell(first, keys[0])
            continue
        entry.stored = rules.match(entry, known)
        if entry.stored is not None:
            first = taken.setdefault(entry.stored.id, entry)
            if first is not entry:
                entry.first = plan.cell(first, keys[0])
                continue
            before = entry.stored.values
            entry.changes = {
                column: (before.get(column), value)
                for column, value in entry.values.items()
                if value != before.get(column) and not (value is None and column in keeps) and column != "id"
            }
            if entry.changes and entry.stored.locked:
                entry.refuse(next(iter(entry.changes)), entry.stored.locked)
        rules.check(entry, known)
    rules.check_all(entries, known, plan.cell)
    return plan
