"""Counters per session and per person, kept so that a year of any size is read quickly, and always exact.

Whoever writes an attendance leaves a mark in the same transaction (migration ``counting_0002``). A reader takes the
counters of sessions without a mark and the rows themselves of those with one; ``recount`` makes counters of marked
sessions and deletes the marks that it saw. A mark of a transaction that was still open is not seen and stays, so that
no lock is needed: writers never wait for a recount, nor for each other. See ADR 0015.
"""

from datetime import datetime
from uuid import UUID

from outreach.attendance.queries import VISITS_BY_DAY
from outreach.shared import db

__all__ = ["COUNTED_DAYS", "counted_days", "firsts_sql", "recount", "waiting_marks"]


def counted_days(*columns: str) -> str:
    """Visits by session and day of the sessions in ``ours`` (a table with ``id``), from counters where they are right;
    the rule itself is ``VISITS_BY_DAY``, and this stands in place of it.

    As ``session, on, total, workers, alone`` (whether it is known to be the only day of its session), and before them
    the ``columns`` of ``ours``.
    """
    fresh, marked = ("".join(f"{table}.{name}, " for name in columns) for table in ("ours", "marked"))
    return f"""
            SELECT {fresh}c.session, c."on", c.total, c.workers, c.alone
              FROM ours JOIN counting_day c ON c.session = ours.id
             WHERE c.session NOT IN (SELECT m.session FROM counting_mark m WHERE m.session IS NOT NULL)
            UNION ALL
            SELECT {marked}raw.session, raw."on", raw.total, raw.workers, false
              FROM (SELECT * FROM ours
                     WHERE id IN (SELECT m.session FROM counting_mark m WHERE m.session IS NOT NULL)) marked
             CROSS JOIN LATERAL (WITH ours AS (SELECT marked.id) {VISITS_BY_DAY} OFFSET 0) raw"""  # noqa: S608


COUNTED_DAYS = counted_days()

#: Marks that one transaction of the recount takes.
BATCH = 1000
_LOCK = 0x6F75745F636F756E  # of recounts, so that only one is at it


def firsts_sql(targets: str, people: str, part: str = "true") -> str:
    """On which day each person was first at a counted session of a target, as ``target, person, first_on``.

    Args:
        targets: a table with ``target``, ``programme``, ``kinds`` (empty: all) and ``year``.
        people: of attendees ``a``, those looked at: a condition, or with ``dirty`` (a table of identities) by index.
        part: a further condition on the sessions ``s``.
    """
    source = "attendance_attendee a"
    where = people
    if people == "dirty":
        source = """dirty d CROSS JOIN LATERAL (
                        SELECT * FROM attendance_attendee x WHERE x.identity = d.identity AND x.present OFFSET 0) a"""
        where = "true"
    return f"""
            SELECT t.target, md5(a.identity)::uuid AS person,
                   min(greatest(a."on", timezone('Asia/Shanghai', s.starts_at)::date)) AS first_on
              FROM {source}
              JOIN events_session s ON s.id = a.session
              JOIN {targets} t ON t.programme = s.programme AND (t.kinds = '{{}}' OR s.kind = ANY (t.kinds))
             WHERE a.present AND s.state IN ('held', 'closed') AND {where} AND {part}
               AND extract(year FROM timezone('Asia/Shanghai', s.starts_at)) = t.year
             GROUP BY t.target, a.identity"""  # noqa: S608 - our own text


async def recount(now: datetime) -> int:
    """Count what changed since the last time, and people targets that are new; return how many marks are done.

    In transactions of at most ``BATCH`` marks. Safe in any number of processes at once (one does it) and after a
    ``kill`` in the middle. ``now`` is not needed: it makes this a step of the background work.
    """
    done = 0
    while True:
        async with db.atomic():
            if not await db.value("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
                return done
            marks = await db.rows(
                "SELECT id, session, identity, everybody FROM counting_mark ORDER BY id LIMIT $1", BATCH
            )
            if marks:
                await _count_days_within(sorted({one["session"] for one in marks if one["session"]}))
                await _count_people_within(
                    sorted({one["session"] for one in marks if one["everybody"]}),
                    sorted({one["identity"] for one in marks if one["identity"]}),
                )
                await db.execute("DELETE FROM counting_mark WHERE id = ANY($1::bigint[])", [one["id"] for one in marks])
            # Last, so that what is counted whole is not counted mark by mark as well.
            built = len(marks) < BATCH and await _build_target_within()
            if marks or built:
                # Those who remember figures look at marks; these are gone now, which is a change as well.
                await db.execute(
                    """INSERT INTO counting_round (xid) VALUES (pg_current_xact_id())
                       ON CONFLICT (one) DO UPDATE SET xid = EXCLUDED.xid"""
                )
        done += len(marks)
        if len(marks) < BATCH and not built:
            return done


async def _count_days_within(sessions: list[UUID]) -> None:
    if not sessions:
        return
    await db.execute("DELETE FROM counting_day WHERE session = ANY($1::uuid[])", sessions)
    await db.execute(
        f"""WITH sessions AS (SELECT unnest($1::uuid[]) AS id)
            INSERT INTO counting_day (session, "on", total, workers, alone)
            SELECT raw.session, raw."on", raw.total, raw.workers, count(*) OVER (PARTITION BY raw.session) = 1
              FROM sessions
             CROSS JOIN LATERAL (WITH ours AS (SELECT sessions.id) {VISITS_BY_DAY} OFFSET 0) raw""",  # noqa: S608
        sessions,
    )


#: What is asked for now, and what is counted by other kinds, or for a target that is gone.
_WANTED = """SELECT t.id AS target, t.programme, t.kinds::text[] AS kinds, p.year FROM programmes_target t
               JOIN programmes_programme p ON p.id = t.programme WHERE t.metric = 'people'"""


async def _build_target_within() -> bool:
    """Count the people of one target that nobody counted yet, or not by these kinds; whether there was one."""
    gone = await db.rows(
        f"""DELETE FROM counting_target c WHERE NOT EXISTS (
                SELECT 1 FROM ({_WANTED}) w
                 WHERE w.target = c.target AND w.programme = c.programme AND w.kinds = c.kinds)
            RETURNING c.target"""  # noqa: S608 - our own text
    )
    if gone:
        await _forget_people_within([one["target"] for one in gone])
    wanted = await db.row(
        f"""SELECT w.* FROM ({_WANTED}) w WHERE NOT EXISTS (SELECT 1 FROM counting_target c WHERE c.target = w.target)
             LIMIT 1"""  # noqa: S608 - our own text
    )
    if wanted is None:
        return bool(gone)
    target = wanted["target"]
    await _forget_people_within([target])
    await db.execute(
        "INSERT INTO counting_target (target, programme, kinds) VALUES ($1, $2, $3)",
        target,
        wanted["programme"],
        wanted["kinds"],
    )
    await db.execute(
        f"""WITH ours AS ({_WANTED} AND t.id = $1)
            INSERT INTO counting_person (target, person, first_on) {firsts_sql("ours", "true")}""",
        target,
    )
    await db.execute(
        """INSERT INTO counting_people (target, "on", people)
           SELECT target, first_on, count(*) FROM counting_person WHERE target = $1 GROUP BY target, first_on""",
        target,
    )
    return True


async def _forget_people_within(targets: list[UUID]) -> None:
    await db.execute("DELETE FROM counting_person WHERE target = ANY($1::uuid[])", targets)
    await db.execute("DELETE FROM counting_people WHERE target = ANY($1::uuid[])", targets)


_BY_DAY = """
    INSERT INTO counting_people AS k (target, "on", people) SELECT target, first_on, {sign}count(*) FROM {source}
     GROUP BY target, first_on ON CONFLICT (target, "on") DO UPDATE SET people = k.people + EXCLUDED.people"""


async def _count_people_within(sessions: list[UUID], identities: list[str]) -> None:
    """Count those anew who were at the sessions, or are named: out of the counters, and in again from the rows."""
    if not (sessions or identities) or not await db.value("SELECT 1 FROM counting_target LIMIT 1"):
        return
    await db.execute("CREATE TEMPORARY TABLE IF NOT EXISTS counting_dirty (identity text) ON COMMIT DROP")
    await db.execute(
        """INSERT INTO counting_dirty SELECT identity FROM attendance_attendee
            WHERE session = ANY($1::uuid[]) AND present UNION SELECT unnest($2::text[])""",
        sessions,
        identities,
    )
    await db.execute("ANALYZE counting_dirty")
    await db.execute(
        f"""WITH gone AS (DELETE FROM counting_person p USING counting_target t, counting_dirty d
                           WHERE p.target = t.target AND p.person = md5(d.identity)::uuid
                       RETURNING p.target, p.first_on) {_BY_DAY.format(sign="-", source="gone")}"""  # noqa: S608
    )
    await db.execute(
        f"""WITH dirty AS (SELECT identity FROM counting_dirty),
                 counted AS (SELECT c.*, p.year FROM counting_target c
                               JOIN programmes_programme p ON p.id = c.programme),
                 come AS (INSERT INTO counting_person (target, person, first_on) {firsts_sql("counted", "dirty")}
                       RETURNING target, first_on) {_BY_DAY.format(sign="", source="come")}"""  # noqa: S608
    )
    await db.execute("DELETE FROM counting_people WHERE people = 0")


async def waiting_marks() -> int:
    """How much waits for the next recount."""
    return int(await db.value("SELECT count(*) FROM counting_mark"))
