"""Pages of costs: the lines of a session, the budget of a programme, and the sheet that is signed."""

from outreach.attendance.costs.pages import lines, programme, sheet

__all__ = ["ROUTES"]

ROUTES = [*lines.ROUTES, *programme.ROUTES, *sheet.ROUTES]
