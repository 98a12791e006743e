"""What a column of a file is, said once: for the template, for reading, for comparing and for the export. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Choice", "Column", "Kind"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a column takes: as stored, in Chinese and English, and what else people write for it."""

    code: str
    words: str
    english: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Args:
        key: its name inside.
        title, english: over the column; either is recognised, whatever the language of the page.
        parse: how a cell is read (``parsing.PARSERS``).
        also: headings of other people's sheets that mean the same, without brackets and blanks.
        most: the longest text, or the largest number.
        items: how many a cell takes, where several may stand in one.
        listed: what the template offers to choose from (``templates.LISTS``).
        keeps: an empty cell leaves what is stored as it is, and a new one gets the default; else it empties it.
        quiet: not written into the preview's words, such as the system's own number.
    """

    key: str
    title: str
    english: str
    parse: str = "line"
    also: tuple[str, ...] = ()
    required: bool = False
    most: int = 200
    items: int = 20
    choices: tuple[Choice, ...] = ()
    listed: str = ""
    keeps: bool = False
    quiet: bool = False
    width: int = 16
    hint: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of file."""

    key: str
    title: str
    about: str
    columns: Sequence[Column]

    def column(self, key: str) -> Column:
        return next(one for one in self.columns if one.key == key)

    def place(self, key: str) -> int:
        """Where a column's value stands in a row."""
        return next(number for number, one in enumerate(self.columns) if one.key == key)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(one.key for one in self.columns if one.required)
