"""Closing a year as JSON."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from outreach.programmes.asking import IdAsked
from outreach.reports.years.commands import close_year, reopen_year
from outreach.reports.years.copying import copy_year
from outreach.reports.years.forms import CopyIn, CopyOut, ReasonIn, YearOut, year_out
from outreach.reports.years.queries import YearToClose, last_closing, open_items, own_year, owner_of
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.time import FIRST_YEAR, LAST_YEAR

__all__ = ["ROUTES"]

PATH = "/api/v1/years/{year:int}"
TAGS = ["programmes"]


async def _year(actor: Actor, organisation: UUID | str | None, year: int) -> YearToClose:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFoundError
    owner = await owner_of(actor, str(organisation or ""))
    return await own_year(actor, owner.id, year)


async def _out(row: YearToClose, now: datetime) -> YearOut:
    items = [] if row.is_closed else await open_items(row.organisation_id, row.year, now)
    return year_out(row, items, await last_closing(row))


@get(PATH, tags=TAGS, operation_id="getYear", summary="What is open in a year, or how it was closed")
async def read(
    year: FromPath[int], actor: NamedDependency[Actor], now: NamedDependency[datetime], organisation: IdAsked = ""
) -> YearOut:
    """`organisation` is an id; without one, the organisation that you run."""
    return await _out(await _year(actor, organisation, year), now)


@post(PATH + "/close", status_code=200, tags=TAGS, operation_id="closeYear", summary="Close a year")
async def close(
    year: FromPath[int], data: JSONBody[ReasonIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> YearOut:
    """Its figures change by corrections with a reason only; `reason` is needed where something is open."""
    row = await _year(actor, data.organisation_id, year)
    done = await close_year(actor, now, organisation_id=row.organisation_id, year=year, reason=data.reason)
    return await _out(done, now)


@post(PATH + "/reopen", status_code=200, tags=TAGS, operation_id="reopenYear", summary="Open a closed year again")
async def reopen(
    year: FromPath[int], data: JSONBody[ReasonIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> YearOut:
    """Administrators only, with a `reason`."""
    row = await _year(actor, data.organisation_id, year)
    done = await reopen_year(actor, now, organisation_id=row.organisation_id, year=year, reason=data.reason)
    return await _out(done, now)


@post(PATH + "/copy", status_code=201, tags=TAGS, operation_id="copyYear", summary="Carry programmes over")
async def copy(
    year: FromPath[int], data: JSONBody[CopyIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[CopyOut]:
    """Into the next year, with menu, rules and targets; without dates. A programme is carried over once: what is there
    already stays as it is (`already`), and 200 says that nothing was made."""
    row = await _year(actor, data.organisation_id, year)
    made = await copy_year(
        actor,
        now,
        year=row,
        chosen=data.programme_ids,
        values={one.target_id: one.value for one in data.values},
    )
    out = CopyOut(
        year=made.year,
        programmes=made.programmes,
        targets=made.targets,
        items=made.items,
        already=list(made.already),
    )
    return Response(out, status_code=201 if made.programmes else 200)


ROUTES = [read, close, reopen, copy]
