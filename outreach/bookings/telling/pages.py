"""待通知清单."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from outreach.bookings.telling.commands import UNDO_WITHIN, mark_told, take_back_told
from outreach.bookings.telling.forms import ToldForm
from outreach.bookings.telling.queries import MOST, State, counts_of, units_to_tell
from outreach.notifications.domain.topics import MessageTopic
from outreach.notifications.hooks.wording import TOPIC_WORDS
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PATH = "/desk/to-tell"
TextAsked = Annotated[str, QueryParameter(max_length=60)]
StateAsked = Annotated[str, QueryParameter(name="state", max_length=10)]

STATES = ("waiting", "told", "past")
#: Topics that somebody may have to be rung about.
TOPICS = (
    MessageTopic.BOOKINGS,
    MessageTopic.ORDERS,
    MessageTopic.SESSIONS,
    MessageTopic.ATTENDANCE,
    MessageTopic.STATISTICS,
)


@get(PATH, opt=STAFF, include_in_schema=False)
async def to_tell_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
    which: StateAsked = "waiting",
    q: TextAsked = "",
    topic: TextAsked = "",
) -> Response[Any]:
    """Whom to ring: unit by unit, the longest waiting first."""
    shown = cast("State", which if which in STATES else "waiting")
    wanted = topic if topic in TOPICS else ""
    units = await units_to_tell(actor, now, base_url=settings.base_url, state=shown, text=q.strip(), topic=wanted)
    number = sum(len(one.messages) for one in units)
    return page(
        request,
        "bookings/to_tell.html",
        units=units,
        number=number,
        is_cut=number >= MOST,
        counts=await counts_of(actor, now),
        state=shown,
        q=q,
        topic=wanted,
        topics=[(one.value, _(TOPIC_WORDS[one])) for one in TOPICS],
        tab=lambda one: _href(one, q, wanted),
        undo_since=now - UNDO_WITHIN,
    )


@post(PATH + "/told", opt=STAFF, include_in_schema=False, status_code=200)
async def told(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """These units know now."""
    data = parse_form(ToldForm, await read_form(request))
    number = await mark_told(actor, now, message_ids=[id_in_path(one) for one in data.message_ids])
    return back_to(PATH, saying=_("已记下%(number)s条。点错了，到“已通知”里撤回。") % {"number": number})


@post(PATH + "/undo", opt=STAFF, include_in_schema=False, status_code=200)
async def undo(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """They do not know after all."""
    data = parse_form(ToldForm, await read_form(request))
    await take_back_told(actor, now, message_ids=[id_in_path(one) for one in data.message_ids])
    return back_to(PATH, saying=_("已撤回，又在待通知里了。"))


def _href(state: Literal["waiting", "told", "past"] | str, q: str, topic: str) -> str:
    asked = {"state": state if state != "waiting" else "", "q": q, "topic": topic}
    given = {name: value for name, value in asked.items() if value}
    return PATH + (f"?{urlencode(given)}" if given else "")


ROUTES = [to_tell_page, told, undo]
