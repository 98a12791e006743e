"""The text of a notice made ready for reading: no control characters, numbered paragraphs, clauses.

Numbers are looked for in a copy of the same length (``plain``) whose digits and signs are the plain ones, so that a
place found there is the place in the notice's own words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Paragraph", "Span", "clauses", "cleaned", "paragraphs", "plain", "printable", "sentences"]

#: What must not be in stored text (see ``shared.text``), and what pasting from Word, PDF and chats leaves
#: between characters.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff0-\uffff]"
)
_BLANKS = re.compile(r"[\t\u00a0\u2000-\u200a\u202f\u3000]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029\u0085]")

_SIGNS = str.maketrans("０１２３４５６７８９％．／（）〇", "0123456789%./()零")
#: Stands for the comma inside ``1,000``; no text has it after cleaning.
_COMMA = "\x1f"
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:[,，]\d{3})+(?!\d)")

_CHINESE = "一二三四五六七八九十百零"
_STARTS = (
    ("chinese", re.compile(rf"([{_CHINESE}]{{1,4}})[、.．]")),
    ("chinese-brackets", re.compile(rf"[（(]([{_CHINESE}]{{1,4}})[）)][、.．]?")),
    ("digits", re.compile(r"(\d{1,3})(?:、|[.．](?!\d)|[.．](?=\d{4}年))")),
    ("digits-brackets", re.compile(r"[（(]?(\d{1,3})[）)][、.．]?")),
    ("circles", re.compile(r"([①-⑳])")),
)
#: A paragraph may also begin behind the end of a sentence, where line breaks were lost.
_INLINE = re.compile(rf"(?<=[。；])\s*(?=[{_CHINESE}]{{1,3}}、)")
_ANNEX = re.compile(r"附\s*件\s*[\d一二三四五六七八九十]{0,2}\s*[:：]?")

#: Headings of what has to be done around the programmes, not of programmes.
_AROUND = re.compile(
    r"(?:目标|要求|原则|指导思想|方式|时间|节点|措施|组织领导|意义|步骤|组织保障|经费保障|经费投入|活动范围|服务对象|参加对象"
    r"|项目评估|征集内容|附则|纪律)$"
)
_LONGEST_HEADING = 16
#: Text whose longest line has so many characters was broken by the width of a page.
_NARROWEST_PAGE, _WIDEST_PAGE = 18, 60
#: No notice has more; what follows is not read.
_MOST_PARAGRAPHS = 2000
#: Longer ones are looked at in parts.
_LONGEST_CLAUSE, _LONGEST_SENTENCE = 400, 1200

_CLAUSE = re.compile(rf"[^，。；：！？,;:!?\n]{{1,{_LONGEST_CLAUSE}}}")
_SENTENCE = re.compile(rf"[^。；！？;!?\n]{{1,{_LONGEST_SENTENCE}}}")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text and where it begins there."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A numbered paragraph.

    Attributes:
        number: as the notice writes it (``四、``); empty for text without a number.
        text: what follows the number, further lines among it.
        around: it speaks of goals, dates, duties and not of a service.
        group: paragraphs beside each other, under the same heading, have the same.
        has_parts: numbered paragraphs stand below it.
    """

    number: str
    text: str
    around: bool
    group: int
    has_parts: bool


def printable(text: str) -> str:
    """The text without control characters, blanks and line breaks of one kind."""
    return _BLANKS.sub(" ", _UNWANTED.sub("", _BREAKS.sub("\n", unicodedata.normalize("NFC", text))))


def cleaned(text: str) -> str:
    """The text as it is read: ``printable``; lines that a page's width broke are whole again."""
    lines = [one.strip() for one in printable(text).split("\n")]
    width = max(map(len, lines))
    whole: list[list[str]] = []
    for number, line in enumerate(lines):
        if line and number and _was_broken(lines[number - 1], width) and not _begins(line):
            whole[-1].append(line)
        else:
            whole.append([line])
    return "\n".join("".join(one) for one in whole)


def _was_broken(line: str, width: int) -> bool:
    """Whether the line ends where the page did, and not where the writer wanted."""
    return width <= _WIDEST_PAGE and len(line) >= max(width - 4, _NARROWEST_PAGE) and line[-1] not in "。；：！？.;:!?"


def _begins(line: str) -> bool:
    return _numbered(line) is not None or _ANNEX.match(line) is not None


def plain(text: str) -> str:
    """``text``, character for character, with plain digits and without the commas between thousands."""
    signs = text.translate(_SIGNS)
    return _THOUSANDS.sub(lambda found: re.sub("[,，]", _COMMA, found[0]), signs)


def clauses(text: str) -> list[Span]:
    """The parts of ``plain`` text between commas, full stops, colons and line breaks."""
    return [Span(found.start(), found[0]) for found in _CLAUSE.finditer(text)]


def sentences(text: str) -> list[Span]:
    """The parts of ``plain`` text between full stops and line breaks."""
    return [Span(found.start(), found[0]) for found in _SENTENCE.finditer(text)]


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The numbered paragraphs of ``cleaned`` text in their order; what stands before and between them has no number."""
    found = [_Item("", "", 0, None)]
    open_: list[_Item] = []
    groups = 0
    for line in _lines(text):
        if len(found) == _MOST_PARAGRAPHS:
            break
        start = _numbered(line)
        if start is None:
            if _ANNEX.match(line):
                open_, groups = [], groups + 1
                found.append(_Item("", "", groups, None))
            else:
                found[-1].lines.append(line)
            continue
        style, number, first = start
        before: _Item | None = None
        while before is None and style in [one.style for one in open_]:
            last = open_.pop()
            before = last if last.style == style else None
        parent = open_[-1] if open_ else None
        if before is None or number == 1:
            groups += 1
        made = _Item(first, style, groups if before is None or number == 1 else before.group, parent)
        made.lines.append(line[len(first) :])
        if parent is not None:
            parent.has_parts = True
        open_.append(made)
        found.append(made)
    return tuple(one.paragraph() for one in found if one.number or any(one.lines))


class _Item:
    """A paragraph that is being gathered."""

    __slots__ = ("group", "has_parts", "lines", "number", "parent", "style")

    def __init__(self, number: str, style: str, group: int, parent: "_Item | None") -> None:
        self.number, self.style, self.group, self.parent = number, style, group, parent
        self.lines: list[str] = []
        self.has_parts = False

    def is_around(self) -> bool:
        heading = re.split(r"[。，：:；\n]", "\n".join(self.lines).strip(), maxsplit=1)[0].strip()
        own = len(heading) <= _LONGEST_HEADING and _AROUND.search(heading) is not None
        return own or (self.parent is not None and self.parent.is_around())

    def paragraph(self) -> Paragraph:
        return Paragraph(
            number=self.number.strip(),
            text="\n".join(self.lines).strip(),
            around=self.is_around(),
            group=self.group,
            has_parts=self.has_parts,
        )


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from (part.strip() for part in _INLINE.split(line))


def _numbered(line: str) -> tuple[str, int, str] | None:
    """Of the number that a line begins with: its style, whether it is the first (1) or a later one, its characters."""
    for style, start in _STARTS:
        found = start.match(line)
        if found:
            return style, _value(found[1]), found[0]
    return None


def _value(number: str) -> int:
    return 1 if number in ("一", "1", "①") else 2
