"""The desk's openings, with what is taken of each."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from outreach.bookings.openings.counting import places_taken
from outreach.bookings.openings.showing import news_of, opening_view
from outreach.events.openings import openings_page, things_of
from outreach.shared.actors import Actor
from outreach.web.templates import page

__all__ = ["ROUTES"]

PER_PAGE = 30


@get("/desk/openings", opt={"staff": True}, include_in_schema=False)
async def openings_list(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    after: Annotated[str, QueryParameter(max_length=2000)] = "",
) -> Response[Any]:
    """Openings of the programmes that the caller runs, the latest wave first."""
    found = await openings_page(actor, managed=True, limit=PER_PAGE, after=after or None)
    ids = [one.id for one in found.items]
    opened, taken = await things_of(ids), await places_taken(ids)
    views = [opening_view(one, opened[one.id], taken[one.id], now) for one in found.items]
    paging = {
        "total": found.total,
        "after": f"/desk/openings?after={found.next}" if found.next else None,
        "first": "/desk/openings" if after else None,
    }
    return page(request, "bookings/openings.html", views=views, news=news_of(views, now), paging=paging)


ROUTES = [openings_list]
