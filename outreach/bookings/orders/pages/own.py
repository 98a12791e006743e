"""One order as its unit sees it: where it stands, withdrawing it, the stamped form, the review."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import anyio
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from outreach.bookings.orders.commands import attach_scan, review_order, withdraw_order
from outreach.bookings.orders.domain.permissions import may_change, may_see_phone, possible_actions
from outreach.bookings.orders.domain.states import ENDED
from outreach.bookings.orders.forms import (
    ReviewForm,
    WithdrawForm,
    review_fields,
)
from outreach.bookings.orders.queries import OrderRow, readable_order
from outreach.bookings.orders.windows import free_days, gone_orders, names_of_days_off
from outreach.bookings.orders.wording import order_line, window_text
from outreach.events.domain.warnings import day_off
from outreach.settings import Settings
from outreach.shared.actors import Actor
from outreach.shared.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
    invalid,
)
from outreach.shared.files import file_path
from outreach.shared.i18n import gettext as _
from outreach.shared.ids import id_in_path
from outreach.web.forms import FormState, parse_form, read_form
from outreach.web.problems import message_of
from outreach.web.templates import back_to, page

__all__ = ["ROUTES", "Trouble", "trouble_of"]

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one of the page's forms came back: ``of`` names it; a refusal stands over the page."""

    of: str
    form: FormState = field(default_factory=FormState)
    title: str = ""
    words: str = ""
    status: int = 422


def trouble_of(of: str, values: Mapping[str, Any], error: Exception, order: list[tuple[str, str]]) -> Trouble:
    """Bad fields, or what happened in a sentence; what was typed stays."""
    if isinstance(error, InvalidError):
        return Trouble(of, FormState.refused(values, error, order))
    assert isinstance(error, ConflictError | StaleError)
    title, words = message_of(error)
    status = 412 if isinstance(error, StaleError) else 409
    return Trouble(of, FormState(values, {}, order), title, words, status)


# --- the order --------------------------------------------------------------------------------------------------------


@get("/orders/{order_id:str}", include_in_schema=False)
async def order_page(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Where it stands, who acts next, and what the unit may do."""
    return await _page(request, actor, now, id_in_path(order_id))


async def _page(
    request: AnyRequest, actor: Actor, now: datetime, order_id: UUID, *, trouble: Trouble | None = None
) -> Response[Any]:
    order = await readable_order(actor, order_id)
    gone = await gone_orders([order], now)
    wished = [one.part for one in order.windows]
    return page(
        request,
        "orders/order.html",
        status=trouble.status if trouble else 200,
        o=order,
        line=order_line(order, now),
        windows=await _window_lines(order),
        is_gone=order.id in gone,
        offered=[
            (f"{one.on}.{one.like(wished)}", window_text(one.on, one.like(wished)))
            for one in free_days(gone.get(order.id, []))
        ],
        actions=possible_actions(actor, order.facts) - ({"leave"} if order.has_begun(now) else set()),
        is_own=actor.represents(order.organisation_id),
        keeps=may_change(actor, order.facts),
        shows_phone=may_see_phone(actor, order.facts),
        organisers=list(zip((part for part, _id in order.organisers), order.organiser_names, strict=True)),
        trouble=trouble,
        review=trouble.form if trouble and trouble.of == "review" else FormState({}, {}, review_fields()),
        scan=trouble.form if trouble and trouble.of == "scan" else FormState(),
        ended=order.state in ENDED,
    )


async def _window_lines(order: OrderRow) -> list[tuple[str, str]]:
    """Each time in words, with a quiet word where nobody may be at work."""
    days = [one.on for one in order.windows]
    named = await names_of_days_off(min(days), max(days))
    lines = []
    for one in order.windows:
        off = day_off(one.on, named)
        lines.append((window_text(one.on, one.part), "" if off is None else off.facts["name"] or _("周末")))
    return lines


# --- withdraw ---------------------------------------------------------------------------------------------------------


@get("/orders/{order_id:str}/withdraw", include_in_schema=False)
async def withdraw_page(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Asks for the reason before an order is given up."""
    return await _withdraw_page(request, actor, now, id_in_path(order_id))


@post("/orders/{order_id:str}/withdraw", include_in_schema=False, status_code=200)
async def withdraw(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Give an order up."""
    id_, values = id_in_path(order_id), await read_form(request)
    try:
        reason = parse_form(WithdrawForm, values).reason
        await withdraw_order(actor, now, order_id=id_, reason=reason)
    except (InvalidError, ConflictError) as error:
        trouble = trouble_of("withdraw", values, error, [("reason", _("原因"))])
        return await _withdraw_page(request, actor, now, id_, trouble=trouble)
    return back_to(f"/orders/{id_}", saying=_("点单已撤回，不占您单位的次数。"))


async def _withdraw_page(
    request: AnyRequest, actor: Actor, now: datetime, order_id: UUID, *, trouble: Trouble | None = None
) -> Response[Any]:
    order = await readable_order(actor, order_id)
    if not may_change(actor, order.facts):
        raise ForbiddenError
    return page(
        request,
        "orders/withdraw.html",
        status=trouble.status if trouble else 200,
        o=order,
        line=order_line(order, now),
        form=trouble.form if trouble else FormState(),
        trouble=trouble,
        possible="withdraw" in possible_actions(actor, order.facts),
    )


# --- the stamped form -------------------------------------------------------------------------------------------------


@get("/orders/{order_id:str}/form", include_in_schema=False)
async def application_form(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """申请表: one A4 page to stamp and sign."""
    order = await readable_order(actor, id_in_path(order_id))
    if not may_see_phone(actor, order.facts):
        raise ForbiddenError
    return page(
        request,
        "orders/form.html",
        o=order,
        windows=[window_text(one.on, one.part) for one in order.windows],
        organisers=list(zip((part for part, _id in order.organisers), order.organiser_names, strict=True)),
        back=f"/orders/{order.id}",
    )


@post("/orders/{order_id:str}/scan", include_in_schema=False, status_code=200)
async def upload_scan(
    request: AnyRequest,
    order_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """The scan or photo of the stamped form."""
    id_, values = id_in_path(order_id), await read_form(request)
    try:
        file = values.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise invalid("file", "required")
        await attach_scan(actor, now, order_id=id_, name=file.filename, data=await file.read(), home=settings.home)
    except (InvalidError, ConflictError) as error:
        trouble = trouble_of("scan", {}, error, [("file", _("申请表"))])
        return await _page(request, actor, now, id_, trouble=trouble)
    return back_to(f"/orders/{id_}#form", saying=_("盖章的申请表已收到。"))


@get("/orders/{order_id:str}/scan", include_in_schema=False)
async def show_scan(
    order_id: FromPath[str], actor: NamedDependency[Actor], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """The scan as it was sent, for those who may read the order's contact."""
    order = await readable_order(actor, id_in_path(order_id))
    if order.scan_digest is None or order.scan_media_type is None or not may_see_phone(actor, order.facts):
        raise NotFoundError
    path = anyio.Path(file_path(settings.home, order.scan_digest))
    if not await path.is_file():
        raise NotFoundError
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return Response(await path.read_bytes(), media_type=order.scan_media_type, headers=headers)


# --- review -----------------------------------------------------------------------------------------------------------


@post("/orders/{order_id:str}/review", include_in_schema=False, status_code=200)
async def review(
    request: AnyRequest, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """评单."""
    id_, values = id_in_path(order_id), await read_form(request)
    try:
        data = parse_form(ReviewForm, values)
        await review_order(
            actor, now, order_id=id_, lecturer=data.lecturer, content=data.content, organising=data.organising,
            again=data.again == "yes", words=data.words,
        )  # fmt: skip
    except (InvalidError, ConflictError) as error:
        trouble = trouble_of("review", values, error, review_fields())
        return await _page(request, actor, now, id_, trouble=trouble)
    return back_to(f"/orders/{id_}", saying=_("谢谢，评价已收到。"))


ROUTES = [
    order_page,
    withdraw_page,
    withdraw,
    application_form,
    upload_scan,
    show_scan,
    review,
]
