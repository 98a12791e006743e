"""Pages of the calendar, the menu, and of staff who keep sessions, menu, providers and venues."""

from outreach.events.pages import calendar, keeping, sessions, travel

__all__ = ["ROUTES"]

ROUTES = [*calendar.ROUTES, *sessions.ROUTES, *keeping.ROUTES, *travel.ROUTES]
