"""Reports to download, and the page that offers them: for staff and evaluators of the organisation."""

from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.reports import statistics, wording
from outreach.reports.documents import made_of
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.queries import choices_of, report_data, report_years
from outreach.shared.actors import Actor, Role
from outreach.shared.errors import ForbiddenError, InvalidError, NotFoundError, invalid
from outreach.shared.time import FIRST_YEAR, LAST_YEAR, implausible_day, local_day
from outreach.web.forms import FormState
from outreach.web.templates import page

MEDIA = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def _readers_only(actor: Actor) -> None:
    if not (actor.is_staff or actor.has(Role.EVALUATOR)):
        raise ForbiddenError


def _asked(name: str) -> tuple[int, str]:
    """``(2015, "pdf")`` of ``2015.pdf``."""
    year, dot, kind = name.partition(".")
    if not dot or kind not in MEDIA or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise NotFoundError
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise NotFoundError
    return int(year), kind


def _day(text: str | None, year: int, now: datetime) -> date:
    """The day asked for; without one today, or the last day of a year that is over."""
    if not text:
        return min(local_day(now), date(year, 12, 31))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid("as_of", "not-date") from None
    if problems := implausible_day("as_of", day):
        raise InvalidError(problems)
    return day


@get("/reports/{name:str}", include_in_schema=False)
async def download(
    name: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[str | None] = None,
    organisation: FromQuery[str | None] = None,
    programme: FromQuery[str | None] = None,
    form: FromQuery[Literal["full", "page"]] = "full",
) -> Response[bytes]:
    """``/reports/2015.pdf``, ``.xlsx``, ``.csv``."""
    _readers_only(actor)
    year, kind = _asked(name)
    data = await report_data(
        year=year,
        as_of=_day(as_of, year, now),
        organisation_code=organisation,
        programme_code=programme,
        allowed=actor.evaluates,
        now=now,
    )
    title = f"{data.title}（截至{data.as_of.isoformat()}）.{kind}"
    how = "inline" if kind == "pdf" else "attachment"
    return Response(
        await made_of(data, kind, form),
        media_type=MEDIA[kind],
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f"{how}; filename=\"report-{year}.{kind}\"; filename*=UTF-8''{quote(title)}",
        },
    )


@get("/desk/reports", include_in_schema=False)
async def desk(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    year: FromQuery[int | None] = None,
) -> Response[Any]:
    """Which report, of which day and part; the year's news above."""
    _readers_only(actor)
    years = await report_years(actor.evaluates)
    today = local_day(now)
    shown = year if year in years else next((one for one in years if one <= today.year), years[0] if years else None)
    if shown is None:
        return page(request, "reports/desk.html", years=[], year=None, form=FormState())
    day = _day(None, shown, now)
    try:
        news = wording.overall(await report_data(year=shown, as_of=day, allowed=actor.evaluates, now=now))
    except NoProgrammesError:  # removed between the two questions
        news = ""
    owners, programmes = await choices_of(shown, actor.evaluates)
    return page(
        request,
        "reports/desk.html",
        years=years,
        year=shown,
        day=day,
        news=news,
        owners=[(one.code, one.name) for one in owners],
        programmes=[(one.code, one.name) for one in programmes],
        form=FormState({"as_of": day.isoformat()}),
    )


ROUTES = [download, desk, *statistics.ROUTES]
