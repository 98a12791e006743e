"""Scores with the number of answers: a provider's own, and those of the menu and its providers on the desk."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from outreach.attendance.opinions import scores
from outreach.attendance.opinions.domain.opinions import LEAST_TO_SHOW
from outreach.bookings.wording import LEAST_ANSWERS
from outreach.events.domain.ratings import PRIOR_ANSWERS
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError
from outreach.shared.time import local_day
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
LEASTS: dict[str, Any] = {"least_answers": LEAST_ANSWERS, "least_opinions": LEAST_TO_SHOW, "prior": PRIOR_ANSWERS}


@get("/duties/opinions", include_in_schema=False)
async def own(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """What attendees said of the sessions that the provider gave."""
    if not actor.is_provider:
        raise ForbiddenError
    return page(
        request,
        "attendance/opinions_own.html",
        given=await scores.given_sessions(actor, now),
        own=await scores.own_score(actor),
        **LEASTS,
    )


@get("/desk/opinions", opt={"staff": True}, include_in_schema=False)
async def desk(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """What hosts and what attendees said of each item of the menu and of each lecturer and troupe."""
    year = local_day(now).year
    return page(
        request,
        "attendance/opinions_desk.html",
        year=year,
        events=await scores.event_scores(actor, year),
        providers=await scores.provider_scores(actor),
        **LEASTS,
    )


ROUTES = [own, desk]
