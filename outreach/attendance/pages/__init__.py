"""Pages of attendance: managing one session, what is unrecorded, entering past ones, the sign-in sheet, checking in."""

from outreach.attendance.pages import checkin, doors, managing, past, sheet

__all__ = ["ROUTES"]

ROUTES = [*checkin.ROUTES, *doors.ROUTES, *managing.ROUTES, *past.ROUTES, *sheet.ROUTES]
