"""Pages of bookings: the public session, a contact's own bookings, the desk's list, moving and cancelling sessions."""

from outreach.bookings.pages import desk, moving, my, own, session

__all__ = ["ROUTES"]

ROUTES = [*session.ROUTES, *my.ROUTES, *own.ROUTES, *desk.ROUTES, *moving.ROUTES]
