"""Whose members they are: the owner's part of the union tree, its members, and the place of every unit in the tables.

Members of a node are its own figure where it has one, else the sum of its children's. A women's committee's members are
its union's already, a guest's people are no members, and a closed unit's own figure has gone to another: none of these
adds anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from outreach.accounts.domain.organisations import OrganisationKind

__all__ = ["DIRECT", "OTHERS", "UNMATCHED", "Node", "Place", "Tree"]

#: Rows that are no organisation.
DIRECT, UNMATCHED, OTHERS = "direct", "unmatched", "others"

#: Kinds that always are a level of their own, whether units below them are in the system or not.
_LEVELS = frozenset(
    {
        OrganisationKind.FEDERATION,
        OrganisationKind.JOINT_UNION,
        OrganisationKind.WORK_COMMITTEE,
        OrganisationKind.INDUSTRY_UNION,
        OrganisationKind.TOWNSHIP_UNION,
    }
)
_ADD_NOTHING = frozenset({OrganisationKind.GUEST, OrganisationKind.WOMENS_COMMITTEE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An organisation; ``members`` is what it says of itself, ``closed``: by the day asked for."""

    id: UUID
    parent_id: UUID | None
    path: str
    name: str
    kind: OrganisationKind
    district: str
    members: int | None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit's people stand: the row by organisation (an id, or ``DIRECT`` …) and the district.

    An empty district is 市直属; ``None``: no district, since nobody knows the unit or it is not the owner's.
    """

    row: UUID | str
    district: str | None


@dataclass(slots=True)
class Tree:
    """The owner and all below it; ``nodes``: the owner, then every other one after its parent."""

    nodes: Sequence[Node]
    members: dict[UUID, int | None] = field(init=False)
    places: dict[UUID, Place] = field(init=False)
    _children: dict[UUID, list[Node]] = field(init=False)

    def __post_init__(self) -> None:
        self._children = {node.id: [] for node in self.nodes}
        for node in self.nodes[1:]:
            if node.parent_id in self._children:
                self._children[node.parent_id].append(node)
        self.members = {}
        for node in reversed(self.nodes):
            self.members[node.id] = self._members(node)
        self.places = {}
        for node in self.nodes:
            self.places[node.id] = self._place(node)

    @property
    def owner(self) -> Node:
        return self.nodes[0]

    @property
    def units(self) -> list[Node]:
        """The owner's direct children that are rows of their own, in the order of the tree."""
        return [node for node in self._children[self.owner.id] if self._is_level(node)]

    @property
    def direct_members(self) -> int | None:
        """Members of the units directly below the owner that have no level of their own; ``None``: not known."""
        kept = [node for node in self._children[self.owner.id] if not self._is_level(node)]
        return self._sum(kept)

    def district_members(self) -> dict[str, int | None]:
        """Members by district: of the topmost unit below the owner that names one, with all below it.

        What a unit without a district has beyond those of its units that do name one is 市直属, the empty name.
        """
        found: dict[str, int | None] = {}
        for node in self._children[self.owner.id]:
            self._spread(node, found)
        return found

    def _spread(self, node: Node, found: dict[str, int | None]) -> int:
        """Add the members of ``node`` to their districts; return how many found one here or below."""
        if node.kind in _ADD_NOTHING:
            return 0
        known = self.members[node.id]
        if node.district:
            found[node.district] = _added(found.get(node.district), known)
            return known or 0
        below = sum(self._spread(child, found) for child in self._children[node.id])
        rest = None if known is None else max(known - below, 0)
        if rest or not below:
            found[""] = _added(found.get(""), rest)
        return max(known or 0, below)

    def _members(self, node: Node) -> int | None:
        if node.members is not None and not node.closed:
            return node.members
        return self._sum(self._children[node.id])

    def _sum(self, nodes: Sequence[Node]) -> int | None:
        known = [self.members[node.id] for node in nodes if node.kind not in _ADD_NOTHING]
        given = [one for one in known if one is not None]
        return sum(given) if given else None

    def _is_level(self, node: Node) -> bool:
        if node.kind in _ADD_NOTHING:
            return False
        return node.kind in _LEVELS or any(child.kind not in _ADD_NOTHING for child in self._children[node.id])

    def _place(self, node: Node) -> Place:
        above = self.places.get(node.parent_id) if node.parent_id else None
        if node.kind is OrganisationKind.GUEST:
            return Place(OTHERS, None)
        if above is None or node is self.owner:
            return Place(DIRECT, "")
        if above.row == OTHERS:
            return above
        row: UUID | str = above.row
        if node.parent_id == self.owner.id:
            row = node.id if self._is_level(node) else DIRECT
        return Place(row, above.district or node.district)


def _added(before: int | None, more: int | None) -> int | None:
    return before if more is None else (before or 0) + more
