"""JSON of accounts."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from outreach.accounts.domain.organisations import OrganisationKind, Ownership
from outreach.accounts.queries import OrganisationRow
from outreach.shared.actors import Actor, Role
from outreach.shared.text import LINE_PATTERN, Code, District, Line

__all__ = [
    "Count",
    "GrantOut",
    "Me",
    "OrganisationFields",
    "OrganisationIn",
    "OrganisationList",
    "OrganisationOut",
    "OrganisationPatch",
    "PersonOut",
    "Revision",
    "organisation_out",
]

#: People of one organisation.
Count = Annotated[int, Meta(ge=0, le=20_000_000)]
Revision = Annotated[int, Meta(ge=1, le=2_147_483_647)]
Industry = Annotated[str, Meta(max_length=60, pattern=LINE_PATTERN)]
Id = Annotated[str, Meta(min_length=1, max_length=40)]


class OrganisationFields(msgspec.Struct, kw_only=True):
    """What API, form and file give of an organisation."""

    code: Code
    name: Line
    kind: OrganisationKind
    parent_id: Id | None = None
    district: District = ""
    ownership: Ownership = Ownership.UNKNOWN
    industry: Industry = ""
    member_count: Count | None = None
    member_count_on: date | None = None
    women_count: Count | None = None


class OrganisationIn(OrganisationFields, kw_only=True, forbid_unknown_fields=True):
    """A new organisation. Without `parent_id` it is a root, which only an administrator makes."""


class OrganisationPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; fields left out stay. A new `parent_id` moves the organisation with all below it."""

    code: Code | UnsetType = UNSET
    name: Line | UnsetType = UNSET
    kind: OrganisationKind | UnsetType = UNSET
    parent_id: Id | UnsetType | None = UNSET
    district: District | UnsetType = UNSET
    ownership: Ownership | UnsetType = UNSET
    industry: Industry | UnsetType = UNSET
    member_count: Count | UnsetType | None = UNSET
    member_count_on: date | UnsetType | None = UNSET
    women_count: Count | UnsetType | None = UNSET


class OrganisationOut(msgspec.Struct, kw_only=True):
    """An organisation. Those who neither run nor evaluate it nor act for it get `ownership`, `industry` empty and the
    counts `null`."""

    id: UUID
    code: str
    name: str
    kind: OrganisationKind
    parent_id: UUID | None
    district: str
    ownership: Ownership
    industry: str
    member_count: int | None
    member_count_on: date | None
    women_count: int | None


class OrganisationList(msgspec.Struct, kw_only=True):
    """Part of the organisations that the caller knows, parents before what is below them."""

    items: list[OrganisationOut]
    next: str | None
    total: int


class PersonOut(msgspec.Struct, kw_only=True):
    """The person behind the credential."""

    id: UUID
    name: str
    locale: str


class GrantOut(msgspec.Struct, kw_only=True):
    """A role that the person holds today; an administrator's has no organisation."""

    role: Role
    organisation_id: UUID | None
    organisation_name: str


class Me(msgspec.Struct, kw_only=True):
    """Who the caller is. `csrf_token` goes into `X-CSRF-Token` of unsafe requests made with a login cookie."""

    person: PersonOut
    grants: list[GrantOut]
    csrf_token: str


def organisation_out(actor: Actor, row: OrganisationRow) -> OrganisationOut:
    """The organisation as ``actor`` may read it."""
    full = row.details_for(actor)
    return OrganisationOut(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        parent_id=row.parent_id,
        district=row.district,
        ownership=row.ownership if full else Ownership.UNKNOWN,
        industry=row.industry if full else "",
        member_count=row.member_count if full else None,
        member_count_on=row.member_count_on if full else None,
        women_count=row.women_count if full else None,
    )
