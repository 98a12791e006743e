"""Questions about rosters; one statement each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.attendance.rosters.domain.found import Duplicate, Rejected
from outreach.shared import db
from outreach.shared.errors import NotFoundError

__all__ = ["RosterRow", "Shown", "rejected_of", "roster_of", "rosters_of_session", "shown_of", "stored_with"]

#: Of each kind a preview shows so many.
SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """A file of names: what it holds, by whom, and since when it is stored (``None``: a preview)."""

    id: UUID
    session_id: UUID
    digest: str
    name: str
    presence: bool
    on: date
    accepted: int
    rejected: int
    duplicates: int
    created_by: UUID | None
    created_by_name: str
    created_at: datetime
    stored_at: datetime | None


_SQL = """
SELECT r.id, r.session AS session_id, r.digest, r.name, r.presence, r."on", r.accepted, r.rejected, r.duplicates,
       r.created_by, coalesce(p.name, '') AS created_by_name, r.created_at, r.stored_at
  FROM attendance_roster r LEFT JOIN accounts_person p ON p.id = r.created_by
"""


async def rosters_of_session(session_id: UUID, *, of: UUID | None = None, limit: int = 50) -> list[RosterRow]:
    """The stored files of a session, newest first; ``of``: only those that this person handed in."""
    found = await db.rows(
        _SQL
        + """ WHERE r.session = $1 AND r.stored_at IS NOT NULL AND ($2::uuid IS NULL OR r.created_by = $2)
             ORDER BY r.stored_at DESC, r.id DESC LIMIT $3""",
        session_id,
        of,
        limit,
    )
    return [RosterRow(**one) for one in found]


async def roster_of(session_id: UUID, roster_id: UUID, *, of: UUID | None = None) -> RosterRow:
    """One file of a session.

    Raises:
        NotFoundError: there is none, or ``of`` is given and somebody else handed it in.
    """
    found = await db.row(
        _SQL + " WHERE r.session = $1 AND r.id = $2 AND ($3::uuid IS NULL OR r.created_by = $3)",
        session_id,
        roster_id,
        of,
    )
    if found is None:
        raise NotFoundError
    return RosterRow(**found)


async def stored_with(session_id: UUID, digest: str, presence: bool, on: date) -> RosterRow | None:
    """The same file stored before for the same purpose, if it was."""
    found = await db.row(
        _SQL
        + """ WHERE r.session = $1 AND r.digest = $2 AND r.presence = $3 AND r."on" = $4 AND r.stored_at IS NOT NULL
             ORDER BY r.stored_at LIMIT 1""",
        session_id,
        digest,
        presence,
        on,
    )
    return RosterRow(**found) if found else None


class ShownPerson(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody who would be stored, as a preview shows it."""

    name: str
    unit: str
    tail: str


class Shown(msgspec.Struct, kw_only=True, frozen=True):
    """The first of each kind."""

    people: list[ShownPerson] = []
    rejected: list[Rejected] = []
    duplicates: list[Duplicate] = []
    left_out: int = 0
    absent: int = 0


async def shown_of(roster_id: UUID) -> Shown:
    """What a preview shows; of a stored file the rejected rows, as long as they are kept."""
    found = await db.row(
        f"""SELECT jsonb_path_query_array(rows, '$.people[0 to {SHOWN - 1}]') AS people,
                   jsonb_path_query_array(rows, '$.rejected[0 to {SHOWN - 1}]') AS rejected,
                   jsonb_path_query_array(rows, '$.duplicates[0 to {SHOWN - 1}]') AS duplicates,
                   coalesce((rows #>> '{{left_out}}')::int, 0) AS left_out,
                   coalesce((rows #>> '{{absent}}')::int, 0) AS absent
              FROM attendance_roster WHERE id = $1""",  # noqa: S608 - a number of ours
        roster_id,
    )
    if found is None:
        raise NotFoundError
    listed: list[list[Any]] = msgspec.json.decode(found["people"])
    return Shown(
        people=[ShownPerson(name=one[0], unit=one[1], tail=one[4]) for one in listed],
        rejected=msgspec.json.decode(found["rejected"], type=list[Rejected]),
        duplicates=msgspec.json.decode(found["duplicates"], type=list[Duplicate]),
        left_out=found["left_out"],
        absent=found["absent"],
    )


async def rejected_of(roster_id: UUID) -> list[Rejected]:
    """The rejected rows that were kept."""
    found = await db.value(
        "SELECT coalesce(rows -> 'rejected', '[]'::jsonb) FROM attendance_roster WHERE id = $1", roster_id
    )
    return msgspec.json.decode(found or "[]", type=list[Rejected])
