"""What the database says of a year: sessions, visits, people and tallies by month."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from outreach.attendance.queries import VISITS_BY_DAY
from outreach.shared import db
from outreach.shared.time import day_bounds, year_bounds


@dataclass(frozen=True, slots=True)
class SessionsFact:
    """Sessions of one menu item and kind in one month. ``lost``: cancelled after publishing, and due by the day asked
    for; ``later``: planned ones of which it is known today that they were held."""

    kind: str
    event: UUID
    month: int
    held: int
    planned: int
    unrecorded: int
    plan_due: int
    plan_whole: int
    seats: int
    lost: int
    later: int


@dataclass(frozen=True, slots=True)
class VisitsFact:
    """Visits of one kind in one month (head-counts, else check-ins); ``later`` ones lie after the day asked for.

    The squares are those of each session's visits, summed.
    """

    kind: str
    month: int
    total: int
    workers: int
    sessions: int
    later_total: int
    later_workers: int
    later_sessions: int
    squares: float
    worker_squares: float


@dataclass(frozen=True, slots=True)
class PeopleFact:
    """People who were at sessions of exactly these kinds: ``first`` is kind → the month of the first one."""

    first: Mapping[str, int]
    people: int


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
    people: list[PeopleFact] = field(default_factory=list)


async def facts_of(programme_ids: Sequence[UUID], year: int, as_of: date, now: datetime) -> dict[UUID, Facts]:
    """Facts by programme: four statements, however many programmes and sessions there are."""
    ids = list(programme_ids)
    found = {programme_id: Facts() for programme_id in ids}
    await _read_sessions(found, ids, year, as_of, now)
    await _read_visits(found, ids, year, as_of)
    await _read_tallies(found, ids, year, as_of)
    await _read_people(found, ids, year, as_of)
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
               coalesce(sum(s.capacity) FILTER (WHERE s.state = 'published' AND s.starts_at >= $4), 0)::int AS seats,
               count(*) FILTER (WHERE s.state = 'cancelled' AND s.starts_at < $4)::int AS lost,
               count(*) FILTER (WHERE s.state IN ('held', 'closed') AND s.starts_at >= $4)::int AS later
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
        ), days AS ("""  # noqa: S608 - ours
        + VISITS_BY_DAY
        + """        ), visits AS (
            SELECT session, extract(month FROM greatest(least("on", $6), $5))::int AS month, "on" <= $7 AS done,
                   sum(total) AS total, coalesce(sum(workers), 0) AS workers
              FROM days GROUP BY 1, 2, 3
        )
        SELECT o.programme, o.kind, v.month,
               coalesce(sum(v.total) FILTER (WHERE o.begun AND v.done), 0)::int AS total,
               coalesce(sum(v.workers) FILTER (WHERE o.begun AND v.done), 0)::int AS workers,
               count(DISTINCT v.session) FILTER (WHERE o.begun AND v.done)::int AS sessions,
               coalesce(sum(v.total) FILTER (WHERE NOT (o.begun AND v.done)), 0)::int AS later_total,
               coalesce(sum(v.workers) FILTER (WHERE NOT (o.begun AND v.done)), 0)::int AS later_workers,
               count(DISTINCT v.session) FILTER (WHERE NOT o.begun)::int AS later_sessions,
               coalesce(sum(v.total::float8 ^ 2) FILTER (WHERE o.begun AND v.done), 0)::float8 AS squares,
               coalesce(sum(v.workers::float8 ^ 2) FILTER (WHERE o.begun AND v.done), 0)::float8 AS worker_squares
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


async def _read_people(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date) -> None:
    """Lecturers of the menu, and attendees as far as a target asks for people: one statement."""
    first, last = year_bounds(year)
    rows = await db.rows(
        """
        WITH firsts AS (
            SELECT s.programme, a.identity, s.kind,
                   min(extract(month FROM greatest(least(a."on", $5), $4)))::int AS month
              FROM events_session s JOIN attendance_attendee a ON a.session = s.id AND a.present AND a."on" <= $6
             WHERE s.programme IN (SELECT t.programme FROM programmes_target t
                                    WHERE t.programme = ANY($1::uuid[]) AND t.metric = 'people')
               AND s.starts_at >= $2 AND s.starts_at < $3 AND s.state IN ('held', 'closed')
             GROUP BY s.programme, a.identity, s.kind
        ), people AS (
            SELECT programme, array_agg(kind ORDER BY kind) AS kinds, array_agg(month ORDER BY kind) AS months
              FROM firsts GROUP BY programme, identity
        )
        SELECT e.programme, 'lecturers' AS what, NULL AS kinds, NULL AS months, count(DISTINCT r.id)::int AS people
          FROM events_event e JOIN events_event_provider ep ON ep.event = e.id
          JOIN events_provider r ON r.id = ep.provider AND r.kind = 'lecturer' AND r.active
         WHERE e.programme = ANY($1::uuid[]) GROUP BY e.programme
        UNION ALL
        SELECT programme, 'people', kinds, months, count(*)::int FROM people GROUP BY programme, kinds, months
        """,
        ids,
        first,
        min(last, day_bounds(as_of, as_of)[1]),
        date(year, 1, 1),
        date(year, 12, 31),
        as_of,
    )
    for row in rows:
        facts = found[row["programme"]]
        if row["what"] == "lecturers":
            facts.lecturers = row["people"]
        else:
            facts.people.append(PeopleFact(dict(zip(row["kinds"], row["months"], strict=True)), row["people"]))


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
