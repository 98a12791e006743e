"""JSON of programmes, their targets and their tallies."""

from datetime import datetime
from typing import Any

from litestar import Controller, Request, Response, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.programmes import queries
from outreach.programmes.asking import DEFAULT_LIMIT, Cursor, Limit, YearAsked
from outreach.programmes.commands.programmes import change_programme, create_programme
from outreach.programmes.commands.tallies import add_tally
from outreach.programmes.commands.years import set_limits
from outreach.programmes.domain.permissions import may_read_programme, may_read_tallies
from outreach.programmes.queries import ProgrammeRow
from outreach.programmes.schemas import (
    Limits,
    ProgrammeIn,
    ProgrammeList,
    ProgrammeOut,
    ProgrammePatch,
    TallyIn,
    TallyList,
    TallyOut,
    programme_out,
    tally_out,
)
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.shared.ids import id_in_path, id_of_field
from outreach.web.etags import expected_revision, revision_tag

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]


async def _readable(actor: Actor, programme_id: str) -> ProgrammeRow:
    """The programme, if the caller may know of it."""
    found = await queries.programme_by_id(id_in_path(programme_id))
    if not may_read_programme(actor, found.organisation_path):
        raise NotFoundError
    return found


async def _answer(actor: Actor, programme_id: str, status: int = 200) -> Response[ProgrammeOut]:
    found = await _readable(actor, programme_id)
    targets = (await queries.targets_of([found.id]))[found.id]
    return Response(
        programme_out(found, targets),
        status_code=status,
        headers={"ETag": revision_tag(found.revision), "Location": f"/api/v1/programmes/{found.id}"},
    )


async def _limits(actor: Actor, programme_id: str) -> Response[Limits]:
    found = await _readable(actor, programme_id)
    year = await queries.year_of(found.organisation_id, found.year)
    limits = Limits(per_programme=found.max_per_organisation, per_year=year.max_per_organisation if year else None)
    return Response(limits, headers={"ETag": revision_tag(found.revision)})


class ProgrammeController(Controller):
    """Programmes with their targets."""

    path = "/api/v1/programmes"
    tags = ("programmes",)

    @get("/", operation_id="listProgrammes", summary="Programmes that the caller knows")
    async def list_programmes(
        self,
        actor: NamedDependency[Actor],
        year: YearAsked = None,
        limit: Limit = DEFAULT_LIMIT,
        after: Cursor = "",
    ) -> ProgrammeList:
        """Those of organisations above the caller's own, its own, and below; newest year first, then as numbered."""
        paths = [grant.path for grant in actor.grants]
        found = await queries.programmes_page(paths, year=year, limit=limit, after=after or None)
        targets = await queries.targets_of([one.id for one in found.items])
        items = [programme_out(one, targets[one.id]) for one in found.items]
        return ProgrammeList(items=items, next=found.next, total=found.total)

    @post("/", operation_id="createProgramme", summary="Make a programme with its targets")
    async def create(
        self, data: JSONBody[ProgrammeIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[ProgrammeOut]:
        """By an organiser of its organisation."""
        owner = id_of_field("organisation_id", data.organisation_id) if data.organisation_id else None
        made = await create_programme(actor, now, organisation_id=owner, year=data.year, facts=data.facts())
        return await _answer(actor, str(made), 201)

    @get("/{programme_id:str}", operation_id="getProgramme", summary="One programme")
    async def read(self, programme_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[ProgrammeOut]:
        """Answers 404 for what the caller may not know of."""
        return await _answer(actor, programme_id)

    @patch("/{programme_id:str}", operation_id="changeProgramme", summary="Change a programme or its targets")
    async def change(
        self,
        request: AnyRequest,
        programme_id: FromPath[str],
        data: JSONBody[ProgrammePatch],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[ProgrammeOut]:
        """By an organiser of its organisation. Honours `If-Match`."""
        id_ = id_in_path(programme_id)
        await change_programme(actor, now, id_, data.changes(), expected_revision=expected_revision(request))
        return await _answer(actor, programme_id)

    @get("/{programme_id:str}/limits", operation_id="getLimits", summary="How often one unit may book or order")
    async def read_limits(self, programme_id: FromPath[str], actor: NamedDependency[Actor]) -> Response[Limits]:
        """Bookings, claims and orders count, those of a women's committee and of guests with their union's."""
        return await _limits(actor, programme_id)

    @put("/{programme_id:str}/limits", operation_id="setLimits", summary="Set how often one unit may book or order")
    async def set_limits(
        self,
        request: AnyRequest,
        programme_id: FromPath[str],
        data: JSONBody[Limits],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[Limits]:
        """By an organiser of its organisation. What units have already stays. Honours `If-Match`."""
        await set_limits(
            actor,
            now,
            programme_id=id_in_path(programme_id),
            per_programme=data.per_programme,
            per_year=data.per_year,
            expected_revision=expected_revision(request),
        )
        return await _limits(actor, programme_id)

    @get("/{programme_id:str}/tallies", operation_id="listTallies", summary="Entries for what no session yields")
    async def list_tallies(
        self,
        programme_id: FromPath[str],
        actor: NamedDependency[Actor],
        limit: Limit = DEFAULT_LIMIT,
        after: Cursor = "",
    ) -> TallyList:
        """Newest day first; for staff and evaluators of the programme's owner."""
        programme = await _readable(actor, programme_id)
        if not may_read_tallies(actor, programme.organisation_path):
            raise ForbiddenError
        found = await queries.tallies_of_programme(programme.id, limit=limit, after=after or None)
        return TallyList(items=[tally_out(one) for one in found.items], next=found.next, total=found.total)

    @post("/{programme_id:str}/tallies", operation_id="addTally", summary="Enter a figure that no session yields")
    async def create_tally(
        self,
        programme_id: FromPath[str],
        data: JSONBody[TallyIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> Response[TallyOut]:
        """By an organiser of the programme's organisation, for a day that has come."""
        made = await add_tally(
            actor,
            now,
            programme_id=id_in_path(programme_id),
            target=data.target_id,
            on=data.on,
            quantity=data.quantity,
            receiver=data.receiver,
            session_id=id_of_field("session_id", data.session_id) if data.session_id else None,
            note=data.note,
        )
        return Response(tally_out(await queries.tally_by_id(made)), status_code=201)


ROUTES = [ProgrammeController]
