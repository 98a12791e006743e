"""Questions about head-counts, corrections and what is still unrecorded; one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.events.queries import SESSION_FROM, SESSION_SQL, SessionRow, session_row
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day

__all__ = [
    "VISITS_BY_DAY",
    "CorrectionRow",
    "HeadcountRow",
    "JournalLine",
    "correction_row",
    "corrections_of",
    "headcounts_of",
    "journal_of_session",
    "unrecorded_sessions",
    "year_closed_at",
    "year_is_closed",
]


#: Visits of the sessions in ``ours`` (a table with ``id``) by session and day: the head-count where there is one, else
#: the people who were there by name. ``workers`` null: nobody said. The one place with this rule of DESIGN.
VISITS_BY_DAY = """
            SELECT h.session, h."on", h.total, h.workers
              FROM attendance_headcount h WHERE h.session IN (SELECT id FROM ours)
            UNION ALL
            SELECT a.session, a."on", count(*)::int AS total,
                   CASE WHEN count(a.is_worker) > 0 THEN count(*) FILTER (WHERE a.is_worker)::int END AS workers
              FROM attendance_attendee a
             WHERE a.session IN (SELECT id FROM ours) AND a.present
               AND NOT EXISTS (SELECT 1 FROM attendance_headcount h WHERE h.session = a.session AND h."on" = a."on")
             GROUP BY a.session, a."on"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadcountRow:
    """Visits of one session on one day; ``workers`` None and a missing group: not reported."""

    id: UUID
    session_id: UUID
    on: date
    total: int
    workers: int | None
    estimated: bool
    breakdown: dict[str, int]
    recorded_at: datetime
    revision: int


def headcount_row(record: Any) -> HeadcountRow:
    """A record of ``attendance_headcount`` as row."""
    return HeadcountRow(
        id=record["id"],
        session_id=record["session"],
        on=record["on"],
        total=record["total"],
        workers=record["workers"],
        estimated=record["estimated"],
        breakdown=msgspec.json.decode(record["breakdown"], type=dict[str, int]),
        recorded_at=record["recorded_at"],
        revision=record["revision"],
    )


async def headcounts_of(session_id: UUID) -> list[HeadcountRow]:
    """The head-counts of a session by day."""
    found = await db.rows('SELECT * FROM attendance_headcount WHERE session = $1 ORDER BY "on"', session_id)
    return [headcount_row(one) for one in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """A figure changed after the fact: both values, why, by whom."""

    id: UUID
    session_id: UUID
    field: str
    on: date | None
    old_value: int | None
    new_value: int | None
    reason: str
    corrected_by_name: str
    corrected_at: datetime


async def corrections_of(session_id: UUID) -> list[CorrectionRow]:
    """The corrections of a session, oldest first."""
    found = await db.rows(
        """SELECT c.id, c.session AS session_id, c.field, c."on", c.old_value, c.new_value, c.reason,
                  coalesce(p.name, '') AS corrected_by_name, c.corrected_at
             FROM attendance_correction c LEFT JOIN accounts_person p ON p.id = c.corrected_by
            WHERE c.session = $1 ORDER BY c.corrected_at, c.id""",
        session_id,
    )
    return [correction_row(one) for one in found]


def correction_row(record: Any) -> CorrectionRow:
    """A record of ``attendance_correction`` as row."""
    values = {name: msgspec.json.decode(record[name]) for name in ("old_value", "new_value")}
    return CorrectionRow(**{**record, **values})


async def year_is_closed(session: SessionRow) -> bool:
    """Whether the figures of the year in which the session started are closed (rule 7).

    Asked inside a transaction, an open year stays open until its end: who closes the year waits for it.
    """
    return await year_closed_at(session.programme_id, session.starts_at)


async def year_closed_at(programme_id: UUID, starts_at: datetime) -> bool:
    """``year_is_closed`` of a session of which no more is known than its programme and start."""
    # The weakest lock: those who check in never wait for who edits the notice, only for who closes the year. The
    # state is no condition: a row that was open when the statement began would not be looked at again.
    locking = "FOR KEY SHARE OF y" if db.in_transaction() else ""
    state = await db.value(
        f"""SELECT y.state FROM programmes_year y JOIN programmes_programme p ON p.organisation = y.organisation
             WHERE p.id = $1 AND y.year = $2 {locking}""",  # noqa: S608 - ours
        programme_id,
        local_day(starts_at).year,
    )
    return bool(state == "closed")


async def unrecorded_sessions(actor: Actor, now: datetime, *, limit: int) -> tuple[Sequence[SessionRow], int]:
    """已过期未登记: past and without a record, of those the caller runs; oldest first, and how many in all.

    Those of closed years are not: nothing can be done about them any more.
    """
    where = """ WHERE s.state = 'published' AND s.ends_at <= $1
                  AND NOT EXISTS (SELECT 1 FROM programmes_year y
                                   WHERE y.organisation = p.organisation AND y.state = 'closed'
                                     AND y.year = extract(year FROM timezone('Asia/Shanghai', s.starts_at)))
                  AND EXISTS (SELECT 1 FROM unnest($2::text[]) run WHERE starts_with(o.path, run))"""
    paths = list(actor.organised_paths)
    found = await db.rows(f"{SESSION_SQL}{where} ORDER BY s.starts_at, s.id LIMIT $3", now, paths, limit)
    total = await db.value(f"SELECT count(*) {SESSION_FROM}{where}", now, paths)
    return [session_row(one) for one in found], int(total)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One thing that was done to a session or one of its bookings."""

    at: datetime
    actor_name: str
    action: str
    organisation: str
    from_state: str | None
    to_state: str | None
    reason: str


async def journal_of_session(session_id: UUID, *, limit: int = 100) -> list[JournalLine]:
    """What happened to a session, its bookings and its order, newest first, at most ``limit`` lines."""
    found = await db.rows(
        """SELECT at, actor_name, action, coalesce(facts ->> 'organisation', '') AS organisation, from_state, to_state,
                  reason
             FROM accounts_journal
            WHERE object_id = $1 OR object_id IN (SELECT id FROM bookings_booking WHERE session = $1
                                                    UNION ALL SELECT id FROM bookings_order WHERE session = $1)
            ORDER BY id DESC LIMIT $2""",
        session_id,
        limit,
    )
    return [JournalLine(**one) for one in found]
