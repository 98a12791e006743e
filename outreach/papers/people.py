"""People of a session by name, for the ledger and for certificates; a confidential session has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.events.queries import SessionRow
from outreach.shared import db

__all__ = ["MOST_LINES", "CertifiedPerson", "PersonLine", "people_chosen", "people_lines", "people_present"]

#: Lines of the ledger's sheet with names: a whole hall for weeks, and still a file that opens at once.
MOST_LINES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """Somebody expected or present on one day; ``name`` empty: erased."""

    on: date
    name: str
    unit_name: str
    tail: str
    expected: bool
    present: bool
    checked_in_at: datetime | None


async def people_lines(session: SessionRow) -> tuple[list[PersonLine], int]:
    """Who was expected or there, by day and in the order of entry, and how many more than ``MOST_LINES``."""
    if session.confidential:
        return [], 0
    found = await db.rows(
        """SELECT a."on", a.name, coalesce(o.name, a.unit_name) AS unit_name, a.tail, a.expected, a.present,
                  a.checked_in_at, count(*) OVER () AS total
             FROM attendance_attendee a LEFT JOIN accounts_organisation o ON o.id = a.organisation
            WHERE a.session = $1 AND (a.expected OR a.present) ORDER BY a."on", a.id LIMIT $2""",
        session.id,
        MOST_LINES,
    )
    lines = [PersonLine(**{k: v for k, v in one.items() if k != "total"}) for one in found]
    return lines, (found[0]["total"] - len(found) if found else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedPerson:
    """Somebody who was there, on ``days``; ``id`` is that of the first day. ``name`` empty: erased."""

    id: UUID
    name: str
    unit_name: str
    tail: str
    days: tuple[date, ...]


_PRESENT = """
SELECT (array_agg(a.id ORDER BY a."on", a.id))[1] AS id, max(a.name) AS name,
       max(coalesce(o.name, a.unit_name)) AS unit_name, max(a.tail) AS tail, array_agg(a."on" ORDER BY a."on") AS days,
       count(*) OVER () AS total
  FROM attendance_attendee a LEFT JOIN accounts_organisation o ON o.id = a.organisation
 WHERE a.session = $1 AND a.present
 GROUP BY a.identity
"""


async def people_present(
    session: SessionRow, *, q: str, limit: int, skip: int = 0
) -> tuple[Sequence[CertifiedPerson], int]:
    """Who was there, each once, by unit and name, and how many in all; ``q``: a part of the name or unit."""
    if session.confidential:
        return [], 0
    found = await db.rows(
        _PRESENT
        + """HAVING $2 = '' OR strpos(lower(max(a.name)), lower($2)) > 0
                 OR strpos(lower(max(coalesce(o.name, a.unit_name))), lower($2)) > 0
             ORDER BY unit_name, name, id LIMIT $3 OFFSET $4""",
        session.id,
        q,
        limit,
        skip,
    )
    return _people(found), (found[0]["total"] if found else 0)


async def people_chosen(session: SessionRow, ids: Sequence[UUID]) -> Sequence[CertifiedPerson]:
    """Those of them that ``ids`` name, by unit and name."""
    if session.confidential:
        return []
    found = await db.rows(
        _PRESENT
        + """HAVING (array_agg(a.id ORDER BY a."on", a.id))[1] = ANY($2::uuid[])
                      ORDER BY unit_name, name, id""",
        session.id,
        list(ids),
    )
    return _people(found)


def _people(found: Sequence[Any]) -> list[CertifiedPerson]:
    return [
        CertifiedPerson(
            id=one["id"], name=one["name"], unit_name=one["unit_name"], tail=one["tail"], days=tuple(one["days"])
        )
        for one in found
    ]
