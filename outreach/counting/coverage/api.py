"""JSON of coverage, its goals, and services outside this system."""

from datetime import date, datetime
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from outreach.counting.coverage.access import cut_asked, readable_owner
from outreach.counting.coverage.queries import coverage_of, ramp_of
from outreach.counting.coverage.schemas import (
    CoverageOut,
    GoalList,
    GoalsIn,
    OutsideServiceIn,
    OutsideServiceList,
    OutsideServiceOut,
    RemovalIn,
    coverage_out,
    goals_out,
    outside_service_out,
)
from outreach.programmes.asking import DEFAULT_LIMIT, Cursor, IdAsked, Limit, YearAsked
from outreach.programmes.coverage.commands import (
    GoalGiven,
    record_outside_service,
    remove_outside_service,
    set_goals,
)
from outreach.programmes.coverage.queries import goals_for, outside_service_by_id, outside_services
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.ids import id_in_path, id_of_field
from outreach.shared.time import local_day

__all__ = ["ROUTES"]


def _asked(organisation: str) -> UUID | None:
    return id_of_field("organisation", organisation) if organisation else None


class CoverageController(Controller):
    """Coverage of members, for staff and evaluators."""

    path = "/api/v1/coverage"
    tags = ("progress",)

    @get("/", operation_id="coverage", summary="覆盖率: real-name visits and people by collected members")
    async def read(
        self,
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        year: YearAsked = None,
        as_of: FromQuery[date | None] = None,
        organisation: IdAsked = "",
    ) -> CoverageOut:
        """Of the caller's own organisation and all below it, or of one of these; `as_of` is today without it."""
        owner = await readable_owner(actor, _asked(organisation))
        shown, day = cut_asked(year, as_of, now)
        with db.reading():
            coverage = await coverage_of(owner.id, year=shown, as_of=day)
            return coverage_out(coverage, await ramp_of(coverage))

    @put("/goals", operation_id="putCoverageGoals", summary="The share to be served, year by year")
    async def put_goals(
        self, data: JSONBody[GoalsIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> GoalList:
        """By who runs the organisation; answers with every goal that holds for it."""
        owner = await readable_owner(actor, data.organisation_id)
        given = [GoalGiven(one.year, one.percent, one.wording) for one in data.goals]
        await set_goals(actor, now, organisation_id=owner.id, goals=given)
        return goals_out(await goals_for(owner.id))


class OutsideServiceController(Controller):
    """Services that another system recorded: without them coverage is of this system only."""

    path = "/api/v1/outside-services"
    tags = ("progress",)

    @get("/", operation_id="listOutsideServices", summary="Real-name services of other systems")
    async def list_services(
        self,
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
        year: YearAsked = None,
        organisation: IdAsked = "",
        limit: Limit = DEFAULT_LIMIT,
        after: Cursor = "",
    ) -> OutsideServiceList:
        """Standing entries for the organisation and all below it, the newest day first; this year's without `year`."""
        owner = await readable_owner(actor, _asked(organisation))
        shown = year or local_day(now).year
        found = await outside_services(owner.path, shown, limit=limit, after=after or None)
        items = [outside_service_out(one) for one in found.items]
        return OutsideServiceList(items=items, next=found.next, total=found.total)

    @post("/", operation_id="addOutsideService", summary="Enter services of another system")
    async def add(
        self, data: JSONBody[OutsideServiceIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
    ) -> Response[OutsideServiceOut]:
        """By who runs the organisation whose members were served, for a day that has come."""
        made = await record_outside_service(
            actor,
            now,
            organisation_id=data.organisation_id,
            on=data.on,
            name=data.name,
            visits=data.visits,
            people=data.people,
            note=data.note,
            form_key=data.form_key,
        )
        return Response(outside_service_out(await outside_service_by_id(made)), status_code=201)

    @post(
        "/{service_id:str}/remove",
        status_code=200,
        operation_id="removeOutsideService",
        summary="Take a mistaken entry out",
    )
    async def remove(
        self,
        service_id: FromPath[str],
        data: JSONBody[RemovalIn],
        actor: NamedDependency[Actor],
        now: NamedDependency[datetime],
    ) -> OutsideServiceOut:
        """It leaves the figures and stays in the journal. Again: nothing changes."""
        chosen = id_in_path(service_id)
        await remove_outside_service(actor, now, chosen, reason=data.reason)
        return outside_service_out(await outside_service_by_id(chosen))


ROUTES = [CoverageController, OutsideServiceController]
