"""Orders as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from outreach.bookings.orders import commands
from outreach.bookings.orders.domain.states import OrderState
from outreach.bookings.orders.queries import OrderFilter, OrderRow, orders_page, readable_order
from outreach.bookings.orders.schemas import (
    AnswerIn,
    AssignIn,
    DeclineOrderIn,
    LeaveOrderIn,
    OrderIn,
    OrderList,
    OrderOut,
    OrderPatch,
    OrderReasonIn,
    RainDateIn,
    ReviewIn,
    SubstituteIn,
    order_out,
)
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.paging import DEFAULT_LIMIT, MAX_LIMIT, id_after
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]

# Limits stand in QueryParameter: it takes the place of a Meta within FromQuery[…], silently.
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
Text = Annotated[str, QueryParameter(max_length=200)]
StateFilter = Literal[
    "submitted", "endorsed", "approved", "assigned", "scheduled", "fulfilled", "reviewed", "declined", "withdrawn"
]


def _answer(actor: Actor, row: OrderRow, now: datetime, *, status: int = 200) -> Response[OrderOut]:
    return Response(order_out(actor, row, now), status_code=status, headers={"ETag": revision_tag(row.revision)})


class OrdersController(Controller):
    """Orders: a unit's own and those it joined, a provider's assignments, and for staff those of their part."""

    path = "/api/v1/orders"
    tags = ("orders",)

    @get("/", operation_id="listOrders", summary="Orders that the caller may read, the oldest first")
    async def index(
        self,
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        in_state: Annotated[StateFilter | None, QueryParameter(name="state")] = None,
        only_open: Annotated[bool, QueryParameter(name="open")] = False,
        q: Text = "",
        organisation: Text = "",
        programme: Text = "",
        limit: Limit = DEFAULT_LIMIT,
        after: Text = "",
    ) -> OrderList:
        wanted = OrderFilter(
            state=in_state or "",
            open=only_open,
            q=q,
            organisation_id=id_of_field("organisation", organisation) if organisation else None,
            programme=programme,
        )
        found = await orders_page(actor, wanted, limit=limit, after=id_after(after))
        return OrderList(items=[order_out(actor, one, now) for one in found.items], next=found.next, total=found.total)

    @post("/", status_code=201, operation_id="submitOrder", summary="点单: order an event to the unit's own site")
    async def create(
        self, data: JSONBody[OrderIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OrderOut]:
        return _answer(actor, await commands.submit_order(actor, now, draft=data.draft()), now, status=201)

    @get("/{order_id:str}", operation_id="getOrder", summary="One order")
    async def one(
        self, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OrderOut]:
        return _answer(actor, await readable_order(actor, id_in_path(order_id)), now)

    @patch("/{order_id:str}", operation_id="changeOrder", summary="Change an order while it has no date")
    async def change(
        self,
        request: Request[Any, Any, Any],
        order_id: FromPath[str],
        data: JSONBody[OrderPatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[OrderOut]:
        row = await commands.change_order(
            actor, now, order_id=id_in_path(order_id), changes=data.changes(), revision=expected_revision(request)
        )
        return _answer(actor, row, now)

    @post(
        "/{order_id:str}/endorse",
        status_code=200,
        operation_id="endorseOrder",
        summary="Agree as the unit's parent, where the programme asks for two steps",
    )
    async def endorse(
        self, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OrderOut]:
        return _answer(actor, await commands.endorse_order(actor, now, order_id=id_in_path(order_id)), now)

    @post("/{order_id:str}/approve", status_code=200, operation_id="approveOrder", summary="Approve an order")
    async def approve(
        self, order_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OrderOut]:
        return _answer(actor, await commands.approve_order(actor, now, order_id=id_in_path(order_id)), now)

    @post(
        "/{order_id:str}/assign",
        status_code=200,
        operation_id="assignOrder",
        summary="派单: name providers and time; the draft session ties them at once",
    )
    async def assign(
        self,
        request: Request[Any, Any, Any],
        order_id: FromPath[str],
        data: JSONBody[AssignIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[OrderOut]:
        row = await commands.assign_order(
            actor,
            now,
            order_id=id_in_path(order_id),
            revision=expected_revision(request),
            **msgspec.structs.asdict(data),
        )
        return _answer(actor, row, now)

    @post(
        "/{order_id:str}/accept",
        status_code=200,
        operation_id="acceptOrder",
        summary="接单: the provider accepts, or staff who called; the session is published",
    )
    async def accept(
        self,
        order_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[AnswerIn | None] = None,
    ) -> Response[OrderOut]:
        by_phone = data.by_phone if data else False
        row = await commands.accept_order(actor, now, order_id=id_in_path(order_id), by_phone=by_phone)
        return _answer(actor, row, now)

    @post(
        "/{order_id:str}/decline",
        status_code=200,
        operation_id="declineOrder",
        summary="An approver declines the order; once it is assigned, its provider declines the assignment",
    )
    async def decline(
        self,
        order_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[DeclineOrderIn | None] = None,
    ) -> Response[OrderOut]:
        given = data or DeclineOrderIn()
        id_ = id_in_path(order_id)
        is_assigned = (await readable_order(actor, id_)).state == OrderState.ASSIGNED
        if given.by_phone or is_assigned:
            row = await commands.refuse_order(actor, now, order_id=id_, reason=given.reason, by_phone=given.by_phone)
        else:
            row = await commands.decline_order(actor, now, order_id=id_, reason=given.reason)
        return _answer(actor, row, now)

    @post("/{order_id:str}/withdraw", status_code=200, operation_id="withdrawOrder", summary="The unit withdraws")
    async def withdraw(
        self,
        order_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[OrderReasonIn | None] = None,
    ) -> Response[OrderOut]:
        reason = data.reason if data else ""
        return _answer(
            actor, await commands.withdraw_order(actor, now, order_id=id_in_path(order_id), reason=reason), now
        )

    @post(
        "/{order_id:str}/leave",
        status_code=204,
        operation_id="leaveOrder",
        summary="退出拼场: a unit that joined leaves the order, which goes on without it",
    )
    async def leave(
        self,
        order_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[LeaveOrderIn | None] = None,
    ) -> None:
        """Until the session begins. No content: afterwards the order is no longer the unit's to read."""
        given = msgspec.structs.asdict(data) if data else {}
        await commands.leave_order(actor, now, order_id=id_in_path(order_id), **given)

    @post(
        "/{order_id:str}/take-back",
        status_code=200,
        operation_id="takeBackOrder",
        summary="Take an assignment back before its answer",
    )
    async def take_back(
        self,
        order_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        data: JSONBody[OrderReasonIn | None] = None,
    ) -> Response[OrderOut]:
        reason = data.reason if data else ""
        return _answer(
            actor, await commands.take_back_order(actor, now, order_id=id_in_path(order_id), reason=reason), now
        )

    @post(
        "/{order_id:str}/substitute",
        status_code=200,
        operation_id="substituteProvider",
        summary="换讲师: send others at the same time",
    )
    async def substitute(
        self,
        order_id: FromPath[str],
        data: JSONBody[SubstituteIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[OrderOut]:
        row = await commands.substitute_provider(
            actor, now, order_id=id_in_path(order_id), **msgspec.structs.asdict(data)
        )
        return _answer(actor, row, now)

    @post("/{order_id:str}/review", status_code=200, operation_id="reviewOrder", summary="评单, once, by the unit")
    async def review(
        self,
        order_id: FromPath[str],
        data: JSONBody[ReviewIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[OrderOut]:
        row = await commands.review_order(actor, now, order_id=id_in_path(order_id), **msgspec.structs.asdict(data))
        return _answer(actor, row, now)


@post(
    "/api/v1/sessions/{session_id:str}/rain-date",
    status_code=200,
    tags=["sessions"],
    operation_id="decideRainDate",
    summary="Move the session of an order to its rain date, or release that day",
)
async def rain_date(
    session_id: FromPath[str],
    data: JSONBody[RainDateIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[OrderOut]:
    """By who dispatches the order; everybody concerned is told."""
    decide = commands.use_rain_date if data.use else commands.release_rain_date
    row = await decide(actor, now, session_id=id_in_path(session_id), reason=data.reason)
    return _answer(actor, row, now)


ROUTES = [OrdersController, rain_date]
