"""Pages of handing over, merging, and asking to become a contact."""

from outreach.persons.pages import asking, handing_over, merging

__all__ = ["ROUTES"]

ROUTES = [*handing_over.ROUTES, *merging.ROUTES, *asking.ROUTES]
