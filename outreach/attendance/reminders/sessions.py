"""Who comes, hosts or gives a session is reminded of it: some days before, and the morning of the day before."""

from datetime import datetime
from typing import Any

from outreach.attendance.reported.asking import FROM_HOUR, TO_HOUR
from outreach.notifications.saying_once import Once, enqueue_once_within
from outreach.shared import db
from outreach.shared.time import local, local_day

__all__ = ["remind_of_sessions"]

#: A session has at most one reminder due: ``days`` from so many days before until two days before, ``morning`` the day
#: before. Who was not reminded in time, since the program stood still, is reminded by the one that is due now.
#: Who booked or changed on the day itself or later knows.
_DUE = """
WITH due AS (
    SELECT s.id, s.title, s.starts_at, s.ends_at, s.host, coalesce(v.name, nullif(s.address, ''), '') AS place, d.day,
           CASE WHEN p.remind_morning AND d.day = $2::date + 1 THEN 'morning' ELSE 'days' END AS which,
           CASE WHEN p.remind_morning AND d.day = $2::date + 1 THEN d.day - 1 ELSE d.day - p.remind_days END AS from_on
      FROM events_session s JOIN programmes_programme p ON p.id = s.programme
      LEFT JOIN events_venue v ON v.id = s.venue
      CROSS JOIN LATERAL (SELECT timezone('Asia/Shanghai', s.starts_at)::date AS day) d
     WHERE s.state = 'published' AND s.starts_at > $1 AND s.starts_at < $1 + interval '32 days'
       AND d.day > $2::date
       AND (p.remind_morning AND d.day = $2::date + 1 OR p.remind_days > 0 AND d.day <= $2::date + p.remind_days)
), receiver AS (
    SELECT due.*, 'session-soon' AS kind, b.organisation, NULL::uuid AS person, b.seats
      FROM due JOIN bookings_booking b ON b.session = due.id
     WHERE b.state = 'confirmed' AND b.organisation IS DISTINCT FROM due.host
       AND timezone('Asia/Shanghai', b.changed_at)::date < due.from_on
    UNION ALL
    SELECT due.*, 'session-hosted-soon', due.host, NULL, NULL FROM due
     WHERE due.host IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM bookings_booking b WHERE b.session = due.id AND b.is_host AND b.state = 'confirmed'
              AND timezone('Asia/Shanghai', b.changed_at)::date >= due.from_on)
    UNION ALL
    SELECT DISTINCT due.*, 'duty-soon', NULL::uuid, g.person, NULL::int
      FROM due JOIN events_session_provider sp ON sp.session = due.id JOIN events_provider g ON g.id = sp.provider
     WHERE g.person IS NOT NULL
), named AS (
    SELECT receiver.*, 'remind:' || receiver.id || ':' || receiver.day || ':' || receiver.which || ':'
                       || coalesce(receiver.organisation, receiver.person) AS once
      FROM receiver LEFT JOIN accounts_organisation o ON o.id = receiver.organisation
     WHERE o.closed_on IS NULL OR o.closed_on > $2
)
SELECT * FROM named
 WHERE NOT EXISTS (SELECT 1 FROM notifications_outbox_message m WHERE m.once = named.once)
"""


async def remind_of_sessions(now: datetime) -> int:
    """Remind of every session that is due, and return how many messages that are. Nobody twice of the same day,
    however many processes do this at once; nobody at night.

    A session that was moved is reminded of anew. How many days before, and whether in the morning before, is set on the
    programme (0 days: not).
    """
    if not FROM_HOUR <= local(now).hour < TO_HOUR:
        return 0
    async with db.atomic():
        return await enqueue_once_within(now, [_message(one) for one in await db.rows(_DUE, now, local_day(now))])


def _message(row: Any) -> Once:
    facts = {
        "session_id": str(row["id"]),
        "title": row["title"],
        "starts_at": local(row["starts_at"]).isoformat(),
        "ends_at": local(row["ends_at"]).isoformat(),
        "where": row["place"],
        **({"seats": row["seats"]} if row["seats"] is not None else {}),
    }
    return Once(
        once=row["once"],
        kind=row["kind"],
        object_kind="session",
        object_id=row["id"],
        organisation_id=row["organisation"],
        person_id=row["person"],
        facts=facts,
    )
