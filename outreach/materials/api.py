"""Materials as JSON: the rounds, one of them, applying."""

from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.materials.applications import own_applications
from outreach.materials.commands.applying import apply
from outreach.materials.queries import readable_round, rounds_page
from outreach.materials.schemas import (
    ApplicationIn,
    ApplicationOut,
    RoundList,
    RoundOut,
    application_out,
    round_out,
)
from outreach.programmes.asking import DEFAULT_LIMIT, Cursor, Limit
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path
from outreach.web.etags import revision_tag

__all__ = ["ROUTES"]


@get(
    "/api/v1/materials/rounds",
    tags=["materials"],
    operation_id="listMaterialRounds",
    summary="Rounds in which handbooks and book sets are applied for",
)
async def list_rounds(actor: NamedDependency[Actor], limit: Limit = DEFAULT_LIMIT, after: Cursor = "") -> RoundList:
    """Those of the organisations above and below the caller's own, the newest first."""
    found = await rounds_page(actor, limit=limit, after=after or None)
    own = await own_applications(actor, [one.id for one in found.items])
    return RoundList(items=[round_out(one, own[one.id]) for one in found.items], next=found.next, total=found.total)


@get(
    "/api/v1/materials/rounds/{round_id:str}",
    tags=["materials"],
    operation_id="getMaterialRound",
    summary="One round, with the applications of the caller's own units",
)
async def one_round(round_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[RoundOut]:
    """What other units asked for is not shown."""
    row = await readable_round(actor, id_in_path(round_id))
    own = (await own_applications(actor, [row.id]))[row.id]
    return Response(round_out(row, own), headers={"ETag": revision_tag(row.revision)})


@post(
    "/api/v1/materials/rounds/{round_id:str}/applications",
    status_code=201,
    tags=["materials"],
    operation_id="applyForMaterials",
    summary="Say what a unit needs",
)
async def apply_for(
    round_id: FromPath[str],
    data: JSONBody[ApplicationIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[ApplicationOut]:
    """Until the last day of the round; said again it replaces what was said before."""
    made = await apply(
        actor, now, round_id=id_in_path(round_id), organisation_id=data.organisation_id, wanted=data.wanted,
        members=data.members, hazard=data.hazard, note=data.note,
    )  # fmt: skip
    return Response(application_out(made), status_code=201, headers={"ETag": revision_tag(made.revision)})


ROUTES = [list_rounds, one_round, apply_for]
