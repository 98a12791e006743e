"""Organisations are reminded, once a week, of sessions that should have been closed or recorded."""

from datetime import datetime, timedelta

from outreach.attendance.closing.overdue import UNRECORDED_SQL, WAITS_SQL
from outreach.attendance.reported.asking import FROM_HOUR, TO_HOUR
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.time import local, local_day

__all__ = ["remind_of_closing"]


async def remind_of_closing(now: datetime) -> int:
    """Tell every organisation with overdue sessions how many, and since when; return how many organisations.

    Overdue is what was held longer ago than its programme allows, and what is past without a record; of years whose
    figures are open. From Monday morning on, once a week each, however many processes do this at once; nobody at night.
    """
    if not FROM_HOUR <= local(now).hour < TO_HOUR:
        return 0
    today = local_day(now)
    async with db.atomic():
        reminded = await db.rows(
            f"""WITH late AS (
                   SELECT s.organisation, count(*)::int AS count, min(s.ends_at) AS oldest
                     FROM events_session s JOIN programmes_programme p ON p.id = s.programme
                     JOIN accounts_organisation o ON o.id = s.organisation
                    WHERE (o.closed_on IS NULL OR o.closed_on > $3)
                      AND ({WAITS_SQL} AND s.ends_at + make_interval(days => p.closing_days) <= $1
                           OR {UNRECORDED_SQL})
                    GROUP BY s.organisation
               ), made AS (
                   INSERT INTO attendance_reminder (id, organisation, kind, week_on, reminded_at)
                   SELECT gen_random_uuid(), late.organisation, 'closing', $2, $1 FROM late ORDER BY late.organisation
                   ON CONFLICT (organisation, kind, week_on) DO NOTHING
                   RETURNING id, organisation
               )
               SELECT made.id, late.organisation, late.count, late.oldest
                 FROM made JOIN late ON late.organisation = made.organisation""",  # noqa: S608 - our own text
            now,
            today - timedelta(days=today.weekday()),
            today,
        )
        for one in reminded:
            await enqueue_within(
                "closing-due",
                now,
                object_kind="closing",
                object_id=one["id"],
                organisation_id=one["organisation"],
                facts={"count": one["count"], "oldest": local_day(one["oldest"]).isoformat()},
            )
    return len(reminded)
