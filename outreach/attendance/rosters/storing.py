"""Writes the people of a file: COPY into a table of the transaction, then one INSERT … SELECT. No loop over people."""

import io
import secrets
from datetime import date, datetime
from uuid import UUID

from outreach.attendance.attendees import KEEPING_THE_FIRST
from outreach.shared import db

__all__ = ["copied_within", "store_people_within", "unpacked_within"]

_COLUMNS = ("name", "unit", "identity", "by_number", "tail", "is_worker", "groups")
_INCOMING = """
CREATE TEMPORARY TABLE roster_incoming (
    name text NOT NULL, unit text NOT NULL, identity text NOT NULL, by_number boolean NOT NULL, tail text NOT NULL,
    is_worker boolean, groups text NOT NULL
) ON COMMIT DROP
"""
_UNPACKED = """
INSERT INTO roster_incoming (name, unit, identity, by_number, tail, is_worker, groups)
SELECT p ->> 0, p ->> 1, p ->> 2, (p ->> 3)::boolean, p ->> 4, (p ->> 5)::boolean, p ->> 6
  FROM attendance_roster r CROSS JOIN LATERAL jsonb_array_elements(r.rows -> 'people') p WHERE r.id = $1
"""
_PLAIN = r"regexp_replace(lower(normalize({}, NFKC)), '\s', '', 'g')"
#: A list with numbers and a list without, or who checked in by name: the same name of the same unit is the same
#: person, unless both have numbers, or there are namesakes among either.
_SAME_PEOPLE = f"""
WITH there AS (
    SELECT {_PLAIN.format("name")} AS name, {_PLAIN.format("unit_name")} AS unit, min(identity) AS identity,
           bool_and(by_number) AS by_number, min(tail) AS tail
      FROM attendance_attendee WHERE session = $1 AND "on" = $2 AND (present OR expected)
     GROUP BY 1, 2 HAVING count(*) = 1
), coming AS (
    SELECT {_PLAIN.format("name")} AS name, {_PLAIN.format("unit")} AS unit, min(identity) AS identity
      FROM roster_incoming GROUP BY 1, 2 HAVING count(*) = 1
)
UPDATE roster_incoming i SET identity = t.identity, by_number = t.by_number, tail = t.tail
  FROM coming c JOIN there t USING (name, unit)
 WHERE i.identity = c.identity AND t.identity <> i.identity AND NOT (t.by_number AND i.by_number)
   AND NOT EXISTS (SELECT 1 FROM attendance_attendee a
                    WHERE a.session = $1 AND a."on" = $2 AND a.identity = i.identity)
   AND NOT EXISTS (SELECT 1 FROM roster_incoming other WHERE other.identity = t.identity)
"""  # noqa: S608 - our own text
# Identifiers are UUIDs of version 7: the moment, then the place in the file, so that lists keep its order.
_STORED = f"""
WITH units AS (
    SELECT name, min(id::text)::uuid AS id FROM accounts_organisation
     WHERE name IN (SELECT DISTINCT unit FROM roster_incoming) GROUP BY name HAVING count(*) = 1
), numbered AS (
    SELECT *, row_number() OVER () AS n FROM roster_incoming
), written AS (
    INSERT INTO attendance_attendee AS a
           (id, session, "on", name, unit_name, organisation, identity, by_number, tail, is_worker, groups, expected,
            present, came_by, checked_in_at, device, roster, created_by, created_at, changed_at, revision)
    SELECT (lpad(to_hex($8::bigint), 12, '0') || '7' || lpad(to_hex(g.n >> 8), 3, '0')
            || '8' || lpad(to_hex(g.n & 255), 3, '0') || $9::text)::uuid,
           $1, $2, g.name, g.unit, coalesce($7::uuid, u.id), g.identity, g.by_number, g.tail, g.is_worker,
           CASE WHEN g.groups = '' THEN '{{}}'::text[] ELSE string_to_array(g.groups, ',') END, $3::boolean,
           NOT $3::boolean, CASE WHEN $3 THEN '' ELSE 'import' END, CASE WHEN $3 THEN NULL ELSE $4::timestamptz END, '',
           $5::uuid, $6::uuid, $4::timestamptz, $4::timestamptz, 1
      FROM numbered g LEFT JOIN units u ON u.name = g.unit
     ORDER BY g.identity COLLATE "C"
    {KEEPING_THE_FIRST}
    RETURNING 1
)
SELECT count(*) FROM written
"""  # noqa: S608 - our own text


async def copied_within(people: bytes) -> None:
    """The rows that the reader made, into a table that lives as long as the transaction."""
    await db.execute(_INCOMING)
    await db.connection().copy_to_table("roster_incoming", source=io.BytesIO(people), columns=list(_COLUMNS))


async def unpacked_within(roster_id: UUID) -> None:
    """The people of a preview, into the same table."""
    await db.execute(_INCOMING)
    await db.execute(_UNPACKED, roster_id)


async def store_people_within(
    now: datetime,
    *,
    session_id: UUID,
    on: date,
    roster_id: UUID,
    presence: bool,
    created_by: UUID | None,
    organisation_id: UUID | None = None,
) -> int:
    """Write everybody of the table as present (or as expected); return how many were not so already.

    The caller holds the lock of the session's rosters and has checked its state, day and closed year.
    """
    await db.execute("ANALYZE roster_incoming")
    await db.execute("SET LOCAL work_mem = '64MB'")  # a file of any size is sorted in memory
    if await db.value(
        """SELECT EXISTS (SELECT 1 FROM attendance_attendee WHERE session = $1 AND "on" = $2)""", session_id, on
    ):
        await db.execute(_SAME_PEOPLE, session_id, on)
    return int(
        await db.value(
            _STORED,
            session_id,
            on,
            not presence,
            now,
            roster_id,
            created_by,
            organisation_id,
            int(now.timestamp() * 1000),
            secrets.token_hex(6),
        )
    )
