"""Coverage as staff and evaluators read it."""

from datetime import date, datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.counting.coverage.pages.showing import AnyRequest, asked_of, show
from outreach.programmes.asking import Cursor, IdAsked, YearAsked
from outreach.shared.actors import Actor

__all__ = ["ROUTES"]


@get("/desk/coverage", include_in_schema=False)
async def coverage_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
    after: Cursor = "",
) -> Response[Any]:
    """Shares by unit and district, the ramp, and what another system recorded."""
    asked = await asked_of(actor, now, organisation, year, as_of)
    return await show(request, actor, now, asked, after=after)


ROUTES = [coverage_page]
