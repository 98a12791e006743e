"""The form of what was read from a notice: programmes ``p0-name`` …, rows of figures ``t0-value`` …."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from outreach.programmes.domain.notice import LONGEST_NOTICE, MOST_PROGRAMMES, MOST_TARGETS, ReadProgramme, ReadTarget
from outreach.programmes.domain.notice_figures import MOST_FIGURES, Doubt, number_of
from outreach.programmes.domain.notice_text import printable
from outreach.programmes.domain.promise import ProgrammeFacts, TargetFacts
from outreach.programmes.domain.target_names import key_of
from outreach.programmes.domain.targets import Basis, Bound, Counting, Metric
from outreach.programmes.forms import ProgrammeForm, TargetForm, names_in
from outreach.programmes.schemas import number
from outreach.shared.errors import FieldProblem, InvalidError, invalid
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.forms import parse_form
from outreach.web.wording import joined

__all__ = [
    "EMPTY_ROWS",
    "NoticeForm",
    "ShownProgramme",
    "ShownRow",
    "Taken",
    "empty_rows",
    "notice_order",
    "notice_values",
    "row_choices",
    "shown_programmes",
    "taken_programmes",
]

#: Rows to write figures into that were not read.
EMPTY_ROWS = 3
#: Rows and fields of a posted form; a programme's own names are those of ``ProgrammeForm``.
_ROW = ("programme", "taken", "wording", "label", "metric", "bound", "value", "unit", "counting", "kinds")
_PROGRAMME = ("name", "code", "mark", "short_name", "kinds", "scheduled", "budget_yuan")
#: One choice on the page, two facts of the target.
_WORKERS = "visits-workers"


class NoticeForm(msgspec.Struct, kw_only=True):
    """The text to be read. What it must not hold is taken out by the reading, so nothing of it is refused."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_NOTICE)]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the page: its number in the form, and why it is not ticked."""

    place: int
    doubt: str


@dataclass(frozen=True, slots=True)
class ShownProgramme:
    """A programme of the page: its number in the form, what the notice calls it, its rows, and what is no row."""

    place: int
    number: str
    rows: tuple[ShownRow, ...]
    unread: tuple[str, ...]
    is_aside: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be stored. ``places`` tell which field of the page a problem of the command belongs to."""

    programmes: tuple[ProgrammeFacts, ...]
    places: Mapping[str, str]

    def on_page(self, error: InvalidError) -> InvalidError:
        """The refusal by the names of the page's fields."""
        return InvalidError([FieldProblem(self._place(one.field), one.code, one.facts) for one in error.problems])

    def _place(self, field: str) -> str:
        above, _, name = field.rpartition(".")
        return f"{self.places[above]}-{_on_page(name)}" if above in self.places else field


def _on_page(name: str) -> str:
    return {"basis": "metric", "key": "label", "tolerance_percent": "bound"}.get(name, name)


def notice_values(text: str, read: Sequence[ReadProgramme]) -> dict[str, Any]:
    """What the form shows of a notice that was just read, three empty rows at its end."""
    rows = [(place, one) for place, programme in enumerate(read) for one in programme.targets]
    values: dict[str, Any] = {"text": printable(text), "programmes": len(read), "rows": len(rows) + EMPTY_ROWS}
    for place, programme in enumerate(read):
        values |= {f"p{place}-{name}": getattr(programme, name) for name in _PROGRAMME}
        values[f"p{place}-kinds"] = joined(programme.kinds, language())
        values[f"p{place}-taken"] = programme.taken
    for place, (programme_place, one) in enumerate(rows):
        values |= {f"t{place}-{name}": said for name, said in _row_values(one).items()}
        values[f"t{place}-programme"] = str(programme_place)
    for place in range(len(rows), len(rows) + EMPTY_ROWS):
        empty = {"metric": Metric.TALLY, "bound": Bound.AT_LEAST, "counting": Counting.FLOW, "programme": ""}
        values |= {f"t{place}-{name}": empty.get(name, "") for name in _ROW}
    return values


def _row_values(one: ReadTarget) -> dict[str, Any]:
    given = {name: getattr(one, name) for name in ("taken", "wording", "label", "metric", "bound", "unit", "counting")}
    metric = _WORKERS if one.basis is Basis.WORKERS else one.metric
    return {**given, "metric": metric, "value": number(one.value), "kinds": joined(one.kinds, language())}


def shown_programmes(values: Mapping[str, Any], read: Sequence[ReadProgramme]) -> list[ShownProgramme]:
    """The programmes of a form in their order; ``read`` tells what its fields do not."""
    programmes = _counts(values)[0]
    doubts = [_doubt_words(one.doubt) for programme in read for one in programme.targets]
    found = []
    for place in range(programmes):
        own = [row for row in range(empty_rows(values).start) if values.get(f"t{row}-programme") == str(place)]
        known = read[place] if place < len(read) else None
        found.append(
            ShownProgramme(
                place,
                known.number if known else "",
                tuple(ShownRow(row, doubts[row] if row < len(doubts) else "") for row in own),
                known.unread if known else (),
                bool(known and not known.taken and not own),
            )
        )
    return found


def empty_rows(values: Mapping[str, Any]) -> range:
    """The rows of a form that were not read, to write further figures into."""
    rows = _counts(values)[1]
    return range(max(0, rows - EMPTY_ROWS), rows)


def _counts(values: Mapping[str, Any]) -> tuple[int, int]:
    most = (MOST_PROGRAMMES, MOST_TARGETS + MOST_FIGURES + EMPTY_ROWS)
    given = [str(values.get(name, "")) for name in ("programmes", "rows")]
    counted = [int(one) if one.isascii() and one.isdigit() and len(one) < 5 else 0 for one in given]
    return min(counted[0], most[0]), min(counted[1], most[1])


def _doubt_words(doubt: Doubt | None) -> str:
    return {
        Doubt.CONTEXT: _("像是情况说明，没有勾"),
        Doubt.EACH: _("是每次、每人的数，没有勾；要承诺全年的，请换算"),
        Doubt.LIMIT: _("是上限，没有勾"),
        Doubt.RANGE: _("写的是一个范围，取了小的数"),
        Doubt.OTHER_YEAR: _("写的是别的年份，没有勾"),
        Doubt.REPEATED: _("后文又说了一遍，没有勾"),
        None: "",
    }[doubt]


def taken_programmes(values: Mapping[str, Any]) -> Taken:
    """What is ticked, with the figures ticked under it and those written into the empty rows.

    Raises:
        InvalidError: names every bad field as the page does (``t3-value``), or ``programmes`` when nothing is ticked.
    """
    programmes, rows = _counts(values)
    wanted = [place for place in range(programmes) if values.get(f"p{place}-taken")]
    if not wanted:
        raise invalid("programmes", "nothing-taken")
    problems: list[FieldProblem] = []
    targets: dict[int, list[tuple[int, TargetFacts]]] = {place: [] for place in wanted}
    for row in _rows_taken(values, rows):
        chosen = str(values.get(f"t{row}-programme", ""))
        owner = next((place for place in wanted if str(place) == chosen), None)
        if owner is None:
            if row in empty_rows(values):
                problems.append(FieldProblem(f"t{row}-programme", "not-taken" if chosen else "required"))
            continue
        try:
            targets[owner].append((row, _target(values, row, [one.key for _row, one in targets[owner]])))
        except InvalidError as error:
            problems += _prefixed(f"t{row}", error)
    facts, places = [], dict[str, str]()
    for position, place in enumerate(wanted):
        places[f"programmes.{position}"] = f"p{place}"
        places |= {f"programmes.{position}.targets.{n}": f"t{row}" for n, (row, _one) in enumerate(targets[place])}
        try:
            form = parse_form(ProgrammeForm, _given(values, f"p{place}", _PROGRAMME))
            facts.append(replace(form.facts(), targets=tuple(one for _row, one in targets[place])))
        except InvalidError as error:
            problems += _prefixed(f"p{place}", error)
    if problems:
        raise InvalidError(problems)
    return Taken(tuple(facts), places)


def _rows_taken(values: Mapping[str, Any], rows: int) -> Iterator[int]:
    """Rows that are ticked, and of the empty ones those with something in them."""
    for row in range(rows):
        written = [values.get(f"t{row}-{name}") for name in ("value", "wording", "label")]
        if values.get(f"t{row}-taken") or (row in empty_rows(values) and any(written)):
            yield row


def _target(values: Mapping[str, Any], row: int, keys: Sequence[str]) -> TargetFacts:
    given = _given(values, f"t{row}", _ROW)
    if given["metric"] == _WORKERS:
        given |= {"metric": Metric.VISITS, "basis": Basis.WORKERS}
    value = number_of(given["value"])
    given["value"] = given["value"] if value is None else number(value)
    metric = Metric(given["metric"]) if given["metric"] in list(Metric) else Metric.TALLY
    given["kinds"] = list(names_in(given["kinds"])) if metric.comes_from_sessions else []
    given["key"] = key_of(metric, Basis.ALL, "", keys)
    return parse_form(TargetForm, given).facts()


def _given(values: Mapping[str, Any], prefix: str, names: Sequence[str]) -> dict[str, Any]:
    """The fields of one row; of a name that was sent twice the last."""
    found = {name: values.get(f"{prefix}-{name}", "") for name in names}
    return {name: said[-1] if isinstance(said, list) else said for name, said in found.items()}


def _prefixed(prefix: str, error: InvalidError) -> Iterator[FieldProblem]:
    return (FieldProblem(f"{prefix}-{_on_page(one.field)}", one.code, one.facts) for one in error.problems)


def row_choices() -> dict[str, list[tuple[str, str]]]:
    """Codes with few words for the fields of a row."""
    return {
        "metric": [
            (Metric.SESSIONS, _("场次")),
            (Metric.VISITS, _("人次")),
            (_WORKERS, _("职工人次")),
            (Metric.PEOPLE, _("人数（实名）")),
            (Metric.COURSES, _("课程")),
            (Metric.LECTURERS, _("讲师")),
            (Metric.TALLY, _("填报数")),
        ],
        "bound": [
            (Bound.AT_LEAST, _("以上")),
            (Bound.MORE_THAN, _("超过")),
            (Bound.ABOUT, _("左右")),
            (Bound.PLAIN, _("只写数字")),
        ],
        "counting": [(Counting.FLOW, _("累计")), (Counting.LEVEL, _("时点"))],
    }


def notice_order(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of the form in the order of the page, each with its programme or row in its name."""
    programmes = _counts(values)[0]
    order = [("text", _("通知文字"))]
    of_programme = {
        "name": _("名称"),
        "code": _("代码"),
        "short_name": _("简称"),
        "mark": _("字标"),
        "kinds": _("种类"),
        "budget_yuan": _("预算"),
    }
    of_row = {
        "programme": _("项目"),
        "wording": _("通知原文"),
        "label": _("指标名称"),
        "metric": _("怎样统计"),
        "kinds": _("只算这些种类"),
        "bound": _("约束"),
        "value": _("数值"),
        "unit": _("单位"),
        "counting": _("累计还是时点"),
    }
    empty = empty_rows(values)
    for place in range(programmes):
        name = str(values.get(f"p{place}-name", ""))
        order += [
            (f"p{place}-{field}", _("%(name)s的%(field)s") % {"name": name, "field": label})
            for field, label in of_programme.items()
        ]
        own = [row for row in range(empty.start) if values.get(f"t{row}-programme") == str(place)]
        for count, row in enumerate(own, 1):
            facts = {"name": name, "number": count}
            order += [
                (f"t{row}-{field}", _("%(name)s第%(number)s个数字的%(field)s") % {**facts, "field": label})
                for field, label in of_row.items()
            ]
    for row in empty:
        order += [(f"t{row}-{name}", _("再加的指标的%(field)s") % {"field": label}) for name, label in of_row.items()]
    return order
