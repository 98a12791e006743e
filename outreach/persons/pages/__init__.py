"""Pages of handing over and merging."""

from outreach.persons.pages import handing_over, merging

__all__ = ["ROUTES"]

ROUTES = [*handing_over.ROUTES, *merging.ROUTES]
