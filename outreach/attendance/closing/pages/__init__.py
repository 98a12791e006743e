"""Pages of closing: evidence of one session, what waits to be closed."""

from outreach.attendance.closing.pages import correcting, evidence, waiting

__all__ = ["ROUTES"]

ROUTES = [*correcting.ROUTES, *evidence.ROUTES, *waiting.ROUTES]
