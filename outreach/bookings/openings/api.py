"""JSON of openings. Limits stand at ``/api/v1/programmes/{id}/limits``."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from outreach.bookings.openings.commands import change_opening, create_opening, delete_opening
from outreach.bookings.openings.counting import places_taken
from outreach.bookings.openings.schemas import OpeningIn, OpeningList, OpeningOut, OpeningPatch, opening_out
from outreach.events.openings import openings_page, readable_opening, things_of
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.paging import DEFAULT_LIMIT, MAX_LIMIT
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str, QueryParameter(max_length=2000)]
IdAsked = Annotated[str, QueryParameter(max_length=40)]


async def _answer(actor: Actor, now: datetime, opening_id: Any, status: int = 200) -> Response[OpeningOut]:
    row = await readable_opening(actor, opening_id)
    opened, taken = (await things_of([row.id]))[row.id], (await places_taken([row.id]))[row.id]
    headers = {"ETag": revision_tag(row.revision)}
    if status == 201:
        headers["Location"] = f"/api/v1/openings/{row.id}"
    return Response(opening_out(row, opened, taken, now), status_code=status, headers=headers)


class OpeningController(Controller):
    """From when, for whom and how many: waves of 开放预约."""

    path = "/api/v1/openings"
    tags = ("openings",)

    @get("/", operation_id="listOpenings", summary="Openings of the programmes that the caller knows")
    async def list_openings(
        self,
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        programme_id: IdAsked = "",
        limit: Limit = DEFAULT_LIMIT,
        after: Cursor = "",
    ) -> OpeningList:
        """The latest wave first."""
        programme = id_of_field("programme_id", programme_id) if programme_id else None
        found = await openings_page(actor, programme_id=programme, limit=limit, after=after or None)
        ids = [one.id for one in found.items]
        opened, taken = await things_of(ids), await places_taken(ids)
        items = [opening_out(one, opened[one.id], taken[one.id], now) for one in found.items]
        return OpeningList(items=items, next=found.next, total=found.total)

    @post("/", operation_id="createOpening", summary="Open sessions and menu items from a moment on, to some or all")
    async def create(
        self, data: JSONBody[OpeningIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OpeningOut]:
        """By an organiser of the programme. From now on its sessions and items go through their openings only."""
        made = await create_opening(actor, now, draft=data.draft())
        return await _answer(actor, now, made, 201)

    @get("/{opening_id:str}", operation_id="getOpening", summary="One opening")
    async def read(
        self, opening_id: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OpeningOut]:
        """Answers 404 for one of a programme that the caller may not know of."""
        return await _answer(actor, now, id_in_path(opening_id))

    @patch("/{opening_id:str}", operation_id="changeOpening", summary="Change an opening")
    async def change(
        self,
        request: AnyRequest,
        opening_id: FromPath[str],
        data: JSONBody[OpeningPatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[OpeningOut]:
        """By an organiser of the programme; what came through it stays. Honours `If-Match`."""
        id_ = id_in_path(opening_id)
        await change_opening(actor, now, opening_id=id_, changed=data.merged, revision=expected_revision(request))
        return await _answer(actor, now, id_)

    @delete("/{opening_id:str}", operation_id="deleteOpening", summary="Take an opening back")
    async def remove(
        self,
        request: AnyRequest,
        opening_id: FromPath[str],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> None:
        """By an organiser of the programme, as long as no booking and no order went through it. Honours `If-Match`."""
        await delete_opening(actor, now, opening_id=id_in_path(opening_id), revision=expected_revision(request))


ROUTES = [OpeningController]
