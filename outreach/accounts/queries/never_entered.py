"""Who never logged in, and can be given a code."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.queries.filters import like
from outreach.shared import db
from outreach.shared.actors import Actor, Role
from outreach.shared.time import local_day

__all__ = ["MOST_CODES", "NeverEntered", "NeverEnteredRow", "Wanted", "never_entered"]

#: So many codes are made at once: 25 sheets of paper.
MOST_CODES = 200

#: Contacts and staff; others are given codes when somebody asks for their role.
USUAL_ROLES = (Role.CONTACT, Role.ORGANISER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of whom the codes are: as the list of people is searched.

    Attributes:
        text: part of a name, login name, phone, or of the organisation's name.
        role: ``None`` for contacts and staff.
        organisation_id: the one in which they hold the role.
        renewed_at: also who has an unused code that is still good and was made before: a new one ends it. Whoever got
            one since is left alone, so that the second of many sheets does not spoil the first.
    """

    text: str | None = None
    role: Role | None = None
    organisation_id: UUID | None = None
    renewed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverEnteredRow:
    """Somebody without a password. ``holds_code``: an unused code of theirs is still good."""

    id: UUID
    name: str
    login_name: str | None
    phone: str | None
    holds_code: bool
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverEntered:
    """Whom a code can be made for, who waited longest first, ``MOST_CODES`` at most; and how many there are.

    Attributes:
        fresh: people who have no good code; ``holding``: who have one; ``renewable``: of these, who are given another.
        nameless: people who cannot log in, having neither login name nor phone.
    """

    rows: list[NeverEnteredRow] = field(default_factory=list)
    fresh: int = 0
    holding: int = 0
    renewable: int = 0
    nameless: int = 0

    @property
    def total(self) -> int:
        """People whom codes can be made for, now and at the next times."""
        return self.fresh + self.renewable


async def never_entered(
    actor: Actor, now: datetime, wanted: Wanted, *, among: list[UUID] | None = None
) -> NeverEntered:
    """Everybody wanted whom ``actor`` may manage and who never logged in, by two statements.

    Args:
        among: only these people, for who has locked them.
    """
    roles = [wanted.role.value] if wanted.role else [role.value for role in USUAL_ROLES]
    given: tuple[Any, ...] = (
        [f"{path}%" for path in actor.organised_paths],
        like(wanted.text),
        local_day(now),
        wanted.organisation_id,
        roles,
        now,
        among,
        wanted.renewed_at,
    )
    counts = await db.row(_COUNTS, *given)
    assert counts is not None  # one row always
    found = await db.rows(_ROWS, *given, MOST_CODES)
    return NeverEntered(rows=[NeverEnteredRow(**{**row, "units": tuple(row["units"])}) for row in found], **counts)


#: $1 patterns of the actor's part of the tree, $2 text, $3 today, $4 organisation, $5 roles, $6 now, $7 people or null,
#: $8 moment of renewing or null. A person with a role beyond that part is left out, as in ``may_manage_person``.
_NEVER = """
WITH never AS (
    SELECT p.id, p.name, p.login_name, p.phone, coalesce(held.units, '{}') AS units,
           p.login_name IS NOT NULL OR p.phone IS NOT NULL AS is_named,
           good.made_at IS NOT NULL AS holds_code, coalesce(good.made_at < $8, false) AS is_renewed
      FROM accounts_person p
      JOIN LATERAL (
           SELECT count(*) AS roles, array_agg(DISTINCT o.name ORDER BY o.name) FILTER (WHERE o.id IS NOT NULL) AS units
             FROM accounts_role_grant g LEFT JOIN accounts_organisation o ON o.id = g.organisation
            WHERE g.person = p.id AND coalesce(o.path, '/') LIKE ANY($1::text[]) AND g.role = ANY($5::text[])
              AND (g.until_on IS NULL OR g.until_on > $3) AND ($4::uuid IS NULL OR g.organisation = $4)
           ) held ON held.roles > 0
      LEFT JOIN LATERAL (
           SELECT max(c.created_at) AS made_at FROM accounts_entry_code c
            WHERE c.person = p.id AND c.used_at IS NULL AND c.expires_at > $6
           ) good ON true
     WHERE p.password_hash IS NULL AND p.disabled_at IS NULL AND ($7::uuid[] IS NULL OR p.id = ANY($7))
       AND NOT EXISTS (
           SELECT 1 FROM accounts_role_grant g LEFT JOIN accounts_organisation o ON o.id = g.organisation
            WHERE g.person = p.id AND (g.until_on IS NULL OR g.until_on > $3)
              AND NOT coalesce(o.path, '/') LIKE ANY($1::text[]))
       AND ($2::text IS NULL OR p.name ILIKE $2 OR p.login_name ILIKE $2 OR p.phone LIKE $2
            OR EXISTS (SELECT 1 FROM unnest(held.units) AS unit WHERE unit ILIKE $2))
)
"""
_NUMBERS = """
SELECT count(*) FILTER (WHERE is_named AND NOT holds_code) AS fresh,
       count(*) FILTER (WHERE is_named AND holds_code) AS holding,
       count(*) FILTER (WHERE is_named AND is_renewed) AS renewable,
       count(*) FILTER (WHERE NOT is_named) AS nameless
  FROM never
"""
_LONGEST_WAITING = """
SELECT id, name, login_name, phone, holds_code, units
  FROM never
 WHERE is_named AND (NOT holds_code OR is_renewed)
 ORDER BY (SELECT max(created_at) FROM accounts_entry_code c WHERE c.person = never.id) NULLS FIRST, id LIMIT $9
"""
_COUNTS = _NEVER + _NUMBERS
_ROWS = _NEVER + _LONGEST_WAITING
