"""Questions about orders; the number of statements never depends on how many there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.bookings.orders.domain.drafts import windows_within
from outreach.bookings.orders.domain.errors import LinkExpiredError
from outreach.bookings.orders.domain.permissions import may_read
from outreach.bookings.orders.links import LinkGrant
from outreach.bookings.orders.ratings import Rating, ratings_of
from outreach.bookings.orders.rows import ORDER_FROM, ORDER_SQL, OrderRow, draft_of, order_row
from outreach.events.queries import containing
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.paging import Page, page_of

__all__ = [
    "ORDER_FROM",
    "ORDER_SQL",
    "OrderFilter",
    "OrderRow",
    "Rating",
    "draft_of",
    "order_by_id",
    "order_for_link",
    "order_of_session",
    "order_row",
    "orders_page",
    "own_orders",
    "ratings_of",
    "readable_order",
    "rivals_of",
    "state_counts",
]

#: More than a board shows of one order's rivals.
MOST_RIVALS = 50


async def order_by_id(order_id: UUID) -> OrderRow:
    """The order, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(ORDER_SQL + " WHERE q.id = $1", order_id)
    if found is None:
        raise NotFoundError
    return order_row(found)


async def readable_order(actor: Actor, order_id: UUID) -> OrderRow:
    """The order, if it exists for this caller.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
    """
    order = await order_by_id(order_id)
    if not may_read(actor, order.facts):
        raise NotFoundError
    return order


async def order_of_session(session_id: UUID) -> OrderRow | None:
    """The order that the session was made for, whoever asks; ``None``: it was made for none."""
    found = await db.row(ORDER_SQL + " WHERE q.session = $1", session_id)
    return order_row(found) if found is not None else None


async def order_for_link(now: datetime, grant: LinkGrant) -> OrderRow:
    """The order that a provider's link leads to: waiting for the answer, or accepted and still to be given.

    Raises:
        NotFoundError: it does not exist.
        LinkExpiredError: ``why`` is ``over`` or ``replaced``; ``organisation`` is whom to call.
    """
    order = await order_by_id(grant.order_id)
    check_link(order, now, grant)
    return order


def check_link(order: OrderRow, now: datetime, grant: LinkGrant) -> None:
    """Whether the link still speaks of this order's assignment.

    Raises:
        LinkExpiredError: see ``order_for_link``.
    """
    facts = {"organisation": order.owner_name, "title": order.event_title}
    current = order.assignment == grant.assignment and grant.provider_id in order.provider_ids
    if not current or order.state not in ("assigned", "scheduled"):
        raise LinkExpiredError(why="replaced", **facts)
    unanswered = order.state == "assigned" and grant.provider_id in order.unanswered_ids
    if now >= grant.expires_at or (unanswered and order.has_begun(now)):
        raise LinkExpiredError(why="over", **facts)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list shows; empty means all.

    Attributes:
        open: only those without a date: submitted, endorsed, approved, assigned.
        q: words in the names of unit, contact, event or place; four digits or more also end a contact's number,
            for those who run the unit or the programme.
        programme: id or code of a programme.
    """

    state: str = ""
    open: bool = False
    q: str = ""
    programme_id: UUID | None = None
    organisation_id: UUID | None = None
    oldest_first: bool = True
    programme: str = ""


#: Rule 9 as a condition: the same as ``may_read``, held against it by a test. Arguments: contact's organisations,
#: paths that are run, person if a provider.
_READABLE = """(q.organisation = ANY($1::uuid[])
    OR EXISTS (SELECT 1 FROM unnest($2::text[]) run WHERE starts_with(u.path, run) OR starts_with(o.path, run))
    OR EXISTS (SELECT 1 FROM bookings_order_unit mine
                WHERE mine.order_id = q.id AND mine.organisation = ANY($1::uuid[]))
    OR EXISTS (SELECT 1 FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider
                WHERE sp.session = q.session AND r.person = $3::uuid))"""


def _reader(actor: Actor) -> list[Any]:
    return [list(actor.contact_ids), list(actor.organised_paths), actor.person_id if actor.is_provider else None]


async def orders_page(actor: Actor, wanted: OrderFilter, *, limit: int, after: UUID | None = None) -> Page[OrderRow]:
    """The orders that ``actor`` may read, in the order in which they came; two statements whatever their number.

    Args:
        limit: at least 1.
        after: the last order of the page before.
    """
    where = f""" WHERE {_READABLE} AND ($4 = '' OR q.state = $4)
        AND (NOT $5 OR q.state IN ('submitted', 'endorsed', 'approved', 'assigned'))
        AND ($6::uuid IS NULL OR p.id = $6) AND ($7::uuid IS NULL OR q.organisation = $7)
        AND ($8 = '' OR p.code = $8 OR p.id::text = lower($8))"""
    args = [
        *_reader(actor),
        wanted.state,
        wanted.open,
        wanted.programme_id,
        wanted.organisation_id,
        wanted.programme,
    ]
    for word in wanted.q.split()[:5]:
        args.append(containing(word))
        number = len(args)
        either = [f"{name} ILIKE ${number}" for name in ("u.name", "q.contact_name", "e.title", "q.address")]
        if word.isascii() and word.isdigit() and len(word) >= 4:
            args.append(word)
            either.append(
                f"""(right(q.contact_phone, length(${number + 1})) = ${number + 1} AND (q.organisation = ANY($1::uuid[])
                    OR EXISTS (SELECT 1 FROM unnest($2::text[]) calls WHERE starts_with(o.path, calls))))"""  # noqa: S608 - numbers of arguments
            )
        where += f" AND ({' OR '.join(either)})"
    order, beyond = ("q.id", ">") if wanted.oldest_first else ("q.id DESC", "<")
    page = f" AND (${len(args) + 1}::uuid IS NULL OR q.id {beyond} ${len(args) + 1})"
    found = await db.rows(f"{ORDER_SQL}{where}{page} ORDER BY {order} LIMIT ${len(args) + 2}", *args, after, limit + 1)
    total = await db.value(f"SELECT count(*) {ORDER_FROM}{where}", *args)
    return page_of([order_row(one) for one in found], limit, total, lambda one: (str(one.id),))


async def own_orders(actor: Actor, *, limit: int = 100) -> list[OrderRow]:
    """Orders of the organisations that the caller acts for, and those that they joined, newest first; one statement."""
    found = await db.rows(
        f"""{ORDER_SQL} WHERE q.organisation = ANY($1::uuid[]) OR EXISTS (
              SELECT 1 FROM bookings_order_unit mine WHERE mine.order_id = q.id AND mine.organisation = ANY($1::uuid[]))
            ORDER BY q.id DESC LIMIT $2""",  # noqa: S608 - our own text
        list(actor.contact_ids),
        limit,
    )
    return [order_row(one) for one in found]


async def state_counts(actor: Actor) -> dict[str, int]:
    """How many orders the caller may read, by state; states without any are left out. One statement."""
    found = await db.rows(
        f"SELECT q.state, count(*) AS number {ORDER_FROM} WHERE {_READABLE} GROUP BY q.state",
        *_reader(actor),
    )
    return {one["state"]: one["number"] for one in found}


async def rivals_of(
    order: OrderRow,
    *,
    provider_id: UUID | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> list[OrderRow]:
    """Other orders without a date that may want the same provider at the same time, the oldest first; one statement.

    Orders of the programme's owner and of those below it, since nobody else's may be read on its board.

    Args:
        provider_id: the one in question; ``None``: any that gives this order's event.
        starts_at: with ``ends_at`` the time in question; ``None``: any window of this order.
    """
    if starts_at is not None and ends_at is not None:
        wished = windows_within(starts_at, ends_at)
    else:
        wished = list(order.windows)
    found = await db.rows(
        f"""{ORDER_SQL} WHERE q.id <> $1 AND q.state IN ('submitted', 'endorsed', 'approved')
              AND starts_with(o.path, $2)
              AND EXISTS (SELECT 1 FROM events_event_provider theirs JOIN events_provider r ON r.id = theirs.provider
                           WHERE theirs.event = q.event AND r.active AND (theirs.provider = $3
                              OR ($3::uuid IS NULL AND theirs.provider IN (
                                  SELECT ours.provider FROM events_event_provider ours WHERE ours.event = $4))))
              AND EXISTS (SELECT 1 FROM bookings_order_window w
                            JOIN unnest($5::date[], $6::text[]) AS wish (day, part)
                              ON wish.day = w."on" AND wish.part = w.part
                           WHERE w.order_id = q.id)
            ORDER BY q.id LIMIT {MOST_RIVALS}""",  # noqa: S608 - our own text
        order.id,
        order.owner_path,
        provider_id,
        order.event_id,
        [window.on for window in wished],
        [window.part.value for window in wished],
    )
    return [order_row(one) for one in found]
