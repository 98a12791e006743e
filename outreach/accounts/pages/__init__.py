"""Pages of accounts."""

from outreach.accounts.pages import entering, entry_codes, journal, organisations, own, people, site

__all__ = ["ROUTES"]

ROUTES = [
    *entering.ROUTES,
    *own.ROUTES,
    *organisations.ROUTES,
    *people.ROUTES,
    *entry_codes.ROUTES,
    *journal.ROUTES,
    *site.ROUTES,
]
