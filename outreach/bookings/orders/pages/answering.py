"""What a provider is asked: by a link without a password (GET shows, POST decides), or logged in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings.orders import commands
from outreach.bookings.orders.board import orders_to_answer
from outreach.bookings.orders.desk_forms import ReasonForm, reason_fields
from outreach.bookings.orders.domain.errors import LinkExpiredError
from outreach.bookings.orders.domain.permissions import gives
from outreach.bookings.orders.links import LinkGrant, read_link
from outreach.bookings.orders.queries import OrderRow, order_for_link, readable_order
from outreach.bookings.own_links import links_for_providers
from outreach.events.queries import sessions_of_provider
from outreach.shared.actors import Actor
from outreach.shared.errors import ConflictError, ForbiddenError, InvalidError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


# --- by link ---------------------------------------------------------------------------------------------------------


@get("/answer/{token:str}", opt={"public": True}, include_in_schema=False)
async def answer_page(request: AnyRequest, token: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """What, when, where, for whom, whom to call; two buttons while it waits for the answer."""
    grant = read_link(request.app.state.secret, token)
    return await _answer_page(request, now, token, grant)


@post("/answer/{token:str}", opt={"public": True}, include_in_schema=False, status_code=200)
async def answer(request: AnyRequest, token: FromPath[str], now: NamedDependency[datetime]) -> Response[Any]:
    """接单 or 不接: decided once."""
    grant, values = read_link(request.app.state.secret, token), await read_form(request)
    try:
        if values.get("answer") == "refuse":
            reason = parse_form(ReasonForm, values).reason
            await commands.refuse_by_link(now, grant=grant, reason=reason)
            return page(request, "orders/answered.html", accepted=False)
        await commands.accept_by_link(now, grant=grant)
    except InvalidError as error:
        form = FormState.refused(values, error, reason_fields())
        return await _answer_page(request, now, token, grant, form=form, status=422)
    except LinkExpiredError as error:
        return _gone(request, error)
    except ConflictError as error:
        return await _answer_page(request, now, token, grant, refusal=message_of(error), status=409)
    return back_to(f"/answer/{token}", saying=_("已接单，谢谢您。"))


async def _answer_page(
    request: AnyRequest,
    now: datetime,
    token: str,
    grant: LinkGrant,
    *,
    form: FormState | None = None,
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    try:
        order = await order_for_link(now, grant)
    except LinkExpiredError as error:
        return _gone(request, error)
    return page(
        request,
        "orders/answer.html",
        status=status,
        o=order,
        who=dict(zip(order.provider_ids, order.provider_names, strict=True))[grant.provider_id],
        decided=order.state != "assigned" or grant.provider_id in order.accepted_ids,
        action=f"/answer/{token}",
        form=form or FormState(),
        refusal=refusal,
    )


def _gone(request: AnyRequest, error: LinkExpiredError) -> Response[Any]:
    """The link was right once: says what became of it and whom to call."""
    return page(request, "orders/link_expired.html", status=409, why=error.facts["why"], facts=error.facts)


# --- logged in -------------------------------------------------------------------------------------------------------


@get("/duties", include_in_schema=False)
async def duties(request: AnyRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """What waits for the provider's answer, and the own dates ahead."""
    return await _duties_page(request, actor, now)


async def _duties_page(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    *,
    asked: UUID | None = None,
    form: FormState | None = None,
    refusal: tuple[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    if not actor.is_provider:
        raise ForbiddenError
    return page(
        request,
        "orders/duties.html",
        status=status,
        waiting=await orders_to_answer(actor),
        ahead=await sessions_of_provider(actor.person_id, now),
        links=await links_for_providers(actor, now),
        asked=asked,
        form=form or FormState(),
        refusal=refusal,
    )


async def _own(actor: Actor, text: str) -> OrderRow:
    """The order, if the caller is one of those assigned.

    Raises:
        NotFoundError, ForbiddenError: it is not.
    """
    order = await readable_order(actor, id_in_path(text))
    if not gives(actor, order.facts):
        raise ForbiddenError
    return order


@post("/duties/{order_id:str}/accept", include_in_schema=False, status_code=200)
async def accept(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """接单."""
    order = await _own(actor, order_id)
    try:
        await commands.accept_order(actor, now, order_id=order.id)
    except ConflictError as error:
        return await _duties_page(request, actor, now, refusal=message_of(error), status=409)
    return back_to("/duties", saying=_("已接单，谢谢您。"))


@post("/duties/{order_id:str}/refuse", include_in_schema=False, status_code=200)
async def refuse(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """不接, with the reason."""
    order, values = await _own(actor, order_id), await read_form(request)
    try:
        reason = parse_form(ReasonForm, values).reason
        await commands.refuse_order(actor, now, order_id=order.id, reason=reason)
    except InvalidError as error:
        form = FormState.refused(values, error, reason_fields())
        return await _duties_page(request, actor, now, asked=order.id, form=form, status=422)
    except ConflictError as error:
        return await _duties_page(request, actor, now, refusal=message_of(error), status=409)
    return back_to("/duties", saying=_("已告诉主办单位，时间放开了。"))


ROUTES = [answer_page, answer, duties, accept, refuse]
