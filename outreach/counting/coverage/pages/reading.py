"""Coverage as staff and evaluators read it."""

from datetime import date, datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.accounts.queries import root_organisation
from outreach.counting.coverage.pages.showing import AnyRequest, asked_of, show
from outreach.programmes.asking import Cursor, IdAsked, YearAsked
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.web.templates import back_to

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
    if actor.is_administrator and await root_organisation() is None:
        return back_to("/desk/organisations", saying=_("先建一个工会组织，再看覆盖率。"))
    asked = await asked_of(actor, now, organisation, year, as_of)
    return await show(request, actor, now, asked, after=after)


ROUTES = [coverage_page]
