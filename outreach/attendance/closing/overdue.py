"""What waits to be closed: sessions that took place, the overdue ones first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.attendance.closing.domain.closing import due_at
from outreach.attendance.closing.missing import missing_of
from outreach.events.queries import SESSION_FROM, SESSION_SQL, SessionRow, session_row
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["UNRECORDED_SQL", "WAITS_SQL", "Waiting", "WaitingList", "waiting_list"]

_YEAR_OPEN = """NOT EXISTS (SELECT 1 FROM programmes_year y WHERE y.organisation = p.organisation AND y.state = 'closed'
                      AND y.year = extract(year FROM timezone('Asia/Shanghai', s.starts_at)))"""
#: Sessions to be closed: held, of a year whose figures are open. The tables are called as in ``SESSION_SQL``.
WAITS_SQL = f"s.state = 'held' AND {_YEAR_OPEN}"
#: Past and without a record, of such a year; ``$1`` is now.
UNRECORDED_SQL = f"s.state = 'published' AND s.ends_at <= $1 AND {_YEAR_OPEN}"
_OVERDUE = "s.ends_at + make_interval(days => p.closing_days) <= $1"
_RUN = "EXISTS (SELECT 1 FROM unnest($2::text[]) run WHERE starts_with(o.path, run))"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One session that waits: what it lacks (keys of ``MISSING_WORDS``), and until when it was to be closed."""

    session: SessionRow
    missing: tuple[str, ...]
    due_at: datetime

    def overdue(self, now: datetime) -> timedelta | None:
        """How long it is overdue; ``None``: it is not."""
        return now - self.due_at if self.due_at <= now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingList:
    """Part of what waits, and figures of the whole list; ``programmes`` are those that have any: id, name, sessions."""

    items: list[Waiting]
    total: int
    overdue: int
    unrecorded: int
    programmes: list[tuple[UUID, str, int]]


async def waiting_list(
    actor: Actor, now: datetime, *, programme_id: UUID | None = None, limit: int, offset: int = 0
) -> WaitingList:
    """Sessions to be closed of those the actor runs, overdue ones first, the oldest first; four statements."""
    paths = list(actor.organised_paths)
    where = f" WHERE {WAITS_SQL} AND {_RUN} AND ($3::uuid IS NULL OR s.programme = $3)"
    found = await db.rows(
        f"{SESSION_SQL}{where} ORDER BY {_OVERDUE} DESC, s.ends_at, s.id LIMIT $4 OFFSET $5",
        now,
        paths,
        programme_id,
        limit,
        offset,
    )
    sessions = [session_row(one) for one in found]
    counts = await db.rows(
        f"""SELECT p.id, coalesce(nullif(p.short_name, ''), p.name) AS name, p.closing_days,
                   count(*) FILTER (WHERE {WAITS_SQL})::int AS waits,
                   count(*) FILTER (WHERE {WAITS_SQL} AND {_OVERDUE})::int AS overdue,
                   count(*) FILTER (WHERE {UNRECORDED_SQL})::int AS unrecorded
              {SESSION_FROM} WHERE s.state IN ('held', 'published') AND {_RUN}
             GROUP BY p.id ORDER BY p.year DESC, p.position, p.id""",
        now,
        paths,
    )
    lacking = await missing_of([one.id for one in sessions])
    days = {one["id"]: one["closing_days"] for one in counts}
    chosen = [one for one in counts if programme_id in (None, one["id"])]
    return WaitingList(
        items=[
            Waiting(one, lacking.get(one.id, ()), due_at(one.ends_at, days.get(one.programme_id, 0)))
            for one in sessions
        ],
        total=sum(one["waits"] for one in chosen),
        overdue=sum(one["overdue"] for one in chosen),
        unrecorded=sum(one["unrecorded"] for one in counts),
        programmes=[(one["id"], one["name"], one["waits"]) for one in counts if one["waits"]],
    )
