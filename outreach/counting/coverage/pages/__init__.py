"""Pages of coverage."""

from outreach.counting.coverage.pages.goals import ROUTES as GOALS
from outreach.counting.coverage.pages.reading import ROUTES as READING
from outreach.counting.coverage.pages.services import ROUTES as SERVICES

__all__ = ["ROUTES"]

ROUTES = [*READING, *GOALS, *SERVICES]
