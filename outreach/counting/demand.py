"""Demand: what units ordered from the menu, what of it took place, and what did not.

Cut by the day a thing took place: an order submitted by the day asked for counts, as it stood on that day. Its year is
that of its first window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from outreach.counting.scope import Ours, Span
from outreach.shared import db

__all__ = ["Demand", "DemandRow", "Orders", "demand_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders by what became of them; every one is in exactly one of the last five.

    Attributes:
        served: their session took place; ``scheduled``: it has a date to come, or nobody has recorded it.
        waiting: nothing is decided yet; ``declined`` by who approves; ``withdrawn`` by the unit.
    """

    asked: int = 0
    served: int = 0
    scheduled: int = 0
    waiting: int = 0
    declined: int = 0
    withdrawn: int = 0

    @property
    def unserved(self) -> int:
        """Wanted, and without a date: waiting or declined."""
        return self.waiting + self.declined


@dataclass(frozen=True, slots=True)
class DemandRow:
    """An item of the menu; ``offered``: it can be ordered today."""

    event_id: UUID
    title: str
    programme_mark: str
    programme_name: str
    offered: bool
    orders: Orders


@dataclass(frozen=True, slots=True)
class Demand:
    """Every item that was ordered or can be; ``delivery_days`` of each served order, from submission to session."""

    rows: Sequence[DemandRow] = ()
    delivery_days: Sequence[int] = ()

    @property
    def whole(self) -> Orders:
        """All items together."""
        return Orders(**{name: sum(getattr(row.orders, name) for row in self.rows) for name in Orders.__slots__})

    @property
    def ordered(self) -> list[DemandRow]:
        """What was ordered: most unserved first, then most asked."""
        asked = [row for row in self.rows if row.orders.asked]
        return sorted(asked, key=lambda row: (-row.orders.unserved, -row.orders.asked, row.title))

    @property
    def never_ordered(self) -> list[DemandRow]:
        """What can be ordered, and nobody did."""
        return [row for row in self.rows if row.offered and not row.orders.asked]


async def demand_of(ours: Ours, span: Span) -> Demand:
    """Orders of these programmes' menus; of those owned above the part only its units' orders. One statement."""
    rows = await db.rows(
        """
        WITH orders AS (
            SELECT q.event,
                   CASE WHEN q.state IN ('declined', 'withdrawn') AND coalesce(q.ended_at, q.changed_at) < $3
                             THEN q.state
                        WHEN q.state IN ('fulfilled', 'reviewed') AND s.state IN ('held', 'closed')
                             AND s.starts_at < $3 THEN 'served'
                        WHEN q.state IN ('scheduled', 'fulfilled', 'reviewed')
                             AND coalesce(q.scheduled_at, q.submitted_at) < $3 THEN 'scheduled'
                        ELSE 'waiting' END AS became,
                   timezone('Asia/Shanghai', s.starts_at)::date
                       - timezone('Asia/Shanghai', q.submitted_at)::date AS days
              FROM bookings_order q JOIN events_event e ON e.id = q.event
              JOIN accounts_organisation u ON u.id = q.organisation
              LEFT JOIN events_session s ON s.id = q.session
             WHERE e.programme = ANY($1::uuid[]) AND q.submitted_at < $3 AND q.first_on BETWEEN $2 AND $4
               AND (e.programme = ANY($5::uuid[]) OR starts_with(u.path, $6))
        )
        SELECT e.id AS event_id, e.title, p.mark AS programme_mark, p.name AS programme_name,
               e.active AND e.orderable AS offered, count(q.event)::int AS asked,
               count(*) FILTER (WHERE q.became = 'served')::int AS served,
               count(*) FILTER (WHERE q.became = 'scheduled')::int AS scheduled,
               count(*) FILTER (WHERE q.became = 'waiting')::int AS waiting,
               count(*) FILTER (WHERE q.became = 'declined')::int AS declined,
               count(*) FILTER (WHERE q.became = 'withdrawn')::int AS withdrawn,
               coalesce(array_agg(q.days) FILTER (WHERE q.became = 'served'), '{}') AS days
          FROM events_event e JOIN programmes_programme p ON p.id = e.programme
          LEFT JOIN orders q ON q.event = e.id
         WHERE e.programme = ANY($1::uuid[]) AND (q.event IS NOT NULL OR e.active AND e.orderable)
         GROUP BY e.id, p.id ORDER BY p.position, e.title, e.id
        """,
        ours.ids,
        date(span.year, 1, 1),
        span.tomorrow,
        date(span.year, 12, 31),
        ours.own_ids,
        ours.path,
    )
    return Demand(
        rows=[
            DemandRow(
                row["event_id"],
                row["title"],
                row["programme_mark"],
                row["programme_name"],
                row["offered"],
                Orders(**{name: row[name] for name in Orders.__slots__}),
            )
            for row in rows
        ],
        delivery_days=[days for row in rows for days in row["days"]],
    )
