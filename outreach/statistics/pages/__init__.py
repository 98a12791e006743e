"""Statistics tables on pages."""

from typing import Any

from outreach.statistics.pages import filling, forms, overview

__all__ = ["ROUTES"]

ROUTES: list[Any] = [*overview.ROUTES, *forms.ROUTES, *filling.ROUTES]
