"""Pages of materials."""

from outreach.materials.pages import attaching, deciding, items, own, rounds

__all__ = ["ROUTES"]

ROUTES = [*items.ROUTES, *rounds.ROUTES, *deciding.ROUTES, *attaching.ROUTES, *own.ROUTES]
