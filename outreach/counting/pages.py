"""Public home and progress, the organiser's desk, one programme's year, and how figures come about."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from outreach.accounts.queries.administrators import nobody_yet
from outreach.attendance.opinions.domain.opinions import LEAST_FOR_STAFF, LEAST_TO_SHOW
from outreach.bookings.telling.queries import counts_of
from outreach.bookings.wording import LEAST_ANSWERS
from outreach.counting import figures_pages, home, target_pages
from outreach.counting.advice import NOTHING_OPEN, advice, open_capacity
from outreach.counting.desk import curves_of, day_asked, desk_programmes, waiting_for, week_of
from outreach.counting.drawings import burn_up_data, programme_lines, promise_of, sources_href
from outreach.counting.figures import BurnUp
from outreach.counting.first_steps import first_steps
from outreach.counting.news import Pair, finding, riskiest, year_news
from outreach.counting.queries import burn_up, programme_progress, progress_of_programmes
from outreach.events.domain.ratings import PRIOR_ANSWERS
from outreach.events.queries import SessionFilter, sessions_of_days, sessions_page, upcoming_sessions
from outreach.programmes.asking import IdAsked, PageNumber, TextAsked, YearAsked
from outreach.programmes.domain.forecast import DRAWS, KEPT, PRIOR_COUNTS, PRIOR_SESSIONS
from outreach.programmes.domain.pace import EARLY_DAYS, calendar_share
from outreach.programmes.domain.permissions import may_change_programme, may_read_progress
from outreach.programmes.domain.promise import DEFAULT_TOLERANCE_PERCENT
from outreach.programmes.domain.targets import Metric
from outreach.programmes.queries import programme_by_id, years_of
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.ids import id_in_path
from outreach.shared.time import local_day
from outreach.web.templates import page

__all__ = ["ROUTES"]

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"public": True}
STAFF = {"staff": True}

#: Sessions on one page of the home, and of those without a record on the desk.
PER_PAGE, UNRECORDED_SHOWN = 12, 5


@get("/", opt=PUBLIC, include_in_schema=False)
async def home_page(
    request: AnyRequest,
    visitor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
    programme: TextAsked = "",
    page_number: PageNumber = 1,
) -> Response[Any]:
    """What is on next, and the released figures of the year."""
    with db.reading():
        everything = await upcoming_sessions(visitor, now, limit=PER_PAGE, offset=(page_number - 1) * PER_PAGE)
        keys = home.keys_of(everything.programmes)
        chosen = next((one for key, one in keys.items() if key == programme), None)
        shown = everything
        if chosen is not None:
            shown = await upcoming_sessions(
                visitor,
                now,
                programme_id=chosen.programme_ids[0],
                limit=PER_PAGE,
                offset=(page_number - 1) * PER_PAGE,
            )
        released = await home.released_progress(local_day(now).year, now)
    return page(
        request,
        "counting/home.html",
        programmes=keys,
        days=home.by_day(shown.sessions),
        total=sum(one.number for one in everything.programmes),
        programme=programme if chosen else "",
        paging=home.numbered(page_number, PER_PAGE, shown.total, programme if chosen else ""),
        released=released[0] if released else None,
        public_lines=home.public_lines(released[0].progress) if released else [],
        today=local_day(now),
        slot=lambda session: home.slot_of(session, now),
        nobody_yet=visitor is None and await nobody_yet(),
    )


@get("/progress", opt=PUBLIC, include_in_schema=False)
async def progress_page(request: AnyRequest, now: NamedDependency[datetime], year: YearAsked = None) -> Response[Any]:
    """The released figures of a year: neither pace nor forecast nor status."""
    with db.reading():
        years = sorted({one.year for one in await years_of(released=True)}, reverse=True)
        shown = year or (years[0] if years else local_day(now).year)
        released = await home.released_progress(shown, now)
    return page(request, "counting/progress.html", year=shown, years=years, released=released, promise_of=promise_of)


@get("/how-counted", opt=PUBLIC, include_in_schema=False)
async def how_counted_page(request: AnyRequest) -> Response[Any]:
    """The rules of counting in words, with the numbers that the formulas use."""
    return page(
        request,
        "counting/how_counted.html",
        kept=KEPT,
        prior_sessions=PRIOR_SESSIONS,
        prior_counts=PRIOR_COUNTS,
        draws=DRAWS,
        early_days=EARLY_DAYS,
        tolerance=DEFAULT_TOLERANCE_PERCENT,
        least_answers=LEAST_ANSWERS,
        prior_answers=PRIOR_ANSWERS,
        least_for_staff=LEAST_FOR_STAFF,
        least_to_show=LEAST_TO_SHOW,
        keep_names_months=request.app.state.settings.keep_names_months,
    )


@get("/desk", opt=STAFF, include_in_schema=False)
async def desk_page(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[date | None] = None,
) -> Response[Any]:
    """The year against its targets, what waits, and the week."""
    day = day_asked(as_of, now)
    progress = await progress_of_programmes(await desk_programmes(actor, day.year), day.year, day, now=now)
    unrecorded = SessionFilter(unrecorded=True, managed=True)
    monday, sunday = week_of(day)
    return page(
        request,
        "counting/desk.html",
        progress=progress,
        lines=programme_lines(progress.programmes),
        target_count=sum(len(one.targets) for one in progress.programmes),
        lede=year_news(progress.programmes) if progress.programmes else None,
        charts_shown=await _drawn(await curves_of(progress, riskiest(progress.programmes), now=now), now),
        waiting=await waiting_for(actor, now),
        to_tell=await counts_of(actor, now),
        first_steps=await first_steps(actor, now),
        unrecorded=await sessions_page(actor, unrecorded, now, limit=UNRECORDED_SHOWN),
        week=await sessions_of_days(actor, SessionFilter(managed=True), now, monday, sunday),
        monday=monday,
        sunday=sunday,
        day=day,
        is_today=day == local_day(now),
        elapsed=calendar_share(day.year, day),
        days_left=(date(day.year, 12, 31) - day).days,
    )


async def _charts(
    pairs: Sequence[Pair], day: date, now: datetime, *, within: str | None = None
) -> list[tuple[str, Any, str]]:
    """Those of ``_drawn``, of each target."""
    years = [await burn_up(programme.id, target.id, day, now=now, within=within) for programme, target in pairs]
    return await _drawn(years, now)


async def _drawn(years: Sequence[BurnUp], now: datetime) -> list[tuple[str, Any, str]]:
    """Heading, curves and advice."""
    if not years:
        return []
    open_ = await open_capacity(list({year.programme.id for year in years}), now)
    return [
        (
            finding(year.programme, year.target),
            burn_up_data(year),
            advice(year.target, year.year, year.as_of, open_.get(year.programme.id, NOTHING_OPEN)),
        )
        for year in years
    ]


@get("/desk/programmes/{programme_id:str}", opt=STAFF, include_in_schema=False)
async def programme_page(
    request: AnyRequest,
    programme_id: FromPath[str],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    as_of: FromQuery[date | None] = None,
    organisation: IdAsked = "",
) -> Response[Any]:
    """One programme, or what of it is at home in a part of the tree: its targets, its year as curves, its months."""
    programme = await programme_by_id(id_in_path(programme_id))
    if not may_read_progress(actor, programme.organisation_path):
        raise NotFoundError
    part = await target_pages.part_asked(actor, organisation)
    within = part.path if part else None
    default = min(local_day(now), date(programme.year, 12, 31))
    day = day_asked(as_of, now) if as_of else default
    progress = await programme_progress(programme.id, day, now=now, within=within)
    drawn = [(programme, one) for one in progress.targets if one.metric is not Metric.LECTURERS]
    of_part = str(part.id) if part else ""
    return page(
        request,
        "counting/programme.html",
        programme=programme,
        progress=progress,
        part=part,
        lines=programme_lines((progress,), links=False, sources=True, part=of_part),
        lede=year_news((progress,)) if progress.targets else None,
        charts_shown=await _charts(drawn, day, now, within=within),
        months=home.by_month(progress.months),
        month_hrefs={
            metric: sources_href(progress, target, of_part)
            for metric in (Metric.SESSIONS, Metric.VISITS)
            if (target := home.whole_target(progress.targets, metric)) is not None
        },
        day=day,
        may_change=may_change_programme(actor, programme.organisation_path),
    )


ROUTES = [
    home_page,
    progress_page,
    how_counted_page,
    desk_page,
    programme_page,
    *figures_pages.ROUTES,
    *target_pages.ROUTES,
]
