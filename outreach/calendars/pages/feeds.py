"""The files that calendar programs read."""

from datetime import datetime
from typing import Any

from litestar import HttpMethod, Request, route
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response.base import ASGIResponse

from outreach.calendars import feeds, private, queries
from outreach.calendars.domain.ical import Origin, calendar_bytes, event_bytes
from outreach.calendars.domain.keys import FeedKey
from outreach.calendars.serving import FOR_ONE, PUBLIC, SECRET, answer
from outreach.events.queries import visible_session
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.ids import id_in_path
from outreach.shared.time import FIRST_YEAR, LAST_YEAR

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]

OPEN = {"public": True}
METHODS = [HttpMethod.GET, HttpMethod.HEAD]


def _stem(name: str) -> str:
    """``public`` of ``public.ics``: a router cannot take the ending off by itself."""
    stem = name.removesuffix(".ics")
    if stem == name or not stem:
        raise NotFoundError
    return stem


async def _origin(request: AnyRequest) -> Origin:
    return await queries.origin_of(request.app.state.settings.base_url, request.app.state.site.name)


def _year(year: int | None) -> int | None:
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise invalid("year", "year-out-of-range", first=FIRST_YEAR, last=LAST_YEAR, year=year)
    return year


async def _public(request: AnyRequest, key: FeedKey, now: datetime) -> ASGIResponse:
    return answer(request, await feeds.feed(key, await _origin(request), now), now)


@route("/calendars/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def public_feed(
    request: AnyRequest, name: FromPath[str], now: NamedDependency[datetime], year: FromQuery[int | None] = None
) -> ASGIResponse:
    """Every session that strangers may see; or no session, but holidays and labels (``office``)."""
    stem = _stem(name)
    if stem not in ("public", "office"):
        raise NotFoundError
    return await _public(request, FeedKey("office" if stem == "office" else "", year=_year(year)), now)


@route("/calendars/programmes/{programme_year:int}/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def programme_feed(
    request: AnyRequest,
    programme_year: FromPath[int],
    name: FromPath[str],
    now: NamedDependency[datetime],
    year: FromQuery[int | None] = None,
) -> ASGIResponse:
    """Those of one programme."""
    if not FIRST_YEAR <= programme_year <= LAST_YEAR:
        raise NotFoundError
    return await _public(request, FeedKey("programmes", f"{programme_year}/{_stem(name)}", _year(year)), now)


@route("/calendars/districts/{name:path}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def district_feed(
    request: AnyRequest, name: FromPath[str], now: NamedDependency[datetime], year: FromQuery[int | None] = None
) -> ASGIResponse:
    """Those that take place in one district."""
    return await _public(request, FeedKey("districts", _stem(name.lstrip("/")), _year(year)), now)


@route("/calendars/kinds/{name:path}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def kind_feed(
    request: AnyRequest, name: FromPath[str], now: NamedDependency[datetime], year: FromQuery[int | None] = None
) -> ASGIResponse:
    """Those of one kind; a kind may have a slash in its name."""
    return await _public(request, FeedKey("kinds", _stem(name.lstrip("/")), _year(year)), now)


@route("/calendars/organisations/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def organisation_feed(
    request: AnyRequest, name: FromPath[str], now: NamedDependency[datetime], year: FromQuery[int | None] = None
) -> ASGIResponse:
    """Those that an organisation, found by its code, or one below it runs or has at its site."""
    return await _public(request, FeedKey("organisations", _stem(name), _year(year)), now)


@route("/calendars/providers/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def provider_feed(
    request: AnyRequest, name: FromPath[str], now: NamedDependency[datetime], year: FromQuery[int | None] = None
) -> ASGIResponse:
    """Those that one lecturer or troupe gives."""
    return await _public(request, FeedKey("providers", str(id_in_path(_stem(name))), _year(year)), now)


@route("/calendars/venues/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def venue_feed(
    request: AnyRequest, name: FromPath[str], now: NamedDependency[datetime], year: FromQuery[int | None] = None
) -> ASGIResponse:
    """Those at one place."""
    return await _public(request, FeedKey("venues", str(id_in_path(_stem(name))), _year(year)), now)


@route("/calendars/private/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def private_feed(request: AnyRequest, name: FromPath[str], now: NamedDependency[datetime]) -> ASGIResponse:
    """A person's own; whoever has the address reads it."""
    found = await private.private_feed(_stem(name), await _origin(request), now)
    return answer(request, found, now, headers=SECRET)


@route("/calendars/sessions/{name:str}", http_method=METHODS, opt=OPEN, include_in_schema=False)
async def session_file(
    request: AnyRequest,
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
    is_open = session.is_public
    if visitor is None and not is_open:
        raise NotFoundError
    origin, path = await _origin(request), f"/sessions/{session.id}.ics"
    facts = (await queries.facts_of([session.id], now, is_busy=True))[session.id]
    body = calendar_bytes(session.title, path, origin, [event_bytes(facts, origin)])
    found = await feeds.rendered(path, body, session.revised_at, now)
    return answer(request, found, now, headers=PUBLIC if is_open else FOR_ONE)


ROUTES = [
    public_feed,
    programme_feed,
    district_feed,
    kind_feed,
    organisation_feed,
    provider_feed,
    venue_feed,
    private_feed,
    session_file,
]
