"""What the database says of a year: sessions, visits and tallies by month."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from outreach.shared import db
from outreach.shared.time import day_bounds, year_bounds


@dataclass(frozen=True, slots=True)
class SessionsFact:
    """Sessions of one menu item and kind in one month."""

    kind: str
    event: UUID
    month: int
    held: int
    planned: int
    unrecorded: int
    plan_due: int
    plan_whole: int
    seats: int


@dataclass(frozen=True, slots=True)
class VisitsFact:
    """Head-counts of one kind in one month; ``later`` ones lie after the day asked for."""

    kind: str
    month: int
    total: int
    workers: int
    sessions: int
    later_total: int
    later_workers: int
    later_sessions: int


@dataclass(frozen=True, slots=True)
class EntriesFact:
    """Tallies of one target in one month; month 0 is before the year."""

    month: int
    added: float
    latest: float


@dataclass(slots=True)
class Facts:
    """What the database says of one programme."""

    sessions: list[SessionsFact] = field(default_factory=list)
    visits: list[VisitsFact] = field(default_factory=list)
    tallies: dict[UUID, list[EntriesFact]] = field(default_factory=lambda: defaultdict(list))
    lecturers: int = 0


async def facts_of(programme_ids: Sequence[UUID], year: int, as_of: date, now: datetime) -> dict[UUID, Facts]:
    """Facts by programme: four statements, however many programmes and sessions there are."""
    ids = list(programme_ids)
    found = {programme_id: Facts() for programme_id in ids}
    await _read_sessions(found, ids, year, as_of, now)
    await _read_visits(found, ids, year, as_of)
    await _read_tallies(found, ids, year, as_of)
    for row in await db.rows(
        """SELECT e.programme, count(DISTINCT r.id)::int AS lecturers
             FROM events_event e JOIN events_event_provider ep ON ep.event = e.id
             JOIN events_provider r ON r.id = ep.provider AND r.kind = 'lecturer' AND r.active
            WHERE e.programme = ANY($1::uuid[]) GROUP BY e.programme""",
        ids,
    ):
        found[row["programme"]].lecturers = row["lecturers"]
    return found


async def _read_sessions(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date, now: datetime) -> None:
    first, last = year_bounds(year)
    tomorrow = day_bounds(as_of, as_of)[1]
    rows = await db.rows(
        """
        SELECT s.programme, s.kind, s.event, extract(month FROM timezone('Asia/Shanghai', s.starts_at))::int AS month,
               count(*) FILTER (WHERE s.state IN ('held', 'closed') AND s.starts_at < $4)::int AS held,
               count(*) FILTER (WHERE s.state IN ('published', 'held', 'closed') AND s.starts_at >= $4)::int AS planned,
               count(*) FILTER (WHERE s.state = 'published' AND s.ends_at <= $5)::int AS unrecorded,
               count(*) FILTER (WHERE s.starts_at < $4)::int AS plan_due,
               count(*)::int AS plan_whole,
               coalesce(sum(s.capacity) FILTER (WHERE s.state = 'published' AND s.starts_at >= $4), 0)::int AS seats
          FROM events_session s
         WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
           AND (s.state IN ('published', 'held', 'closed') OR s.state = 'cancelled' AND s.published_at IS NOT NULL)
         GROUP BY s.programme, s.kind, s.event, month
        """,
        ids,
        first,
        last,
        tomorrow,
        min(now, tomorrow),
    )
    for row in rows:
        found[row["programme"]].sessions.append(SessionsFact(*list(row.values())[1:]))


async def _read_visits(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date) -> None:
    first, last = year_bounds(year)
    rows = await db.rows(
        """
        WITH ours AS (
            SELECT s.id, s.programme, s.kind, s.starts_at < $4 AS begun
              FROM events_session s
             WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
               AND s.state IN ('held', 'closed')
        ), visits AS (
            SELECT h.session, extract(month FROM greatest(least(h."on", $6), $5))::int AS month, h."on" <= $7 AS done,
                   sum(h.total) AS total, coalesce(sum(h.workers), 0) AS workers
              FROM attendance_headcount h WHERE h.session IN (SELECT id FROM ours)
             GROUP BY 1, 2, 3
        )
        SELECT o.programme, o.kind, v.month,
               coalesce(sum(v.total) FILTER (WHERE o.begun AND v.done), 0)::int AS total,
               coalesce(sum(v.workers) FILTER (WHERE o.begun AND v.done), 0)::int AS workers,
               count(DISTINCT v.session) FILTER (WHERE o.begun AND v.done)::int AS sessions,
               coalesce(sum(v.total) FILTER (WHERE NOT (o.begun AND v.done)), 0)::int AS later_total,
               coalesce(sum(v.workers) FILTER (WHERE NOT (o.begun AND v.done)), 0)::int AS later_workers,
               count(DISTINCT v.session) FILTER (WHERE NOT o.begun)::int AS later_sessions
          FROM visits v JOIN ours o ON o.id = v.session
         GROUP BY o.programme, o.kind, v.month
        """,
        ids,
        first,
        last,
        day_bounds(as_of, as_of)[1],
        date(year, 1, 1),
        date(year, 12, 31),
        as_of,
    )
    for row in rows:
        found[row["programme"]].visits.append(VisitsFact(*list(row.values())[1:]))


async def _read_tallies(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date) -> None:
    rows = await db.rows(
        """
        SELECT t.programme, y.target, CASE WHEN y."on" < $2 THEN 0 ELSE extract(month FROM y."on")::int END AS month,
               sum(y.quantity) AS added,
               (array_agg(y.quantity ORDER BY y."on" DESC, y.created_at DESC, y.id DESC))[1] AS latest
          FROM programmes_tally y JOIN programmes_target t ON t.id = y.target
         WHERE t.programme = ANY($1::uuid[]) AND y."on" <= $3
         GROUP BY t.programme, y.target, 3
         ORDER BY 3
        """,
        ids,
        date(year, 1, 1),
        min(as_of, date(year, 12, 31)),
    )
    for row in rows:
        found[row["programme"]].tallies[row["target"]].append(EntriesFact(row["month"], row["added"], row["latest"]))
