"""Pages of reported figures: the unit says them, the organiser confirms them."""

from outreach.attendance.reported.pages import confirming, saying

__all__ = ["ROUTES"]

ROUTES = [*saying.ROUTES, *confirming.ROUTES]
