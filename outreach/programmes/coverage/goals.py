"""The ramp 20 % → 80 %: a proposal for the years between. Pure."""

from collections.abc import Mapping
from itertools import pairwise

__all__ = ["MOST_YEARS", "straight_line"]

#: Years that one form takes.
MOST_YEARS = 20


def straight_line(first: int, last: int, given: Mapping[int, float]) -> dict[int, float]:
    """``given`` with the years between ``first`` and ``last`` filled in that it does not name, one decimal place.

    Each lies on the line between its nearest neighbours that are given; years before the first and after the last
    given one stay empty.
    """
    filled = {year: percent for year, percent in given.items() if first <= year <= last}
    known = sorted(filled)
    for before, after in pairwise(known):
        for year in range(before + 1, after):
            part = (year - before) / (after - before)
            filled[year] = round(given[before] + (given[after] - given[before]) * part, 1)
    return dict(sorted(filled.items()))
