"""What limits and openings count: bookings, claims and orders of a unit, and places of an opening by district.

A women's committee shares its union's limits, a guest its sponsor's: the union or sponsor is the *head*, it and those
directly below it are a *group*. An order counts as an order until it is scheduled, then its host booking counts.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.events.domain.openings import Quota
from outreach.shared import db
from outreach.shared.time import ZONE

__all__ = ["Counts", "Places", "Used", "count", "group_use", "places_taken", "served_at"]

_SHARING = "('womens_committee', 'guest')"
_COUNTED = "('pending', 'offered', 'confirmed', 'waitlisted', 'attended', 'no_show')"

#: Argument 1: the heads. Columns: head, id.
_MEMBERS = f"""
members AS (
    SELECT h.id AS head, h.id FROM accounts_organisation h WHERE h.id = ANY($1::uuid[])
    UNION ALL
    SELECT m.parent, m.id FROM accounts_organisation m WHERE m.parent = ANY($1::uuid[]) AND m.kind IN {_SHARING}
)
"""  # noqa: S608 - words of ours

# An order that a unit joined counts for it to the end: the host booking belongs to the unit that ordered. Within one
# group it is one order.
_USED = f"""
things AS (
    SELECT m.head, s.programme, s.starts_at AS at,
           coalesce(b.opening, (SELECT x.opening FROM bookings_order x WHERE b.is_host AND x.session = b.session))
               AS opening
      FROM members m
      JOIN bookings_booking b ON b.organisation = m.id
      JOIN events_session s ON s.id = b.session
     WHERE b.state IN {_COUNTED} AND b.id IS DISTINCT FROM $3
    UNION ALL
    SELECT m.head, e.programme, o.first_on::timestamp AT TIME ZONE '{ZONE.key}', o.opening
      FROM members m
      JOIN bookings_order o ON o.organisation = m.id
      JOIN events_event e ON e.id = o.event
     WHERE o.state IN ('submitted', 'endorsed', 'approved', 'assigned') AND o.id IS DISTINCT FROM $3
    UNION ALL
    SELECT j.head, e.programme,
           coalesce(s.starts_at, o.first_on::timestamp AT TIME ZONE '{ZONE.key}'), o.opening
      FROM (SELECT DISTINCT m.head, u.order_id FROM members m JOIN bookings_order_unit u ON u.organisation = m.id) j
      JOIN bookings_order o ON o.id = j.order_id
      JOIN events_event e ON e.id = o.event
      LEFT JOIN events_session s ON s.id = o.session
     WHERE o.state NOT IN ('declined', 'withdrawn') AND o.id IS DISTINCT FROM $3
       AND NOT EXISTS (SELECT 1 FROM members own WHERE own.head = j.head AND own.id = o.organisation)
),
used AS (
    SELECT t.head, t.programme, p.organisation AS owner,
           extract(year FROM t.at AT TIME ZONE '{ZONE.key}')::int AS year, t.opening, count(*) AS number
      FROM things t
      JOIN programmes_programme p ON p.id = t.programme
     GROUP BY 1, 2, 3, 4, 5
)
"""  # noqa: S608

# An order keeps its place when it is scheduled: its host booking is not a second one.
_TAKEN = f"""
places AS (
    SELECT o.opening, o.organisation FROM bookings_order o
     WHERE o.opening = ANY($2::uuid[]) AND o.state NOT IN ('declined', 'withdrawn') AND o.id IS DISTINCT FROM $3
    UNION ALL
    SELECT b.opening, b.organisation FROM bookings_booking b
     WHERE b.opening = ANY($2::uuid[]) AND b.state IN {_COUNTED} AND b.id IS DISTINCT FROM $3
       AND NOT (b.is_host AND EXISTS (SELECT 1 FROM bookings_order x WHERE x.session = b.session
                                       AND x.state NOT IN ('declined', 'withdrawn')))
),
taken AS (
    SELECT t.opening, coalesce(h.district, u.district) AS district, count(*) AS number
      FROM places t
      JOIN accounts_organisation u ON u.id = t.organisation
      LEFT JOIN accounts_organisation h ON h.id = u.parent AND u.kind IN {_SHARING}
     GROUP BY 1, 2
)
"""  # noqa: S608

#: Arguments: the heads, the openings, what does not count. First what groups have; then, without a head, a row for each
#: opening and district that has a quota or took a place, and one without a district where there is none.
_COUNT = f"""
WITH {_MEMBERS}, {_USED}, {_TAKEN}
SELECT head, programme, owner, year, opening, number, NULL::text AS district, NULL::int AS kept, NULL::text AS name,
       NULL::int AS places
  FROM used
UNION ALL
SELECT NULL, NULL, NULL, NULL, w.id, d.number, d.district, d.kept, w.name, w.places
  FROM events_opening w
  LEFT JOIN (SELECT opening, district, q.places AS kept, t.number
               FROM (SELECT opening, district, places FROM events_opening_quota WHERE opening = ANY($2::uuid[])) q
               FULL JOIN taken t USING (opening, district)) d ON d.opening = w.id
 WHERE w.id = ANY($2::uuid[])
"""  # noqa: S608


@dataclass(slots=True)
class Used:
    """How many bookings, claims and orders a group has, by what may limit them."""

    programmes: dict[UUID, int] = field(default_factory=dict)
    years: dict[tuple[UUID, int], int] = field(default_factory=dict)
    openings: dict[UUID, int] = field(default_factory=dict)


@dataclass(slots=True)
class Places:
    """The places of an opening, the quotas of districts and how many each district took (empty: 市直属)."""

    name: str
    places: int | None
    quotas: list[Quota] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """What each group has, by its head, and what is taken of each opening that there is."""

    used: dict[UUID, Used]
    openings: dict[UUID, Places]


async def count(head_ids: Collection[UUID], opening_ids: Collection[UUID], *, but: UUID | None = None) -> Counts:
    """Count for groups and openings at once. One statement.

    Args:
        but: a booking or order that is being replaced and does not count.
    """
    counts = Counts({head: Used() for head in head_ids}, {})
    for one in await db.rows(_COUNT, list(head_ids), list(opening_ids), but):
        if one["head"] is not None:
            _add_use(counts.used[one["head"]], one)
        else:
            _add_places(counts.openings.setdefault(one["opening"], Places(one["name"], one["places"])), one)
    return counts


def _add_use(mine: Used, one: Any) -> None:
    number = one["number"]
    mine.programmes[one["programme"]] = mine.programmes.get(one["programme"], 0) + number
    year = (one["owner"], one["year"])
    mine.years[year] = mine.years.get(year, 0) + number
    if one["opening"] is not None:
        mine.openings[one["opening"]] = mine.openings.get(one["opening"], 0) + number


def _add_places(opening: Places, one: Any) -> None:
    if one["kept"] is not None:
        opening.quotas.append(Quota(one["district"], one["kept"]))
    if one["number"] is not None:
        opening.taken[one["district"]] = one["number"]


async def group_use(head_ids: Collection[UUID]) -> dict[UUID, Used]:
    """What each group has, by its head; ``years`` by owner of the programme and local year. One statement."""
    return (await count(head_ids, ())).used


async def places_taken(opening_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Places taken of each opening by the district of the unit's head (empty: 市直属). One statement."""
    if not opening_ids:
        return {}
    openings = (await count((), opening_ids)).openings
    return {id_: openings[id_].taken if id_ in openings else {} for id_ in opening_ids}


_SERVED = f"""
WITH {_MEMBERS},
dates AS (
    SELECT s.programme, s.starts_at FROM members m JOIN events_session s ON s.host = m.id
     WHERE s.state IN ('held', 'closed')
    UNION ALL
    SELECT s.programme, s.starts_at FROM members m
      JOIN bookings_booking b ON b.organisation = m.id
      JOIN events_session s ON s.id = b.session
     WHERE b.state IN ('confirmed', 'attended') AND s.state IN ('held', 'closed')
    UNION ALL
    SELECT s.programme, s.starts_at FROM members m
      JOIN bookings_order_unit u ON u.organisation = m.id
      JOIN bookings_order o ON o.id = u.order_id
      JOIN events_session s ON s.id = o.session
     WHERE s.state IN ('held', 'closed')
)
SELECT max(d.starts_at) FROM dates d JOIN programmes_programme p ON p.id = d.programme WHERE p.organisation = $2
"""  # noqa: S608


async def served_at(head_id: UUID, owner_id: UUID) -> datetime | None:
    """When the group last had a session of the owner's programmes: as host, as guest, or in a joined order.

    At a session that is held and not yet closed, who is confirmed took part: no-shows are named when it is held.
    """
    found: datetime | None = await db.value(_SERVED, [head_id], owner_id)
    return found
