"""The page of what could not be sent, and its buttons."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.notifications.unsent.commands import drop_delivery, send_again, send_all_again
from outreach.notifications.unsent.queries import traffic, unsent
from outreach.notifications.unsent.wording import CHANNEL_WORDS, WHY_WORDS
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.paging import id_after
from outreach.web.forms import read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PER_PAGE = 50


@get("/desk/messages", opt=STAFF, include_in_schema=False)
async def messages_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Dead letters of the part of the tree that the caller runs, newest first."""
    return await _page(request, actor, now, settings, after=after)


@post("/desk/messages/{delivery_id:str}/again", opt=STAFF, include_in_schema=False, status_code=200)
async def again(
    request: AnyRequest,
    delivery_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Send one again."""
    await read_form(request)
    try:
        await send_again(actor, now, delivery_id=id_in_path(delivery_id))
    except ConflictError as error:
        return await _page(request, actor, now, settings, refusal=message_of(error), status=409)
    return back_to("/desk/messages", saying=_("已重新排进发送，一分钟内发出。"))


@post("/desk/messages/{delivery_id:str}/drop", opt=STAFF, include_in_schema=False, status_code=200)
async def drop(
    request: AnyRequest,
    delivery_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Never send it."""
    await read_form(request)
    try:
        await drop_delivery(actor, now, delivery_id=id_in_path(delivery_id))
    except ConflictError as error:
        return await _page(request, actor, now, settings, refusal=message_of(error), status=409)
    return back_to("/desk/messages", saying=_("这条不再发送。对方在自己的页面上仍能看到。"))


@post("/desk/messages/again", opt=STAFF, include_in_schema=False, status_code=200)
async def again_all(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Send all again that have surely not arrived."""
    await read_form(request)
    number = await send_all_again(actor, now)
    return back_to("/desk/messages", saying=_("%(number)s条已重新排进发送。") % {"number": number})


async def _page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    settings: Settings,
    *,
    after: str = "",
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    found = await unsent(actor, limit=PER_PAGE, after=id_after(after))
    return page(
        request,
        "notifications/unsent.html",
        status=status,
        found=found,
        traffic=await traffic(actor, now),
        channels=CHANNEL_WORDS,
        why=WHY_WORDS,
        refusal=refusal,
        sends_mail=settings.smtp_url is not None and settings.messages == "send",
        rehearses=settings.messages == "console",
        paging={"total": found.total, "after": f"/desk/messages?after={found.next}" if found.next else None},
    )


ROUTES = [messages_page, again, drop, again_all]
