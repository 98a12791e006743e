"""退出拼场: a unit that somebody named in an order goes out of it again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings.orders.commands import leave_order
from outreach.bookings.orders.domain.permissions import possible_actions, units_to_leave
from outreach.bookings.orders.forms import LeaveForm
from outreach.bookings.orders.pages.own import Trouble, trouble_of
from outreach.bookings.orders.queries import readable_order
from outreach.bookings.orders.wording import order_line
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


@get("/orders/{order_id:str}/leave", include_in_schema=False)
async def leave_page(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Asks for the reason before a unit leaves."""
    return await _leave_page(request, actor, now, id_in_path(order_id))


@post("/orders/{order_id:str}/leave", include_in_schema=False, status_code=200)
async def leave(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """The unit goes; its order's page is closed to it from now on, so it comes back to its own list."""
    id_, values = id_in_path(order_id), await read_form(request)
    try:
        data = parse_form(LeaveForm, values)
        await leave_order(actor, now, order_id=id_, organisation_id=data.organisation_id, reason=data.reason)
    except (InvalidError, ConflictError) as error:
        fields = [("organisation_id", _("单位")), ("reason", _("原因"))]
        return await _leave_page(request, actor, now, id_, trouble=trouble_of("leave", values, error, fields))
    return back_to("/my", saying=_("已退出拼场，不占您单位的次数。"))


async def _leave_page(
    request: AnyRequest, actor: Actor, now: datetime, order_id: UUID, *, trouble: Trouble | None = None
) -> Response[Any]:
    order = await readable_order(actor, order_id)
    own = units_to_leave(actor, order.facts)
    if not own:
        raise NotFoundError
    names = dict(zip(order.joined_ids, order.joined_names, strict=True))
    return page(
        request,
        "orders/leave.html",
        status=trouble.status if trouble else 200,
        o=order,
        line=order_line(order, now),
        form=trouble.form if trouble else FormState(),
        trouble=trouble,
        units=[(str(id_), names[id_]) for id_ in own],
        possible="leave" in possible_actions(actor, order.facts) and not order.has_begun(now),
    )


ROUTES = [leave_page, leave]
