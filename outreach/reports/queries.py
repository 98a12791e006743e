"""What a report says: figures from ``counting`` and ``evaluation`` only, all read in one snapshot of the database."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from outreach.accounts.queries.organisations import organisation_by_id
from outreach.attendance.closing.queries import corrections_of_sessions
from outreach.attendance.queries import CorrectionRow
from outreach.counting.coverage.figures import Coverage, RampPoint
from outreach.counting.coverage.queries import coverage_of, ramp_of
from outreach.counting.figures import (
    BurnUp,
    CountedSession,
    DistrictFigure,
    ProgrammeProgress,
    TargetProgress,
    YearProgress,
)
from outreach.counting.months import Sum
from outreach.counting.queries import burn_up, part_progress, year_progress
from outreach.counting.scope import Ours
from outreach.evaluation.scorecard import Owner as ScoredOwner
from outreach.evaluation.scorecard import Scorecard, scorecard_of
from outreach.programmes.domain.targets import Counting, Metric
from outreach.programmes.queries import ProgrammeRow, programmes_of_year
from outreach.reports.domain.errors import NoProgrammesError
from outreach.reports.domain.periods import Period
from outreach.reports.listing import sessions_of
from outreach.reports.structure import Structure, structure_of
from outreach.reports.texts import NOTHING_WRITTEN, ReportTextRow, text_of
from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.shared.time import day_bounds

__all__ = [
    "Choice",
    "CorrectedFigure",
    "Owner",
    "ReportData",
    "anybody",
    "charted_target",
    "choices_of",
    "report_data",
    "report_years",
]

#: Says of an organisation's path whether the caller reads its figures.
Allowed = Callable[[str], bool]

#: Programmes that are drawn, and organisations below the owner whose programmes are scored.
_MOST_CHARTS, _MOST_SCORED = 12, 20


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
        as_of: the day at which all is cut; of a month or quarter no later than its end.
        progress: the targets at ``as_of``, from January on.
        before: the same on the day before the period begins; ``None`` for a year.
        part: the owner has no programmes of its own: those above it, and of them what is at home in its part of the
            tree. The promises are those of the whole, so that nothing is said about keeping them.
        burn_ups: the year of one target of each programme, sessions before visits before what is tallied.
        district_names: districts in the order of the owner's tree, then others; every one of ``districts`` is there.
        districts: of the period, like ``structure``.
        sessions: every session that adds to the figures of the period, by start, with what it adds; one that began
            before the period is ``carried``.
        corrections: every figure of them that was changed with a reason, the oldest first.
        coverage: ``None`` where the report is of one programme or of a part.
    """

    owner: Owner
    year: int
    as_of: date
    progress: YearProgress
    period: Period
    before: YearProgress | None = None
    part: bool = False
    programme_code: str | None = None
    burn_ups: tuple[BurnUp, ...] = ()
    district_names: tuple[str, ...] = ()
    districts: tuple[DistrictFigure, ...] = ()
    sessions: tuple[CountedSession, ...] = ()
    carried: frozenset[UUID] = frozenset()
    corrections: tuple[CorrectedFigure, ...] = ()
    structure: Structure | None = None
    coverage: Coverage | None = None
    ramp: tuple[RampPoint, ...] = ()
    scorecards: tuple[Scorecard, ...] = ()
    text: ReportTextRow = NOTHING_WRITTEN

    @property
    def notice_title(self) -> str:
        """The notice's title, or one made from year and owner."""
        return self.progress.title or f"{self.year}年{self.owner.name}实事项目"

    @property
    def title(self) -> str:
        """What the report is of: the notice's title, the period, and the programme where it is of one."""
        words = f"{self.notice_title}{self.period.name}"
        if self.part:
            words = f"{self.owner.name}{words}"
        if self.programme_code and self.programmes:
            words = f"{words}（{self.programmes[0].programme.name}）"
        return words

    @property
    def programmes(self) -> tuple[ProgrammeProgress, ...]:
        return self.progress.programmes

    @property
    def targets(self) -> list[TargetProgress]:
        """Of all programmes, in the notice's order."""
        return [target for programme in self.programmes for target in programme.targets]

    @property
    def is_final(self) -> bool:
        """Whether the year is over by the day asked for, so that nothing is left to forecast."""
        return self.as_of >= date(self.year, 12, 31)

    @property
    def whole(self) -> Sum:
        """All of the period."""
        return self.structure.whole if self.structure else Sum()

    def added(self, target: TargetProgress) -> float | None:
        """What the period added to a target; ``None`` where the figure does not add up over time."""
        if target.counting is Counting.LEVEL or target.metric is Metric.LECTURERS:
            return None
        if self.before is None:
            return target.actual
        earlier = (one for programme in self.before.programmes for one in programme.targets if one.id == target.id)
        found = next(earlier, None)
        return target.actual - (found.actual if found else 0)


async def report_data(
    *,
    year: int,
    as_of: date,
    organisation_code: str | None = None,
    programme_code: str | None = None,
    period: Period | None = None,
    allowed: Allowed = anybody,
    now: datetime | None = None,
) -> ReportData:
    """Read one report; names come in Chinese whatever the reader's language, as the document is.

    Args:
        organisation_code: ``None``: the highest organisation with programmes of that year that is ``allowed``. One
            without programmes of its own is told what the programmes above it brought to it.
        programme_code: leaves only programmes with this code.
        period: a month or quarter of ``year``; ``None``: the year.
        now: decides which sessions of ``as_of`` are past without a record; ``None``: the end of that day.

    Raises:
        NotFoundError: no such organisation, or none the caller may read.
        NoProgrammesError: there is nothing to report.
    """
    asked = period or Period(year)
    day = asked.cut(as_of)
    locale = current_locale.set(SOURCE_LOCALE)
    try:
        async with _snapshot():
            owner = await _owner(year, organisation_code, allowed)
            found = [one for one in await programmes_of_year(year) if programme_code in (None, "", one.code)]
            ours = _ours(owner, found)
            if not ours.all:
                raise NoProgrammesError(year=year)
            return await _read(owner, ours, asked, day, now or day_bounds(day, day)[1], programme_code or None)
    finally:
        current_locale.reset(locale)


def _ours(owner: Owner, programmes: list[ProgrammeRow]) -> Ours:
    below = tuple(one for one in programmes if one.organisation_path.startswith(owner.path))
    above = tuple(
        one
        for one in programmes
        if owner.path.startswith(one.organisation_path) and not one.organisation_path.startswith(owner.path)
    )
    return Ours(owner.path, below, above)


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
    return ReportData(
        owner=owner,
        year=period.year,
        as_of=as_of,
        progress=progress,
        period=period,
        before=before,
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


def charted_target(programme: ProgrammeProgress) -> TargetProgress | None:
    """Sessions are drawn; without them visits, then what is tallied; ``None``: nothing of it adds up over the year."""
    flowing = [one for one in programme.targets if one.counting is Counting.FLOW and one.value > 0]
    for metric in (Metric.SESSIONS, Metric.VISITS, Metric.COURSES, Metric.PEOPLE, Metric.TALLY):
        for one in flowing:
            if one.metric is metric:
                return one
    return None


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
