"""What a report is made of: every figure in it, as the questions of ``queries`` found them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from outreach.attendance.queries import CorrectionRow
from outreach.counting.coverage.figures import Coverage, RampPoint
from outreach.counting.figures import (
    BurnUp,
    CountedSession,
    DistrictFigure,
    ProgrammeProgress,
    TargetProgress,
    YearProgress,
)
from outreach.counting.months import Sum
from outreach.evaluation.scorecard import Scorecard
from outreach.programmes.domain.targets import Counting, Metric
from outreach.reports.content.blocks import Annex
from outreach.reports.domain.periods import Period
from outreach.reports.structure import Structure
from outreach.reports.texts import NOTHING_WRITTEN, ReportTextRow

__all__ = ["CorrectedFigure", "Owner", "ReportData", "charted_target"]


@dataclass(frozen=True, slots=True)
class Owner:
    """The organisation that a report speaks for."""

    id: UUID
    code: str
    name: str
    path: str


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
        ahead: ``as_of`` had not come when this was read.
        part: the owner has no programmes of its own: those above it, and of them what is at home in its part of the
            tree. The promises are those of the whole, so that nothing is said about keeping them.
        burn_ups: the year of one target of each programme, sessions before visits before what is tallied.
        district_names: districts in the order of the owner's tree, then others; every one of ``districts`` is there.
        districts: of the period, like ``structure``.
        sessions: every session that adds to the figures of the period, by start, with what it adds; one that began
            before the period is ``carried``.
        corrections: every figure of them that was changed with a reason, the oldest first.
        annexes: what other features add, see ``content.annexes``.
        coverage: ``None`` where the report is of one programme or of a part.
    """

    owner: Owner
    year: int
    as_of: date
    progress: YearProgress
    period: Period
    before: YearProgress | None = None
    ahead: bool = False
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
    annexes: tuple[Annex, ...] = ()

    @property
    def notice_title(self) -> str:
        """The notice's title, or one made from year and owner."""
        return self.progress.title or f"{self.year}年{self.owner.name}实事项目"

    @property
    def title(self) -> str:
        """What the report is of: the notice's title, the programme where it is of one, and the period."""
        words = f"{self.owner.name}{self.notice_title}" if self.part else self.notice_title
        if self.programme_code and self.programmes:
            words = f"{words}（{self.programmes[0].programme.name}）"
        return f"{words}{self.period.name}"

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
        return self.as_of >= date(self.year, 12, 31) and not self.ahead

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


def charted_target(programme: ProgrammeProgress) -> TargetProgress | None:
    """Sessions are drawn; without them visits, then what is tallied; ``None``: nothing of it adds up over the year."""
    flowing = [one for one in programme.targets if one.counting is Counting.FLOW and one.value > 0]
    for metric in (Metric.SESSIONS, Metric.VISITS, Metric.COURSES, Metric.PEOPLE, Metric.TALLY):
        for one in flowing:
            if one.metric is metric:
                return one
    return None
