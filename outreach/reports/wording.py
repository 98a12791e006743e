"""Sentences of a report, made from its figures. Reports are Chinese documents, whatever language the reader chose."""

from collections import Counter
from collections.abc import Sequence

from outreach.attendance.domain.headcounts import GROUPS
from outreach.attendance.queries import CorrectionRow
from outreach.counting.drawings import STATUS_WORDS, promise_of
from outreach.counting.figures import BurnUp, ProgrammeProgress, TargetProgress
from outreach.programmes.domain.forecast import DRAWS
from outreach.programmes.domain.targets import Basis, Bound, Metric, Status, least_value
from outreach.reports.data import ReportData
from outreach.reports.outcomes import FAILED
from outreach.web.wording import approx, day_plain, thousands

__all__ = [
    "METHOD",
    "ahead_note",
    "amount",
    "as_of_text",
    "asks",
    "chart_heading",
    "corrected_field",
    "corrected_value",
    "corrections_note",
    "exceptions",
    "foreseen",
    "kept_so_far",
    "overall",
    "programme_sentences",
    "promise_of",
    "shortfalls",
    "span_text",
    "status_sentence",
    "target_name",
    "totals_sentence",
    "unrecorded_note",
]

METHOD = (
    "场次按开场日期算，一场只算一次，几家合办也只算一次；人次按每场每天登记的人数，没有登记的数签到的人；"
    "“序时”为公布的排期到截止日应有的数，排期不足指标时按季度比例或天数算；"
    f"“年底预计”为已办数加每个已排未办场次办成的可能乘它的人次，范围为模拟{DRAWS}遍、十次里有八次落在其中；"
    "“左右”以上下限之内为完成，超过上限是超额，不算差错。"
)


def as_of_text(data: ReportData) -> str:
    """``2015年9月15日``."""
    return f"{data.as_of.year}年{day_plain(data.as_of)}"


def span_text(data: ReportData) -> str:
    """The days told of: ``2015年1月1日至9月15日``."""
    until = data.period.until_on if data.as_of < data.period.since_on else data.as_of
    return f"{data.year}年{day_plain(data.period.since_on)}至{day_plain(until)}"


def status_sentence(targets: Sequence[TargetProgress], *, final: bool = False) -> str:
    """``5项已完成，5项按序时，1项有风险，1项慢于序时``; states nobody is in are left out. At the end of a year
    (``final``) what is not done is 未完成."""
    counts = Counter(target.status for target in targets)
    if final:
        met = counts[Status.MET]
        return "，".join(f"{n}项{word}" for n, word in ((met, "已完成"), (len(targets) - met, FAILED)) if n)
    return "，".join(f"{counts[status]}项{STATUS_WORDS[status]}" for status in Status if counts[status])


def amount(value: float, target: TargetProgress) -> str:
    """``81,460人次``."""
    return f"{thousands(value)}{target.unit}"


def _programme_sentence(programme: ProgrammeProgress, *, final: bool) -> str | None:
    """What one programme with sessions has done, and its trouble or its forecast."""
    sessions = next((t for t in programme.targets if t.metric is Metric.SESSIONS), None)
    if sessions is None:
        return None
    parts = [f"{programme.programme.short_name}已办{amount(sessions.actual, sessions)}"]
    visits = next((t for t in programme.targets if t.metric is Metric.VISITS), None)
    if visits is not None:
        parts.append(f"参加{'职工' if visits.basis is Basis.WORKERS else ''}{amount(visits.actual, visits)}")
    return "，".join([*parts, *_outlook(sessions, final=final)])


def _outlook(target: TargetProgress, *, final: bool = False) -> list[str]:
    """How far behind the pace it is, else where the year will end; nothing for what is met.

    ``final``: the year is over, and nothing is forecast.
    """
    if final:
        return [] if target.status is Status.MET else [FAILED]
    missing = round(target.pace - target.actual)
    if target.status is Status.BEHIND and missing > 0:
        return [f"比序时少{amount(missing, target)}"]
    if target.status is not Status.MET and target.forecast > target.actual:
        return ["年底能到多少还太早" if target.too_early else f"年底预计{_forecast(target.forecast, target)}"]
    return []


def chart_heading(burn_up: BurnUp, *, final: bool = False) -> str:
    """The finding: ``心理讲座27场，比序时少9场``."""
    target = burn_up.target
    name = target_name(burn_up.programme.short_name, target.label)
    return "，".join([f"{name}{amount(target.actual, target)}", *_outlook(target, final=final)])


def programme_sentences(data: ReportData, most: int = 4) -> str:
    """``送文化进基层已办118场次，参加职工81,460人次；心理讲座已办27场，比序时少9场。``; empty without sessions."""
    found = [sentence for one in data.programmes if (sentence := _programme_sentence(one, final=data.is_final))]
    return "；".join(found[:most]) + "。" if found else ""


def overall(data: ReportData) -> str:
    """The news of the year in one paragraph."""
    if data.part:
        return totals_sentence(data) or f"到{as_of_text(data)}还没有办过场次。"
    if not data.targets:
        return f"共{len(data.programmes)}个项目，没有数字指标，以文字报完成情况。"
    counts = status_sentence(data.targets, final=data.is_final)
    return f"{len(data.targets)}项指标中，{counts}。{programme_sentences(data)}"


def totals_sentence(data: ReportData) -> str:
    """What all sessions of the period together brought; empty without any."""
    if not data.sessions:
        return ""
    visits = sum(one.visits or 0 for one in data.sessions)
    workers = sum(one.workers or 0 for one in data.sessions)
    count = len(data.sessions) - len(data.carried)
    share = f"，其中职工{thousands(workers)}人次" if workers else ""
    when = "" if data.period.is_year else f"{data.period.name}"
    return f"{when}共举办各类活动{thousands(count)}场，参加{thousands(visits)}人次{share}。"


def shortfalls(data: ReportData) -> list[str]:
    """What the figures themselves show as problems, for the part that the organiser writes."""
    if data.part:
        return []
    late = [
        kept_so_far(one, target)
        for one in data.programmes
        for target in one.targets
        if target.status is not Status.MET and (data.is_final or target.status is Status.BEHIND)
    ]
    words = (
        [f"{FAILED if data.is_final else STATUS_WORDS[Status.BEHIND]}的指标{len(late)}项：{'；'.join(late)}。"]
        if late
        else []
    )
    if data.progress.unrecorded:
        words.append(f"{data.progress.unrecorded}场已过期未登记，不计入各数，须尽快登记。")
    return words


def exceptions(data: ReportData, status: Status) -> str:
    """Targets in ``status``, each with its promise: ``心理讲座（50场左右，完成27场，年底预计40场）``."""
    return "；".join(
        f"{_named(one, target)}（{promise_of(target)}，完成{amount(target.actual, target)}，{_foreseen(target)}）"
        for one in data.programmes
        for target in one.targets
        if target.status is status
    )


def _least(target: TargetProgress) -> float:
    """The smallest whole figure that keeps the promise."""
    least = least_value(target.bound, target.value, target.tolerance_percent)
    return int(least) + 1 if target.bound is Bound.MORE_THAN else least


def asks(data: ReportData) -> list[str]:
    """What the figures ask the leaders to decide, the worst first; each says how much is missing.

    On the first days of a year nothing is asked for what only those days tell of.
    """
    targets = [(one, target) for one in data.programmes for target in one.targets]
    if data.is_final:
        return [_ask_of_failed(*one) for one in targets if one[1].status is not Status.MET]
    known = [one for one in targets if not one[1].too_early]
    words = [_ask_of_behind(*one) for one in known if one[1].status is Status.BEHIND]
    words += [_ask_of_risky(*one) for one in known if one[1].status is Status.AT_RISK]
    if data.progress.unrecorded:
        words.append(f"{data.progress.unrecorded}场已过期未登记，请督促登记，登记后计入。")
    return words


def _ask_of_failed(programme: ProgrammeProgress, target: TargetProgress) -> str:
    gap = amount(_whole(_least(target) - target.actual), target)
    return f"{_named(programme, target)}完成{amount(target.actual, target)}，比指标少{gap}，请定来年怎样安排。"


def _ask_of_behind(programme: ProgrammeProgress, target: TargetProgress) -> str:
    gap = amount(_whole(_least(target) - target.forecast), target)
    action = "请定是否再加排" if target.metric.comes_from_sessions else "请定怎样补上"
    return f"{_named(programme, target)}年底预计{_forecast(target.forecast, target)}，比指标少{gap}，{action}。"


def _ask_of_risky(programme: ProgrammeProgress, target: TargetProgress) -> str:
    gap = amount(_whole(_least(target) - target.forecast_low), target)
    middle, low = _forecast(target.forecast, target), _forecast(target.forecast_low, target)
    return f"{_named(programme, target)}年底预计{middle}，最低{low}，请留出{gap}以上的余量。"


def kept_so_far(programme: ProgrammeProgress, target: TargetProgress) -> str:
    """``心理讲座（50场左右，完成27场）``."""
    return f"{_named(programme, target)}（{promise_of(target)}，完成{amount(target.actual, target)}）"


def foreseen(programme: ProgrammeProgress, target: TargetProgress) -> str:
    """``心理讲座（年底预计53场）``."""
    return f"{_named(programme, target)}（{_foreseen(target)}）"


def _foreseen(target: TargetProgress) -> str:
    return "年底多少还太早" if target.too_early else f"年底预计{_forecast(target.forecast, target)}"


def target_name(short_name: str, label: str) -> str:
    """``送文化场次``; a label that says the programme's name itself stands alone: not 安全丛书安全生产丛书."""
    letters = iter(label)
    return label if all(one in letters for one in short_name) else f"{short_name}{label}"


def _named(programme: ProgrammeProgress, target: TargetProgress) -> str:
    return target_name(programme.programme.short_name, target.label)


def _whole(gap: float) -> int:
    """Missing parts of a session are a session."""
    return max(1, -int(-gap // 1))


def _forecast(value: float, target: TargetProgress) -> str:
    return f"{approx(value)}{target.unit}"


def corrected_field(correction: CorrectionRow) -> str:
    """``总人次``, ``其中职工``, ``女职工``."""
    words = {"total": "总人次", "workers": "其中职工", **{f"breakdown.{key}": word for key, word in GROUPS.items()}}
    return words.get(correction.field, correction.field)


def corrected_value(value: int | None) -> int | str:
    """Zero and *not reported* differ."""
    return "未报" if value is None else value


def corrections_note(data: ReportData) -> str:
    """Empty without corrections."""
    count = len(data.corrections)
    return f"登记以后更正过{count}个数，原来的数、改后的数和原因见附件。" if count else ""


def ahead_note(data: ReportData) -> str:
    """Empty unless the report was asked for a day that has not come."""
    return "截止日还没有到，各数只含今天以前已经登记的。" if data.ahead else ""


def unrecorded_note(data: ReportData) -> str:
    """Empty when every past session has its record."""
    count = data.progress.unrecorded
    return f"另有{count}场已过期未登记，不计入以上各数。" if count else ""
