"""补充填报: which entries a target takes."""

from collections.abc import Iterable
from datetime import date

from outreach.programmes.domain.targets import Counting, Metric
from outreach.shared.errors import FieldProblem

__all__ = ["LARGEST_QUANTITY", "tally_problems"]

LARGEST_QUANTITY = 1_000_000_000


def tally_problems(
    metric: Metric, counting: Counting, unit: str, year: int, *, on: date, quantity: float, today: date
) -> list[FieldProblem]:
    """What is wrong with an entry of ``quantity`` on the day ``on`` for such a target of ``year``.

    An entry says what has happened, so its day is not after today. Entries that add up lie in the year; a level may
    have been taken before it and hold.
    """
    return [*_target(metric), *_day(counting, year, on, today), *_quantity(unit, quantity)]


def _target(metric: Metric) -> Iterable[FieldProblem]:
    if metric is not Metric.TALLY:
        yield FieldProblem("target_id", "counted-by-itself")


def _day(counting: Counting, year: int, on: date, today: date) -> Iterable[FieldProblem]:
    first = year - 1 if counting is Counting.LEVEL else year
    if not first <= on.year <= year:
        yield FieldProblem("on", "not-in-year", {"year": year})
    elif on > today:
        yield FieldProblem("on", "in-the-future")


def _quantity(unit: str, quantity: float) -> Iterable[FieldProblem]:
    if unit != "%" and quantity != int(quantity):
        yield FieldProblem("quantity", "not-whole-of-unit", {"unit": unit})
