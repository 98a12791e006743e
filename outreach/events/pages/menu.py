"""The menu for those who choose from it."""

from datetime import datetime
from itertools import groupby
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.events.domain.permissions import may_keep
from outreach.events.menu import event_by_id, menu_of_year
from outreach.events.queries import SessionFilter, next_by_event, sessions_page
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
#: Dates shown under one item.
NEXT = 10


@get("/menu", opt={"public": True}, include_in_schema=False)
async def menu_page(
    request: AnyRequest, visitor: NamedDependency[Actor | None], now: NamedDependency[datetime]
) -> Response[Any]:
    """What there is this year, programme by programme, each with its next date."""
    year = local_day(now).year
    events = await menu_of_year(year)
    groups = [(list(items)) for _key, items in groupby(events, key=lambda one: one.programme_id)]
    return page(
        request,
        "events/menu.html",
        year=year,
        groups=groups,
        count=len(events),
        upcoming=await next_by_event(visitor, now, year),
    )


@get("/menu/{event_id:str}", opt={"public": True}, include_in_schema=False)
async def event_page(
    request: AnyRequest,
    event_id: FromPath[str],
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What it is, for whom, how long, what the site must have, and when it is on."""
    event = await event_by_id(visitor, id_in_path(event_id))
    wanted = SessionFilter(event_id=event.id, state="published", starts_from=now)
    upcoming = await sessions_page(visitor, wanted, now, limit=NEXT)
    return page(
        request,
        "events/event.html",
        event=event,
        upcoming=upcoming,
        may_keep=may_keep(visitor, event.organisation_path),
        today=local_day(now),
    )


ROUTES = [menu_page, event_page]
