"""The sentences that a page begins with: made from the figures, naming the worst one."""

import math
from collections import Counter
from collections.abc import Sequence

from outreach.counting.drawings import promise_of
from outreach.counting.figures import ProgrammeProgress, TargetProgress
from outreach.programmes.domain.targets import Bound, Counting, Metric, Status, least_value
from outreach.programmes.queries import ProgrammeRow
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import language
from outreach.web.wording import approx, approx_range, clauses, thousands

__all__ = ["finding", "full_name", "needed", "riskiest", "year_news"]

#: From the worst to the best.
_ORDER = (Status.BEHIND, Status.AT_RISK, Status.ON_TRACK, Status.MET)

Pair = tuple[ProgrammeRow, TargetProgress]


def full_name(programme: ProgrammeRow, target: TargetProgress) -> str:
    """``心理健康讲座``: short name of the programme and name of the target."""
    return f"{programme.short_name}{' ' if language() == 'en' else ''}{target.label}"


def needed(target: TargetProgress) -> float:
    """The least figure that keeps the promise; 超过 150 of whole things needs 151."""
    least = least_value(target.bound, target.value, target.tolerance_percent)
    return math.floor(least) + 1 if target.bound is Bound.MORE_THAN else least


def _margin(target: TargetProgress) -> float:
    """How far the forecast lies above what is needed, as a part of the promise; negative: below."""
    return (target.forecast - needed(target)) / (target.value or 1)


def _pairs(programmes: Sequence[ProgrammeProgress]) -> list[Pair]:
    """Worst first: by status, then by the margin of the forecast."""
    pairs = [(one.programme, target) for one in programmes for target in one.targets]
    return sorted(pairs, key=lambda pair: (_ORDER.index(pair[1].status), _margin(pair[1])))


def year_news(programmes: Sequence[ProgrammeProgress]) -> str:
    """How many targets stand how, and the worst of them in its figures."""
    pairs = _pairs(programmes)
    if not pairs:
        return _("还没有带数字的指标。")
    counted = Counter(target.status for _programme, target in pairs)
    words = {
        Status.MET: _("%(number)s项已完成"),
        Status.ON_TRACK: _("%(number)s项按序时"),
        Status.AT_RISK: _("%(number)s项有风险"),
        Status.BEHIND: _("%(number)s项慢于序时"),
    }
    parts = [words[status] % {"number": counted[status]} for status in reversed(_ORDER) if counted[status]]
    head = _("%(total)s项指标中，%(parts)s。") % {
        "total": len(pairs),
        "parts": clauses(parts, language()),
    }
    gap = " " if language() == "en" else ""
    if pairs[0][1].status is Status.ON_TRACK and any(_is_guess(target) for _programme, target in pairs):
        return head + gap + _("刚到年初，累计填报的年底能到多少，还太早。")
    return f"{head}{gap}{_worst(*pairs[0])}"


def _is_guess(target: TargetProgress) -> bool:
    """Whether the forecast is the rate of a few days, carried on."""
    return target.too_early and target.status is not Status.MET and target.forecast != target.actual


def _facts(programme: ProgrammeRow, target: TargetProgress) -> dict[str, str]:
    locale = language()
    least = needed(target)
    return {
        "name": full_name(programme, target),
        "unit": target.unit,
        "promise": promise_of(target),
        "least": thousands(least),
        "actual": thousands(target.actual),
        "forecast": approx(target.forecast, locale),
        "range": approx_range(target.forecast_low, target.forecast_high, locale),
        "gap": thousands(max(math.ceil(round(least - target.forecast, 6)), 0)),
        "margin": thousands(max(math.floor(round(target.forecast - least, 6)), 0)),
    }


def _worst(programme: ProgrammeRow, target: TargetProgress) -> str:
    facts = _facts(programme, target)
    if target.status is Status.MET:
        return _("年初的承诺都已兑现。")
    if target.status is Status.ON_TRACK:
        return _("照现在的安排，年初的承诺都能兑现。")
    if _is_guess(target):
        return _("%(name)s现有%(actual)s%(unit)s，年底能到多少，还太早。") % facts
    if target.status is Status.AT_RISK:
        return _("%(name)s到年底约%(forecast)s%(unit)s，范围%(range)s，刚够“%(promise)s”。") % facts
    if target.counting is Counting.LEVEL or target.forecast == target.actual:
        return _("%(name)s现有%(actual)s%(unit)s，离“%(promise)s”还差%(gap)s%(unit)s。") % facts
    if target.bound is Bound.ABOUT:
        return (
            _("%(name)s照现在的安排，到年底约%(forecast)s%(unit)s，离“%(promise)s”的下限%(least)s还差%(gap)s%(unit)s。")
            % facts
        )
    return _("%(name)s照现在的安排，到年底约%(forecast)s%(unit)s，离“%(promise)s”还差%(gap)s%(unit)s。") % facts


def finding(programme: ProgrammeRow, target: TargetProgress) -> str:
    """What the chart of one target shows, as its heading."""
    facts = _facts(programme, target)
    if _is_guess(target):
        return _("%(name)s：现有%(actual)s%(unit)s，年底能到多少还太早") % facts
    match target.status:
        case Status.MET:
            return _("%(name)s：“%(promise)s”已经兑现") % facts
        case Status.ON_TRACK:
            return _("%(name)s：照现在的安排能到%(forecast)s%(unit)s") % facts
        case Status.AT_RISK if facts["margin"] != "0":
            return _("%(name)s：预计刚够，余量只有%(margin)s%(unit)s") % facts
        case Status.AT_RISK:
            return _("%(name)s：预计刚够，没有余量") % facts
    if target.metric is Metric.SESSIONS:
        more = math.ceil(round((needed(target) - target.forecast) / target.kept, 6))
        facts["more"] = thousands(more)
        if target.bound is Bound.ABOUT:
            return _("%(name)s：再排%(more)s%(unit)s，才够得着下限%(least)s") % facts
        return _("%(name)s：再排%(more)s%(unit)s，才够得着%(least)s") % facts
    return _("%(name)s：照现在的安排还差%(gap)s%(unit)s") % facts


def riskiest(programmes: Sequence[ProgrammeProgress], most: int = 2) -> list[Pair]:
    """The targets to draw: of each programme with sessions its worst one that sessions yield; worst first."""
    chosen: dict[object, Pair] = {}
    for programme, target in _pairs([one for one in programmes if one.programme.scheduled]):
        if target.metric in (Metric.SESSIONS, Metric.VISITS, Metric.COURSES):
            chosen.setdefault(programme.id, (programme, target))
    return list(chosen.values())[:most]
