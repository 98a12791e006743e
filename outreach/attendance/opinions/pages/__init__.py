"""Pages of what attendees say: the questions on the phone, the answers of one session, scores, the menu with them."""

from outreach.attendance.opinions.pages import answering, menu, reading, scores

__all__ = ["ROUTES"]

ROUTES = [*answering.ROUTES, *reading.ROUTES, *scores.ROUTES, *menu.ROUTES]
