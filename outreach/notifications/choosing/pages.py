"""Pages of choices, and the links of mails: confirm an address, leave a topic."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.notifications.choosing import commands
from outreach.notifications.choosing.forms import (
    AddressForm,
    ChoicesForm,
    address_order,
    choices_order,
    clock_text,
)
from outreach.notifications.choosing.queries import Chosen, chosen_by
from outreach.notifications.domain.choosing import QUIET_FROM, QUIET_UNTIL, chosen, topics_for
from outreach.notifications.domain.confirming import read_confirm_token
from outreach.notifications.domain.topics import MessageTopic
from outreach.notifications.hooks.wording import TOPIC_WORDS
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.i18n import use_locale
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import field_messages
from outreach.web.templates import back_to, page
from outreach.web.throttle import count_try

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PATH = "/account/messages"
#: Nobody is to fill another's mailbox with links.
_LINKS, _LINKS_IN = 5, timedelta(hours=1)
#: A link in a mail holds a secret: neither kept, nor told to other sites, nor found by search.
_LINK_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Cache-Control": "no-store"}


@get(PATH, include_in_schema=False)
async def messages_page(
    request: AnyRequest, actor: NamedDependency[Actor], settings: NamedDependency[Settings]
) -> Response[Any]:
    """What comes by which way."""
    return await _page(request, actor, settings)


@post(PATH, include_in_schema=False, status_code=200)
async def keep(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """What was chosen."""
    values = await read_form(request)
    try:
        data = parse_form(ChoicesForm, values)
        await commands.keep_choices(actor, now, data, topics=_topics(actor), sms=settings.sms_url is not None)
    except InvalidError as error:
        form = FormState.refused(values, error, choices_order())
        return await _page(request, actor, settings, form=form, status=422)
    use_locale(data.locale)
    response = back_to(PATH, saying=_("已保存。"))
    response.delete_cookie("outreach_lang", path="/")  # an earlier choice of this browser would hide the new one
    return response


@post(PATH + "/email", include_in_schema=False, status_code=200)
async def set_address(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """An own address; a mail with a link goes there."""
    values = await read_form(request)
    await count_try(f"address:{actor.person_id}", limit=_LINKS, window=_LINKS_IN, now=now)
    try:
        data = parse_form(AddressForm, values)
        sent = await commands.set_address(actor, now, data.email, request.app.state.secret)
    except InvalidError as error:
        address = FormState.refused(values, error, address_order())
        return await _page(request, actor, settings, address=address, status=422)
    return back_to(PATH, saying=_("确认邮件已发出。点开里面的链接，邮箱才开始用。") if sent else _("已保存。"))


@post("/desk/people/{person_id:str}/email", opt={"staff": True}, include_in_schema=False, status_code=200)
async def set_address_of(
    request: AnyRequest, person_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The address of a contact, as staff know it; the contact confirms it."""
    id_, values = id_in_path(person_id), await read_form(request)
    await count_try(f"address:{id_}", limit=_LINKS, window=_LINKS_IN, now=now)
    try:
        data = parse_form(AddressForm, values)
        sent = await commands.set_address_of(
            actor, now, person_id=id_, email=data.email, secret=request.app.state.secret
        )
    except InvalidError as error:
        return back_to(f"/desk/people/{id_}", saying=" ".join(field_messages(error).values()))
    return back_to(
        f"/desk/people/{id_}", saying=_("确认邮件已发出。本人点开里面的链接，邮箱才开始用。") if sent else _("已保存。")
    )


@get(PATH + "/confirm/{token:str}", opt={"public": True}, include_in_schema=False)
async def confirm_page(request: AnyRequest, token: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """The button that confirms: programs that look at links in mails press none."""
    said = read_confirm_token(token, request.app.state.secret, now)
    return page(
        request,
        "notifications/confirm.html",
        status=200 if said else 404,
        headers=_LINK_HEADERS,
        email=said[1] if said else "",
        done=False,
    )


@post(PATH + "/confirm/{token:str}", opt={"public": True}, include_in_schema=False, status_code=200)
async def confirm(request: AnyRequest, token: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """The address is the person's."""
    try:
        email = await commands.confirm_address(now, token, request.app.state.secret)
    except NotFoundError:
        return page(request, "notifications/confirm.html", status=404, headers=_LINK_HEADERS, email="", done=False)
    return page(request, "notifications/confirm.html", headers=_LINK_HEADERS, email=email, done=True)


@get("/unsubscribe/{token:str}", opt={"public": True}, include_in_schema=False)
async def leave_page(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """The button that leaves a topic."""
    try:
        _person, topic = commands.topic_left(token, request.app.state.secret)
    except NotFoundError:
        return _left(request, None, status=404)
    return _left(request, topic)


@post(
    "/unsubscribe/{token:str}",
    opt={"public": True, "no_csrf": True, "repeatable": True},
    include_in_schema=False,
    status_code=200,
)
async def leave(request: AnyRequest, token: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """Leave a topic: by the button, or by the mail program itself (RFC 8058), which knows neither login nor cookie."""
    try:
        topic = await commands.leave_topic(now, token, request.app.state.secret)
    except NotFoundError:
        return _left(request, None, status=404)
    return _left(request, topic, done=True)


def _left(request: AnyRequest, topic: MessageTopic | None, *, done: bool = False, status: int = 200) -> Response[Any]:
    return page(
        request,
        "notifications/unsubscribe.html",
        status=status,
        headers=_LINK_HEADERS,
        topic=_(TOPIC_WORDS[topic]) if topic else "",
        done=done,
    )


def _topics(actor: Actor) -> tuple[MessageTopic, ...]:
    return topics_for(contact=actor.is_contact, provider=actor.is_provider, staff=actor.is_staff)


async def _page(
    request: AnyRequest,
    actor: Actor,
    settings: Settings,
    *,
    form: FormState | None = None,
    address: FormState | None = None,
    status: int = 200,
) -> Response[Any]:
    person = await chosen_by(actor.person_id)
    assert person is not None  # the actor was found a moment ago
    topics = _topics(actor)
    return page(
        request,
        "notifications/choices.html",
        status=status,
        person=person,
        form=form or FormState(_values(person, topics)),
        address=address or FormState({"email": person.email}),
        topics=[(one.value, _(TOPIC_WORDS[one])) for one in topics],
        sends_mail=settings.smtp_url is not None or settings.messages == "console",
        sends_sms=settings.sms_url is not None,
        has_essential=actor.is_contact or actor.is_provider,
    )


def _values(person: Chosen, topics: tuple[MessageTopic, ...]) -> dict[str, Any]:
    begin, end = person.quiet if person.quiet is not None else (QUIET_FROM, QUIET_UNTIL)
    quiet = begin != end
    return {
        "mail": chosen(person.choices, topics, "mail", by_mail=person.by_mail),
        "sms": chosen(person.choices, topics, "sms", by_mail=person.by_mail),
        "quiet": quiet,
        "quiet_from": clock_text(begin if quiet else QUIET_FROM),
        "quiet_until": clock_text(end if quiet else QUIET_UNTIL),
        "locale": person.locale,
    }


ROUTES = [messages_page, keep, set_address, set_address_of, confirm_page, confirm, leave_page, leave]
