"""What staff do with an order: approve, assign, answer for a provider, take back, substitute, use the rain date.

A refusal comes back as the board with the order as it is now, and with everything that was typed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings.orders import commands
from outreach.bookings.orders.desk_forms import (
    AssignForm,
    ReasonForm,
    SubstituteForm,
    assign_fields,
    substitute_fields,
)
from outreach.bookings.orders.pages.deeds import do
from outreach.bookings.orders.queries import OrderRow, readable_order
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import parse_form

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
STAFF = {"staff": True}


@post("/desk/orders/{order_id:str}/endorse", opt=STAFF, include_in_schema=False, status_code=200)
async def endorse(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """上级同意: the first of two steps."""
    id_ = id_in_path(order_id)
    return await do(
        request,
        actor,
        now,
        id_,
        "endorse",
        lambda _values: commands.endorse_order(actor, now, order_id=id_),
        saying=_("已同意%(unit)s的点单，等主办单位批准。"),
    )


@post("/desk/orders/{order_id:str}/approve", opt=STAFF, include_in_schema=False, status_code=200)
async def approve(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """批准."""
    id_ = id_in_path(order_id)
    return await do(
        request,
        actor,
        now,
        id_,
        "approve",
        lambda _values: commands.approve_order(actor, now, order_id=id_),
        saying=_("已批准%(unit)s的点单，可以派单了。"),
    )


@post("/desk/orders/{order_id:str}/decline", opt=STAFF, include_in_schema=False, status_code=200)
async def decline(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """不批准, with the reason."""
    id_ = id_in_path(order_id)

    async def command(values: Mapping[str, Any]) -> OrderRow:
        return await commands.decline_order(actor, now, order_id=id_, reason=parse_form(ReasonForm, values).reason)

    return await do(
        request,
        actor,
        now,
        id_,
        "decline",
        command,
        saying=_("没有批准%(unit)s的点单，原因已告诉对方。"),
        to="/desk/orders",
    )


@post("/desk/orders/{order_id:str}/assign", opt=STAFF, include_in_schema=False, status_code=200)
async def assign(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """派单: the providers are tied at once and asked."""
    id_ = id_in_path(order_id)

    async def command(values: Mapping[str, Any]) -> OrderRow:
        data = parse_form(AssignForm, values)
        return await commands.assign_order(
            actor,
            now,
            order_id=id_,
            provider_ids=data.provider_ids,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            address=data.address,
            rain_starts_at=data.rain_starts_at,
            override_reason=data.override_reason,
            revision=data.revision,
        )

    return await do(
        request,
        actor,
        now,
        id_,
        "assign",
        command,
        saying=_("已派给%(people)s，时间占住了。等答复，链接在下面。"),
        fields=assign_fields,
    )


@post("/desk/orders/{order_id:str}/accept", opt=STAFF, include_in_schema=False, status_code=200)
async def accept(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """电话确认接单."""
    id_ = id_in_path(order_id)
    return await do(
        request,
        actor,
        now,
        id_,
        "accept",
        lambda _values: commands.accept_order(actor, now, order_id=id_, by_phone=True),
        saying=_("已记下电话确认，排定了，各方会收到通知。"),
    )


@post("/desk/orders/{order_id:str}/refuse", opt=STAFF, include_in_schema=False, status_code=200)
async def refuse(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """电话确认不接: the order waits for somebody else."""
    id_ = id_in_path(order_id)

    async def command(values: Mapping[str, Any]) -> OrderRow:
        reason = parse_form(ReasonForm, values).reason
        return await commands.refuse_order(actor, now, order_id=id_, reason=reason, by_phone=True)

    return await do(request, actor, now, id_, "refuse", command, saying=_("已记下不接，时间放开了。请另派一位。"))


@post("/desk/orders/{order_id:str}/take-back", opt=STAFF, include_in_schema=False, status_code=200)
async def take_back(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """收回重派, with the reason."""
    id_ = id_in_path(order_id)

    async def command(values: Mapping[str, Any]) -> OrderRow:
        return await commands.take_back_order(actor, now, order_id=id_, reason=parse_form(ReasonForm, values).reason)

    return await do(request, actor, now, id_, "take-back", command, saying=_("已收回，时间放开了。请另派一位。"))


@post("/desk/orders/{order_id:str}/substitute", opt=STAFF, include_in_schema=False, status_code=200)
async def substitute(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """换讲师, with the reason."""
    id_ = id_in_path(order_id)

    async def command(values: Mapping[str, Any]) -> OrderRow:
        data = parse_form(SubstituteForm, values)
        return await commands.substitute_provider(
            actor,
            now,
            order_id=id_,
            provider_ids=data.provider_ids,
            reason=data.reason,
            override_reason=data.override_reason,
        )

    return await do(
        request,
        actor,
        now,
        id_,
        "substitute",
        command,
        saying=_("已换成%(people)s，各方会收到通知。"),
        fields=substitute_fields,
    )


@post("/desk/orders/{order_id:str}/rain", opt=STAFF, include_in_schema=False, status_code=200)
async def use_rain_date(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """改到雨天备用日: everybody is told."""
    id_ = id_in_path(order_id)

    async def command(values: Mapping[str, Any]) -> OrderRow:
        reason = parse_form(ReasonForm, values).reason
        return await commands.use_rain_date(actor, now, session_id=await _session_of(actor, id_), reason=reason)

    return await do(request, actor, now, id_, "rain", command, saying=_("已改到雨天备用日，各方会收到通知。"))


@post("/desk/orders/{order_id:str}/release-rain", opt=STAFF, include_in_schema=False, status_code=200)
async def release_rain_date(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """放开备用日: whoever was tied that day is free again."""
    id_ = id_in_path(order_id)

    async def command(_values: Mapping[str, Any]) -> OrderRow:
        return await commands.release_rain_date(actor, now, session_id=await _session_of(actor, id_))

    return await do(request, actor, now, id_, "release-rain", command, saying=_("备用日已放开，那天可以另排。"))


async def _session_of(actor: Actor, order_id: UUID) -> UUID:
    """The session that the order has now.

    Raises:
        NotFoundError: the order is not the caller's to know, or has no session.
    """
    order = await readable_order(actor, order_id)
    if order.session_id is None:
        raise NotFoundError
    return order.session_id


ROUTES = [
    endorse,
    approve,
    decline,
    assign,
    accept,
    refuse,
    take_back,
    substitute,
    use_rain_date,
    release_rain_date,
]
