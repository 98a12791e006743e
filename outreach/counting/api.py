"""JSON of progress."""

from datetime import date, datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.counting import figures_api
from outreach.counting.desk import day_asked
from outreach.counting.queries import programme_progress, progress_of_programmes
from outreach.counting.schemas import (
    ProgrammeProgressOut,
    YearProgressOut,
    programme_progress_out,
    year_progress_out,
)
from outreach.programmes.asking import YearAsked
from outreach.programmes.domain.permissions import may_read_programme, may_read_progress
from outreach.programmes.queries import programme_by_id, programmes_of_year
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError
from outreach.shared.ids import id_in_path

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
) -> ProgrammeProgressOut:
    """For staff and evaluators; `as_of` is today without it."""
    programme = await programme_by_id(id_in_path(programme_id))
    if not may_read_programme(actor, programme.organisation_path):
        raise NotFoundError
    if not may_read_progress(actor, programme.organisation_path):
        raise ForbiddenError
    return programme_progress_out(await programme_progress(programme.id, day_asked(as_of, now), now=now))


@get("/api/v1/progress", operation_id="yearProgress", summary="How a year stands", tags=["progress"])
async def progress_of_year(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: YearAsked = None,
    as_of: FromQuery[date | None] = None,
) -> YearProgressOut:
    """Every programme of the year that the caller may read as staff or evaluator; the year of `as_of` without one."""
    day = day_asked(as_of, now)
    programmes = await programmes_of_year(year or day.year)
    readable = [one for one in programmes if may_read_progress(actor, one.organisation_path)]
    return year_progress_out(await progress_of_programmes(readable, year or day.year, day, now=now))


ROUTES = [progress_of_one, progress_of_year, *figures_api.ROUTES]
