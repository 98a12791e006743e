"""What stands behind one target's figure, as a page of the desk and as JSON."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from outreach.accounts.queries import OrganisationRow, organisation_by_code, organisation_by_id
from outreach.counting.desk import day_asked
from outreach.counting.news import full_name
from outreach.counting.queries import programme_progress
from outreach.counting.target_sources import Asked, Source, districts_behind, sources_behind
from outreach.programmes.asking import DEFAULT_LIMIT, Cursor, IdAsked, Limit, PageNumber
from outreach.programmes.domain.permissions import may_read_programme, may_read_progress
from outreach.programmes.domain.targets import Metric
from outreach.programmes.queries import ProgrammeRow, TargetRow, programme_by_id, target_by_id
from outreach.programmes.schemas import number
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.shared.ids import id_in_path
from outreach.shared.time import local, local_day
from outreach.web.templates import page

__all__ = ["API_ROUTES", "ROUTES", "part_asked", "readable_programme"]

PER_PAGE = 100

MonthAsked = Annotated[int | None, QueryParameter(ge=1, le=12)]
DistrictAsked = Annotated[str | None, QueryParameter(max_length=40)]


async def readable_programme(actor: Actor, programme_id: str) -> ProgrammeRow:
    """The programme, if the caller reads its progress.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
        ForbiddenError: the caller reads released figures only.
    """
    programme = await programme_by_id(id_in_path(programme_id))
    if not may_read_programme(actor, programme.organisation_path):
        raise NotFoundError
    if not may_read_progress(actor, programme.organisation_path):
        raise ForbiddenError
    return programme


async def part_asked(actor: Actor, organisation: str) -> OrganisationRow | None:
    """The organisation asked for, by its code or id, ``None`` for an empty text.

    Raises:
        NotFoundError: there is none, or the caller does not read its figures.
    """
    if not organisation:
        return None
    found = await organisation_by_code(organisation)
    if found is None:
        found = await organisation_by_id(id_in_path(organisation))
    if found is None or not may_read_progress(actor, found.path):
        raise NotFoundError
    return found


async def _target_of(programme: ProgrammeRow, target_id: str) -> TargetRow:
    target = await target_by_id(id_in_path(target_id))
    if target.programme_id != programme.id:
        raise NotFoundError
    return target


def _within(programme: ProgrammeRow, part: OrganisationRow | None) -> str | None:
    return None if part is None or programme.organisation_path.startswith(part.path) else part.path


class SourceOut(msgspec.Struct, kw_only=True):
    """One line behind a figure. `what` is `session`, `course`, `lecturer` or `tally`, and `id` is its id.

    `amount` is what it adds, in the target's unit; of an entry of a level what it changed. `total` stands beside visits
    of workers. `place`, `host` and `note` are empty where the caller may not read them, and of a confidential programme
    `district` as well.
    """

    what: str
    id: UUID
    at: datetime
    amount: int | float
    total: int | None
    title: str
    kind: str
    district: str
    place: str
    host: str
    note: str


class SourceList(msgspec.Struct, kw_only=True):
    """Part of the lines behind a figure, the earliest first. `figure` is their sum, of all `total` of them."""

    target_id: UUID
    metric: Metric
    unit: str
    as_of: date
    figure: int | float
    items: list[SourceOut]
    next: str | None
    total: int


def _out(one: Source) -> SourceOut:
    facts: dict[str, Any] = {name: getattr(one, name) for name in SourceOut.__struct_fields__}
    return SourceOut(**{**facts, "at": local(one.at), "amount": number(one.amount)})


@get(
    "/api/v1/programmes/{programme_id:str}/targets/{target_id:str}/sources",
    operation_id="targetSources",
    summary="What stands behind a target's figure",
    tags=["progress"],
)
async def sources_json(
    programme_id: FromPath[str],
    target_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[date | None] = None,
    month: MonthAsked = None,
    district: DistrictAsked = None,
    organisation: IdAsked = "",
    limit: Limit = DEFAULT_LIMIT,
    after: Cursor = "",
) -> SourceList:
    """Sessions, courses, lecturers or entries, summing to `actual` of the progress (or to its part in a `month`, at
    places of a `district`, in the part of the tree of an `organisation`, by code or id). For staff and evaluators."""
    programme = await readable_programme(actor, programme_id)
    target = await _target_of(programme, target_id)
    part = await part_asked(actor, organisation)
    day = day_asked(as_of, now)
    found, figure = await sources_behind(
        programme,
        target,
        Asked(as_of=day, month=month, district=district, within=_within(programme, part)),
        names=actor.evaluates(programme.organisation_path),
        limit=limit,
        after=after or None,
    )
    return SourceList(
        target_id=target.id,
        metric=target.metric,
        unit=target.unit,
        as_of=day,
        figure=number(figure),
        items=[_out(one) for one in found.items],
        next=found.next,
        total=found.total,
    )


@get(
    "/desk/programmes/{programme_id:str}/targets/{target_id:str}/sources", opt={"staff": True}, include_in_schema=False
)
async def sources_page(
    request: Request[Any, Any, Any],
    programme_id: FromPath[str],
    target_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[date | None] = None,
    month: MonthAsked = None,
    district: DistrictAsked = None,
    organisation: IdAsked = "",
    page_number: PageNumber = 1,
) -> Response[Any]:
    """The list behind one figure."""
    with db.reading():
        programme = await readable_programme(actor, programme_id)
        target = await _target_of(programme, target_id)
        part = await part_asked(actor, organisation)
        day = day_asked(as_of, now) if as_of else min(local_day(now), date(programme.year, 12, 31))
        within = _within(programme, part)
        progress = await programme_progress(programme.id, day, now=now, within=within)
        found, figure = await sources_behind(
            programme,
            target,
            Asked(as_of=day, month=month, district=district, within=within),
            names=actor.evaluates(programme.organisation_path),
            limit=PER_PAGE,
            offset=(page_number - 1) * PER_PAGE,
        )
        districts = await districts_behind(programme)
    shown = next(one for one in progress.targets if one.id == target.id)

    def here(**further: object) -> str:
        given = {
            "as_of": day.isoformat(), "month": month, "district": district, "organisation": organisation or None,
            **further,
        }  # fmt: skip
        return f"?{urlencode({name: value for name, value in given.items() if value is not None})}"

    return page(
        request,
        "counting/target_sources.html",
        programme=programme,
        target=shown,
        heading=full_name(programme, shown),
        found=found,
        figure=figure,
        part=part,
        day=day,
        month=month,
        district=district,
        districts=[] if programme.confidential or not target.metric.comes_from_sessions else districts,
        by_month=target.metric is not Metric.LECTURERS,
        runs=actor.organises(programme.organisation_path),
        first=(page_number - 1) * PER_PAGE + 1,
        before=here(page=page_number - 1) if page_number > 1 else None,
        after=here(page=page_number + 1) if page_number * PER_PAGE < found.total else None,
        here=here,
    )


ROUTES = [sources_page]
API_ROUTES = [sources_json]
