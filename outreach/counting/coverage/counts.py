"""What was counted, by place in the union tree, and the rows made of it. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from outreach.counting.coverage.domain.tree import OTHERS, UNMATCHED, Place, Tree
from outreach.counting.coverage.figures import CoverageRow, Part
from outreach.programmes.coverage.queries import OutsideSum

__all__ = ["NOBODY", "STRANGER", "Counts"]

#: Where people stand whose unit is not known, and those who are no members of the owner's.
NOBODY, STRANGER = Place(UNMATCHED, None), Place(OTHERS, None)


@dataclass(slots=True)
class Counts:
    """What was counted, by place; ``people`` maps the places at which the same people were to their number."""

    tree: Tree
    numbers: dict[Place, int] = field(init=False)
    visits: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    unnamed: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    outside: dict[Place, OutsideSum] = field(default_factory=dict)
    people: dict[frozenset[Place], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = dict.fromkeys([NOBODY, STRANGER, *self.tree.places.values()])
        self.numbers = {place: number for number, place in enumerate(places)}

    def place_of(self, unit: UUID | None) -> Place:
        return NOBODY if unit is None else self.tree.places.get(unit, STRANGER)

    def add_outside(self, unit: UUID, outside: OutsideSum) -> None:
        # What was entered for the owner itself served members of any of its units.
        place = NOBODY if unit == self.tree.owner.id else self.place_of(unit)
        self.outside[place] = self.outside.get(place, OutsideSum()) + outside

    def row(self, name: str, part: Part, places: Iterable[Place], **given: Any) -> CoverageRow:
        """The line of all these places together."""
        ours = set(places)
        outside = sum((self.outside[one] for one in ours if one in self.outside), OutsideSum())
        return CoverageRow(
            name=name,
            part=part,
            visits=sum(self.visits.get(one, 0) for one in ours),
            people=sum(number for where, number in self.people.items() if where & ours),
            unnamed_visits=sum(self.unnamed.get(one, 0) for one in ours),
            outside_visits=outside.visits,
            outside_people=outside.people,
            **given,
        )
