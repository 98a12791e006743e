"""How to subscribe: the public feeds, and everybody's own."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.calendars import private, queries
from outreach.calendars.subscribing import (
    feed_choices,
    key_of,
    own_choices,
    programme_choices,
    qr_code,
    subscription,
    subscription_to,
)
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.time import local_day
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


def _in_wechat(request: AnyRequest) -> bool:
    """Its browser opens no calendar: the page says so before anything is tried."""
    return "micromessenger" in request.headers.get("user-agent", "").lower()


@get("/subscribe", opt={"public": True}, include_in_schema=False)
async def subscribe(
    request: AnyRequest,
    now: NamedDependency[datetime],
    visitor: NamedDependency[Actor | None],
    feed: FromQuery[str] = "",
) -> Response[Any]:
    """The address of a feed, and what to do with it in each calendar program; the other feeds to choose from."""
    base_url = request.app.state.settings.base_url
    chosen = await subscription_to(base_url, key_of(feed))
    return page(
        request,
        "calendars/subscribe.html",
        chosen=chosen,
        feed=feed,
        programmes=programme_choices(await queries.feed_programmes(local_day(now).year)),
        choices=await feed_choices(now),
        own=await own_choices(visitor),
        in_wechat=_in_wechat(request),
        qr=qr_code(f"{base_url}/subscribe" + (f"?feed={quote(feed)}" if feed else "")),
    )


@get("/account/calendar", include_in_schema=False)
async def own_calendar(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """The own feed: whether there is one, and when it was last read."""
    feed = await private.own_feed_of(actor.person_id)
    return page(request, "calendars/own.html", feed=feed, made=None, qr=None, in_wechat=_in_wechat(request))


@post("/account/calendar", include_in_schema=False, status_code=200)
async def make_own_calendar(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """A new address, shown on this answer and never again; the one before stops working."""
    path = private.private_path(await private.make_own_feed(actor, now))
    made = subscription(request.app.state.settings.base_url, path)
    feed = await private.own_feed_of(actor.person_id)
    qr = qr_code(made.webcal)
    return page(request, "calendars/own.html", feed=feed, made=made, qr=qr, in_wechat=_in_wechat(request))


@post("/account/calendar/revoke", include_in_schema=False, status_code=303)
async def revoke_own_calendar(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """The address stops working at once."""
    await private.revoke_own_feed(actor, now)
    return back_to("/account/calendar", saying=_("地址已停用，日历里不会再更新。"))


ROUTES = [subscribe, own_calendar, make_own_calendar, revoke_own_calendar]
