"""What the dispatch board and providers ask: orders that wait, the most urgent first; what is known of a unit.

One statement each, whatever the number; of 2,000 open orders only those shown are joined with all that belongs to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import ORDER_SQL, OrderRow, order_row
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day

__all__ = ["Earlier", "earlier_of", "orders_to_answer", "waiting_orders"]

#: Until when something must happen with an order q of session s: an answer, the session itself, its last wish.
_DUE = """CASE q.state WHEN 'assigned' THEN coalesce(q.answer_by, s.starts_at) WHEN 'scheduled' THEN s.starts_at
               ELSE q.last_on::timestamptz END"""


async def waiting_orders(actor: Actor, states: Sequence[OrderState], *, limit: int, beyond: int = 0) -> list[OrderRow]:
    """Orders in one of ``states`` of the units and programmes that the actor runs, the most urgent first.

    Args:
        limit: at least 1.
        beyond: how many are left out at the beginning.
    """
    found = await db.rows(
        f"""{ORDER_SQL} JOIN (
              SELECT q.id, {_DUE} AS due
                FROM bookings_order q
                JOIN events_event e ON e.id = q.event
                JOIN programmes_programme p ON p.id = e.programme
                JOIN accounts_organisation o ON o.id = p.organisation
                JOIN accounts_organisation u ON u.id = q.organisation
                LEFT JOIN events_session s ON s.id = q.session
               WHERE q.state = ANY($1::text[])
                 AND EXISTS (SELECT 1 FROM unnest($2::text[]) run
                              WHERE starts_with(o.path, run) OR starts_with(u.path, run))
               ORDER BY due, q.id LIMIT $3 OFFSET $4) chosen ON chosen.id = q.id
            ORDER BY chosen.due, q.id""",  # noqa: S608 - our own text
        [state.value for state in states],
        list(actor.organised_paths),
        limit,
        beyond,
    )
    return [order_row(one) for one in found]


async def orders_to_answer(actor: Actor) -> list[OrderRow]:
    """Assignments that wait for the answer of the person, the next to run out first."""
    found = await db.rows(
        f"""{ORDER_SQL} WHERE q.state = 'assigned' AND EXISTS (
              SELECT 1 FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider
               WHERE sp.session = q.session AND r.person = $1
                 AND NOT EXISTS (SELECT 1 FROM bookings_order_answer a WHERE a.order_id = q.id
                                    AND a.assignment = q.assignment AND a.provider = r.id AND a.accepted))
            ORDER BY q.answer_by, q.id""",  # noqa: S608 - our own text
        actor.person_id,
    )
    return [order_row(one) for one in found]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another order of a unit; ``on`` is the day of its session, without one that of its first wish."""

    id: UUID
    title: str
    state: str
    on: date


async def earlier_of(order: OrderRow, *, most: int = 3) -> list[Earlier]:
    """The unit's other orders, the newest first."""
    found = await db.rows(
        """SELECT q.id, e.title, q.state, s.starts_at, q.first_on
             FROM bookings_order q JOIN events_event e ON e.id = q.event LEFT JOIN events_session s ON s.id = q.session
            WHERE q.organisation = $1 AND q.id <> $2 ORDER BY q.id DESC LIMIT $3""",
        order.organisation_id,
        order.id,
        most,
    )
    return [
        Earlier(
            one["id"], one["title"], one["state"], local_day(one["starts_at"]) if one["starts_at"] else one["first_on"]
        )
        for one in found
    ]
