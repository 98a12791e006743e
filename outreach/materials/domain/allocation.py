"""分配: who gets how much when there is not enough for all. Pure, and the same for the same applications.

What there is goes by need: by members, those with an occupational hazard (职业危害) counting more, less what the unit
got in earlier rounds. Nobody gets more than was asked for; what that leaves goes to the others. Parts are made whole by
the largest remainder. Only when everybody with a need has all that was asked for do the rest share, by what they asked
for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

__all__ = ["HAZARD_PERCENTS", "LARGEST_AMOUNT", "Applied", "allocate", "need_of"]

#: Of a hazard's weight: 100 counts it like any other.
HAZARD_PERCENTS = (100, 1000)
LARGEST_AMOUNT = 10_000_000


@dataclass(frozen=True, slots=True)
class Applied:
    """What is known of one application.

    Attributes:
        wanted: asked for, in the item's unit, at least 0.
        members: people, at least 0.
        earlier: what the unit got of the same item in earlier rounds, at least 0.
    """

    id: UUID
    wanted: int
    members: int
    hazard: bool = False
    earlier: int = 0


def need_of(one: Applied, hazard_percent: int) -> int:
    """Hundredths of a person: members who have none yet, times the weight of a hazard."""
    return max(one.members - one.earlier, 0) * (hazard_percent if one.hazard else 100)


def allocate(applied: Sequence[Applied], available: int, *, hazard_percent: int = 150) -> dict[UUID, int]:
    """Share ``available`` among the applications.

    Every id is a key; each part is at least 0 and at most what was wanted; together they are ``available``, or all that
    was wanted when that is less. The order in which the applications are given does not matter.

    Raises:
        ValueError: something is below 0, or an id is there twice.
    """
    if available < 0 or any(one.wanted < 0 or one.members < 0 or one.earlier < 0 for one in applied):
        raise ValueError("amounts are at least 0")
    if len({one.id for one in applied}) != len(applied):
        raise ValueError("one application twice")
    parts = _shared([(one, need_of(one, hazard_percent)) for one in applied], available)
    left = available - sum(parts.values())
    others = [(one, one.wanted) for one in applied if need_of(one, hazard_percent) == 0]
    return {**{one.id: 0 for one in applied}, **parts, **_shared(others, left)}


def _shared(weighed: Sequence[tuple[Applied, int]], available: int) -> dict[UUID, int]:
    """By weight, capped by what was wanted; those without weight or wish get nothing here.

    Whoever wants least for its weight is filled first: once one is not filled whole, none behind it is.
    """
    waiting = [(one, weight) for one, weight in weighed if weight > 0 and one.wanted > 0]
    waiting.sort(key=lambda pair: (Fraction(pair[0].wanted, pair[1]), pair[0].id.int))
    left, weights = available, sum(weight for _one, weight in waiting)
    parts: dict[UUID, int] = {}
    for place, (one, weight) in enumerate(waiting):
        if left * weight < one.wanted * weights:
            return {**parts, **_by_largest_remainder(waiting[place:], left, weights)}
        parts[one.id] = one.wanted
        left, weights = left - one.wanted, weights - weight
    return parts


def _by_largest_remainder(waiting: Sequence[tuple[Applied, int]], left: int, weights: int) -> dict[UUID, int]:
    """Whole parts of ``left`` by weight. Each exact part is below what was wanted, so one more is still within it."""
    parts = {one.id: left * weight // weights for one, weight in waiting}
    rest = left - sum(parts.values())
    first = sorted(waiting, key=lambda pair: (-(left * pair[1] % weights), -pair[1], pair[0].id.int))
    for one, _weight in first[:rest]:
        parts[one.id] += 1
    return parts
