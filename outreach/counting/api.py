"""JSON of progress."""

from datetime import date, datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.counting import figures_api
from outreach.counting.desk import day_asked
from outreach.counting.queries import part_progress, programme_progress, progress_of_programmes
from outreach.counting.schemas import (
    ProgrammeProgressOut,
    YearProgressOut,
    programme_progress_out,
    year_progress_out,
)
from outreach.counting.target_pages import API_ROUTES, part_asked, readable_programme
from outreach.programmes.asking import IdAsked, YearAsked
from outreach.programmes.domain.permissions import may_read_progress
from outreach.programmes.queries import programmes_of_year
from outreach.shared.actors import Actor

__all__ = ["ROUTES"]


@get(
    "/api/v1/programmes/{programme_id:str}/progress",
    operation_id="programmeProgress",
    summary="How one programme stands",
    tags=["progress"],
)
async def progress_of_one(
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
) -> ProgrammeProgressOut:
    """For staff and evaluators; `as_of` is today without it.

    `organisation` (code or id) leaves only what is at home with it or below: sessions by their host, without one by
    who runs them, nothing that no session yields; the promise stays the whole one."""
    programme = await readable_programme(actor, programme_id)
    part = await part_asked(actor, organisation)
    within = part.path if part else None
    return programme_progress_out(await programme_progress(programme.id, day_asked(as_of, now), now=now, within=within))


@get("/api/v1/progress", operation_id="yearProgress", summary="How a year stands", tags=["progress"])
async def progress_of_year(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
) -> YearProgressOut:
    """Every programme of the year that the caller may read as staff or evaluator; the year of `as_of` without one.

    `organisation` (code or id): its programmes and those below in full, and of programmes owned above it what is at
    home with it or below, as for one programme."""
    day = day_asked(as_of, now)
    part = await part_asked(actor, organisation)
    if part is not None:
        return year_progress_out(await part_progress(year or day.year, day, organisation_path=part.path, now=now))
    programmes = await programmes_of_year(year or day.year)
    readable = [one for one in programmes if may_read_progress(actor, one.organisation_path)]
    return year_progress_out(await progress_of_programmes(readable, year or day.year, day, now=now))


ROUTES = [progress_of_one, progress_of_year, *figures_api.ROUTES, *API_ROUTES]
