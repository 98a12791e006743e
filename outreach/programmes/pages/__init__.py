"""Pages of programmes, tallies and holidays."""

from outreach.programmes.pages import from_notice, holidays, labels, programmes, tallies, targets, years

__all__ = ["ROUTES"]

ROUTES = [
    *programmes.ROUTES,
    *from_notice.ROUTES,
    *targets.ROUTES,
    *years.ROUTES,
    *tallies.ROUTES,
    *holidays.ROUTES,
    *labels.ROUTES,
]
