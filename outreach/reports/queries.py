"""What a report says: figures from ``counting`` only, all of them read in one snapshot of the database."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from outreach.attendance.closing.queries import corrections_of_sessions
from outreach.attendance.queries import CorrectionRow
from outreach.counting.figures import (
    BurnUp,
    CountedSession,
    DistrictFigure,
    ProgrammeProgress,
    TargetProgress,
    YearProgress,
)
from outreach.counting.queries import burn_up, counted_sessions, district_table, year_progress
from outreach.programmes.domain.targets import Counting, Metric
from outreach.reports.domain.errors import NoProgrammesError
from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.shared.time import day_bounds

__all__ = ["Choice", "CorrectedFigure", "Owner", "ReportData", "anybody", "choices_of", "report_data", "report_years"]

#: Says of an organisation's path whether the caller reads its figures.
Allowed = Callable[[str], bool]

_MOST_CHARTS = 4


def anybody(path: str) -> bool:
    """For the keeper at the command line."""
    return True


@dataclass(frozen=True, slots=True)
class Owner:
    """The organisation that a report speaks for."""

    id: UUID
    code: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme that a report can be limited to."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CorrectedFigure:
    """A figure of a session in the report that was changed after the fact; values ``None``: not reported."""

    session: CountedSession
    correction: CorrectionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """Everything a report shows of ``owner`` and all below it.

    Attributes:
        burn_ups: the year of up to four targets, those counted in sessions first.
        district_names: districts in the order of the owner's tree, then others; every one of ``districts`` is there.
        sessions: every session that is in the figures, by start.
        corrections: every figure of them that was changed with a reason, the oldest first.
    """

    owner: Owner
    year: int
    as_of: date
    progress: YearProgress
    burn_ups: tuple[BurnUp, ...]
    district_names: tuple[str, ...]
    districts: tuple[DistrictFigure, ...]
    sessions: tuple[CountedSession, ...]
    corrections: tuple[CorrectedFigure, ...] = ()

    @property
    def title(self) -> str:
        """The notice's title, or one made from year and owner."""
        return self.progress.title or f"{self.year}年{self.owner.name}实事项目"

    @property
    def programmes(self) -> tuple[ProgrammeProgress, ...]:
        return self.progress.programmes

    @property
    def targets(self) -> list[TargetProgress]:
        """Of all programmes, in the notice's order."""
        return [target for programme in self.programmes for target in programme.targets]


async def report_data(
    *,
    year: int,
    as_of: date,
    organisation_code: str | None = None,
    programme_code: str | None = None,
    allowed: Allowed = anybody,
    now: datetime | None = None,
) -> ReportData:
    """Read one report; names come in Chinese whatever the reader's language, as the document is.

    Args:
        organisation_code: ``None``: the highest organisation with programmes of that year that is ``allowed``.
        programme_code: leaves only programmes with this code.
        now: decides which sessions of ``as_of`` are past without a record; ``None``: the end of that day.

    Raises:
        NotFoundError: no such organisation, or none the caller may read.
        NoProgrammesError: there is nothing to report.
    """
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        async with _snapshot():
            owner = await _owner(year, organisation_code, allowed)
            moment = now or day_bounds(as_of, as_of)[1]
            progress = await year_progress(year, as_of, organisation_path=owner.path, now=moment)
            if programme_code:
                progress = _only(progress, programme_code)
            if not progress.programmes:
                raise NoProgrammesError(year=year)
            return await _read(owner, progress, moment)
    finally:
        current_locale.reset(locale)


@asynccontextmanager
async def _snapshot() -> AsyncIterator[None]:
    """A signed page must agree with itself: all questions see the same moment, whatever is recorded meanwhile."""
    async with db.atomic() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


async def _owner(year: int, code: str | None, allowed: Allowed) -> Owner:
    if code:
        row = await db.row("SELECT id, code, name, path FROM accounts_organisation WHERE code = $1", code)
        if row is None or not allowed(row["path"]):
            raise NotFoundError
        return Owner(**row)
    for owner in await _owners(year):
        if allowed(owner.path):
            return owner
    raise NoProgrammesError(year=year)


async def _owners(year: int) -> list[Owner]:
    """Organisations with programmes of ``year``, the highest first."""
    rows = await db.rows(
        """SELECT o.id, o.code, o.name, o.path FROM accounts_organisation o
            WHERE EXISTS (SELECT 1 FROM programmes_programme p WHERE p.organisation = o.id AND p.year = $1)
            ORDER BY length(o.path), o.code""",
        year,
    )
    return [Owner(**row) for row in rows]


def _only(progress: YearProgress, code: str) -> YearProgress:
    kept = tuple(one for one in progress.programmes if one.programme.code == code)
    return replace(progress, programmes=kept, unrecorded=sum(one.unrecorded for one in kept))


async def _read(owner: Owner, progress: YearProgress, now: datetime) -> ReportData:
    year, as_of = progress.year, progress.as_of
    ours = {one.programme.id for one in progress.programmes}
    districts = [one for one in await district_table(year, as_of, owner.path) if one.programme_id in ours]
    sessions = [one for one in await counted_sessions(year, as_of, owner.path) if one.programme_id in ours]
    by_id = {one.id: one for one in sessions}
    corrected = await corrections_of_sessions(list(by_id))
    return ReportData(
        owner=owner,
        year=year,
        as_of=as_of,
        progress=progress,
        burn_ups=tuple([await burn_up(t.programme_id, t.id, as_of, now=now) for t in _charted(progress)]),
        district_names=await _district_names(owner, districts),
        districts=tuple(districts),
        sessions=tuple(sessions),
        corrections=tuple(CorrectedFigure(by_id[one.session_id], one) for one in corrected),
    )


def _charted(progress: YearProgress) -> list[TargetProgress]:
    """Sessions are drawn; where a report has none, visits, then what is tallied."""
    targets = [target for one in progress.programmes for target in one.targets if target.counting is Counting.FLOW]
    for metric in (Metric.SESSIONS, Metric.VISITS, Metric.TALLY):
        found = [target for target in targets if target.metric is metric and target.value > 0]
        if found:
            return found[:_MOST_CHARTS]
    return []


async def _district_names(owner: Owner, districts: list[DistrictFigure]) -> tuple[str, ...]:
    rows = await db.rows(
        """SELECT district FROM accounts_organisation
            WHERE starts_with(path, $1) AND district <> '' GROUP BY district
            ORDER BY min(length(path)), min(code)""",
        owner.path,
    )
    present = {one.district for one in districts}
    known = [row["district"] for row in rows if row["district"] in present]
    return (*known, *sorted(present - set(known), key=lambda name: (name == "", name)))


async def report_years(allowed: Allowed) -> list[int]:
    """Years with programmes that the caller reads, newest first."""
    rows = await db.rows(
        """SELECT DISTINCT p.year, o.path FROM programmes_programme p
             JOIN accounts_organisation o ON o.id = p.organisation"""
    )
    return sorted({row["year"] for row in rows if allowed(row["path"])}, reverse=True)


async def choices_of(year: int, allowed: Allowed) -> tuple[list[Owner], list[Choice]]:
    """Organisations and programmes that a report of ``year`` can be asked for."""
    owners = [owner for owner in await _owners(year) if allowed(owner.path)]
    rows = await db.rows(
        """SELECT DISTINCT ON (code) code, name, position FROM programmes_programme
            WHERE year = $1 AND organisation = ANY($2::uuid[]) ORDER BY code, position""",
        year,
        [owner.id for owner in owners],
    )
    programmes = [Choice(row["code"], row["name"]) for row in sorted(rows, key=lambda row: row["position"])]
    return owners, programmes
