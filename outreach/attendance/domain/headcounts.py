"""What a head-count may say (rule 6). Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from outreach.shared.errors import FieldProblem
from outreach.shared.i18n import phrase
from outreach.shared.time import local_day

__all__ = [
    "CORRECTABLE",
    "GROUPS",
    "MOST_VISITS",
    "PART_OF",
    "day_problems",
    "day_to_fill",
    "days_of",
    "headcount_problems",
]

MOST_VISITS = 1_000_000

#: Groups of 其中 that a head-count may name; they overlap, a group that is left out was not reported.
GROUPS: dict[str, str] = {
    "migrant": phrase("外来务工人员"),
    "new_generation_migrant": phrase("新生代农民工"),
    "women": phrase("女职工"),
}
#: Sub-group → the group that it lies in.
PART_OF: dict[str, str] = {"new_generation_migrant": "migrant"}

#: Fields of a head-count that a correction may name.
CORRECTABLE = ("total", "workers", *(f"breakdown.{group}" for group in GROUPS))


def days_of(starts_at: datetime, ends_at: datetime) -> list[date]:
    """The local days of a session; ``ends_at`` is exclusive, so one that ends at midnight ends the day before."""
    first = local_day(starts_at)
    last = local_day(ends_at - timedelta(microseconds=1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def day_problems(on: date, starts_at: datetime, ends_at: datetime, today: date) -> list[FieldProblem]:
    """What is wrong with the day of a head-count: outside of the session, or still to come."""
    days = days_of(starts_at, ends_at)
    if not days[0] <= on <= days[-1]:
        return [FieldProblem("on", "not-a-day-of-it", {"first": days[0].isoformat(), "last": days[-1].isoformat()})]
    if on > today:
        return [FieldProblem("on", "day-to-come")]
    return []


def headcount_problems(total: int, workers: int | None, breakdown: Mapping[str, int]) -> list[FieldProblem]:
    """What is wrong with the figures: a part above the whole, a sub-group above its group.

    Zero and not reported differ: a group that is not in ``breakdown`` is not held against anything.
    """
    problems: list[FieldProblem] = []
    if not 0 <= total <= MOST_VISITS:
        problems.append(FieldProblem("total", "too-large-number", {"most": f"{MOST_VISITS:,}"}))
    if workers is not None and workers > total:
        problems.append(FieldProblem("workers", "above-total", {"total": total}))
    for group, visits in breakdown.items():
        if visits > total:
            problems.append(FieldProblem(f"breakdown.{group}", "above-total", {"total": total}))
    for part, whole in PART_OF.items():
        if part in breakdown and whole in breakdown and breakdown[part] > breakdown[whole]:
            problems.append(FieldProblem(f"breakdown.{part}", "above-its-group", {"most": breakdown[whole]}))
    return problems


def day_to_fill(days: Sequence[date], filled: Collection[date], asked: str) -> date | None:
    """The day that a form shows: the one asked for, else the first without figures, else the last; none: ``None``."""
    wanted = next((one for one in days if one.isoformat() == asked), None)
    return wanted or next((one for one in days if one not in filled), days[-1] if days else None)
