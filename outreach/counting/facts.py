"""What the database says of a year: sessions, visits, people and tallies by month."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from outreach.counting.counters import counted_days, firsts_sql
from outreach.shared import db
from outreach.shared.time import ZONE, day_bounds, year_bounds

__all__ = ["IN_PART", "EntriesFact", "Facts", "PeopleFact", "SessionsFact", "VisitsFact", "facts_of"]

#: By 归属: a session ``s`` is at home with its host, without one with the organisation that runs it. ``{path}``: of the
#: part of the tree asked for, null for all.
IN_PART = """({path}::text IS NULL OR EXISTS (
                    SELECT 1 FROM accounts_organisation home
                     WHERE home.id = coalesce(s.host, s.organisation) AND starts_with(home.path, {path})))"""


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
    """Visits of one kind in one month (head-counts, else check-ins); ``later`` ones lie after the day asked for. There
    may be several of one kind and month.

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
    """People who were at a session of a target for the first time in this month of the year."""

    month: int
    people: int


@dataclass(frozen=True, slots=True)
class EntriesFact:
    """Tallies of one target in one month; month 0 is before the year."""

    month: int
    added: float
    latest: float


@dataclass(slots=True)
class Facts:
    """What the database says of one programme. Tallies and people are by target."""

    sessions: list[SessionsFact] = field(default_factory=list)
    visits: list[VisitsFact] = field(default_factory=list)
    tallies: dict[UUID, list[EntriesFact]] = field(default_factory=lambda: defaultdict(list))
    lecturers: int = 0
    people: dict[UUID, list[PeopleFact]] = field(default_factory=lambda: defaultdict(list))
    next_end: datetime | None = None


async def facts_of(
    programme_ids: Sequence[UUID], year: int, as_of: date, now: datetime, *, within: str | None = None
) -> dict[UUID, Facts]:
    """Facts by programme: four statements, however many programmes and sessions there are.

    Args:
        now: decides which sessions of ``as_of`` are past without a record; that holds until ``next_end``.
        within: the path of a part of the tree, whose sessions alone are counted, and nothing that no session yields.
    """
    ids = list(programme_ids)
    found = {programme_id: Facts() for programme_id in ids}
    await _read_sessions(found, ids, year, as_of, now, within)
    await _read_visits(found, ids, year, as_of, within)
    if within is None:
        await _read_tallies(found, ids, year, as_of)
    await _read_people(found, ids, year, as_of, within)
    return found


async def _read_sessions(
    found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date, now: datetime, within: str | None
) -> None:
    first, last = year_bounds(year)
    tomorrow = day_bounds(as_of, as_of)[1]
    # Grouped by what is common to many sessions first: conditions are then weighed by group, not by session.
    rows = await db.rows(
        f"""
        WITH alike AS (
            SELECT s.programme, s.kind, s.event, s.state, s.starts_at < $4 AS begun,
                   width_bucket(s.starts_at, $7::timestamptz[]) AS month, count(*) AS sessions,
                   sum(s.capacity) AS seats, count(*) FILTER (WHERE s.ends_at <= $5) AS ended,
                   min(s.ends_at) FILTER (WHERE s.ends_at > $5 AND s.ends_at <= $4) AS next_end
              FROM events_session s
             WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
               AND (s.state IN ('published', 'held', 'closed') OR s.state = 'cancelled' AND s.published_at IS NOT NULL)
               AND {IN_PART.format(path="$6")}
             GROUP BY s.programme, s.kind, s.event, s.state, begun, month
        ), added AS (
            SELECT *, state IN ('held', 'closed') AS done, state = 'published' AS open FROM alike
        )
        SELECT programme, kind, event, month,
               coalesce(sum(sessions) FILTER (WHERE done AND begun), 0)::int AS held,
               coalesce(sum(sessions) FILTER (WHERE (done OR open) AND NOT begun), 0)::int AS planned,
               coalesce(sum(ended) FILTER (WHERE open), 0)::int AS unrecorded,
               coalesce(sum(sessions) FILTER (WHERE begun), 0)::int AS plan_due,
               sum(sessions)::int AS plan_whole,
               coalesce(sum(seats) FILTER (WHERE open AND NOT begun), 0)::int AS seats,
               coalesce(sum(sessions) FILTER (WHERE state = 'cancelled' AND begun), 0)::int AS lost,
               coalesce(sum(sessions) FILTER (WHERE done AND NOT begun), 0)::int AS later,
               min(next_end) FILTER (WHERE open) AS next_end
          FROM added GROUP BY programme, kind, event, month
        """,  # noqa: S608 - our own text
        ids,
        first,
        last,
        tomorrow,
        min(now, tomorrow),
        within,
        [datetime(year, month, 1, tzinfo=ZONE) for month in range(1, 13)],
    )
    for row in rows:
        facts = found[row["programme"]]
        facts.sessions.append(SessionsFact(*list(row.values())[1:-1]))
        ends = [end for end in (facts.next_end, row["next_end"]) if end is not None]
        facts.next_end = min(ends, default=None)


async def _read_visits(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date, within: str | None) -> None:
    first, last = year_bounds(year)
    rows = await db.rows(
        f"""
        WITH ours AS NOT MATERIALIZED (
            SELECT s.id, s.programme, s.kind, s.starts_at < $4 AS begun
              FROM events_session s
             WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
               AND s.state IN ('held', 'closed') AND {IN_PART.format(path="$8")}
        ), days AS NOT MATERIALIZED (
            {counted_days("programme", "kind", "begun")}
        ), visits AS (
            SELECT programme, kind, begun, "on", count(*) AS sessions, sum(total) AS total, sum(workers) AS workers,
                   sum(total::float8 * total) AS squares, sum(workers::float8 * workers) AS worker_squares
              FROM days WHERE alone GROUP BY programme, kind, begun, "on"
            UNION ALL
            SELECT programme, kind, begun, min("on"), 1, sum(total), sum(workers),
                   sum(total)::float8 ^ 2, sum(workers)::float8 ^ 2
              FROM days WHERE NOT alone
             GROUP BY session, programme, kind, begun, date_part('month', greatest(least("on", $6), $5)), "on" <= $7
        )
        SELECT programme, kind, date_part('month', greatest(least("on", $6), $5))::int AS month, begun,
               begun AND "on" <= $7 AS done, sum(total)::int AS total, coalesce(sum(workers), 0)::int AS workers,
               sum(sessions)::int AS sessions, sum(squares) AS squares,
               coalesce(sum(worker_squares), 0) AS worker_squares
          FROM visits GROUP BY programme, kind, 3, begun, 5
        """,  # noqa: S608 - our own text
        ids,
        first,
        last,
        day_bounds(as_of, as_of)[1],
        date(year, 1, 1),
        date(year, 12, 31),
        as_of,
        within,
    )
    for row in rows:
        done, more = row["done"], not row["done"]
        found[row["programme"]].visits.append(
            VisitsFact(
                kind=row["kind"],
                month=row["month"],
                total=row["total"] * done,
                workers=row["workers"] * done,
                sessions=row["sessions"] * done,
                later_total=row["total"] * more,
                later_workers=row["workers"] * more,
                later_sessions=row["sessions"] * (more and not row["begun"]),
                squares=row["squares"] * done,
                worker_squares=row["worker_squares"] * done,
            )
        )


async def _read_people(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date, within: str | None) -> None:
    """Lecturers of the menu (of a closed year those it kept), and for targets that ask for people how many were there
    by month: one statement.

    People are taken from counters; those who were at a session with a mark are taken out and looked up anew. Where a
    target has no counters yet, or a part of the tree is asked for, everybody is.
    """
    rows = await db.rows(
        f"""
        WITH promised AS (
            SELECT t.id AS target, t.programme, t.kinds::text[] AS kinds, $2::int AS year
              FROM programmes_target t WHERE t.programme = ANY($1::uuid[]) AND t.metric = 'people'
        ), asked AS (
            SELECT p.*, $6::text IS NULL AND EXISTS (
                       SELECT 1 FROM counting_target c
                        WHERE c.target = p.target AND c.programme = p.programme AND c.kinds = p.kinds) AS counted
              FROM promised p
        ), kept AS (SELECT * FROM asked WHERE counted), others AS (SELECT * FROM asked WHERE NOT counted
        ), dirty AS (
            SELECT there.identity
              FROM (SELECT DISTINCT session FROM counting_mark WHERE everybody) m
             CROSS JOIN LATERAL (SELECT x.identity FROM attendance_attendee x
                                  WHERE x.session = m.session AND x.present OFFSET 0) there
             WHERE EXISTS (SELECT 1 FROM kept)
            UNION
            SELECT identity FROM counting_mark WHERE identity IS NOT NULL AND EXISTS (SELECT 1 FROM kept)
        ), days AS (
            SELECT c.target, c."on", c.people FROM counting_people c WHERE c.target IN (SELECT target FROM kept)
            UNION ALL
            SELECT p.target, p.first_on, -1
              FROM dirty CROSS JOIN kept
             CROSS JOIN LATERAL (SELECT x.target, x.first_on FROM counting_person x
                                  WHERE x.target = kept.target AND x.person = md5(dirty.identity)::uuid OFFSET 0) p
            UNION ALL
            SELECT target, first_on, 1 FROM ({firsts_sql("kept", "dirty")}) again
            UNION ALL
            SELECT target, first_on, 1 FROM ({firsts_sql("others", "true", IN_PART.format(path="$6"))}) everybody
        )
        SELECT e.programme, NULL::uuid AS target, 0 AS month, count(DISTINCT r.id)::int AS people
          FROM events_event e JOIN events_event_provider ep ON ep.event = e.id
          JOIN events_provider r ON r.id = ep.provider AND r.kind = 'lecturer' AND r.active
         WHERE e.programme = ANY($1::uuid[]) AND $6::text IS NULL
           AND NOT EXISTS (SELECT 1 FROM counting_closed_programme k WHERE k.programme = e.programme)
         GROUP BY e.programme
        UNION ALL
        SELECT k.programme, NULL, 0, cardinality(k.lecturers) FROM counting_closed_programme k
         WHERE k.programme = ANY($1::uuid[]) AND $6::text IS NULL
        UNION ALL
        SELECT a.programme, a.target, extract(month FROM greatest(least(d."on", $4), $3))::int, sum(d.people)::int
          FROM days d JOIN asked a USING (target) WHERE d."on" <= $5 GROUP BY 1, 2, 3
        """,  # noqa: S608 - our own text
        ids,
        year,
        date(year, 1, 1),
        date(year, 12, 31),
        as_of,
        within,
    )
    for row in rows:
        facts = found[row["programme"]]
        if row["target"] is None:
            facts.lecturers = row["people"]
        else:
            facts.people[row["target"]].append(PeopleFact(row["month"], row["people"]))


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
