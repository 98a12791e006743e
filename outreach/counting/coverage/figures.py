"""Coverage as pages, answers and documents show it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

__all__ = ["Coverage", "CoverageRow", "Part", "RampPoint"]

#: What a row stands for: the owner and all below it, a unit with a level of its own, 市直属, a district, people whose
#: unit is not known, people who are no members (guests, units outside the owner's part of the tree).
Part = Literal["whole", "unit", "direct", "district", "unmatched", "others"]


def _percent(part: int, whole: int | None) -> float | None:
    return part * 100 / whole if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """One line of coverage.

    Attributes:
        organisation_id: of a unit with a level of its own; ``None`` for every other part.
        members: collected members 已采集会员数; ``None``: not known, so there is no share.
        visits: real-name visits in this system; ``people``: distinct among them, within this row.
        outside_visits: real-name visits that another system recorded.
        outside_people: people of those, distinct among themselves; ``None``: not known of one entry at least.
        unnamed_visits: visits in this system that have no name.
    """

    name: str
    organisation_id: UUID | None = None
    members: int | None = None
    visits: int = 0
    people: int = 0
    outside_visits: int = 0
    outside_people: int | None = 0
    unnamed_visits: int = 0
    part: Part = "unit"

    @property
    def all_visits(self) -> int:
        """Real-name visits of both systems."""
        return self.visits + self.outside_visits

    @property
    def all_people(self) -> int:
        """People of both systems, as far as those outside are known; who is in both counts twice."""
        return self.people + (self.outside_people or 0)

    @property
    def visit_percent(self) -> float | None:
        """Real-name visits in hundredths of the members; ``None`` without members."""
        return _percent(self.all_visits, self.members)

    @property
    def people_percent(self) -> float | None:
        """People in hundredths of the members; without those outside where their number is not known."""
        return _percent(self.all_people, self.members)

    @property
    def unnamed_percent(self) -> float | None:
        """Which part of this system's visits has no name, in hundredths; ``None`` without visits."""
        return _percent(self.unnamed_visits, self.visits + self.unnamed_visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class RampPoint:
    """A year of the ramp: its goal, and what was reached where the year has begun; hundredths of today's members."""

    year: int
    goal_percent: float | None
    visit_percent: float | None = None
    people_percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Coverage of one owner's members in one year, cut at ``as_of``.

    Attributes:
        goal_percent: of the year: the owner's own, else that of the nearest organisation above it.
        goal_of: name of the organisation whose goal it is; empty without a goal.
        whole: the owner and all below it, people whose unit is not known included, guests and strangers not.
        by_organisation: the owner's direct children that have units below, 市直属, and what fits neither; people are
            distinct within a row, so that the rows' people add up to more than those of ``whole``.
        by_district: the same people by the district of their unit.
        only_this_system: 仅本系统: nobody entered services of another system.
    """

    year: int
    as_of: date
    owner_id: UUID
    owner_name: str
    goal_percent: float | None
    goal_of: str = ""
    whole: CoverageRow
    by_organisation: list[CoverageRow] = field(default_factory=list)
    by_district: list[CoverageRow] = field(default_factory=list)
    only_this_system: bool = True

    def reached(self, percent: float | None) -> float | None:
        """How much of the year's goal ``percent`` is, in hundredths."""
        return None if percent is None or not self.goal_percent else percent * 100 / self.goal_percent
