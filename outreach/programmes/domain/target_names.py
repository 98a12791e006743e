"""Codes for targets whose makers gave none."""

import re
from collections.abc import Collection

from outreach.programmes.domain.notice_names import known_code
from outreach.programmes.domain.targets import Basis, Metric

__all__ = ["key_of"]

_BY_METRIC = {
    Metric.SESSIONS: "sessions",
    Metric.VISITS: "visits",
    Metric.PEOPLE: "people",
    Metric.LECTURERS: "lecturers",
    Metric.COURSES: "courses",
    Metric.TALLY: "figure",
}
_WORKERS = "worker-visits"
#: Letters and digits of a label that make a code by themselves; a single one says too little.
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_LONGEST = 32


def key_of(metric: Metric, basis: Basis, label: str, taken: Collection[str]) -> str:
    """A code that is free among ``taken``: of what the label names, else of what is measured (``visits``)."""
    latin = "-".join(_LATIN.findall(label)).lower()[:_LONGEST].rstrip("-")
    measured = _WORKERS if metric is Metric.VISITS and basis is Basis.WORKERS else _BY_METRIC[metric]
    wanted = latin or known_code(label) or measured
    free = (wanted, *(f"{wanted}-{count}" for count in range(2, len(taken) + 3)))
    return next(one for one in free if one not in taken)
