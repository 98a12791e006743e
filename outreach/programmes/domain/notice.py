"""Reading a notice: its numbered paragraphs as programmes, its figures as targets.

A proposal that a person looks through, nothing more: every figure is shown with the clause that it was read from, what
is doubtful is not taken and says why, and numbers that were not understood are named. Only the standard library.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from outreach.programmes.domain.marks import default_mark, default_short_name
from outreach.programmes.domain.notice_figures import Doubt, Figure, figures_in
from outreach.programmes.domain.notice_measures import (
    basis_of,
    counting_of,
    doubt_of,
    is_budget,
    is_for_one,
    kind_of,
    kinds_in,
    label_of,
    metric_of,
)
from outreach.programmes.domain.notice_names import SAID_FIRST, code_of, known_code, name_of
from outreach.programmes.domain.notice_text import Paragraph, cleaned, paragraphs
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric

__all__ = ["LONGEST_NOTICE", "MOST_PROGRAMMES", "MOST_TARGETS", "ReadProgramme", "ReadTarget", "read_notice"]

#: Characters of a text that is read.
LONGEST_NOTICE = 200_000
#: More than so many programmes and figures nobody looks through at once.
MOST_PROGRAMMES, MOST_TARGETS = 60, 300
_LONGEST_WORDING = 300
_LONGEST_NOTE, _MOST_NOTES = 80, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTarget:
    """One figure. ``wording`` is its clause, word for word; ``doubt``: why it is not ``taken``."""

    wording: str
    label: str
    metric: Metric
    bound: Bound
    value: float
    unit: str
    counting: Counting
    basis: Basis = Basis.ALL
    kinds: tuple[str, ...] = ()
    doubt: Doubt | None = None

    @property
    def taken(self) -> bool:
        """Whether it is proposed as a target."""
        return self.doubt in (None, Doubt.RANGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProgramme:
    """One numbered paragraph.

    Attributes:
        number: as the notice writes it (``四、``); empty for text without a number.
        taken: proposed as a programme: it promises a service and not goals, dates or duties.
        unread: clauses with numbers that are no row: amounts for one person, numbers not understood.
    """

    number: str
    name: str
    code: str
    mark: str
    short_name: str
    scheduled: bool
    kinds: tuple[str, ...]
    budget_yuan: int | None
    targets: tuple[ReadTarget, ...]
    unread: tuple[str, ...]
    taken: bool


def read_notice(text: str, *, year: int | None = None) -> tuple[ReadProgramme, ...]:
    """What a notice, or a part of one, promises.

    Every numbered paragraph without further ones below it is a programme, those with figures of their own, too; text
    without a number only when it has figures or nothing is numbered. Figures said to be of other years than ``year``
    are not taken. At most ``MOST_PROGRAMMES`` paragraphs are read, and none after ``MOST_TARGETS`` figures.
    """
    parts = paragraphs(cleaned(text))
    numbered = any(one.number for one in parts)
    read: list[tuple[Paragraph, _Read]] = []
    targets = 0
    for one in parts:
        found = _read(one, year)
        if one.text and (found.targets or not (one.has_parts or (numbered and not one.number))):
            read.append((one, found))
            targets += len(found.targets)
        if len(read) == MOST_PROGRAMMES or targets >= MOST_TARGETS:
            break
    return _named(read, numbered)


@dataclass(frozen=True, slots=True)
class _Read:
    figures: tuple[Figure, ...]
    targets: tuple[ReadTarget, ...]
    unread: tuple[str, ...]
    budget_yuan: int | None


def _read(paragraph: Paragraph, year: int | None) -> _Read:
    text = paragraph.text
    figures = figures_in(text)
    rows: list[tuple[Figure, ReadTarget]] = []
    unread = list(figures.unread)
    budget: int | None = None
    for one in figures.found:
        if budget is None and is_budget(one):
            budget = round(one.value * {"万元": 10_000, "亿元": 100_000_000}.get(one.unit, 1))
        elif is_for_one(one):
            unread.append(text[one.clause.start : one.clause.end].strip())
        else:
            rows.append((one, _target(text, one, year)))
    return _Read(
        figures.found,
        _told_apart(_once(rows, text)),
        tuple(dict.fromkeys(_cut(one) for one in unread))[:_MOST_NOTES],
        budget,
    )


def _target(text: str, figure: Figure, year: int | None) -> ReadTarget:
    metric = metric_of(figure)
    return ReadTarget(
        wording=_wording(text, figure),
        label="" if metric in (Metric.SESSIONS, Metric.VISITS) else label_of(figure),
        metric=metric,
        bound=figure.bound,
        value=figure.value,
        unit=figure.unit,
        counting=counting_of(figure, metric),
        basis=basis_of(figure, metric),
        doubt=doubt_of(figure, metric, year),
    )


def _wording(text: str, figure: Figure) -> str:
    """The clause, or of a very long one what stands around the figure."""
    clause = figure.clause
    start = max(clause.start, figure.start - _LONGEST_WORDING // 2)
    return " ".join(text[start : min(clause.end, start + _LONGEST_WORDING)].split())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NOTE else text[: _LONGEST_NOTE - 1] + "…"


_Rows = Sequence[tuple[Figure, ReadTarget]]


def _once(rows: _Rows, text: str) -> _Rows:
    """A figure of the heading (发放万套丛书) that the text says again is not taken twice."""
    heading = len(text.split("。", 1)[0].split("\n", 1)[0])
    return [
        (
            figure,
            replace(one, doubt=Doubt.REPEATED) if figure.start < heading and _said_again(one, rows[number:]) else one,
        )
        for number, (figure, one) in enumerate(rows, 1)
    ]


def _said_again(target: ReadTarget, rows: _Rows) -> bool:
    return any((one.value, one.unit) == (target.value, target.unit) for _figure, one in rows)


def _told_apart(rows: _Rows) -> tuple[ReadTarget, ...]:
    """Several figures of sessions count only their kinds; of two labels that are the same each gets its verb."""
    sessions = sum(one.taken and one.metric is Metric.SESSIONS for _figure, one in rows)
    labels = [one.label for _figure, one in rows if one.taken]
    made = []
    for figure, one in rows:
        if one.taken and one.metric is Metric.SESSIONS and sessions > 1:
            kinds = kind_of(figure)
            made.append(replace(one, label="和".join(kinds), kinds=kinds))
        elif one.label and labels.count(one.label) > 1:
            made.append(replace(one, label=label_of(figure, with_deed=True)))
        else:
            made.append(one)
    return tuple(made)


def _named(read: Sequence[tuple[Paragraph, _Read]], numbered: bool) -> tuple[ReadProgramme, ...]:
    """Codes and marks are given to the paragraphs first that are taken."""
    with_figures = {one.group for one, found in read if found.targets}
    taken = [
        bool(one.number or (not numbered and found.targets)) and one.group in with_figures and not one.around
        for one, found in read
    ]
    codes, marks = set[str](), set[str]()
    made: dict[int, ReadProgramme] = {}
    for place in sorted(range(len(read)), key=lambda place: not taken[place]):
        paragraph, found = read[place]
        made[place] = _programme(paragraph, found, taken[place], place + 1, codes, marks)
        codes.add(made[place].code)
        marks.add(made[place].mark)
    return tuple(made[place] for place in range(len(read)))


def _programme(
    paragraph: Paragraph, found: _Read, taken: bool, number: int, codes: Collection[str], marks: Collection[str]
) -> ReadProgramme:
    name = name_of(paragraph.text, found.figures)
    code = code_of(known_code(name, paragraph.text[:SAID_FIRST]) if taken else "", number, codes)
    counted = {kind: None for one in found.targets for kind in one.kinds}
    kinds = tuple(counted) if counted else kinds_in(paragraph.text)
    scheduled = bool(kinds) or any(
        one.metric.comes_from_sessions or one.metric is Metric.LECTURERS for one in found.targets
    )
    return ReadProgramme(
        number=paragraph.number,
        name=name,
        code=code,
        mark=default_mark(code, name, marks),
        short_name=default_short_name(code),
        scheduled=scheduled,
        kinds=kinds if scheduled else (),
        budget_yuan=found.budget_yuan,
        targets=found.targets,
        unread=found.unread,
        taken=taken,
    )
