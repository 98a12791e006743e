"""People with their roles."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.domain.permissions import Held
from outreach.accounts.queries.filters import COUNT, like
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.paging import DEFAULT_LIMIT, Page, id_after, page_of
from outreach.shared.time import local_day

__all__ = [
    "GrantRow",
    "PersonRow",
    "entry_person",
    "grants_of",
    "held_by",
    "person_by_id",
    "person_by_login_name",
    "persons",
]


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role of a person in an organisation; an administrator's has none and the path ``/``."""

    id: UUID
    role: Role
    organisation_id: UUID | None
    organisation_name: str
    path: str
    from_on: date
    until_on: date | None
    is_deputy: bool

    def is_over(self, today: date) -> bool:
        return self.until_on is not None and self.until_on <= today

    def has_begun(self, today: date) -> bool:
        return self.from_on <= today


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as staff see them. ``phone`` is for staff who must call; ``grants`` are those in the caller's part."""

    id: UUID
    name: str
    login_name: str | None
    phone: str | None
    locale: str
    has_password: bool
    disabled_at: datetime | None
    revision: int
    grants: tuple[GrantRow, ...] = field(default=())
    email: str | None = None
    email_confirmed_at: datetime | None = None


class _GrantJson(msgspec.Struct, array_like=True):
    id: UUID
    role: Role
    organisation_id: UUID | None
    organisation_name: str | None
    path: str | None
    from_on: date
    until_on: date | None
    is_deputy: bool


_GRANTS = """
    (SELECT coalesce(json_agg(json_build_array(g.id, g.role, g.organisation, o.name, o.path, g.from_on, g.until_on,
                                               g.is_deputy)
                              ORDER BY g.until_on IS NOT NULL, g.from_on, g.id), '[]')
       FROM accounts_role_grant g LEFT JOIN accounts_organisation o ON o.id = g.organisation
      WHERE g.person = p.id AND coalesce(o.path, '/') LIKE ANY($1::text[])) AS grants
"""
_PERSON = """
    SELECT p.id, p.name, p.login_name, p.phone, p.locale, p.password_hash IS NOT NULL AS has_password, p.disabled_at,
           p.revision, p.email, p.email_confirmed_at,
"""


def _person(row: Any) -> PersonRow:
    grants = tuple(
        GrantRow(
            g.id,
            g.role,
            g.organisation_id,
            g.organisation_name or "",
            g.path or "/",
            g.from_on,
            g.until_on,
            g.is_deputy,
        )
        for g in msgspec.json.decode(row["grants"], type=list[_GrantJson])
    )
    return PersonRow(**{**row, "grants": grants})


async def person_by_id(person_id: UUID, actor: Actor | None = None) -> PersonRow | None:
    """The person; with ``actor`` only the roles in the part of the tree that the actor runs."""
    patterns = ["%"] if actor is None else [f"{path}%" for path in actor.organised_paths]
    row = await db.row(_PERSON + _GRANTS + " FROM accounts_person p WHERE p.id = $2", patterns, person_id)
    return None if row is None else _person(row)


async def person_by_login_name(login_name: str) -> PersonRow | None:
    """The person with exactly this login name (``normal_login_name``) and all their roles."""
    row = await db.row(_PERSON + _GRANTS + " FROM accounts_person p WHERE p.login_name = $2", ["%"], login_name)
    return None if row is None else _person(row)


_KNOWN_PERSONS = """
    ('/%' = ANY($1::text[]) OR EXISTS (
        SELECT 1 FROM accounts_role_grant g JOIN accounts_organisation o ON o.id = g.organisation
         WHERE g.person = p.id AND o.path LIKE ANY($1::text[])))
    AND ($2::text IS NULL OR p.name ILIKE $2 OR p.login_name ILIKE $2 OR p.phone LIKE $2 OR EXISTS (
        SELECT 1 FROM accounts_role_grant g JOIN accounts_organisation o ON o.id = g.organisation
         WHERE g.person = p.id AND o.path LIKE ANY($1::text[]) AND o.name ILIKE $2))
    AND ($3::text IS NULL OR EXISTS (
        SELECT 1 FROM accounts_role_grant g LEFT JOIN accounts_organisation o ON o.id = g.organisation
         WHERE g.person = p.id AND coalesce(o.path, '/') LIKE ANY($1::text[]) AND g.role = $3
           AND (g.until_on IS NULL OR g.until_on > $4)))
    AND ($5::uuid IS NULL OR EXISTS (
        SELECT 1 FROM accounts_role_grant g WHERE g.person = p.id AND g.organisation = $5
           AND (g.until_on IS NULL OR g.until_on > $4)))
"""
_COUNT_PERSONS = COUNT + " FROM accounts_person p WHERE " + _KNOWN_PERSONS


async def persons(
    actor: Actor,
    now: datetime,
    *,
    text: str | None = None,
    role: Role | None = None,
    organisation_id: UUID | None = None,
    limit: int = DEFAULT_LIMIT,
    after: str | None = None,
) -> Page[PersonRow]:
    """People with a role, past or present, in the part of the tree that ``actor`` runs; newest first.

    Args:
        text: part of a name, login name, phone, or of the organisation's name.
        role: one that they hold today or will hold.
        organisation_id: one in which they hold a role today or will.

    Raises:
        InvalidError: the cursor was not ours.
    """
    patterns = [f"{path}%" for path in actor.organised_paths]
    given = (patterns, like(text), role, local_day(now), organisation_id)
    start = id_after(after)
    found = await db.rows(
        _PERSON
        + _GRANTS
        + " FROM accounts_person p WHERE "
        + _KNOWN_PERSONS
        + " AND ($6::uuid IS NULL OR p.id < $6) ORDER BY p.id DESC LIMIT $7",
        *given,
        start,
        limit + 1,
    )
    total = await db.value(_COUNT_PERSONS, *given)
    return page_of([_person(row) for row in found], limit, total, lambda row: (str(row.id),))


async def held_by(person_id: UUID, today: date) -> tuple[Held, ...]:
    """Every role of a person, wherever it is: the facts that permissions are decided on."""
    found = await db.rows(
        """SELECT g.role, coalesce(o.path, '/') AS path, g.until_on IS NOT NULL AND g.until_on <= $2 AS is_over
             FROM accounts_role_grant g LEFT JOIN accounts_organisation o ON o.id = g.organisation
            WHERE g.person = $1""",
        person_id,
        today,
    )
    return tuple(Held(Role(row["role"]), row["path"], row["is_over"]) for row in found)


async def grants_of(person_id: UUID) -> tuple[GrantRow, ...]:
    """Every role of a person, open ones first."""
    person = await person_by_id(person_id)
    return person.grants if person else ()


async def entry_person(code_digest: str, now: datetime) -> PersonRow | None:
    """The person whom a code that is still good lets in."""
    row = await db.row(
        _PERSON
        + _GRANTS
        + """ FROM accounts_entry_code c JOIN accounts_person p ON p.id = c.person
              WHERE c.code_hash = $2 AND c.used_at IS NULL AND c.expires_at > $3 AND p.disabled_at IS NULL""",
        ["%"],
        code_digest,
        now,
    )
    return None if row is None else _person(row)
