"""The rest of a year played to its end: which published sessions take place, as likely as what is known says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

__all__ = [
    "DRAWS",
    "KEPT",
    "PRIOR_SESSIONS",
    "KindFacts",
    "gamma",
    "kept_chances",
    "open_months",
    "played",
    "shapes_of",
]

#: Of 100 published sessions so many take place, as far as nothing else is known, and what that is worth in sessions.
KEPT, PRIOR_SESSIONS = 0.93, 12.0
#: What the programme's chance is worth for one of its kinds.
PRIOR_OF_KIND = 12.0
#: Months differ, by weather and by epidemics: as if the chance of each were known from so many sessions.
MONTHS_ALIKE = 25.0
#: Sessions of the same few months had the same weather: together they tell as much of a chance as this part of them.
TOLD = 0.6
DRAWS = 400
#: Above so many sessions a binomial is drawn as a normal: as good, and not one by one.
_ONE_BY_ONE = 10
#: Below it a gamma variate is too skewed for the cube of a normal.
_SMALL = 1.5
#: No chance is nothing or sure.
_ALMOST = 1e-9


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


def open_months(kinds: Sequence[KindFacts]) -> list[int]:
    """Months (0 to 11) for which something is planned: in the others nothing can happen."""
    return [month for month in range(12) if any(kind.planned[month] for kind in kinds)]


#: What decides how many sessions take place: of each kind held, lost, and planned by month.
Shapes = tuple[tuple[int, int, tuple[int, ...]], ...]


def shapes_of(kinds: Sequence[KindFacts]) -> Shapes:
    """As ``played`` wants to be asked."""
    return tuple((one.held, one.lost, one.planned) for one in kinds)


@lru_cache(maxsize=8)
def played(shapes: Shapes) -> list[list[list[int]]]:
    """``DRAWS`` times to the end of the year: for each kind, how many of the sessions planned for each open month take
    place. Targets that ask for sessions and for visits of the same kinds share them."""
    kinds = [KindFacts(held=held, lost=lost, planned=planned) for held, lost, planned in shapes]
    dice, months = Random(repr(shapes)), open_months(kinds)  # noqa: S311 - it must be repeatable
    of_programme, found = _of_programme(kinds), []
    planned = [[kind.planned[month] for month in months] for kind in kinds]
    for _draw in range(DRAWS):
        usual = _drawn_chance(dice, of_programme)
        off = math.sqrt(usual * (1 - usual) / MONTHS_ALIKE)
        weather = [dice.gauss(0, off) for _month in months]
        draw = []
        for kind, ours in zip(kinds, planned, strict=True):
            likely = _drawn_chance(dice, _of_kind(kind, usual))
            draw.append(
                [_held_of(dice, n, likely + there) if n > 0 else 0 for n, there in zip(ours, weather, strict=True)]
            )
        found.append(draw)
    return found


def _drawn_chance(dice: Random, chance: _Beta) -> float:
    held, lost = gamma(dice, chance.held * TOLD), gamma(dice, chance.lost * TOLD)
    return min(max(held / ((held + lost) or 1.0), _ALMOST), 1 - _ALMOST)


def gamma(dice: Random, shape: float) -> float:
    """A gamma variate of scale 1: exact where it is small and skewed, else by the cube of a normal, which costs less
    (Wilson and Hilferty, 1931)."""
    if shape < _SMALL:
        return dice.gammavariate(shape, 1)
    ninth = 1 / (9 * shape)
    root = 1 - ninth + dice.gauss(0, 1) * math.sqrt(ninth)
    return shape * root * root * root if root > 0 else 0.0


def _held_of(dice: Random, planned: int, likely: float) -> int:
    """How many of ``planned`` take place."""
    if likely >= 1:
        return planned
    if likely <= 0:
        return 0
    if planned > _ONE_BY_ONE:
        middle, spread = planned * likely, math.sqrt(planned * likely * (1 - likely))
        return min(planned, max(0, round(dice.gauss(middle, spread))))
    # From all of them downwards, until the chances of so many together are as much as was drawn.
    held, left, part = planned, dice.random(), likely**planned
    odds = (1 - likely) / likely
    while left > part and held:
        left -= part
        part *= odds * held / (planned - held + 1)
        held -= 1
    return held
