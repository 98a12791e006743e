"""The life of a job: ``waiting → running → done | failed``; ``cancelled`` from the first two, again from the ends."""

from enum import StrEnum

from outreach.shared.i18n import phrase

__all__ = ["OPEN", "STATE_WORDS", "STEP_WORDS", "TRANSITIONS", "JobState", "JobStep", "may_become"]


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobStep(StrEnum):
    """What is being done."""

    WAITING = "waiting"
    READING = "reading"
    RENDERING = "rendering"
    STORING = "storing"


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    # Waiting again: the process that worked on it stops in good order.
    JobState.RUNNING: frozenset({JobState.WAITING, JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset({JobState.WAITING}),
    JobState.CANCELLED: frozenset({JobState.WAITING}),
}

#: Somebody still works on it, or will.
OPEN = frozenset({JobState.WAITING, JobState.RUNNING})

STATE_WORDS: dict[JobState, str] = {
    JobState.WAITING: phrase("排队中"),
    JobState.RUNNING: phrase("正在做"),
    JobState.DONE: phrase("做好了"),
    JobState.FAILED: phrase("没有做成"),
    JobState.CANCELLED: phrase("已停止"),
}

STEP_WORDS: dict[JobStep, str] = {
    JobStep.WAITING: phrase("等前面的报告做完"),
    JobStep.READING: phrase("读取数据"),
    JobStep.RENDERING: phrase("排版"),
    JobStep.STORING: phrase("存档"),
}


def may_become(before: JobState, after: JobState) -> bool:
    """Whether a job may go from ``before`` to ``after``."""
    return after in TRANSITIONS[before]
