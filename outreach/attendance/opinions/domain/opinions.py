"""The three questions to those who were there, when they are asked, and from how many answers on who reads what. Pure.

Who answered stays unknown. A session that one or two answered would give them away, so the rule below counts answers
and looks at nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from outreach.attendance.opinions.domain.errors import OpinionClosedError
from outreach.shared.i18n import phrase
from outreach.shared.time import local

__all__ = [
    "ASKED_FOR",
    "CHANGE_WORDS",
    "LEAST_FOR_STAFF",
    "LEAST_TO_SHOW",
    "MARKS",
    "MOST_WORDS",
    "NOTHING_TO_CHANGE",
    "QUESTIONS",
    "OpinionSummary",
    "added",
    "check_time",
    "shown_from",
    "summary_of",
]

#: How long after its end people may say how a session was.
ASKED_FOR = timedelta(days=14)

#: The rule, for every page, answer and sum: from so many answers on those who run, host or evaluate a session read
#: marks, what to change, and words; with fewer they read how many have answered. One who gave the session waits for
#: more: they saw who sat there. A session with fewer enters no sum either (programmes: the first, scores of events and
#: providers: the second), or what the sum exceeds the others by would tell what one person said.
LEAST_FOR_STAFF = 3
LEAST_TO_SHOW = 5

MARKS = (1, 2, 3, 4, 5)
#: Characters of the words.
MOST_WORDS = 300

#: What is asked, in the order of the form; of the delivery in words of the kind of session (``wording``).
QUESTIONS: dict[str, str] = {
    "useful": phrase("对我有用"),
    "delivery": phrase("讲得清楚、演得精彩"),
    "arrangement": phrase("时间地点合适"),
}

#: What to change first; the last one changes nothing.
CHANGE_WORDS: dict[str, str] = {
    "content": phrase("内容"),
    "depth": phrase("深浅"),
    "length": phrase("时长"),
    "interaction": phrase("互动"),
    "time": phrase("时间"),
    "place": phrase("场地"),
    "nothing": phrase("都挺好"),
}
NOTHING_TO_CHANGE = "nothing"


def check_time(state: str, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Let an answer at ``now`` pass: from the start until ``ASKED_FOR`` after the end, closed session or not.

    Raises:
        OpinionClosedError: too early, over or cancelled.
    """
    if state in ("draft", "cancelled"):
        raise OpinionClosedError(why="cancelled")
    if now < starts_at:
        raise OpinionClosedError(why="too-early", starts_at=local(starts_at).isoformat())
    if now > ends_at + ASKED_FOR:
        raise OpinionClosedError(why="over")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionSummary:
    """What ``answers`` people said: means from 1 to 5, ``None`` without any or where too few have answered to show it.

    ``marks``: question → how many gave 1, 2, 3, 4, 5; ``changes``: code of ``CHANGE_WORDS`` → how many, zeros included.
    Both are empty where they are withheld.
    """

    answers: int
    useful: float | None
    delivery: float | None
    arrangement: float | None
    mean: float | None
    marks: dict[str, tuple[int, int, int, int, int]]
    changes: dict[str, int]


def summary_of(
    marks: Mapping[str, tuple[int, int, int, int, int]], changes: Mapping[str, int] | None = None
) -> OpinionSummary:
    """Means from counts.

    Args:
        marks: for every question of ``QUESTIONS`` how many gave 1 … 5; the same number of people each.
    """
    answers = sum(marks["useful"])
    sums = {name: sum(mark * number for mark, number in zip(MARKS, marks[name], strict=True)) for name in QUESTIONS}
    means = {name: sums[name] / answers if answers else None for name in QUESTIONS}
    return OpinionSummary(
        answers=answers,
        mean=sum(sums.values()) / (answers * len(QUESTIONS)) if answers else None,
        marks={name: marks[name] for name in QUESTIONS},
        changes={code: (changes or {}).get(code, 0) for code in CHANGE_WORDS},
        **means,
    )


def added(summaries: Iterable[OpinionSummary]) -> OpinionSummary:
    """Several as one, every answer weighing the same; none of them withheld."""
    marks: dict[str, list[int]] = {name: [0] * len(MARKS) for name in QUESTIONS}
    changes = dict.fromkeys(CHANGE_WORDS, 0)
    for one in summaries:
        for name in QUESTIONS:
            marks[name] = [mine + more for mine, more in zip(marks[name], one.marks[name], strict=True)]
        for code in CHANGE_WORDS:
            changes[code] += one.changes[code]
    return summary_of({name: (n[0], n[1], n[2], n[3], n[4]) for name, n in marks.items()}, changes)


def shown_from(summary: OpinionSummary, least: int) -> OpinionSummary:
    """The summary as somebody may read it who reads marks from ``least`` answers on: with fewer only how many."""
    if summary.answers >= least:
        return summary
    return replace(summary, useful=None, delivery=None, arrangement=None, mean=None, marks={}, changes={})
