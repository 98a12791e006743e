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
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

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

#: Of 100 published sessions so many take place, as far as nothing else is known, and what that is worth in sessions.
KEPT, PRIOR_SESSIONS = 0.93, 12.0
#: What the programme's chance is worth for one of its kinds.
PRIOR_OF_KIND = 12.0
#: Months differ, by weather and by epidemics: as if the chance of each were known from so many sessions.
MONTHS_ALIKE = 25.0
#: What the programme's mean is worth for one of its kinds, in counted sessions.
PRIOR_COUNTS = 1.5
#: Sessions of one kind differ by so much (standard deviation ÷ mean) as far as nothing else is known, with its worth.
SPREAD, PRIOR_SPREADS = 0.45, 6.0
#: A rate of a tally goes on within so much of itself (standard deviation of a month ÷ its mean).
MONTH_SPREAD = 0.5
DRAWS = 400
LOW, HIGH = 0.10, 0.90

_PLACES = 2
#: A mean below it is that of sessions to which nobody came: nothing can be divided by it.
_NOBODY = 1e-6
_NONE = (0.0,) * 12
#: Above so many sessions a binomial is drawn as a normal: as good, and not one by one.
_ONE_BY_ONE = 10


@dataclass(frozen=True, slots=True)
class Forecast:
    """A figure at the end of the year with its range, in the target's unit."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """What is known of one kind of sessions of a programme.

    Attributes:
        held, lost: of those that were due: took place, or were cancelled after publishing. What is past without a
            record is neither.
        planned: sessions published for each month, January to December, after the day asked for.
        counted: sessions whose visits are known; ``visits`` and ``squares`` are the sums of them and of their squares.
        seats: mean capacity of the planned ones, for a year in which nobody was counted yet; 0: no limit.
    """

    held: int = 0
    lost: int = 0
    planned: tuple[int, ...] = (0,) * 12
    counted: int = 0
    visits: float = 0.0
    squares: float = 0.0
    seats: float = 0.0


@dataclass(frozen=True, slots=True)
class _Beta:
    """How likely a session is held: ``held`` and ``lost`` as counts, the prior's among them."""

    held: float
    lost: float

    @property
    def mean(self) -> float:
        return self.held / (self.held + self.lost)


def kept_chances(kinds: Sequence[KindFacts]) -> list[float]:
    """For each kind, how likely one of its published sessions takes place."""
    whole = _of_programme(kinds).mean
    return [_of_kind(one, whole).mean for one in kinds]


def _of_programme(kinds: Sequence[KindFacts]) -> _Beta:
    held, lost = sum(one.held for one in kinds), sum(one.lost for one in kinds)
    return _Beta(held + KEPT * PRIOR_SESSIONS, lost + (1 - KEPT) * PRIOR_SESSIONS)


def _of_kind(kind: KindFacts, whole: float) -> _Beta:
    return _Beta(kind.held + whole * PRIOR_OF_KIND, kind.lost + (1 - whole) * PRIOR_OF_KIND)


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
    actual: float, kinds: Sequence[KindFacts], *, sure: Sequence[float] = _NONE, seed: str
) -> tuple[Forecast, ...]:
    """Sessions held by the end of each month, January to December.

    Args:
        actual: sessions held by the day asked for.
        sure: by month, those after that day of which it is known today that they were held.
        seed: what the figure is of; the same one draws the same range.
    """
    dice, chances = Random(seed), kept_chances(kinds)  # noqa: S311 - a simulation that must be repeatable
    ends: list[list[float]] = [[] for _ in range(12)]
    for _draw in range(DRAWS):
        months = list(sure)
        for held in _played(dice, kinds):
            for month, number in enumerate(held):
                months[month] += number
        for month, reached in enumerate(accumulate(months)):
            ends[month].append(actual + reached)
    expected = accumulate(
        sure[month] + sum(kind.planned[month] * chance for kind, chance in zip(kinds, chances, strict=True))
        for month in range(12)
    )
    return tuple(_whole(actual + more, drawn) for more, drawn in zip(expected, ends, strict=True))


def forecast_visits(
    actual: float, kinds: Sequence[KindFacts], *, sure: Sequence[float] = _NONE, seed: str
) -> tuple[Forecast, ...]:
    """Visits by the end of each month, January to December; see ``forecast_sessions``. People likewise, where what a
    session brings is people who were not there before."""
    dice, means = Random(seed), visits_by_kind(kinds)  # noqa: S311 - as above
    spread, counted = _spread(kinds), sum(one.counted for one in kinds)
    ends: list[list[float]] = [[] for _ in range(12)]
    for _draw in range(DRAWS):
        months = list(sure)
        # What is wrong with the programme's mean is wrong with that of each of its kinds.
        together = dice.gauss(0, spread / math.sqrt(counted + PRIOR_COUNTS))
        for kind, mean, held in zip(kinds, means, _played(dice, kinds), strict=True):
            if not mean:
                continue
            usual = mean * math.exp(together + dice.gauss(0, spread / math.sqrt(kind.counted + PRIOR_COUNTS)))
            for month, number in enumerate(held):
                if number:
                    # The sum of so many positive, skewed amounts.
                    months[month] += dice.gammavariate(number / spread**2, usual * spread**2)
        for month, reached in enumerate(accumulate(months)):
            ends[month].append(actual + reached)
    expected = accumulate(
        sure[month]
        + sum(
            kind.planned[month] * chance * mean
            for kind, chance, mean in zip(kinds, kept_chances(kinds), means, strict=True)
        )
        for month in range(12)
    )
    return tuple(_within(actual + more, drawn) for more, drawn in zip(expected, ends, strict=True))


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
    ends: list[list[float]] = [[] for _ in range(12)]
    for _draw in range(DRAWS):
        months = [0.0] * 12
        for month, one in likely:
            months[month - 1] += dice.random() < one
        for number, reached in enumerate(accumulate(months)):
            ends[number].append(actual + reached)
    expected = accumulate(sum(one for month, one in likely if month == number) for number in range(1, 13))
    return tuple(_whole(actual + more, drawn) for more, drawn in zip(expected, ends, strict=True))


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


def _played(dice: Random, kinds: Sequence[KindFacts]) -> list[list[int]]:
    """Once to the end of the year: for each kind, how many of the sessions planned for each month take place."""
    whole = _of_programme(kinds)
    usual = dice.betavariate(whole.held, whole.lost)
    weather = [dice.gauss(0, math.sqrt(usual * (1 - usual) / MONTHS_ALIKE)) for _month in range(12)]
    found = []
    for kind in kinds:
        chance = _of_kind(kind, usual)
        likely = dice.betavariate(chance.held, chance.lost) if any(kind.planned) else 0.0
        found.append(
            [
                _held_of(dice, planned, min(1.0, max(0.0, likely + there))) if planned else 0
                for planned, there in zip(kind.planned, weather, strict=True)
            ]
        )
    return found


def _held_of(dice: Random, planned: int, likely: float) -> int:
    """How many of ``planned`` take place."""
    if planned <= _ONE_BY_ONE:
        return sum(dice.random() < likely for _ in range(planned))
    middle, spread = planned * likely, math.sqrt(planned * likely * (1 - likely))
    return min(planned, max(0, round(dice.gauss(middle, spread))))


def _whole(middle: float, drawn: list[float]) -> Forecast:
    """Of whole numbers the range that leaves a tenth of the ends out on each side, as near as whole numbers can."""
    drawn.sort()
    low, high = drawn[math.ceil(LOW * len(drawn))], drawn[math.floor(HIGH * len(drawn)) - 1]
    return _rounded(middle, min(low, middle), max(high, middle))


def _within(middle: float, drawn: list[float]) -> Forecast:
    drawn.sort()
    low, high = drawn[round(LOW * (len(drawn) - 1))], drawn[round(HIGH * (len(drawn) - 1))]
    return _rounded(middle, min(low, middle), max(high, middle))


def _rounded(middle: float, low: float, high: float) -> Forecast:
    return Forecast(round(middle, _PLACES), round(low, _PLACES), round(high, _PLACES))
