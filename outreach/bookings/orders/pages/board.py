"""The dispatch board: orders by state, the chosen one with its rivals and those who could give it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency

from outreach.bookings.orders.board import Earlier, earlier_of, waiting_orders
from outreach.bookings.orders.dispatch import (
    TABS,
    ChosenOrder,
    RivalLine,
    Trouble,
    board_line,
    history_of,
    is_in_a_window,
    tab_of,
    time_to_show,
    window_tabs,
)
from outreach.bookings.orders.domain.permissions import may_approve, may_read, may_see_phone, possible_actions
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.givers import fit_lines, links_text, site_warnings
from outreach.bookings.orders.links import LinkGrant, link_token
from outreach.bookings.orders.news import empty_words, heading_of, lede_of, next_of
from outreach.bookings.orders.pages import listing
from outreach.bookings.orders.queries import OrderRow, readable_order, rivals_of, state_counts
from outreach.bookings.orders.ratings import event_ratings
from outreach.bookings.orders.wording import order_state, window_text
from outreach.bookings.queries import unit_history
from outreach.bookings.rivalry import newcomers_of
from outreach.events.domain.warnings import day_off
from outreach.events.fitting import fitting_providers
from outreach.events.wording import warning_text
from outreach.programmes.holidays import holidays_between
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import ZONE, implausible, local_day
from outreach.web.templates import page
from outreach.web.wording import FILTERS

__all__ = ["ROUTES", "board_page", "moment_of"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PER_PAGE = 20
#: Pages of a list that anybody turns; beyond it people search.
MOST_PAGES = 1000


@get("/desk/orders", opt=STAFF, include_in_schema=False)
async def board(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """``state`` is a tab, ``order`` the chosen one, ``at`` and ``rain`` times to try, ``swap`` looks for another."""
    given = request.query_params
    order, number = given.get("order", ""), given.get("page", "1")
    return await board_page(
        request,
        actor,
        now,
        tab=given.get("state", ""),
        order_id=id_in_path(order) if order else None,
        at=moment_of(given.get("at", "")),
        rain=moment_of(given.get("rain", "")),
        swapping="swap" in given,
        number=int(number) if number.isascii() and number.isdigit() and 0 < int(number[:6]) <= MOST_PAGES else 1,
    )


def moment_of(text: str) -> datetime | None:
    """A local time as the form sends it; whatever else stands there is left out, as if nobody had asked."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    return None if implausible("at", moment) else moment


async def board_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    *,
    tab: str = "",
    order_id: UUID | None = None,
    at: datetime | None = None,
    rain: datetime | None = None,
    swapping: bool = False,
    number: int = 1,
    trouble: Trouble | None = None,
) -> Response[Any]:
    """The board with a chosen order, or the most urgent one; at most 15 statements however many orders there are."""
    order = await readable_order(actor, order_id) if order_id is not None else None
    by_state = await state_counts(actor)
    counts = {name: sum(by_state.get(state, 0) for state in states) for name, states in TABS.items()}
    if tab not in TABS:
        tab = tab_of(order.state) if order is not None else ""
        tab = tab or next((name for name in ("to_assign", "to_approve", "to_answer") if counts[name]), "to_assign")
    rows = await waiting_orders(actor, TABS[tab], limit=PER_PAGE, beyond=(number - 1) * PER_PAGE)
    if order is None and rows and number == 1:
        order = rows[0]
    return page(
        request,
        "orders/board.html",
        status=trouble.status if trouble else 200,
        tabs=_tabs(counts, tab),
        tab=tab,
        lede=lede_of(tab, counts[tab], rows[0] if rows and number == 1 else None, now),
        heading=heading_of(tab),
        empty=empty_words(tab),
        items=[board_line(one, tab, now) for one in rows],
        paging=_paging(tab, number, counts[tab]),
        chosen=await _chosen(request, actor, now, order, at=at, rain=rain, swapping=swapping) if order else None,
        trouble=trouble or Trouble(),
    )


def _tabs(counts: dict[str, int], tab: str) -> list[tuple[str, str, bool]]:
    words = {
        "to_approve": _("待审核%(number)s"),
        "to_assign": _("待派%(number)s"),
        "to_answer": _("待答复%(number)s"),
        "scheduled": _("已排定%(number)s"),
    }
    return [
        (text % {"number": counts[name] or ""}, f"/desk/orders?state={name}", name == tab)
        for name, text in words.items()
    ]


def _paging(tab: str, number: int, total: int) -> dict[str, Any]:
    def address(wanted: int) -> str:
        return f"/desk/orders?{urlencode({'state': tab, 'page': wanted})}"

    last = min(-(-total // PER_PAGE), MOST_PAGES)
    return {
        "total": total,
        "before": address(number - 1) if number > 1 else None,
        "after": address(number + 1) if number < last else None,
    }


async def _chosen(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    order: OrderRow,
    *,
    at: datetime | None,
    rain: datetime | None,
    swapping: bool,
) -> ChosenOrder:
    acts = possible_actions(actor, order.facts)
    swapping = swapping and "substitute" in acts
    assigning = order.state == OrderState.APPROVED and "assign" in acts
    starts_at, ends_at = time_to_show(order, None if swapping else at, now)
    rivals = (
        await _rivals(actor, order, starts_at, ends_at, asked=assigning and at is not None) if order.is_open else []
    )
    units = [order.organisation_id, *(one.organisation_id for one in rivals)]
    history = await unit_history(units, now)
    newcomers = await newcomers_of([order.organisation_id])
    fits, site, off = None, site_warnings(order), None
    if assigning or swapping:
        day = local_day(starts_at)
        named = {on: (one.kind, one.name) for on, one in (await holidays_between(day, day)).items()}
        off = day_off(day, named)
        rated = await event_ratings(order.event_id)
        found = await fitting_providers(
            order.event_id,
            starts_at=starts_at,
            ends_at=ends_at,
            district=order.district,
            but_session=order.session_id,
            now=now,
            ratings=rated.by_provider,
            usual_score=rated.usual,
            actor=actor,
        )
        fits = fit_lines(
            [one for one in found if not (swapping and one.provider_id in order.provider_ids)],
            starts_at,
            ends_at,
            site,
        )
    return ChosenOrder(
        order=order,
        acts=acts,
        next=next_of(order, now),
        windows=_windows(order),
        organisers=_organisers(order),
        history=history_of(history, order.organisation_id),
        is_first=order.organisation_id in newcomers,
        earlier=tuple(_earlier_line(one) for one in await earlier_of(order)),
        rivals=tuple(RivalLine(one, _windows(one), history_of(history, one.organisation_id)) for one in rivals),
        fits=fits,
        site=site,
        day_off=warning_text(off) if off else "",
        window_tabs=window_tabs(order, starts_at, now),
        starts_at=starts_at,
        ends_at=ends_at,
        rain_starts_at=rain,
        outside=not is_in_a_window(order, starts_at),
        swapping=swapping,
        shows_phone=may_see_phone(actor, order.facts),
        calls=may_approve(actor, order.facts),
        links=_links(request, order) if "take_back" in acts else (),
    )


async def _rivals(
    actor: Actor, order: OrderRow, starts_at: datetime, ends_at: datetime, *, asked: bool
) -> Sequence[OrderRow]:
    """Who wants the same people at the time tried, or without one at any time that the unit named.

    Who only endorses reads of his own part of the tree.
    """
    found = await (rivals_of(order, starts_at=starts_at, ends_at=ends_at) if asked else rivals_of(order))
    return [one for one in found if may_read(actor, one.facts)]


def _windows(order: OrderRow) -> tuple[str, ...]:
    return tuple(window_text(one.on, one.part) for one in order.windows)


def _organisers(order: OrderRow) -> str:
    words = {"host": _("主办%(unit)s"), "organiser": _("承办%(unit)s"), "support": _("协办%(unit)s")}
    named = zip(order.organisers, order.organiser_names, strict=True)
    return str(FILTERS["clauses"](words[part] % {"unit": name} for (part, _id), name in named))


def _earlier_line(one: Earlier) -> tuple[str, str]:
    facts = {"day": FILTERS["day_plain"](one.on), "title": one.title, "state": order_state(one.state)}
    return _("%(day)s“%(title)s”，%(state)s") % facts, f"/desk/orders?{urlencode({'order': one.id})}#order"


def _links(request: AnyRequest, order: OrderRow) -> tuple[tuple[str, str, str], ...]:
    """For each provider who has not answered: id, name, and the text with the link to send."""
    state = request.app.state
    until = order.answer_by or order.session_starts_at
    if until is None:
        return ()
    # A link that ends with the time of answering would greet who comes a little late with a refusal.
    expires = max(until, order.session_starts_at or until)
    texts = []
    for id_, name in zip(order.provider_ids, order.provider_names, strict=True):
        if id_ not in order.unanswered_ids:
            continue
        grant = LinkGrant(order.id, id_, order.assignment, expires)
        address = f"{state.settings.base_url.rstrip('/')}/answer/{link_token(state.secret, grant)}"
        texts.append((str(id_), name, links_text(order, name, address)))
    return tuple(texts)


ROUTES = [board, *listing.ROUTES]
