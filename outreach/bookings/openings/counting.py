"""What limits and openings count: bookings, claims and orders of a unit, and places of an opening by district.

A women's committee shares its union's limits, a guest its sponsor's: the union or sponsor is the *head*, it and those
directly below it are a *group*. An order counts as an order until it is scheduled, then its host booking counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from outreach.events.domain.openings import Quota
from outreach.shared import db
from outreach.shared.time import ZONE

__all__ = ["Places", "Used", "group_use", "places_now", "places_taken", "served_at"]

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
_USE = f"""
WITH {_MEMBERS},
things AS (
    SELECT m.head, s.programme, s.starts_at AS at,
           coalesce(b.opening, (SELECT x.opening FROM bookings_order x WHERE b.is_host AND x.session = b.session))
               AS opening
      FROM members m
      JOIN bookings_booking b ON b.organisation = m.id
      JOIN events_session s ON s.id = b.session
     WHERE b.state IN {_COUNTED} AND b.id IS DISTINCT FROM $2
    UNION ALL
    SELECT m.head, e.programme, o.first_on::timestamp AT TIME ZONE '{ZONE.key}', o.opening
      FROM members m
      JOIN bookings_order o ON o.organisation = m.id
      JOIN events_event e ON e.id = o.event
     WHERE o.state IN ('submitted', 'endorsed', 'approved', 'assigned') AND o.id IS DISTINCT FROM $2
    UNION ALL
    SELECT j.head, e.programme,
           coalesce(s.starts_at, o.first_on::timestamp AT TIME ZONE '{ZONE.key}'), o.opening
      FROM (SELECT DISTINCT m.head, u.order_id FROM members m JOIN bookings_order_unit u ON u.organisation = m.id) j
      JOIN bookings_order o ON o.id = j.order_id
      JOIN events_event e ON e.id = o.event
      LEFT JOIN events_session s ON s.id = o.session
     WHERE o.state NOT IN ('declined', 'withdrawn') AND o.id IS DISTINCT FROM $2
       AND NOT EXISTS (SELECT 1 FROM members own WHERE own.head = j.head AND own.id = o.organisation)
)
SELECT t.head, t.programme, p.organisation AS owner,
       extract(year FROM t.at AT TIME ZONE '{ZONE.key}')::int AS year, t.opening, count(*) AS number
  FROM things t
  JOIN programmes_programme p ON p.id = t.programme
 GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608


@dataclass(slots=True)
class Used:
    """How many bookings, claims and orders a group has, by what may limit them."""

    programmes: dict[UUID, int] = field(default_factory=dict)
    years: dict[tuple[UUID, int], int] = field(default_factory=dict)
    openings: dict[UUID, int] = field(default_factory=dict)


async def group_use(head_ids: Sequence[UUID], *, but: UUID | None = None) -> dict[UUID, Used]:
    """What each group has, by its head; ``years`` by owner of the programme and local year. One statement.

    Args:
        but: a booking or order that is being replaced and does not count.
    """
    used = {head: Used() for head in head_ids}
    for one in await db.rows(_USE, list(head_ids), but):
        mine, number = used[one["head"]], one["number"]
        mine.programmes[one["programme"]] = mine.programmes.get(one["programme"], 0) + number
        year = (one["owner"], one["year"])
        mine.years[year] = mine.years.get(year, 0) + number
        if one["opening"] is not None:
            mine.openings[one["opening"]] = mine.openings.get(one["opening"], 0) + number
    return used


# An order keeps its place when it is scheduled: its host booking is not a second one.
_TAKEN = f"""
WITH taken AS (
    SELECT o.opening, o.organisation FROM bookings_order o
     WHERE o.opening = ANY($1::uuid[]) AND o.state NOT IN ('declined', 'withdrawn') AND o.id IS DISTINCT FROM $2
    UNION ALL
    SELECT b.opening, b.organisation FROM bookings_booking b
     WHERE b.opening = ANY($1::uuid[]) AND b.state IN {_COUNTED} AND b.id IS DISTINCT FROM $2
       AND NOT (b.is_host AND EXISTS (SELECT 1 FROM bookings_order x WHERE x.session = b.session
                                       AND x.state NOT IN ('declined', 'withdrawn')))
),
by_district AS (
    SELECT t.opening, coalesce(h.district, u.district) AS district, count(*) AS number
      FROM taken t
      JOIN accounts_organisation u ON u.id = t.organisation
      LEFT JOIN accounts_organisation h ON h.id = u.parent AND u.kind IN {_SHARING}
     GROUP BY 1, 2
)
"""  # noqa: S608
_PLACES = f"{_TAKEN} SELECT opening, district, number FROM by_district"  # noqa: S608


async def places_taken(opening_ids: Sequence[UUID], *, but: UUID | None = None) -> dict[UUID, dict[str, int]]:
    """Places taken of each opening by the district of the unit's head (empty: 市直属). One statement."""
    taken: dict[UUID, dict[str, int]] = {id_: {} for id_ in opening_ids}
    if opening_ids:
        for one in await db.rows(_PLACES, list(opening_ids), but):
            taken[one["opening"]][one["district"]] = one["number"]
    return taken


# One row for each district that has a quota or took a place; one without a district where there is none.
_PLACES_NOW = f"""
{_TAKEN}
SELECT w.name, w.places, d.district, d.kept, d.number
  FROM events_opening w
  LEFT JOIN (SELECT opening, district, q.places AS kept, t.number
               FROM (SELECT opening, district, places FROM events_opening_quota WHERE opening = ANY($1::uuid[])) q
               FULL JOIN by_district t USING (opening, district)) d ON d.opening = w.id
 WHERE w.id = ANY($1::uuid[])
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Places:
    """The places of an opening, the quotas of districts and what each district took."""

    name: str
    places: int | None
    quotas: tuple[Quota, ...]
    taken: dict[str, int]


async def places_now(opening_id: UUID, *, but: UUID | None = None) -> Places:
    """The places of one opening and what is taken of them, under the lock of its row. One statement."""
    found = await db.rows(_PLACES_NOW, [opening_id], but)
    return Places(
        found[0]["name"],
        found[0]["places"],
        tuple(Quota(one["district"], one["kept"]) for one in found if one["kept"] is not None),
        {one["district"]: one["number"] for one in found if one["number"] is not None},
    )


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
