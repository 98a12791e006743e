"""Reads of leave: who is away, who stands in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from outreach.shared import db
from outreach.shared.i18n import gettext as _

__all__ = ["Colleague", "LeaveRow", "away_on", "colleagues_of", "leave_by_id", "leaves_of", "person_known_as"]


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """A leave that was not taken back."""

    id: UUID
    person_id: UUID
    person_name: str
    deputy_id: UUID
    deputy_name: str
    from_on: date
    until_on: date
    note: str

    @property
    def last_on(self) -> date:
        """The last day away."""
        return self.until_on - timedelta(days=1)

    def covers(self, on: date) -> bool:
        return self.from_on <= on < self.until_on

    def is_over(self, today: date) -> bool:
        return self.until_on <= today


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who could stand in or take over; ``units`` are those that both have to do with."""

    id: UUID
    name: str
    units: str

    @property
    def label(self) -> str:
        """A line of a choice: two colleagues of one name are told apart by their units."""
        return _("%(name)s（%(units)s）") % {"name": self.name, "units": self.units}


_LEAVE = """
SELECT l.id, l.person AS person_id, p.name AS person_name, l.deputy AS deputy_id, d.name AS deputy_name, l.from_on,
       l.until_on, l.note
  FROM accounts_leave l JOIN accounts_person p ON p.id = l.person JOIN accounts_person d ON d.id = l.deputy
 WHERE l.ended_at IS NULL
"""


async def leaves_of(person_id: UUID, today: date) -> list[LeaveRow]:
    """The leaves of a person that are not over, the next first."""
    found = await db.rows(_LEAVE + " AND l.person = $1 AND l.until_on > $2 ORDER BY l.from_on", person_id, today)
    return [LeaveRow(**row) for row in found]


async def leave_by_id(leave_id: UUID) -> LeaveRow | None:
    """One that was not taken back."""
    row = await db.row(_LEAVE + " AND l.id = $1", leave_id)
    return None if row is None else LeaveRow(**row)


async def away_on(person_ids: Collection[UUID], on: date) -> dict[UUID, LeaveRow]:
    """Who of these is away on a day, with the leave."""
    found = await db.rows(
        _LEAVE + " AND l.person = ANY($1::uuid[]) AND l.from_on <= $2 AND l.until_on > $2", list(person_ids), on
    )
    return {row["person_id"]: LeaveRow(**row) for row in found}


async def colleagues_of(person_id: UUID, today: date, *, same_role: bool, limit: int = 200) -> list[Colleague]:
    """Others with a role in one of the person's organisations, or in the one right above.

    Args:
        same_role: only those who hold the very role of the person in the very organisation: they lose and gain nothing.
    """
    found = await db.rows(
        """WITH own AS (
               SELECT g.organisation, g.role, o.parent FROM accounts_role_grant g
                 JOIN accounts_organisation o ON o.id = g.organisation
                WHERE g.person = $1 AND g.role IN ('contact', 'organiser') AND (g.until_on IS NULL OR g.until_on > $2))
           SELECT p.id, p.name, string_agg(DISTINCT o.name, '、' ORDER BY o.name) AS units
             FROM accounts_role_grant g JOIN accounts_person p ON p.id = g.person
             JOIN accounts_organisation o ON o.id = g.organisation
            WHERE g.person <> $1 AND g.role IN ('contact', 'organiser') AND p.disabled_at IS NULL
              AND (g.until_on IS NULL OR g.until_on > $2)
              AND (CASE WHEN $3 THEN (g.organisation, g.role) IN (SELECT organisation, role FROM own)
                   ELSE g.organisation IN (SELECT organisation FROM own UNION SELECT parent FROM own) END)
            GROUP BY p.id, p.name ORDER BY p.name, p.id LIMIT $4""",
        person_id,
        today,
        same_role,
        limit,
    )
    return [Colleague(**row) for row in found]


async def person_known_as(login_name: str, phone: str) -> UUID | None:
    """Whoever has this login name or telephone number, both as stored."""
    found: UUID | None = await db.value(
        "SELECT id FROM accounts_person WHERE login_name = $1 OR ($2 <> '' AND phone = $2) LIMIT 1", login_name, phone
    )
    return found
