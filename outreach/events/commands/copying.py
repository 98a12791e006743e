"""The menu of a programme, carried over into another one."""

from datetime import datetime
from uuid import UUID

from outreach.shared import db
from outreach.shared.ids import new_id

__all__ = ["copy_menu_within"]


async def copy_menu_within(programme_id: UUID, to_programme_id: UUID, now: datetime) -> int:
    """Copy what is on the menu of a programme, with the active providers who give it; return how many items.

    Items without dates: sessions, openings and absences stay where they are. Permission was asked before.
    """
    items = [
        (one["id"], new_id())
        for one in await db.rows(
            "SELECT id FROM events_event WHERE programme = $1 AND active ORDER BY created_at, id", programme_id
        )
    ]
    old, new = [one for one, _new in items], [one for _old, one in items]
    await db.execute(
        """INSERT INTO events_event
                  (id, programme, title, kind, topic, summary, audience, duration_minutes, site_needs, min_audience,
                   max_audience, active, orderable, lead_days, revision, created_at)
           SELECT m.new, $1, e.title, e.kind, e.topic, e.summary, e.audience, e.duration_minutes, e.site_needs,
                  e.min_audience, e.max_audience, true, e.orderable, e.lead_days, 1, $2
             FROM unnest($3::uuid[], $4::uuid[]) AS m (old, new) JOIN events_event e ON e.id = m.old""",
        to_programme_id,
        now,
        old,
        new,
    )
    givers = await db.rows(
        """SELECT m.new, ep.provider FROM unnest($1::uuid[], $2::uuid[]) AS m (old, new)
             JOIN events_event_provider ep ON ep.event = m.old JOIN events_provider r ON r.id = ep.provider AND r.active
            ORDER BY ep.id""",
        old,
        new,
    )
    await db.execute(
        """INSERT INTO events_event_provider (id, event, provider)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])""",
        [new_id() for _ in givers],
        [one["new"] for one in givers],
        [one["provider"] for one in givers],
    )
    return len(items)
