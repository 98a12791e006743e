"""What a report says: figures from ``counting`` and ``evaluation`` only, all read in one snapshot of the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.queries.organisations import organisation_by_id
from outreach.attendance.closing.queries import corrections_of_sessions
from outreach.counting.coverage.queries import coverage_of, ramp_of
from outreach.counting.figures import BurnUp, DistrictFigure, YearProgress
from outreach.counting.months import Sum
from outreach.counting.queries import burn_up, part_progress, year_progress
from outreach.counting.scope import Ours
from outreach.evaluation.scorecard import Owner as ScoredOwner
from outreach.evaluation.scorecard import Scorecard, scorecard_of
from outreach.programmes.queries import ProgrammeRow, programmes_of_year
from outreach.reports.choices import Allowed, owners_of
from outreach.reports.content.annexes import annexes
from outreach.reports.data import CorrectedFigure, Owner, ReportData, charted_target
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.domain.periods import Period
from outreach.reports.listing import sessions_of
from outreach.reports.structure import Structure, structure_of
from outreach.reports.texts import text_of
from outreach.shared import db
from outreach.shared.errors import NotFoundError, invalid
from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.shared.time import day_bounds, local_day

__all__ = [
    "Allowed",
    "CorrectedFigure",
    "Owner",
    "ReportData",
    "anybody",
    "report_data",
    "report_news",
]

#: Programmes that are drawn, and organisations below the owner whose programmes are scored.
_MOST_CHARTS, _MOST_SCORED = 12, 20


def anybody(path: str) -> bool:
    """For the keeper at the command line."""
    return True


async def report_data(
    *,
    year: int,
    as_of: date,
    organisation_code: str | None = None,
    programme_code: str | None = None,
    period: Period | None = None,
    allowed: Allowed = anybody,
    home_id: UUID | None = None,
    now: datetime | None = None,
) -> ReportData:
    """Read one report; names come in Chinese whatever the reader's language, as the document is.

    Args:
        organisation_code: ``None``: the highest organisation with programmes of that year that is ``allowed``, else
            ``home_id``. One without programmes of its own is told what the programmes above it brought to it.
        programme_code: leaves only programmes with this code.
        period: a month or quarter of ``year``; ``None``: the year.
        now: decides which sessions of ``as_of`` are past without a record; ``None``: the end of that day.

    Raises:
        InvalidError: ``as_of`` lies before the month or quarter.
        NotFoundError: no such organisation, or none the caller may read.
        NoProgrammesError: there is nothing to report.
    """
    asked = period or Period(year)
    if not asked.is_year and as_of < asked.since_on:
        raise invalid("as_of", "period-begins-later", since=asked.since_on.isoformat())
    day = asked.cut(as_of)
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        async with _snapshot():
            owner = await _owner(year, organisation_code, allowed, home_id)
            found = [one for one in await programmes_of_year(year) if programme_code in (None, "", one.code)]
            ours = _ours(owner, found)
            if not ours.all:
                raise NoProgrammesError(year=year)
            return await _read(owner, ours, asked, day, now or day_bounds(day, day)[1], programme_code or None)
    finally:
        current_locale.reset(locale)


async def report_news(*, year: int, as_of: date, allowed: Allowed, home_id: UUID | None, now: datetime) -> ReportData:
    """As much of the report of a whole year as its news needs (``wording.overall``): the targets and nothing else.

    Raises:
        NoProgrammesError: there is nothing to report.
    """
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        async with _snapshot():
            owner = await _owner(year, None, allowed, home_id)
            ours = _ours(owner, await programmes_of_year(year))
            if ours.own:
                progress = await _progress(replace(ours, above=()), False, year, as_of, now)
                return ReportData(owner=owner, year=year, as_of=as_of, progress=progress, period=Period(year))
    finally:
        current_locale.reset(locale)
    return await report_data(year=year, as_of=as_of, allowed=allowed, home_id=home_id, now=now)


def _ours(owner: Owner, programmes: list[ProgrammeRow]) -> Ours:
    below = tuple(one for one in programmes if one.organisation_path.startswith(owner.path))
    above = tuple(
        one
        for one in programmes
        if owner.path.startswith(one.organisation_path) and not one.organisation_path.startswith(owner.path)
    )
    return Ours(path=owner.path, own=below, above=above)


@asynccontextmanager
async def _snapshot() -> AsyncIterator[None]:
    """A signed page must agree with itself: all questions see the same moment, whatever is recorded meanwhile."""
    async with db.atomic() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


async def _owner(year: int, code: str | None, allowed: Allowed, home_id: UUID | None) -> Owner:
    if code:
        row = await db.row("SELECT id, code, name, path FROM accounts_organisation WHERE code = $1", code)
        if row is None or not allowed(row["path"]):
            raise NotFoundError
        return Owner(**row)
    for owner in await owners_of(year):
        if allowed(owner.path):
            return owner
    home = await db.row("SELECT id, code, name, path FROM accounts_organisation WHERE id = $1", home_id)
    if home is None:
        raise NoProgrammesError(year=year)
    return Owner(**home)


async def _progress(ours: Ours, part: bool, year: int, day: date, now: datetime) -> YearProgress:
    asked = part_progress if part else year_progress
    found = await asked(year, day, organisation_path=ours.path, now=now)
    ids = set(ours.ids)
    kept = tuple(one for one in found.programmes if one.programme.id in ids)
    return replace(found, programmes=kept, unrecorded=sum(one.unrecorded for one in kept))


async def _read(
    owner: Owner, ours: Ours, period: Period, as_of: date, now: datetime, programme_code: str | None
) -> ReportData:
    part = not ours.own
    counted = ours if part else replace(ours, above=())
    progress = await _progress(counted, part, period.year, as_of, now)
    before = None
    if not period.is_year:
        before = await _progress(counted, part, period.year, period.before_on, now)
    row = await organisation_by_id(owner.id)
    assert row is not None, "it was found in this snapshot"
    above = None if part or programme_code else replace(ours, own=())
    structure = await structure_of(row, counted, period, as_of, above=above)
    districts = _districts(structure, progress)
    sessions, carried = await sessions_of(counted, period, as_of)
    by_id = {one.id: one for one in sessions}
    whole = not part and programme_code is None
    coverage = await coverage_of(owner.id, year=period.year, as_of=as_of) if whole else None
    data = ReportData(
        owner=owner,
        year=period.year,
        as_of=as_of,
        progress=progress,
        period=period,
        before=before,
        ahead=as_of > local_day(now),
        part=part,
        programme_code=programme_code,
        burn_ups=() if part else await _burn_ups(progress, as_of, now),
        district_names=await _district_names(owner, districts),
        districts=districts,
        sessions=sessions,
        carried=carried,
        corrections=tuple(
            CorrectedFigure(by_id[one.session_id], one) for one in await corrections_of_sessions(list(by_id))
        ),
        structure=structure,
        coverage=coverage,
        ramp=tuple(await ramp_of(coverage)) if coverage else (),
        scorecards=() if part else await _scorecards(progress, as_of, now),
        text=await text_of(owner.id, period.year),
    )
    return replace(data, annexes=await annexes(data))


def _districts(structure: Structure, progress: YearProgress) -> tuple[DistrictFigure, ...]:
    """By 地点 and programme, in the order of the programmes; without a place last."""
    found: list[DistrictFigure] = []
    for name in sorted({one.district for one in structure.cells}, key=lambda one: (one == "", one)):
        for programme in progress.programmes:
            cells = [
                one for one in structure.cells if one.district == name and one.programme_id == programme.programme.id
            ]
            if cells:
                total = Sum.of(cells)
                found.append(
                    DistrictFigure(
                        district=name,
                        programme_id=programme.programme.id,
                        programme_name=programme.programme.name,
                        sessions=total.sessions,
                        visits=total.visits,
                        workers=total.workers,
                    )
                )
    return tuple(found)


async def _burn_ups(progress: YearProgress, as_of: date, now: datetime) -> tuple[BurnUp, ...]:
    charted = [target for one in progress.programmes if (target := charted_target(one)) is not None]
    return tuple([await burn_up(one.programme_id, one.id, as_of, now=now) for one in charted[:_MOST_CHARTS]])


async def _scorecards(progress: YearProgress, as_of: date, now: datetime) -> tuple[Scorecard, ...]:
    """Of every owner in the report, limited to the programmes in it."""
    rows = [one.programme for one in progress.programmes]
    owners = {
        one.organisation_id: ScoredOwner(one.organisation_id, "", one.organisation_name, one.organisation_path)
        for one in rows
    }
    ids = {one.id for one in rows}
    cards = [
        await scorecard_of(owner, year=progress.year, as_of=as_of, now=now)
        for owner in list(owners.values())[:_MOST_SCORED]
    ]
    return tuple(replace(card, items=tuple(one for one in card.items if one.programme.id in ids)) for card in cards)


async def _district_names(owner: Owner, districts: tuple[DistrictFigure, ...]) -> tuple[str, ...]:
    rows = await db.rows(
        """SELECT district FROM accounts_organisation
            WHERE starts_with(path, $1) AND district <> '' GROUP BY district
            ORDER BY min(length(path)), min(code)""",
        owner.path,
    )
    present = {one.district for one in districts}
    known = [row["district"] for row in rows if row["district"] in present]
    return (*known, *sorted(present - set(known), key=lambda name: (name == "", name)))
