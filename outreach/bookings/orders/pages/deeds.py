"""How every deed of the board runs: a command with the posted form, then back to the order, or the board with what
stood in the way and all that was typed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response

from outreach.bookings.orders.desk_forms import reason_fields
from outreach.bookings.orders.dispatch import Trouble
from outreach.bookings.orders.domain.errors import OrderStateError
from outreach.bookings.orders.pages.board import board_page, moment_of
from outreach.bookings.orders.queries import OrderRow
from outreach.bookings.orders.wording import order_state
from outreach.events.domain.errors import NeedsReasonError
from outreach.events.wording import refusal_texts
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.web.forms import FormState, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to
from outreach.web.wording import FILTERS

__all__ = ["do"]

AnyRequest = Request[Any, Any, Any]
Refusal = InvalidError | ConflictError | StaleError


def _place(order_id: UUID) -> str:
    return f"/desk/orders?{urlencode({'order': order_id})}#order"


async def do(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    order_id: UUID,
    deed: str,
    command: Callable[[Mapping[str, Any]], Awaitable[OrderRow]],
    *,
    saying: str,
    fields: Callable[[], Sequence[tuple[str, str]]] = reason_fields,
    to: str = "",
) -> Response[Any]:
    """Run a command with the posted form, then go back to the order, or show the board with what stood in the way.

    Args:
        saying: may name ``unit`` and ``people``: the orderer, and those who are assigned now.
    """
    values = await read_form(request)
    try:
        row = await command(values)
    except (InvalidError, ConflictError, StaleError) as error:
        trouble = _trouble(error, values, deed, fields())
        return await board_page(
            request,
            actor,
            now,
            order_id=order_id,
            at=_typed_moment(values, "starts_at"),
            rain=_typed_moment(values, "rain_starts_at"),
            swapping=deed == "substitute",
            trouble=trouble,
        )
    return back_to(to or _place(order_id), saying=saying % _named(row))


def _named(order: OrderRow) -> dict[str, str]:
    return {"unit": order.organisation_name, "people": FILTERS["joined"](order.provider_names)}


def _trouble(error: Refusal, values: Mapping[str, Any], deed: str, fields: Sequence[tuple[str, str]]) -> Trouble:
    if isinstance(error, InvalidError):
        return Trouble(form=FormState.refused(values, error, fields), deed=deed, status=422)
    form = FormState(values)
    if isinstance(error, NeedsReasonError):
        title = _("要写明理由才能派")
        words = _("下面几点要留意。仍要派的，写明理由再提交；理由会记在场次和操作日志上。")
        return Trouble((title, words), tuple(refusal_texts(error)), form, deed, 409)
    title, words = message_of(error)
    if isinstance(error, OrderStateError):
        title, words = _faster(error)
    return Trouble((title, words), form=form, deed=deed, status=412 if isinstance(error, StaleError) else 409)


def _faster(error: OrderStateError) -> tuple[str, str]:
    """Who was faster, and how things stand now (rule 4)."""
    state = order_state(str(error.facts["state"]))
    if error.facts.get("endorse_first"):
        return _("还不能批准"), _("这个项目的点单要先由上级工会同意。")
    if error.facts.get("by"):
        facts = {"who": error.facts["by"], "state": state}
        return _("没有办成：别人刚刚处理过"), _("%(who)s先办了，点单现在是“%(state)s”，下面是最新的情况。") % facts
    return _("没有办成：点单已经变了"), _("点单现在是“%(state)s”，下面是最新的情况。") % {"state": state}


def _typed_moment(values: Mapping[str, Any], name: str) -> datetime | None:
    return moment_of(str(values.get(name, "")))
