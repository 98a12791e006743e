"""Pages of accounts."""

from outreach.accounts.pages import entering, journal, organisations, own, people, site

__all__ = ["ROUTES"]

ROUTES = [*entering.ROUTES, *own.ROUTES, *organisations.ROUTES, *people.ROUTES, *journal.ROUTES, *site.ROUTES]
