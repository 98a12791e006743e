"""我的: a contact's bookings and orders, what a lecturer or troupe has to give, and what waits for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.bookings.admission import usage_of
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderRow, own_orders
from outreach.bookings.orders.windows import gone_orders
from outreach.bookings.orders.wording import REVIEW_WITHIN, order_line
from outreach.bookings.own_links import links_for_contacts, links_for_providers
from outreach.bookings.queries import BookingRow, contact_phone_of, own_bookings
from outreach.bookings.wording import booking_state, next_step, usage_lines
from outreach.events.queries import SessionRow, sessions_of_provider
from outreach.notifications.queries import messages_of
from outreach.shared.actors import Actor, Role
from outreach.shared.i18n import gettext as _
from outreach.shared.time import ZONE, local_day
from outreach.web.templates import page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]

#: So long before a session its sign-in sheet is asked for.
SHEET_AHEAD = timedelta(days=7)
#: Messages beside the lists.
MESSAGES = 6
#: So long what has ended stays on the first page.
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Line:
    """A booking with its state in words and what comes next: who acts, by when."""

    booking: BookingRow
    state: str
    next: str


@dataclass(frozen=True, slots=True)
class _Todo:
    """Something that waits for the contact: ``until`` decides the order."""

    until: datetime
    what: str
    note: str
    go: str
    href: str
    title: str


@get("/my", include_in_schema=False)
async def my(
    request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime], past: FromQuery[bool] = False
) -> Response[Any]:
    """What the caller's organisations have booked and ordered, what a lecturer has to give, and what waits for them."""
    found = await own_bookings(actor, now, past=past)
    orders = await own_orders(actor)
    duties = [] if past or not actor.is_provider else await sessions_of_provider(actor.person_id, now)
    gone = {} if past else await gone_orders(orders, now)
    todos = [] if past else _todos(actor, found, orders, gone, now)
    shown = [one for one in orders if _is_past(one, now) is past]
    ordered = {one.session_id for one in orders}
    return page(
        request,
        "bookings/my.html",
        lines=[
            _Line(one, booking_state(one), next_step(one, now))
            for one in found
            if not (one.is_host and one.session_id in ordered)
        ],
        orders=[order_line(one, now) for one in shown],
        orders_of_year=sum(local_day(one.submitted_at).year == local_day(now).year for one in orders),
        todos=todos,
        duties=duties,
        lede=_lede(found, orders, todos, now) if actor.is_contact or not duties else _duty_lede(duties, now),
        past=past,
        usage=[] if past else usage_lines(await usage_of(actor.contact_ids, now)),
        links=[] if past else [*await links_for_contacts(actor, now), *await links_for_providers(actor, now)],
        messages=[] if past else await messages_of(actor.contact_ids, limit=MESSAGES),
        organisations=[grant.organisation_name for grant in actor.grants if grant.role is Role.CONTACT],
        own_ids=actor.contact_ids,
        phone_tail=(await contact_phone_of(actor.person_id))[-4:],
    )


def _is_past(order: OrderRow, now: datetime) -> bool:
    """Whether an order belongs among the earlier ones: it ended, and that is a while ago."""
    ended = order.reviewed_at or order.ended_at
    if order.state == OrderState.FULFILLED:
        return order.fulfilled_at is not None and order.fulfilled_at < now - REVIEW_WITHIN
    return ended is not None and ended < now - KEPT and not order.is_open


def _todos(
    actor: Actor,
    found: Sequence[BookingRow],
    orders: Sequence[OrderRow],
    gone: Mapping[UUID, Any],
    now: datetime,
) -> list[_Todo]:
    """What waits for the contact, the most urgent first."""
    todos = [_offer(one) for one in found if one.state == "offered" and not one.offer_is_over(now)]
    todos += [_sheet(one, now) for one in _ahead(found, now) if one.starts_at - now <= SHEET_AHEAD]
    mine = [one for one in orders if actor.represents(one.organisation_id)]
    todos += [_review(one, now) for one in mine if one.state == OrderState.FULFILLED and not _is_past(one, now)]
    todos += [_other_time(one) for one in mine if one.id in gone]
    return sorted(todos, key=lambda one: (one.until, one.href))


def _offer(one: BookingRow) -> _Todo:
    until = one.offer_expires_at or one.starts_at
    facts = {"seats": one.seats, "until": FILTERS["moment_text"](until), "title": one.title}
    return _Todo(
        until,
        _("候补到了%(seats)s个名额，要在%(until)s以前接受") % facts,
        _("%(when)s，%(title)s") % {"when": FILTERS["when_text"](one.starts_at, None, year=False), "title": one.title},
        _("接受或放弃"),
        f"/bookings/{one.id}",
        one.title,
    )


def _sheet(one: BookingRow, now: datetime) -> _Todo:
    day = {"day": _day(one.starts_at, now)}
    facts = {
        "when": FILTERS["when_text"](one.starts_at, None, year=False),
        "title": one.title,
        "seats": FILTERS["thousands"](one.seats),
    }
    return _Todo(
        one.starts_at,
        _("%(day)s这场在您单位办，要备好签到表") % day if one.is_host else _("%(day)s这场要带签到表") % day,
        _("%(when)s，%(title)s，%(seats)s人") % facts,
        _("打印签到表"),
        f"/sessions/{one.session_id}/sign-in-sheet",
        one.title,
    )


def _review(order: OrderRow, now: datetime) -> _Todo:
    held = order.session_starts_at or order.fulfilled_at or now
    until = (order.fulfilled_at or held) + REVIEW_WITHIN
    facts = {"day": FILTERS["day_plain"](held), "title": order.event_title, "until": FILTERS["day_plain"](until)}
    return _Todo(
        until,
        _("%(day)s的%(title)s还没评单") % facts,
        _("三个问题，一分钟；%(until)s前请评") % facts,
        _("评单"),
        f"/orders/{order.id}#review",
        order.event_title,
    )


def _other_time(order: OrderRow) -> _Todo:
    return _Todo(
        datetime.combine(order.first_on, time(), ZONE),
        _("“%(title)s”选的时间都没有了") % {"title": order.event_title},
        _("点单仍然有效，另选时间就能接着办"),
        _("另选时间"),
        f"/orders/{order.id}",
        order.event_title,
    )


def _ahead(found: Sequence[BookingRow], now: datetime) -> list[BookingRow]:
    return [one for one in found if one.state == "confirmed" and one.ends_at > now and one.session_state == "published"]


def _lede(found: Sequence[BookingRow], orders: Sequence[OrderRow], todos: Sequence[_Todo], now: datetime) -> str:
    """The news in one sentence: the next session, else what waits for an answer, else that there is nothing."""
    ahead = _ahead(found, now)
    waiting = [one for one in found if one.state == "pending" and one.starts_at > now]
    parts = []
    if ahead:
        first = ahead[0]
        facts = {"day": _day(first.starts_at, now), "time": FILTERS["time_text"](first.starts_at), "seats": first.seats}
        parts.append(_("%(day)s%(time)s有一场，%(seats)s人，已确认。") % facts)
    if waiting:
        parts.append(_("有%(number)s个预约等主办单位审核。") % {"number": len(waiting)})
    running = [one for one in orders if one.is_open]
    if running and not waiting:
        parts.append(_("有%(number)s个点单正在办。") % {"number": len(running)})
    if todos:
        parts.append(_("还有%(number)s件事等您办。") % {"number": len(todos)})
    return "".join(parts) or _("现在没有要去的场次。")


def _duty_lede(duties: Sequence[SessionRow], now: datetime) -> str:
    """When and where a lecturer or troupe goes next."""
    first = duties[0]
    facts = {"day": _day(first.starts_at, now), "time": FILTERS["time_text"](first.starts_at), "title": first.title}
    return _("%(day)s%(time)s有一场：%(title)s。") % facts


def _day(moment: datetime, now: datetime) -> str:
    days = (local_day(moment) - local_day(now)).days
    return {0: _("今天"), 1: _("明天"), 2: _("后天")}.get(days) or FILTERS["day_short"](moment)


ROUTES = [my]
