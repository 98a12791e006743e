"""Pages of the calendar, the menu, and of staff who keep sessions, menu, providers and venues."""

from outreach.events.pages import calendar, keeping, publishing, sessions, travel

__all__ = ["ROUTES"]

ROUTES = [*calendar.ROUTES, *sessions.ROUTES, *publishing.ROUTES, *keeping.ROUTES, *travel.ROUTES]
