"""Organisations: one, all that somebody knows, choices for forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from outreach.accounts.domain.organisations import OrganisationKind, Ownership, ancestor_ids, depth_of
from outreach.accounts.domain.permissions import may_read_details
from outreach.accounts.queries.filters import COUNT, like
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.paging import DEFAULT_LIMIT, Page, decode_cursor, page_of

__all__ = [
    "OrganisationOption",
    "OrganisationRow",
    "districts",
    "organisation_by_code",
    "organisation_by_id",
    "organisation_options",
    "organisations",
    "root_organisation",
]


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation with all that is stored of it; what a caller may read of it is decided at the edge."""

    id: UUID
    code: str
    name: str
    kind: OrganisationKind
    parent_id: UUID | None
    parent_name: str | None
    path: str
    district: str
    ownership: Ownership
    industry: str
    member_count: int | None
    member_count_on: date | None
    women_count: int | None
    closed_on: date | None
    revision: int

    @property
    def depth(self) -> int:
        """How far below its root."""
        return depth_of(self.path)

    def details_for(self, actor: Actor) -> bool:
        """Whether ``actor`` reads figures, ownership and industry, too."""
        return may_read_details(actor, self.id, self.path)


_ORGANISATION = """
    SELECT o.id, o.code, o.name, o.kind, o.parent AS parent_id, p.name AS parent_name, o.path, o.district, o.ownership,
           o.industry, o.member_count, o.member_count_on, o.women_count, o.closed_on, o.revision
      FROM accounts_organisation o LEFT JOIN accounts_organisation p ON p.id = o.parent
"""


def _organisation(row: Any) -> OrganisationRow:
    return OrganisationRow(**{**row, "kind": OrganisationKind(row["kind"]), "ownership": Ownership(row["ownership"])})


async def organisation_by_id(organisation_id: UUID) -> OrganisationRow | None:
    """The organisation, whoever asks."""
    row = await db.row(_ORGANISATION + " WHERE o.id = $1", organisation_id)
    return None if row is None else _organisation(row)


async def organisation_by_code(code: str) -> OrganisationRow | None:
    """The organisation with exactly this code, whoever asks."""
    row = await db.row(_ORGANISATION + " WHERE o.code = $1", code)
    return None if row is None else _organisation(row)


async def root_organisation() -> OrganisationRow | None:
    """The organisation that the installation belongs to: the oldest root."""
    row = await db.row(_ORGANISATION + " WHERE o.parent IS NULL ORDER BY o.created_at, o.id LIMIT 1")
    return None if row is None else _organisation(row)


def _known_to(actor: Actor) -> tuple[list[str], list[UUID]]:
    """LIKE patterns of what lies below the actor's organisations, and the ids above them."""
    below = [f"{grant.path}%" for grant in actor.grants]
    above = {one for grant in actor.grants for one in ancestor_ids(grant.path)}
    return below, sorted(above)


_KNOWN_ORGANISATIONS = """ (o.path LIKE ANY($1::text[]) OR o.id = ANY($2::uuid[]))
    AND ($3::text IS NULL OR o.name ILIKE $3 OR o.code ILIKE $3)
    AND ($4::text IS NULL OR o.kind = $4) AND ($5::text IS NULL OR o.district = $5)
    AND ($6::uuid IS NULL OR o.parent = $6) AND ($7 OR o.closed_on IS NULL)
"""
_COUNT_ORGANISATIONS = COUNT + " FROM accounts_organisation o WHERE " + _KNOWN_ORGANISATIONS


async def organisations(
    actor: Actor,
    *,
    text: str | None = None,
    kind: OrganisationKind | None = None,
    district: str | None = None,
    parent_id: UUID | None = None,
    with_closed: bool = True,
    limit: int = DEFAULT_LIMIT,
    after: str | None = None,
) -> Page[OrganisationRow]:
    """What ``actor`` may know of, parents before what is below them, siblings by age.

    Args:
        text: part of a name or code.
        district: exactly; ``""`` for those of the city itself (市直属).
        after: cursor of an earlier page.

    Raises:
        InvalidError: the cursor was not ours.
    """
    below, above = _known_to(actor)
    given = (below, above, like(text), kind, district, parent_id, with_closed)
    start = decode_cursor(after, 1)[0] if after else None
    found = await db.rows(
        _ORGANISATION
        + " WHERE "
        + _KNOWN_ORGANISATIONS
        + " AND ($8::text IS NULL OR o.path > $8) ORDER BY o.path LIMIT $9",
        *given,
        start,
        limit + 1,
    )
    total = await db.value(_COUNT_ORGANISATIONS, *given)
    return page_of([_organisation(row) for row in found], limit, total, lambda row: (row.path,))


@dataclass(frozen=True, slots=True)
class OrganisationOption:
    """A line of a choice of organisations."""

    id: UUID
    code: str
    name: str
    kind: OrganisationKind
    path: str

    @property
    def label(self) -> str:
        """The name, moved in by its depth."""
        return "　" * depth_of(self.path) + self.name


async def organisation_options(
    actor: Actor,
    *,
    kinds: Sequence[OrganisationKind] | None = None,
    including: UUID | None = None,
    limit: int = 2000,
) -> list[OrganisationOption]:
    """Open organisations that ``actor`` runs, in the order of the tree; ``including`` one that is chosen already.

    Contacts get the organisations they act for, with the women's committees and guests below.
    """
    patterns = [f"{path}%" for path in actor.organised_paths] + [
        f"{grant.path}%" for grant in actor.grants if grant.role is Role.CONTACT
    ]
    found = await db.rows(
        """SELECT id, code, name, kind, path FROM accounts_organisation
            WHERE path LIKE ANY($1::text[])
              AND ((closed_on IS NULL AND ($2::text[] IS NULL OR kind = ANY($2::text[]))) OR id = $3)
            ORDER BY path LIMIT $4""",
        patterns,
        None if kinds is None else list(kinds),
        including,
        limit,
    )
    return [OrganisationOption(**{**row, "kind": OrganisationKind(row["kind"])}) for row in found]


async def districts(actor: Actor) -> list[str]:
    """Names of the districts of the organisations that ``actor`` may know of, for a filter."""
    below, above = _known_to(actor)
    found = await db.rows(
        """SELECT district FROM accounts_organisation o
            WHERE district <> '' AND (o.path LIKE ANY($1::text[]) OR o.id = ANY($2::uuid[]))
            GROUP BY district ORDER BY min(o.path)""",
        below,
        above,
    )
    return [row["district"] for row in found]
