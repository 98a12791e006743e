"""The list of a session's people on one day, as who keeps it reads it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from outreach.shared import db

__all__ = ["MOST_SHOWN", "DayList", "ListPerson", "asks_for_numbers", "booked_units", "list_of_day"]

#: More people stand on no page; the search finds the others.
MOST_SHOWN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPerson:
    """Somebody expected or there. ``tail``: the last four of the number, if one was given."""

    id: UUID
    name: str
    unit_name: str
    tail: str
    expected: bool
    present: bool
    came_by: str
    checked_in_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayList:
    """``people``: those that the search found, at most ``MOST_SHOWN``; ``found``: how many it found in all.
    ``present`` and ``expected`` count the whole day."""

    people: Sequence[ListPerson]
    found: int
    present: int
    expected: int


async def list_of_day(session_id: UUID, on: date, *, q: str = "", limit: int = MOST_SHOWN) -> DayList:
    """Who is expected or there on that day, by unit and name.

    Args:
        q: part of the name, or the last four digits; blanks and width do not matter. Empty: everybody.
    """
    wanted = "".join(unicodedata.normalize("NFKC", q).split()).casefold()
    matching = """($3 = '' OR a.tail = $3
                   OR strpos(regexp_replace(lower(normalize(a.name, NFKC)), '\\s', '', 'g'), $3) > 0)"""
    listed = """FROM attendance_attendee a WHERE a.session = $1 AND a."on" = $2 AND (a.expected OR a.present)"""
    found = await db.rows(
        f"""SELECT a.id, a.name, a.unit_name, a.tail, a.expected, a.present, a.came_by, a.checked_in_at, a.revision
              {listed} AND {matching} ORDER BY a.unit_name, a.name, a.id LIMIT $4""",
        session_id,
        on,
        wanted,
        limit,
    )
    counts = await db.row(
        f"""SELECT count(*) FILTER (WHERE {matching})::int AS found,
                   count(*) FILTER (WHERE a.present)::int AS present,
                   count(*) FILTER (WHERE a.expected)::int AS expected {listed}""",
        session_id,
        on,
        wanted,
    )
    assert counts is not None  # an aggregate always has a row
    return DayList(people=[ListPerson(**one) for one in found], **counts)


async def booked_units(session_id: UUID) -> dict[str, UUID]:
    """The organisations that booked a session or host it, by name; of namesakes the first."""
    found = await db.rows(
        """SELECT o.name, min(o.id::text)::uuid AS id FROM accounts_organisation o
            WHERE o.id IN (SELECT organisation FROM bookings_booking
                            WHERE session = $1 AND state IN ('pending', 'confirmed', 'attended')
                            UNION SELECT host FROM events_session WHERE id = $1)
            GROUP BY o.name ORDER BY o.name""",
        session_id,
    )
    return {one["name"]: one["id"] for one in found}


async def asks_for_numbers(programme_id: UUID) -> bool:
    """Whether the programme asks for telephone numbers: 实名."""
    return bool(await db.value("SELECT real_names FROM programmes_programme WHERE id = $1", programme_id))
