"""Names of attendees go some months after their year was closed; the figures stay as they are.

What is left of a person is the keyed hash: it tells people apart, so that visits and people are counted as before, and
nobody finds the person behind it. What was scanned (signed sheets, photos) is no list of ours and stays in the archive.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.accounts.journal import note_within
from outreach.shared import db
from outreach.shared.time import year_bounds

__all__ = ["BATCH", "erase_names"]

#: Rows of one transaction; others go on meanwhile.
BATCH = 20_000

_OURS = """(SELECT s.id FROM events_session s JOIN programmes_programme p ON p.id = s.programme
             WHERE p.organisation = $1 AND s.starts_at >= $2 AND s.starts_at < $3)"""

#: Each takes owner, start and end of the year, and how many rows at most.
_STEPS = (
    f"""UPDATE attendance_attendee SET name = '', tail = '', device = '', unit_name = ''
         WHERE id IN (SELECT a.id FROM attendance_attendee a
                       WHERE a.session IN {_OURS} AND (a.name, a.tail, a.device, a.unit_name) <> ('', '', '', '')
                       LIMIT $4)""",  # noqa: S608 - our own text
    f"""UPDATE attendance_roster SET name = '', rows = '[]'
         WHERE id IN (SELECT r.id FROM attendance_roster r
                       WHERE r.session IN {_OURS} AND (r.name <> '' OR r.rows <> '[]'::jsonb) LIMIT $4)""",  # noqa: S608
    f"""DELETE FROM attendance_tick
         WHERE id IN (SELECT t.id FROM attendance_tick t WHERE t.session IN {_OURS} LIMIT $4)""",  # noqa: S608
)


async def erase_names(now: datetime, months: int) -> int:
    """Empty names, units as typed, last digits and phones of every year closed at least ``months`` months ago.

    A year is done once after it was closed, with one line in the journal; in several transactions of at most ``BATCH``
    rows. Safe in any number of processes at once, and after a ``kill`` in the middle.

    Returns:
        how many years are done now.
    """
    due = await db.rows(f"SELECT y.id, y.organisation, y.year FROM programmes_year y WHERE {_DUE}", now, months)  # noqa: S608
    done = 0
    for year in due:
        first, end = year_bounds(year["year"])
        args = (year["organisation"], first, end)
        for step in _STEPS:
            if not await _emptied(now, months, year["id"], step, args):
                break
        else:
            done += await _finished(now, months, year, args)
    return done


#: Closed so long ago, and not done since. The table is called ``y``.
_DUE = """y.state = 'closed' AND y.closed_at + make_interval(months => $2) <= $1
   AND NOT EXISTS (SELECT 1 FROM accounts_journal j
                    WHERE j.object_id = y.id AND j.action = 'names.erased' AND j.at >= y.closed_at)"""


async def _emptied(now: datetime, months: int, year_id: UUID, step: str, args: tuple[Any, ...]) -> bool:
    """Whether nothing of one kind is left; ``False``: another process is at this year, or it was opened again."""
    while True:
        async with db.atomic():
            if not await _mine_within(now, months, year_id):
                return False
            if await db.execute(step, *args, BATCH) < BATCH:
                return True


async def _mine_within(now: datetime, months: int, year_id: UUID) -> bool:
    held = await db.value(
        f"SELECT true FROM programmes_year y WHERE {_DUE} AND y.id = $3 FOR NO KEY UPDATE OF y SKIP LOCKED",  # noqa: S608
        now,
        months,
        year_id,
    )
    return bool(held)


async def _finished(now: datetime, months: int, year: Any, args: tuple[Any, ...]) -> bool:
    """The journal's line, with what the year had in all: after a ``kill`` nobody knows what was emptied before it."""
    async with db.atomic():
        if not await _mine_within(now, months, year["id"]):
            return False
        counts = await db.row(
            f"""SELECT (SELECT count(*) FROM attendance_attendee a WHERE a.session IN {_OURS})::int AS attendees,
                       (SELECT count(*) FROM attendance_roster r WHERE r.session IN {_OURS})::int AS rosters""",  # noqa: S608
            *args,
        )
        assert counts is not None  # two counts
        await note_within(
            None,
            now,
            "names.erased",
            "year",
            year["id"],
            organisation_id=year["organisation"],
            facts={"year": year["year"], "attendees": counts["attendees"], "rosters": counts["rosters"]},
        )
    return True
