"""Which days somebody may be away, and who may stand in. Pure."""

from datetime import date, timedelta

from outreach.shared.errors import FieldProblem
from outreach.shared.time import implausible_day

__all__ = ["LONGEST_DAYS", "leave_problems"]

#: Somebody who is away for longer hands over instead.
LONGEST_DAYS = 366


def leave_problems(from_on: date, last_on: date, today: date) -> list[FieldProblem]:
    """What is wrong with the days of a leave, first and last included."""
    problems = implausible_day("from_on", from_on) + implausible_day("last_on", last_on)
    if problems:
        return problems
    if last_on < from_on:
        return [FieldProblem("last_on", "leave-days-order")]
    if last_on < today:
        return [FieldProblem("last_on", "leave-over")]
    if last_on - from_on >= timedelta(days=LONGEST_DAYS):
        return [FieldProblem("last_on", "leave-too-long", {"most": LONGEST_DAYS})]
    return []
