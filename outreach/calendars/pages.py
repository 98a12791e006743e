"""Feeds, the file of one session, and the page that explains how to subscribe."""

from datetime import datetime
from typing import Any

from litestar import HttpMethod, Request, Response, get, route
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response.base import ASGIResponse

from outreach.calendars import feeds, queries
from outreach.calendars.domain.ical import Origin, calendar_bytes, event_bytes
from outreach.calendars.queries import FeedKey
from outreach.calendars.serving import PRIVATE, PUBLIC, answer
from outreach.calendars.subscribing import qr_code, subscriptions
from outreach.events.domain.visibility import may_see
from outreach.events.queries import visible_session
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, local_day
from outreach.web.templates import page

OPEN = {"public": True}
METHODS = [HttpMethod.GET, HttpMethod.HEAD]


def _stem(name: str) -> str:
    """``public`` of ``public.ics``: a router cannot take the ending off by itself."""
    stem = name.removesuffix(".ics")
    if stem == name or not stem:
        raise NotFoundError
    return stem


def _origin(request: Request[Any, Any, Any]) -> Origin:
    return Origin(request.app.state.settings.base_url, request.app.state.site.name)


def _year(year: int | None) -> int | None:
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise invalid("year", "year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, year=year)
    return year


@route("/calendars/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def public_feed(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    now: NamedDependency[datetime],
    year: FromQuery[int | None] = None,
) -> ASGIResponse:
    """Every session that strangers may see."""
    if _stem(name) != "public":
        raise NotFoundError
    return answer(request, await feeds.feed(FeedKey(_year(year)), _origin(request), now), now)


@route("/calendars/programmes/{programme_year:int}/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def programme_feed(
    request: Request[Any, Any, Any],
    programme_year: FromPath[int],
    name: FromPath[str],
    now: NamedDependency[datetime],
    year: FromQuery[int | None] = None,
) -> ASGIResponse:
    """Those of one programme."""
    if not FIRST_YEAR <= programme_year <= LAST_YEAR:
        raise NotFoundError
    key = FeedKey(_year(year), programme_year, _stem(name))
    return answer(request, await feeds.feed(key, _origin(request), now), now)


@route("/calendars/sessions/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def session_file(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    now: NamedDependency[datetime],
    visitor: NamedDependency[Actor | None],
) -> ASGIResponse:
    """One session, for a person's own calendar; also found at ``/sessions/{id}.ics``.

    Those who are logged in get what they may see; what strangers may not see is kept by no proxy.
    """
    session = await visible_session(visitor, id_in_path(_stem(name)))
    if session.state == "draft" or (session.state == "cancelled" and session.published_at is None):
        raise NotFoundError
    is_open = may_see(None, session.facts) and not session.confidential
    if visitor is None and not is_open:
        raise NotFoundError
    origin = _origin(request)
    event = event_bytes(queries.event_facts(session, now, is_busy=True), origin)
    body = calendar_bytes(session.title, f"/sessions/{session.id}.ics", origin, [event])
    found = feeds.rendered(body, session.revised_at, now=now)
    return answer(request, found, now, caching=PUBLIC if is_open else PRIVATE)


@get("/subscribe", opt=OPEN, include_in_schema=False)
async def subscribe(request: Request[Any, Any, Any], now: NamedDependency[datetime]) -> Response[Any]:
    """The addresses of the feeds, and what to do with them in each calendar program."""
    base_url = request.app.state.settings.base_url
    programmes = await queries.feed_programmes(local_day(now).year)
    return page(
        request,
        "calendars/subscribe.html",
        everything=subscriptions(base_url, [])[0],
        feeds=subscriptions(base_url, programmes)[1:],
        qr=qr_code(f"{base_url}/subscribe"),
    )


ROUTES = [public_feed, programme_feed, session_file, subscribe]
