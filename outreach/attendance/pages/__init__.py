"""Pages of attendance: managing one session, what is unrecorded, entering past ones, the sign-in sheet."""

from outreach.attendance.pages import managing, past, sheet

__all__ = ["ROUTES"]

ROUTES = [*managing.ROUTES, *past.ROUTES, *sheet.ROUTES]
