"""How far a job is, and whether a report is long. Estimates: pages are laid out in a process that says nothing."""

from math import exp

from outreach.reports.jobs.domain.states import JobStep

__all__ = ["DIRECT_SECONDS", "expected_seconds", "is_long", "percent_of"]

#: Seconds of processor for a page of a PDF, sessions of the annex on one, and pages before the annex.
_A_PAGE, _SESSIONS_A_PAGE, _PAGES_BEFORE = 0.2, 22, 15
_A_ROW = 0.0005
#: What a person waits for with the page open; longer ones are made as a job.
DIRECT_SECONDS = 10.0

_BEGINS = {JobStep.WAITING: 0, JobStep.READING: 5, JobStep.RENDERING: 15, JobStep.STORING: 95}


def expected_seconds(kind: str, form: str, sessions: int) -> float:
    """How long the document takes, roughly."""
    if kind == "pdf" and form == "page":
        return 2.0
    if kind in ("pdf", "docx", "fix"):
        return _A_PAGE * (_PAGES_BEFORE + sessions / _SESSIONS_A_PAGE)
    return 0.5 + _A_ROW * sessions


def is_long(kind: str, form: str, sessions: int) -> bool:
    """Whether it takes longer than somebody waits."""
    return expected_seconds(kind, form, sessions) > DIRECT_SECONDS


def percent_of(step: JobStep, elapsed: float, expected: float) -> int:
    """From 0 to 100 (never 100 before the end, never falling): the layout nears its end without reaching it."""
    begin = _BEGINS[step]
    if step is not JobStep.RENDERING:
        return begin
    return begin + round((_BEGINS[JobStep.STORING] - begin) * (1 - exp(-1.5 * elapsed / max(expected, 0.1))) * 0.98)
