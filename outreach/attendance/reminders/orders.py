"""Whoever has to act on an order is reminded, once a week, of those that wait too long."""

from datetime import datetime, timedelta

from outreach.attendance.reported.asking import FROM_HOUR, TO_HOUR
from outreach.notifications.saying_once import Once, enqueue_once_within
from outreach.shared import db
from outreach.shared.time import local, local_day

__all__ = ["LATE_AFTER", "remind_of_orders"]

#: A unit that ordered should know within a week.
LATE_AFTER = timedelta(days=5)

#: A submitted order of a programme with two steps waits for the organisation above the unit, every other one for the
#: programme's own; an assigned one for its provider, which the programme's own has to ask.
_WAITING = """
WITH late AS (
    SELECT CASE WHEN q.state = 'submitted' AND p.two_step_orders THEN coalesce(u.parent, p.organisation)
                ELSE p.organisation END AS organisation,
           q.submitted_at
      FROM bookings_order q JOIN events_event e ON e.id = q.event JOIN programmes_programme p ON p.id = e.programme
      JOIN accounts_organisation u ON u.id = q.organisation
     WHERE q.state IN ('submitted', 'endorsed', 'approved') AND q.changed_at <= $1
        OR q.state = 'assigned' AND q.answer_by <= $3 AND q.changed_at <= $1
)
SELECT late.organisation, count(*)::int AS count, min(late.submitted_at) AS oldest
  FROM late JOIN accounts_organisation o ON o.id = late.organisation
 WHERE o.closed_on IS NULL OR o.closed_on > $2
 GROUP BY late.organisation
"""


async def remind_of_orders(now: datetime) -> int:
    """Tell every organisation how many orders it has let wait, and since when; return how many organisations.

    From Monday morning on, once a week each, however many processes do this at once; nobody at night.
    """
    if not FROM_HOUR <= local(now).hour < TO_HOUR:
        return 0
    today = local_day(now)
    monday = today - timedelta(days=today.weekday())
    async with db.atomic():
        found = await db.rows(_WAITING, now - LATE_AFTER, today, now)
        return await enqueue_once_within(
            now,
            [
                Once(
                    once=f"orders-waiting:{one['organisation']}:{monday}",
                    kind="order-waiting",
                    object_kind="desk",
                    object_id=one["organisation"],
                    organisation_id=one["organisation"],
                    facts={
                        "count": one["count"],
                        "oldest": local_day(one["oldest"]).isoformat(),
                        "href": "/desk/orders",
                    },
                )
                for one in found
            ],
        )
