"""What the end of the year will show (DESIGN, "How things are counted"): what is done, and what published sessions will
add.

* Whether a session takes place: of this year's sessions of its kind that were due, so many were held. Few tell little,
  so a kind is drawn to its programme, and the programme to ``KEPT`` (a Beta prior of ``PRIOR_SESSIONS`` sessions).
* What it brings: the mean of its kind so far, drawn to the programme's mean as if ``PRIOR_COUNTS`` sessions of that
  mean had been counted as well.
* The range: the year is played to its end ``DRAWS`` times, chances and means drawn from what is known of them; 80 of
  100 ends lie within. The same figures give the same range.

What no session yields is carried on at the rate of the year so far. Of a level the latest figure stands.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from outreach.programmes.domain.playing import (
    DRAWS,
    KEPT,
    PRIOR_SESSIONS,
    KindFacts,
    gamma,
    kept_chances,
    open_months,
    played,
    shapes_of,
)
from outreach.programmes.domain.targets import Counting

__all__ = [
    "DRAWS",
    "KEPT",
    "PRIOR_COUNTS",
    "PRIOR_SESSIONS",
    "Forecast",
    "KindFacts",
    "carried_on",
    "forecast_courses",
    "forecast_sessions",
    "forecast_visits",
    "kept_chances",
    "visits_by_kind",
]

#: What the programme's mean is worth for one of its kinds, in counted sessions.
PRIOR_COUNTS = 1.5
#: How far a kind may lie from that mean: as if its own were known from so many sessions before one was counted.
KINDS_ALIKE = 0.7
#: Sessions of one kind differ by so much (standard deviation ÷ mean) as far as nothing else is known, with its worth.
SPREAD, PRIOR_SPREADS = 0.45, 6.0
#: A rate of a tally goes on within so much of itself (standard deviation of a month ÷ its mean).
MONTH_SPREAD = 0.5
LOW, HIGH = 0.10, 0.90

_PLACES = 2
#: A mean below it is that of sessions to which nobody came: nothing can be divided by it.
_NOBODY = 1e-6
_NONE = (0.0,) * 12


@dataclass(frozen=True, slots=True)
class Forecast:
    """A figure at the end of the year with its range, in the target's unit."""

    middle: float
    low: float
    high: float


def visits_by_kind(kinds: Sequence[KindFacts]) -> list[float]:
    """For each kind, the visits that one of its sessions brings; before any is counted, the seats of planned ones."""
    counted, visits = sum(one.counted for one in kinds), sum(one.visits for one in kinds)
    if not counted:
        return [one.seats for one in kinds]
    whole = visits / counted
    return [(one.visits + whole * PRIOR_COUNTS) / (one.counted + PRIOR_COUNTS) for one in kinds]


def _spread(kinds: Sequence[KindFacts]) -> float:
    """By how much sessions of one kind differ: standard deviation ÷ mean, of all kinds together."""
    weight, total = PRIOR_SPREADS, PRIOR_SPREADS * SPREAD**2
    for one in kinds:
        mean = one.visits / one.counted if one.counted else 0.0
        if one.counted > 1 and mean > _NOBODY:
            variance = max(one.squares / one.counted - mean**2, 0.0) * one.counted / (one.counted - 1)
            weight += one.counted - 1
            total += (one.counted - 1) * variance / mean**2
    return math.sqrt(total / weight)


def forecast_sessions(
    actual: float, kinds: Sequence[KindFacts], *, sure: Sequence[float] = _NONE
) -> tuple[Forecast, ...]:
    """Sessions held by the end of each month, January to December.

    Args:
        actual: sessions held by the day asked for.
        sure: by month, those after that day of which it is known today that they were held.
    """
    chances, months = kept_chances(kinds), open_months(kinds)
    ends: list[list[float]] = [[] for _ in months]
    for draw in played(shapes_of(kinds)):
        reached = 0
        for place, held in enumerate(zip(*draw, strict=True)):
            reached += sum(held)
            ends[place].append(reached)
    expected = [
        sum(kind.planned[month] * chance for kind, chance in zip(kinds, chances, strict=True)) for month in range(12)
    ]
    return _by_month(actual, sure, expected, dict(zip(months, map(_of_whole, ends), strict=True)), whole=True)


def forecast_visits(
    actual: float, kinds: Sequence[KindFacts], *, sure: Sequence[float] = _NONE, seed: str
) -> tuple[Forecast, ...]:
    """Visits by the end of each month, January to December; see ``forecast_sessions``. People likewise, where what a
    session brings is people who were not there before.

    Args:
        seed: what the figure is of; the same one draws the same range.
    """
    dice, means = Random(seed), visits_by_kind(kinds)  # noqa: S311 - a simulation that must be repeatable
    spread, months = _spread(kinds), open_months(kinds)
    # What is wrong with the programme's mean is wrong with that of each of its kinds.
    of_all = spread / math.sqrt(sum(one.counted for one in kinds) + PRIOR_COUNTS)
    of_each = [(mean, spread / math.sqrt(kind.counted + KINDS_ALIKE)) for kind, mean in zip(kinds, means, strict=True)]
    ends: list[list[float]] = [[] for _ in months]
    for draw in played(shapes_of(kinds)):
        amounts = [0.0] * len(months)
        together = dice.gauss(0, of_all)
        for (mean, off), held in zip(of_each, draw, strict=True):
            if not mean:
                continue
            scale = mean * math.exp(together + dice.gauss(0, off)) * spread**2
            for place, number in enumerate(held):
                if number and scale > 0:
                    # The sum of so many positive, skewed amounts.
                    amounts[place] += gamma(dice, number / spread**2) * scale
        for place, reached in enumerate(accumulate(amounts)):
            ends[place].append(reached)
    expected = [
        sum(
            kind.planned[month] * chance * mean
            for kind, chance, mean in zip(kinds, kept_chances(kinds), means, strict=True)
        )
        for month in range(12)
    ]
    return _by_month(actual, sure, expected, dict(zip(months, map(_of_any, ends), strict=True)))


def forecast_courses(
    actual: int, courses: Sequence[tuple[int, int]], chance: float, *, seed: str
) -> tuple[Forecast, ...]:
    """Courses of which a session was held by the end of each month.

    Args:
        courses: of each that was not held yet, the month (1 to 12) and number of its published sessions.
        chance: that one of these takes place.
    """
    dice = Random(seed)  # noqa: S311 - as above
    likely = [(month, 1 - (1 - chance) ** sessions) for month, sessions in courses]
    months = sorted({month for month, _one in likely})
    ends: dict[int, list[float]] = {month: [] for month in months}
    for _draw in range(DRAWS):
        reached = 0
        for number in months:
            reached += sum(dice.random() < one for month, one in likely if month == number)
            ends[number].append(reached)
    expected = [sum(one for month, one in likely if month == number) for number in range(1, 13)]
    return _by_month(
        actual, _NONE, expected, {month - 1: _of_whole(drawn) for month, drawn in ends.items()}, whole=True
    )


def carried_on(counting: Counting, *, actual: float, share: float, by_month: Sequence[float]) -> Forecast:
    """What tallies will sum to: the rate so far goes on, ``actual ÷ share`` at the end; a level stays as it is.

    Args:
        share: the part of the year (0 to 1) that lies behind; before the year nothing is known.
        by_month: what each month of the year brought, for how much months differ.
    """
    if counting is Counting.LEVEL or share <= 0 or share >= 1:
        return _rounded(actual, actual, actual)
    to_come, months_left = actual / share - actual, 12 * (1 - share)
    known = [amount for amount in by_month if amount > 0]
    mean = sum(known) / len(known) if known else 0.0
    variance = sum((amount - mean) ** 2 for amount in known) / mean**2 if known else 0.0
    month = math.sqrt((variance + 4 * MONTH_SPREAD**2) / (len(known) + 4))
    # Of what is to come: months differ by chance, and the rate is known from so many months only.
    margin = 1.2816 * month * to_come * math.sqrt(1 / max(months_left, 1) + 1 / max(len(known), 1))
    return _rounded(actual + to_come, actual + max(to_come - margin, 0), actual + to_come + margin)


#: Where the range begins and ends, of what is to come.
_Range = tuple[float, float]


def _by_month(
    actual: float,
    sure: Sequence[float],
    expected: Sequence[float],
    ranges: Mapping[int, _Range],
    *,
    whole: bool = False,
) -> tuple[Forecast, ...]:
    """The forecasts for the ends of the months; after a month without plans the range stays that of the one before."""
    found, certain, middle, (low, high) = [], actual, 0.0, (0.0, 0.0)
    for month in range(12):
        certain += sure[month]
        middle += expected[month]
        low, high = ranges.get(month, (low, high))
        least, most = (math.floor(middle), math.ceil(middle)) if whole else (middle, middle)
        found.append(_rounded(certain + middle, certain + min(low, least), certain + max(high, most)))
    return tuple(found)


def _of_whole(drawn: list[float]) -> _Range:
    """Of whole numbers the range that leaves a tenth of the ends out on each side, as near as whole numbers can."""
    drawn.sort()
    return _edge(drawn, LOW), -_edge([-end for end in reversed(drawn)], 1 - HIGH)


def _edge(drawn: list[float], share: float) -> float:
    """Where the range begins: below lies the part of ``drawn`` (sorted whole numbers) that is nearest to ``share``."""
    usual = drawn[round(share * (len(drawn) - 1))]
    upto = bisect_right(drawn, usual)
    with_it, without = upto / len(drawn), bisect_left(drawn, usual) / len(drawn)
    return drawn[upto] if with_it - share < share - without and upto < len(drawn) else usual


def _of_any(drawn: list[float]) -> _Range:
    drawn.sort()
    return drawn[round(LOW * (len(drawn) - 1))], drawn[round(HIGH * (len(drawn) - 1))]


def _rounded(middle: float, low: float, high: float) -> Forecast:
    return Forecast(round(middle, _PLACES), round(low, _PLACES), round(high, _PLACES))
