"""How much of each limit a unit has used: what its contact reads before being refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.bookings.openings.counting import group_use
from outreach.shared import db
from outreach.shared.time import local_day

__all__ = ["Usage", "usage_of"]


@dataclass(frozen=True, slots=True)
class Usage:
    """A limit that concerns a unit, and what its group has used of it.

    ``scope`` is ``programme``, ``year`` or ``opening``; ``name`` is that of the programme or opening, of a year its
    number with the promising organisation.
    """

    organisation_id: UUID
    scope: str
    name: str
    limit: int
    used: int


# Limits of organisations above the unit: of this year and its programmes, and of openings that are open now.
_LIMITS = """
WITH units AS (
    SELECT u.id, u.path, coalesce(h.id, u.id) AS head, coalesce(h.district, u.district) AS district
      FROM accounts_organisation u
      LEFT JOIN accounts_organisation h ON h.id = u.parent AND u.kind IN ('womens_committee', 'guest')
     WHERE u.id = ANY($1::uuid[])
)
SELECT u.id, u.head, 1 AS rank, 'year' AS scope, y.id AS limiting, o.id AS owner, y.year, o.name,
       y.max_per_organisation, 0 AS position, NULL::timestamptz AS opens_at, true AS is_meant
  FROM units u
  JOIN accounts_organisation o ON starts_with(u.path, o.path)
  JOIN programmes_year y ON y.organisation = o.id AND y.year = $2 AND y.max_per_organisation IS NOT NULL
UNION ALL
SELECT u.id, u.head, 2, 'programme', p.id, o.id, p.year, coalesce(nullif(p.short_name, ''), p.name),
       p.max_per_organisation, p.position, NULL, true
  FROM units u
  JOIN accounts_organisation o ON starts_with(u.path, o.path)
  JOIN programmes_programme p ON p.organisation = o.id AND p.year = $2 AND p.max_per_organisation IS NOT NULL
UNION ALL
SELECT u.id, u.head, 3, 'opening', w.id, o.id, p.year, w.name, w.max_per_organisation, p.position, w.opens_at,
       w.for_whom = 'all' OR (w.for_whom = 'districts' AND u.district = ANY(w.districts))
  FROM units u
  JOIN accounts_organisation o ON starts_with(u.path, o.path)
  JOIN programmes_programme p ON p.organisation = o.id
  JOIN events_opening w ON w.programme = p.id AND w.max_per_organisation IS NOT NULL
   AND w.opens_at <= $3 AND (w.closes_at IS NULL OR w.closes_at > $3)
ORDER BY 1, 3, position, opens_at, limiting
"""


async def usage_of(organisation_ids: Sequence[UUID], now: datetime) -> list[Usage]:
    """The limits that concern each unit this year, with what it has used; two statements at most.

    An opening for units that were not served for years is named only to those who have come through it.
    """
    if not organisation_ids:
        return []
    limits = await db.rows(_LIMITS, list(organisation_ids), local_day(now).year, now)
    if not limits:
        return []
    use = await group_use(list({one["head"] for one in limits}))
    found = []
    for one in limits:
        mine = use[one["head"]]
        match one["scope"]:
            case "year":
                used, name = mine.years.get((one["owner"], one["year"]), 0), f"{one['year']} {one['name']}"
            case "programme":
                used, name = mine.programmes.get(one["limiting"], 0), one["name"]
            case _:
                used, name = mine.openings.get(one["limiting"], 0), one["name"]
        if used or one["is_meant"]:
            found.append(Usage(one["id"], one["scope"], name, one["max_per_organisation"], used))
    return found
