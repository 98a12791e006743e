"""一、总体情况: the year in sentences made from its figures."""

from collections.abc import Iterator

from outreach.counting.drawings import STATUS_WORDS
from outreach.programmes.domain.targets import Status
from outreach.reports import wording
from outreach.reports.content.blocks import Block, Heading, Paragraph
from outreach.reports.data import ReportData
from outreach.reports.outcomes import EXCEEDED, FAILED, MET, outcome_word

__all__ = ["overall"]


def overall(data: ReportData) -> Iterator[Block]:
    """What was promised, what came of it, and what is in doubt."""
    yield Heading("总体情况")
    yield Paragraph(_promised(data))
    done = "" if data.part else wording.programme_sentences(data, most=len(data.programmes))
    since = "" if data.period.is_year or not done else "年初至今，"
    if words := f"{wording.totals_sentence(data)}{since}{done}":
        yield Paragraph(words)
    if not data.part:
        yield from (Paragraph(sentence) for sentence in _in_doubt(data))
    notes = wording.ahead_note(data) + wording.unrecorded_note(data) + wording.corrections_note(data)
    if notes:
        yield Paragraph(notes)


def _promised(data: ReportData) -> str:
    with_targets = sum(bool(one.targets) for one in data.programmes)
    in_words = len(data.programmes) - with_targets
    document = f"按照{data.progress.document}文件，" if data.progress.document else ""
    if data.part:
        number = len(data.programmes)
        return f"{document}{data.year}年上级工会安排{number}个实事项目，以下是在{data.owner.name}开展的情况。"
    parts = [f"{document}{data.year}年共安排{len(data.programmes)}个实事项目"]
    if data.targets:
        parts.append(f"，有数字指标的{with_targets}个，指标{len(data.targets)}项。")
        parts.append(f"截至{wording.as_of_text(data)}，{_counts(data)}")
    if in_words:
        parts.append(f"{'；' if data.targets else '，其中'}{in_words}个项目没有数字指标，以文字报完成情况")
    return "".join(parts) + "。"


def _counts(data: ReportData) -> str:
    """``3项超额完成，2项完成，5项按序时``."""
    words = [outcome_word(target, final=data.is_final) for target in data.targets]
    order = (EXCEEDED, MET, FAILED, *(STATUS_WORDS[one] for one in Status if one is not Status.MET))
    return "，".join(f"{words.count(word)}项{word}" for word in order if word in words)


def _in_doubt(data: ReportData) -> Iterator[str]:
    exceeded = [
        wording.kept_so_far(one, target)
        for one in data.programmes
        for target in one.targets
        if outcome_word(target, final=data.is_final) == EXCEEDED
    ]
    if exceeded:
        yield f"超额完成的有：{'；'.join(exceeded)}。"
    if data.is_final:
        failed = [
            wording.kept_so_far(one, target)
            for one in data.programmes
            for target in one.targets
            if target.status is not Status.MET
        ]
        if failed:
            yield f"没有完成的有：{'；'.join(failed)}。"
        return
    for status, words in ((Status.BEHIND, "慢于序时的有"), (Status.AT_RISK, "有风险的有")):
        if found := wording.exceptions(data, status):
            yield f"{words}：{found}。"
    sure = [
        wording.foreseen(one, target)
        for one in data.programmes
        for target in one.targets
        if target.status is Status.ON_TRACK
    ]
    if sure:
        yield f"照现在的安排能完成的有：{'；'.join(sure)}。"
