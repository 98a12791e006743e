"""Changing an order that has no date yet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.bookings.domain.contact import phone_problems
from outreach.bookings.orders.commands import change_order
from outreach.bookings.orders.domain.drafts import MOST_WINDOWS, window_problems
from outreach.bookings.orders.domain.permissions import may_change, possible_actions
from outreach.bookings.orders.forms import (
    ChangeOrderForm,
    change_fields,
    named_in_form,
    typed_windows,
    windows_in_form,
)
from outreach.bookings.orders.pages.own import trouble_of
from outreach.bookings.orders.queries import OrderRow, readable_order
from outreach.bookings.orders.windows import free_days, free_windows_of
from outreach.bookings.orders.wording import free_day_text, order_line
from outreach.events.domain.parts import PART_WORDS, DayPart
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError, StaleError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


@get("/orders/{order_id:str}/change", include_in_schema=False)
async def change_page(
    request: AnyRequest,
    order_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    window: FromQuery[str] = "",
) -> Response[Any]:
    """The form with what is stored; ``window`` (``2015-09-23.afternoon``) comes first."""
    return await _change_page(request, actor, now, id_in_path(order_id), window=window)


@post("/orders/{order_id:str}/change", include_in_schema=False, status_code=200)
async def change(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Other times, people, site or contact, as long as nobody is assigned."""
    id_, values = id_in_path(order_id), await read_form(request)
    order = await readable_order(actor, id_)
    try:
        changes, revision = _changes(order, values, now)
        await change_order(actor, now, order_id=id_, changes=changes, revision=revision)
    except (InvalidError, ConflictError, StaleError) as error:
        return await _change_page(request, actor, now, id_, typed=values, error=error)
    return back_to(f"/orders/{id_}", saying=_("点单已修改，主办单位看得到。"))


def _changes(order: OrderRow, values: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], int]:
    """The posted form as the command takes it, and the revision that the page showed.

    Raises:
        InvalidError: names every bad field.
    """
    windows, _numbers, problems = typed_windows(values)
    if windows or not problems:
        problems += window_problems(windows, now, lead_days=order.lead_days, kept=order.windows)
    problems += phone_problems("contact_phone", str(values.get("contact_phone", "")))
    try:
        data = parse_form(ChangeOrderForm, values)
    except InvalidError as error:
        known = {one.field for one in error.problems}
        raise InvalidError([*error.problems, *(one for one in problems if one.field not in known)]) from None
    if problems:
        raise InvalidError(problems)
    names = [name for name in ChangeOrderForm.__struct_fields__ if name != "revision"]
    return {**{name: getattr(data, name) for name in names}, "windows": tuple(windows)}, data.revision


async def _change_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    order_id: UUID,
    *,
    window: str = "",
    typed: Mapping[str, Any] | None = None,
    error: Exception | None = None,
) -> Response[Any]:
    order = await readable_order(actor, order_id)
    if not may_change(actor, order.facts):
        raise ForbiddenError
    stored = {name: getattr(order, name) for name in ChangeOrderForm.__struct_fields__}
    trouble = None
    if error is not None and typed is not None:
        if isinstance(error, InvalidError):
            error = InvalidError(named_in_form(error.problems, typed_windows(typed)[1]))
        # Somebody changed it meanwhile: the next attempt is made against what is there now.
        trouble = trouble_of("change", {**typed, "revision": order.revision}, error, change_fields())
    free = await free_windows_of([order.event_id], now)
    return page(
        request,
        "orders/change.html",
        status=trouble.status if trouble else 200,
        o=order,
        form=trouble.form if trouble else FormState({**stored, **_windows_shown(order, window, now)}),
        trouble=trouble,
        possible="change" in possible_actions(actor, order.facts),
        parts=[(code, _(words)) for code, words in PART_WORDS.items()],
        least_day=local_day(now),
        free=[free_day_text(one) for one in free_days(free[order.event_id])],
        line=order_line(order, now),
    )


def _windows_shown(order: OrderRow, chosen: str, now: datetime) -> dict[str, str]:
    """The order's times that are still to come, behind the one that was chosen on the page before."""
    ahead = [one for one in order.windows if one.on >= local_day(now)]
    on, _dot, part = chosen.partition(".")
    if not on or part not in list(DayPart):
        return windows_in_form(ahead)
    kept = windows_in_form(ahead[: MOST_WINDOWS - 1], first=2)
    return {"on_1": on[:10], "part_1": part, **kept}


ROUTES = [change_page, change]
