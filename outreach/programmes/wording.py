"""How targets are named and promised in few words, taken from the notice's own sentence where it can be."""

import re

from outreach.programmes.domain.targets import Basis, Bound, Metric
from outreach.shared.i18n import gettext, phrase
from outreach.web.wording import thousands

__all__ = ["METRIC_WORDS", "promise_words", "target_name", "unit_of"]

METRIC_WORDS: dict[Metric, str] = {
    Metric.SESSIONS: phrase("场次"),
    Metric.VISITS: phrase("人次"),
    Metric.PEOPLE: phrase("人数"),
    Metric.LECTURERS: phrase("讲师"),
    Metric.COURSES: phrase("课程"),
    Metric.TALLY: phrase("填报数"),
}
#: What a figure is counted in where nobody said otherwise; what is reported in figures has no usual unit.
_UNITS: dict[Metric, str] = {
    Metric.SESSIONS: phrase("场"),
    Metric.VISITS: phrase("人次"),
    Metric.PEOPLE: phrase("人"),
    Metric.LECTURERS: phrase("名"),
    Metric.COURSES: phrase("门"),
}
_WORKERS = phrase("职工人次")

_COMPOSED: dict[Bound, str] = {
    Bound.AT_LEAST: phrase("%(figure)s以上"),
    Bound.MORE_THAN: phrase("超过%(figure)s"),
    Bound.ABOUT: phrase("%(figure)s左右"),
    Bound.PLAIN: phrase("%(figure)s"),
}
_BEFORE = "超过|不少于|不低于|达到|至少"
_AFTER = "以上|左右"


def unit_of(metric: Metric, unit: str = "", *, shown: tuple[Metric, str] | None = None) -> str:
    """The unit to store: the one given, or the usual one of ``metric`` (empty for 填报) where it says nothing.

    Args:
        shown: metric and unit that the form showed before: the usual unit of another metric, left as it was, is none
            that anybody chose.
    """
    usual = gettext(_UNITS[metric]) if metric in _UNITS else ""
    if not unit:
        return usual
    if shown is None or shown[0] is metric or shown[1] != unit or shown[0] not in _UNITS:
        return unit
    return usual if unit in (_UNITS[shown[0]], gettext(_UNITS[shown[0]])) else unit


def target_name(label: str, metric: Metric, basis: Basis, kinds: tuple[str, ...] = ()) -> str:
    """What a target is called: its label; else its only kind of session (讲座); else the word of its metric."""
    if label:
        return label
    if metric is Metric.SESSIONS and len(kinds) == 1:
        return kinds[0]
    return gettext(_WORKERS if metric is Metric.VISITS and basis is Basis.WORKERS else METRIC_WORDS[metric])


def promise_words(wording: str, bound: Bound, value: float, unit: str) -> str:
    """``超过150场次``, ``不少于10万人次``: the few words of the notice that hold the figure.

    Where the notice's sentence does not hold it (a value changed since, or no wording), they are composed.
    """
    for figure in _figures(value):
        found = re.search(
            rf"(?:(?:{_BEFORE})[^，。；、0-9]{{0,4}})?(?<![0-9.]){re.escape(figure)}(?![0-9.万]){re.escape(unit)}"
            rf"(?:{_AFTER})?",
            wording,
        )
        if found:
            return found[0]
    return gettext(_COMPOSED[bound]) % {"figure": f"{thousands(value)}{unit}"}


def _figures(value: float) -> list[str]:
    """How a notice may write the value: ``100000``, ``100,000``, ``10万``."""
    plain = f"{value:.0f}" if value == int(value) else f"{value:g}"
    ways = [plain, thousands(value)]
    if value >= 10_000:
        ways.append(f"{value / 10_000:g}万")
    return ways
