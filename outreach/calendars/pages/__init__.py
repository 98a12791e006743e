"""Feeds, the file of one session, and the pages that explain how to subscribe."""

from outreach.calendars.pages import feeds, subscribing

__all__ = ["ROUTES"]

ROUTES = [*feeds.ROUTES, *subscribing.ROUTES]
