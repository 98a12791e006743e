"""Units are asked for the figures: the day after their session ended, and again three and seven days later."""

from datetime import datetime, timedelta

from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.time import local, local_day, local_midnight

__all__ = ["FROM_HOUR", "TO_HOUR", "ask_for_headcounts"]

#: Nobody is asked at night.
FROM_HOUR, TO_HOUR = 8, 21
#: Longer ago is not asked for any more: nobody remembers, and an upgrade would ask for a whole year.
WITHIN = timedelta(days=14)
#: Days between one time of asking and the next: three and seven after the first, also where a round was missed.
AGAIN_AFTER_DAYS = (3, 4)


async def ask_for_headcounts(now: datetime) -> int:
    """Ask the host, or without one each unit that was booked, of sessions of which nothing is known; return how many.

    Who has not said anything is asked three times in all. Asks nobody twice for the same, however many processes do
    this at once. Outside ``FROM_HOUR`` to ``TO_HOUR`` it asks nobody.
    """
    if not FROM_HOUR <= local(now).hour < TO_HOUR:
        return 0
    today = local_midnight(local_day(now))
    async with db.atomic():
        asked = await db.rows(
            """WITH due AS (
                   SELECT s.id, s.title, s.starts_at, s.ends_at, s.host FROM events_session s
                     JOIN programmes_programme p ON p.id = s.programme
                    WHERE s.state IN ('published', 'held') AND s.ends_at <= $1 AND s.ends_at > $1 - $2::interval
                      AND NOT EXISTS (SELECT 1 FROM attendance_headcount h WHERE h.session = s.id)
                      AND NOT EXISTS (SELECT 1 FROM attendance_attendee a WHERE a.session = s.id AND a.present)
                      AND NOT EXISTS (SELECT 1 FROM programmes_year y WHERE y.organisation = p.organisation
                                        AND y.state = 'closed'
                                        AND y.year = extract(year FROM timezone('Asia/Shanghai', s.starts_at)))
               ), booked AS (
                   SELECT due.id AS session, due.host AS organisation FROM due WHERE due.host IS NOT NULL
                   UNION
                   SELECT due.id, b.organisation FROM due JOIN bookings_booking b ON b.session = due.id
                    WHERE due.host IS NULL AND b.state IN ('confirmed', 'attended')
               ), unit AS (
                   SELECT booked.session, booked.organisation
                     FROM booked JOIN accounts_organisation o ON o.id = booked.organisation
                    WHERE (o.closed_on IS NULL OR o.closed_on > $4)
                      AND NOT EXISTS (SELECT 1 FROM attendance_report t
                                       WHERE t.session = booked.session AND t.organisation = booked.organisation)
               ), first AS (
                   INSERT INTO attendance_report_request (id, session, organisation, asked_at, times)
                   SELECT gen_random_uuid(), unit.session, unit.organisation, $3, 1
                     FROM unit ORDER BY unit.session, unit.organisation
                   ON CONFLICT (session, organisation) DO NOTHING
                   RETURNING session, organisation
               ), silent AS (
                   SELECT q.id FROM attendance_report_request q
                     JOIN unit ON unit.session = q.session AND unit.organisation = q.organisation
                    WHERE q.times <= cardinality($5::int[])
                      AND timezone('Asia/Shanghai', coalesce(q.last_asked_at, q.asked_at))::date
                          <= $4 - ($5::int[])[q.times]
                    ORDER BY q.id FOR UPDATE OF q SKIP LOCKED
               ), again AS (
                   UPDATE attendance_report_request q SET times = q.times + 1, last_asked_at = $3
                     FROM silent WHERE q.id = silent.id
                   RETURNING q.session, q.organisation
               ), made AS (
                   SELECT session, organisation FROM first UNION ALL SELECT session, organisation FROM again
               )
               SELECT made.organisation, due.id, due.title, due.starts_at, due.ends_at
                 FROM made JOIN due ON due.id = made.session ORDER BY due.starts_at, made.organisation""",
            today,
            WITHIN,
            now,
            local_day(now),
            list(AGAIN_AFTER_DAYS),
        )
        for one in asked:
            facts = {
                "session_id": str(one["id"]),
                "title": one["title"],
                "starts_at": local(one["starts_at"]).isoformat(),
                "ends_at": local(one["ends_at"]).isoformat(),
            }
            await enqueue_within(
                "headcount-asked",
                now,
                object_kind="report",
                object_id=one["id"],
                organisation_id=one["organisation"],
                facts=facts,
            )
    return len(asked)
