"""Pages of openings."""

from outreach.bookings.openings.pages import editing, listing

__all__ = ["ROUTES"]

ROUTES = [*listing.ROUTES, *editing.ROUTES]
