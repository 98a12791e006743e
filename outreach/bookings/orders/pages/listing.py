"""All orders of the desk: a list to search, and the same as a workbook (汇总表)."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from outreach.bookings.orders.domain.permissions import may_see_phone
from outreach.bookings.orders.domain.states import ORDER_WORDS
from outreach.bookings.orders.queries import OrderFilter, OrderRow, orders_page
from outreach.bookings.orders.sheets import orders_xlsx
from outreach.bookings.orders.wording import order_state, window_text
from outreach.programmes.queries import programmes_of_year
from outreach.shared.actors import Actor
from outreach.shared.i18n import gettext as _
from outreach.shared.paging import id_after
from outreach.shared.time import local_day
from outreach.web.templates import page
from outreach.web.wording import FILTERS
from outreach.web.workbooks import XLSX

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}
PER_PAGE = 50
#: Rows of a workbook asked at once, and at most.
PER_READ, MOST_ROWS = 1000, 20_000


def _filter(request: AnyRequest, *, oldest_first: bool) -> OrderFilter:
    """What the address asks for; a state or text that cannot be is left out."""
    given = {name: request.query_params.get(name, "").replace("\x00", "") for name in ("q", "state", "programme")}
    q, state, programme = given["q"], given["state"], given["programme"]
    return OrderFilter(
        state=state if state in ORDER_WORDS else "",
        q=q.strip()[:100],
        programme=programme[:40],
        oldest_first=oldest_first,
    )


@get("/desk/orders/list", opt=STAFF, include_in_schema=False)
async def index(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Every order that the caller may read, newest first; searched by unit, contact, event, place, end of the phone."""
    wanted = _filter(request, oldest_first=False)
    found = await orders_page(actor, wanted, limit=PER_PAGE, after=id_after(after))
    chosen = {"q": wanted.q, "state": wanted.state, "programme": wanted.programme}
    programmes = [
        (one.code, one.name)
        for one in await programmes_of_year(local_day(now).year)
        if actor.organises(one.organisation_path)
    ]
    return page(
        request,
        "orders/list.html",
        items=[(one, _when(one), may_see_phone(actor, one.facts)) for one in found.items],
        total=found.total,
        chosen=chosen,
        states=[(code, order_state(code)) for code in ORDER_WORDS],
        programmes=list(dict.fromkeys(programmes)),
        sheet=f"/desk/orders.xlsx?{urlencode(chosen)}",
        paging={
            "total": found.total,
            "after": f"/desk/orders/list?{urlencode({**chosen, 'after': found.next})}" if found.next else None,
        },
    )


def _when(order: OrderRow) -> str:
    """When it is; until it has a date, the first wish."""
    if order.session_starts_at is not None and order.session_id is not None:
        return str(FILTERS["when_text"](order.session_starts_at, None, year=False))
    first = order.windows[0]
    return _("想在%(wish)s") % {"wish": window_text(first.on, first.part)}


@get("/desk/orders.xlsx", opt=STAFF, include_in_schema=False)
async def sheet(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[bytes]:
    """汇总表 of what the list shows, oldest first."""
    wanted = _filter(request, oldest_first=True)
    orders: list[OrderRow] = []
    after = None
    while len(orders) < MOST_ROWS:
        found = await orders_page(actor, wanted, limit=PER_READ, after=after)
        orders += found.items
        if found.next is None:
            break
        after = found.items[-1].id
    name = _("点单汇总表（%(day)s）") % {"day": local_day(now).isoformat()}
    return Response(
        await orders_xlsx([(one, may_see_phone(actor, one.facts)) for one in orders], now),
        media_type=XLSX,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f"attachment; filename=\"orders.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx",
        },
    )


ROUTES = [index, sheet]
