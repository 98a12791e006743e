"""Districts beside each other: what took place there, what its units had, and both per 1,000 members.

按地点 counts by the district of the place, 按归属 by that of the organisation with which a session is at home (its
host, without one who runs it); the two are never mixed. Members follow ``coverage.domain.tree``: a unit's own
figure where it gave one, else the sum of its children's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outreach.accounts.domain.organisations import OrganisationKind
from outreach.accounts.queries.organisations import OrganisationRow
from outreach.counting.coverage.domain.tree import OTHERS, Node, Tree
from outreach.counting.months import Counted, Sum
from outreach.shared import db

__all__ = ["Compared", "DistrictRow", "compared", "tree_of"]


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """One district. ``members`` ``None``: not known. ``here``: of places there; ``theirs``: of its units."""

    name: str
    members: int | None
    here: Sum
    theirs: Sum

    @property
    def here_per_thousand(self) -> float | None:
        """Visits at places there per 1,000 members."""
        return _per_thousand(self.here.visits, self.members)

    @property
    def theirs_per_thousand(self) -> float | None:
        """Visits of its units per 1,000 members."""
        return _per_thousand(self.theirs.visits, self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Every named district, most for its members first, then what belongs to none.

    Attributes:
        direct: by 归属, units without a district, 市直属, with their members.
        own: by 归属, the owner's own sessions at nobody's site.
        nowhere: by 地点, sessions whose place has no district.
        others: by 归属, at the site of guests and of units outside the owner's part of the tree.
        whole: every one of them, by both ways of counting; its members are the owner's.
    """

    districts: Sequence[DistrictRow]
    direct: DistrictRow
    own: Sum
    nowhere: Sum
    others: Sum
    whole: DistrictRow


def _per_thousand(visits: int, members: int | None) -> float | None:
    return visits * 1000 / members if members else None


async def tree_of(owner: OrganisationRow, as_of: date) -> Tree:
    """The owner and all below it; one statement."""
    rows = await db.rows(
        """SELECT o.id, o.parent AS parent_id, o.path, o.name, o.kind, o.district, o.member_count AS members,
                  coalesce(o.closed_on <= $2, false) AS closed
             FROM accounts_organisation o WHERE starts_with(o.path, $1) ORDER BY length(o.path), o.code""",
        owner.path,
        as_of,
    )
    return Tree([Node(**{**row, "kind": OrganisationKind(row["kind"])}) for row in rows])


def _added(one: Sum, sessions: int, visits: int) -> Sum:
    return Sum(one.sessions + sessions, one.visits + visits)


def compared(tree: Tree, counted: Counted) -> Compared:
    """Most visits at places there per 1,000 members first; districts of unknown members last, in the tree's order."""
    members = tree.district_members()
    here = {
        name: Sum.of(c for c in counted.cells if c.district == name) for name in {c.district for c in counted.cells}
    }
    theirs: dict[str, Sum] = {}
    own = others = Sum()
    for one in counted.homes:
        place = tree.places.get(one.home)
        if one.home == tree.owner.id:
            own = _added(own, one.sessions, one.visits)
        elif place is None or place.row == OTHERS or place.district is None:
            others = _added(others, one.sessions, one.visits)
        else:
            theirs[place.district] = _added(theirs.get(place.district, Sum()), one.sessions, one.visits)
    named = [one.district for one in tree.places.values() if one.district]
    seen = [name for name, total in sorted(here.items()) if name and total != Sum()]
    whole = Sum.of(counted.cells)
    districts = [
        DistrictRow(name, members.get(name), here.get(name, Sum()), theirs.get(name, Sum()))
        for name in dict.fromkeys([*named, *seen])
    ]
    return Compared(
        districts=sorted(
            districts, key=lambda row: -1 if (rate := row.here_per_thousand) is None else rate, reverse=True
        ),
        direct=DistrictRow("", members.get(""), Sum(), theirs.get("", Sum())),
        own=own,
        nowhere=here.get("", Sum()),
        others=others,
        whole=DistrictRow(tree.owner.name, tree.members[tree.owner.id], whole, whole),
    )
