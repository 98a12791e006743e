"""Pages of orders: what units order and follow; the desk's board; what providers answer."""

from outreach.bookings.orders.pages import answering, approval, board, changing, leaving, ordering, own

__all__ = ["ROUTES"]

# "new" before the ids: the router prefers a fixed word over a parameter in any order, people read from above.
ROUTES = [
    *ordering.ROUTES,
    *own.ROUTES,
    *changing.ROUTES,
    *leaving.ROUTES,
    *board.ROUTES,
    *approval.ROUTES,
    *answering.ROUTES,
]
