"""Costs as JSON."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.attendance.access import managed
from outreach.attendance.costs.commands import change_cost, record_cost, remove_cost
from outreach.attendance.costs.domain.money import mean_fen, plain_yuan
from outreach.attendance.costs.queries import CostRow, costs_of, visits_of
from outreach.attendance.costs.schemas import CostIn, CostList, CostOut, CostPatch, CostRemoval, cost_out
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]


def _answer(row: CostRow, *, status: int = 200) -> Response[CostOut]:
    return Response(cost_out(row), status_code=status, headers={"ETag": revision_tag(row.revision)})


@get(
    "/api/v1/sessions/{session_id:str}/costs",
    tags=["attendance"],
    operation_id="listCosts",
    summary="What a session cost, for who runs it",
)
async def list_costs(session_id: FromPath[str], actor: NamedDependency[Actor]) -> CostList:
    """All lines, at most 200; `per_visit` is null while nobody was counted."""
    session = await managed(actor, id_in_path(session_id))
    lines = (await costs_of([session.id]))[session.id]
    total, visits = sum(one.amount_fen for one in lines), await visits_of(session.id)
    mean = mean_fen(total, visits)
    return CostList(
        items=[cost_out(one) for one in lines],
        next=None,
        total=len(lines),
        amount=plain_yuan(total),
        visits=visits,
        per_visit=None if mean is None else plain_yuan(mean),
    )


@post(
    "/api/v1/sessions/{session_id:str}/costs",
    status_code=201,
    tags=["attendance"],
    operation_id="recordCost",
    summary="Add a line: fee, travel, venue, materials, other",
)
async def record(
    session_id: FromPath[str],
    data: JSONBody[CostIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[CostOut]:
    """Not for drafts. Identity card and bank account numbers are refused: they are never stored."""
    row = await record_cost(actor, now, session_id=id_in_path(session_id), draft=data.draft())
    return _answer(row, status=201)


@patch("/api/v1/costs/{cost_id:str}", tags=["attendance"], operation_id="changeCost", summary="Change a line of cost")
async def change(
    request: Request[Any, Any, Any],
    cost_id: FromPath[str],
    data: JSONBody[CostPatch],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[CostOut]:
    """Honours `If-Match`; the journal keeps both amounts."""
    row = await change_cost(
        actor,
        now,
        cost_id=id_in_path(cost_id),
        changed=data.draft_over,
        revision=expected_revision(request),
        reason=data.reason,
    )
    return _answer(row)


@post(
    "/api/v1/costs/{cost_id:str}/remove",
    status_code=200,
    tags=["attendance"],
    operation_id="removeCost",
    summary="Take a line of cost back",
)
async def remove(
    request: Request[Any, Any, Any],
    cost_id: FromPath[str],
    data: JSONBody[CostRemoval],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> CostOut:
    """The journal keeps what it said. Honours `If-Match`."""
    row = await remove_cost(
        actor, now, cost_id=id_in_path(cost_id), reason=data.reason, revision=expected_revision(request)
    )
    return cost_out(row)


ROUTES = [list_costs, record, change, remove]
