"""Whether the counters say what the rows say: for the doctor, and to begin anew where they do not."""

from dataclasses import dataclass
from uuid import UUID

from outreach.attendance.queries import VISITS_BY_DAY
from outreach.counting.counters import firsts_sql
from outreach.shared import db

__all__ = ["Checked", "check_counters", "count_everything_anew"]

_MARKED = "SELECT m.session FROM counting_mark m WHERE m.session IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Checked:
    """``sessions`` and ``people`` were looked at; of them so many are counted wrongly. ``waiting``: marks."""

    sessions: int
    wrong_sessions: int
    people: int
    wrong_people: int
    waiting: int

    @property
    def agrees(self) -> bool:
        return not (self.wrong_sessions or self.wrong_people)


async def check_counters(most: int = 300) -> Checked:
    """Compare the counters of at most ``most`` sessions and people, any of them, with the rows.

    What waits for the recount is left out: nobody reads its counters. Each comparison is one statement, that is, one
    moment of the database.
    """
    sessions = await db.row(
        f"""
        WITH ours AS MATERIALIZED (
            SELECT s.id FROM events_session s
             WHERE s.state IN ('held', 'closed') AND s.id NOT IN ({_MARKED}) ORDER BY random() LIMIT $1
        ), days AS (
            SELECT ours.id AS session, raw."on", raw.total, raw.workers,
                   count(*) OVER (PARTITION BY ours.id) = 1 AS alone FROM ours
             CROSS JOIN LATERAL (WITH ours AS (SELECT ours.id) {VISITS_BY_DAY} OFFSET 0) raw
        ), counters AS (SELECT c.* FROM counting_day c WHERE c.session IN (SELECT id FROM ours)
        ), wrong AS (
            (SELECT * FROM days EXCEPT SELECT * FROM counters)
            UNION ALL (SELECT * FROM counters EXCEPT SELECT * FROM days)
        )
        SELECT (SELECT count(*) FROM ours)::int AS looked, (SELECT count(DISTINCT session) FROM wrong)::int AS wrong,
               (SELECT count(*) FROM counting_mark)::int AS waiting
        """,  # noqa: S608 - our own text
        most,
    )
    people = await db.row(
        f"""
        WITH dirty AS MATERIALIZED (
            SELECT DISTINCT x.identity
              FROM (SELECT s.id FROM events_session s WHERE s.state IN ('held', 'closed') ORDER BY random() LIMIT 30) s
              JOIN attendance_attendee x ON x.session = s.id AND x.present
             WHERE EXISTS (SELECT 1 FROM counting_target)
               AND NOT EXISTS (SELECT 1 FROM counting_mark m WHERE m.identity = x.identity)
               AND NOT EXISTS (SELECT 1 FROM counting_mark m JOIN attendance_attendee y ON y.session = m.session
                                WHERE m.everybody AND y.identity = x.identity)
             LIMIT $1
        ), counted AS (
            SELECT c.*, p.year FROM counting_target c JOIN programmes_target t ON t.id = c.target
              JOIN programmes_programme p ON p.id = c.programme
             WHERE t.metric = 'people' AND t.programme = c.programme AND t.kinds::text[] = c.kinds
        ), firsts AS ({firsts_sql("counted", "dirty")}
        ), counters AS (
            SELECT k.target, k.person, k.first_on FROM counting_person k JOIN counted USING (target)
             WHERE k.person IN (SELECT md5(identity)::uuid FROM dirty)
        ), wrong AS (
            (SELECT * FROM firsts EXCEPT SELECT * FROM counters)
            UNION ALL (SELECT * FROM counters EXCEPT SELECT * FROM firsts)
        ), sums AS (
            SELECT target, sum(n) AS n FROM (
                SELECT target, count(*) AS n FROM counting_person GROUP BY target
                UNION ALL SELECT target, -sum(people) FROM counting_people GROUP BY target) both_ways
             GROUP BY target
        )
        SELECT (SELECT count(*) FROM dirty)::int AS looked,
               (SELECT count(DISTINCT person) FROM wrong)::int
               + (SELECT coalesce(sum(abs(n)), 0) FROM sums)::int AS wrong
        """,  # noqa: S608 - our own text
        most,
    )
    assert sessions is not None  # each is one row
    assert people is not None
    return Checked(sessions["looked"], sessions["wrong"], people["looked"], people["wrong"], sessions["waiting"])


async def count_everything_anew() -> None:
    """Mark everything, so that every reader takes the rows until the recount has been there."""
    async with db.atomic():
        await db.execute(
            """INSERT INTO counting_mark (session)
               SELECT session FROM counting_day UNION SELECT session FROM attendance_headcount
               UNION SELECT session FROM attendance_attendee WHERE present"""
        )
        found: list[UUID] = [one["target"] for one in await db.rows("DELETE FROM counting_target RETURNING target")]
        await db.execute("DELETE FROM counting_person WHERE target = ANY($1::uuid[])", found)
        await db.execute("DELETE FROM counting_people WHERE target = ANY($1::uuid[])", found)
