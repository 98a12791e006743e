"""Whom a report's sessions reached: by district of the place, by the union tree, by kind of unit, by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.queries.organisations import OrganisationRow
from outreach.counting.coverage.domain.tree import DIRECT, OTHERS, Tree
from outreach.counting.districts import tree_of
from outreach.counting.groups import GroupFigure, group_figures
from outreach.counting.months import Cell, Sum, counted_of
from outreach.counting.scope import Ours, Span
from outreach.reports.domain.periods import Period
from outreach.shared import db

__all__ = ["Home", "KindLine", "Structure", "UnitLine", "structure_of"]


@dataclass(frozen=True, slots=True)
class Home:
    """What one organisation had at its site, or ran at nobody's (归属)."""

    id: UUID
    kind: OrganisationKind
    ownership: str
    sessions: int
    visits: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line of the table by 归属.

    Attributes:
        members: ``None``: not known, or none.
        units: that had a session; ``None``: the line is of no unit.
    """

    name: str
    members: int | None
    units: int | None
    sessions: int
    visits: int


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of unit: how many of it had sessions."""

    kind: OrganisationKind
    units: int
    non_public: int
    sessions: int
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What was counted in the period, from every side; ``cells`` and ``homes`` add up to the same whole.

    Attributes:
        above: what programmes of higher organisations brought to this part of the tree; in no other figure.
    """

    owner_id: UUID
    owner_name: str
    is_root: bool
    tree: Tree
    cells: tuple[Cell, ...] = ()
    homes: tuple[Home, ...] = ()
    groups: Sequence[GroupFigure] = ()
    above: tuple[Cell, ...] = ()
    above_names: tuple[tuple[UUID, str], ...] = ()

    @property
    def whole(self) -> Sum:
        return Sum.of(self.cells)

    def by_unit(self) -> list[UnitLine]:
        """Units with a level of their own, those directly below together (市直属), the owner's own, others."""
        found: dict[UUID | str, list[Home]] = {}
        for one in self.homes:
            place = self.tree.places.get(one.id)
            key = "own" if one.id == self.owner_id else OTHERS if place is None else place.row
            found.setdefault(key, []).append(one)
        direct = "市直属单位" if self.is_root else "直属单位"
        named: list[tuple[UUID | str, str, int | None]] = [
            *((unit.id, unit.name, self.tree.members[unit.id]) for unit in self.tree.units),
            (DIRECT, direct, self.tree.direct_members),
            ("own", f"{self.owner_name}本级（没有承接单位）", None),
            (OTHERS, "其他服务对象和外单位", None),
        ]
        lines = [_unit_line(name, members, found.get(key, []), own=key == "own") for key, name, members in named]
        return [line for line in lines if line.sessions or line.visits or line.members]

    def by_kind(self) -> list[KindLine]:
        """Kinds of the units where sessions took place, the most sessions first; the owner's own are left out."""
        found: dict[OrganisationKind, list[Home]] = {}
        for one in self.homes:
            if one.id != self.owner_id:
                found.setdefault(one.kind, []).append(one)
        lines = [
            KindLine(
                kind,
                len(ours),
                sum(one.ownership == "non_public" for one in ours),
                sum(one.sessions for one in ours),
                sum(one.visits for one in ours),
            )
            for kind, ours in found.items()
        ]
        return sorted(lines, key=lambda line: (-line.sessions, -line.visits, line.kind))


def _unit_line(name: str, members: int | None, homes: Sequence[Home], *, own: bool) -> UnitLine:
    units = None if own else len(homes)
    return UnitLine(name, members, units, sum(one.sessions for one in homes), sum(one.visits for one in homes))


async def structure_of(
    owner: OrganisationRow, ours: Ours, period: Period, as_of: date, *, above: Ours | None = None
) -> Structure:
    """What was counted from the period's first day to ``as_of``; at most six statements.

    Args:
        above: programmes of higher organisations, of which the part of the tree has something.
    """
    span = Span(period.year, as_of)
    counted = await counted_of(ours, span)
    earlier: dict[UUID, tuple[int, int]] = {}
    if period.first_month > 1:
        before = await counted_of(ours, Span(period.year, period.before_on))
        earlier = {one.home: (one.sessions, one.visits) for one in before.homes}
    homes = {}
    for one in counted.homes:
        sessions, visits = earlier.get(one.home, (0, 0))
        if (one.sessions, one.visits) != (sessions, visits):
            homes[one.home] = (one.sessions - sessions, one.visits - visits)
    return Structure(
        owner_id=owner.id,
        owner_name=owner.name,
        is_root=owner.parent_id is None,
        tree=await tree_of(owner, as_of),
        cells=_within(counted.cells, period),
        homes=await _homes(homes),
        groups=await group_figures(ours, span, since_on=None if period.first_month == 1 else period.since_on),
        above=_within((await counted_of(above, span)).cells, period) if above and above.above else (),
        above_names=tuple((one.id, one.name) for one in above.above) if above else (),
    )


def _within(cells: Sequence[Cell], period: Period) -> tuple[Cell, ...]:
    return tuple(one for one in cells if one.month in period.months and (one.sessions or one.visits))


async def _homes(figures: dict[UUID, tuple[int, int]]) -> tuple[Home, ...]:
    rows = await db.rows(
        "SELECT id, kind, ownership FROM accounts_organisation WHERE id = ANY($1::uuid[]) ORDER BY length(path), code",
        list(figures),
    )
    return tuple(Home(row["id"], OrganisationKind(row["kind"]), row["ownership"], *figures[row["id"]]) for row in rows)
