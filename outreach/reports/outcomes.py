"""Whether a promise was kept, in words: 完成, 超额完成, 未完成 at the end of a year; the state of the day before."""

import math

from outreach.counting.drawings import STATUS_WORDS, promise_of
from outreach.counting.figures import TargetProgress
from outreach.counting.news import needed
from outreach.programmes.domain.targets import Bound, Counting, Metric, Status, is_met, limits
from outreach.web.wording import approx, approx_range, percent, thousands

__all__ = ["EXCEEDED", "FAILED", "MET", "outcome_sentence", "outcome_word", "surplus"]

EXCEEDED, MET, FAILED = "超额完成", "完成", "未完成"


def _amount(value: float, target: TargetProgress) -> str:
    return f"{thousands(value)}{target.unit}"


def surplus(target: TargetProgress) -> float:
    """By how much more than was promised; 0 when it is not more. 左右 is exceeded above its upper limit only.

    超过150 is kept by 151, of which nothing is 超额.
    """
    if not is_met(target.bound, target.value, target.actual, target.tolerance_percent):
        return 0
    if target.bound is Bound.ABOUT:
        return max(round(target.actual - limits(target.value, target.tolerance_percent or 0)[1], 6), 0)
    return max(round(target.actual - needed(target), 6), 0)


def outcome_word(target: TargetProgress, *, final: bool) -> str:
    """``超额完成``, ``完成``; before the end of the year else the status (``按序时``), at its end ``未完成``."""
    if target.status is Status.MET:
        return EXCEEDED if surplus(target) else MET
    return FAILED if final else STATUS_WORDS[target.status]


def outcome_sentence(name: str, target: TargetProgress, *, final: bool) -> str:
    """``送文化进基层场次：承诺超过150场次，实际完成153场次，完成率102%，超额完成2场次。``"""
    head = f"{name}：承诺{promise_of(target)}，{_done(target, final=final)}"
    if target.status is Status.MET:
        return f"{head}，{_kept(target)}。"
    missing = round(needed(target) - target.actual, 6)
    if final:
        return f"{head}，未完成指标，差{_amount(_whole(missing, target), target)}。"
    return f"{head}，{_outlook(target)}。"


def _done(target: TargetProgress, *, final: bool) -> str:
    word = "实际完成" if final else "已完成"
    if target.counting is Counting.LEVEL or target.metric is Metric.LECTURERS:
        word = "达到" if final else "现为"
    total = f"（总{_amount(target.total, target)}）" if target.total is not None else ""
    return f"{word}{_amount(target.actual, target)}{total}，完成率{percent(target.percent)}"


def _kept(target: TargetProgress) -> str:
    more = surplus(target)
    if target.bound is Bound.ABOUT:
        low, high = limits(target.value, target.tolerance_percent or 0)
        if more:
            return f"超过“左右”的上限{_amount(high, target)}，超额完成{_amount(more, target)}"
        return f"在“左右”的上下限{thousands(low)}—{thousands(high)}{target.unit}之内，完成指标"
    return f"超额完成{_amount(more, target)}" if more else "完成指标"


def _outlook(target: TargetProgress) -> str:
    """How it stands to the pace, and where the year is going to end."""
    behind = round(target.pace - target.actual, 6)
    if target.counting is Counting.LEVEL or target.metric is Metric.LECTURERS:
        return f"离指标还差{_amount(_whole(needed(target) - target.actual, target), target)}"
    if round(behind) > 0:
        pace = f"比序时少{_amount(round(behind), target)}"
    elif round(behind) < 0:
        pace = f"比序时多{_amount(round(-behind), target)}"
    else:
        pace = "与序时持平"
    if target.forecast_high <= target.actual:
        return f"{pace}，离指标还差{_amount(_whole(needed(target) - target.actual, target), target)}"
    if target.too_early:
        return f"{pace}，年底能到多少还太早"
    between = approx_range(target.forecast_low, target.forecast_high)
    reach = {
        Status.ON_TRACK: "预计能完成指标",
        Status.AT_RISK: "预计刚够，有风险",
        Status.BEHIND: f"预计比指标少{_amount(_whole(needed(target) - target.forecast, target), target)}",
    }[target.status]
    return f"{pace}，年底预计{approx(target.forecast)}{target.unit}（范围{between}），{reach}"


def _whole(missing: float, target: TargetProgress) -> float:
    """Missing parts of a thing are a thing; hundredths stay as they are."""
    return missing if target.unit == "%" else max(1, math.ceil(round(missing, 6)))
