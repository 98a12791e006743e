"""Tables of a page as a person reads them: by caption, row by row, each cell as the pieces of text in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Read", "tables_of"]

_CELLS = ("td", "th")
#: Drawings repeat in words what the cells beside them say.
_DRAWINGS = ("svg", "script", "style")


@dataclass
class Read:
    """A table: ``rows[0]`` is its head; a cell is its pieces of text, of which the first is the figure."""

    caption: str = ""
    rows: list[list[list[str]]] = field(default_factory=list)

    def row(self, first: str) -> list[list[str]]:
        """The cells after the first one, of the row that begins with these words."""
        found = [one for one in self.rows if one and "".join(one[0]) == first]
        assert len(found) == 1, (first, self.rows)
        return found[0][1:]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Read] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(Read())
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag in _CELLS and self.tables:
            self.tables[-1].rows[-1].append([])
        if tag in (*_CELLS, *_DRAWINGS, "caption"):
            self.within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.within:
            while self.within.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not (words := data.strip()) or not self.within or self.within[-1] in _DRAWINGS:
            return
        if self.within[-1] == "caption":
            self.tables[-1].caption += words
        else:
            self.tables[-1].rows[-1][-1].append(words)


def tables_of(html: str) -> dict[str, Read]:
    """The tables of a page by their captions."""
    reader = _Reader()
    reader.feed(html)
    return {one.caption: one for one in reader.tables}
