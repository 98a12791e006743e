"""Pages and downloads of papers."""

from outreach.papers.pages import certificates, ledgers, receipts

ROUTES = [*receipts.ROUTES, *ledgers.ROUTES, *certificates.ROUTES]
