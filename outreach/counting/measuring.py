"""From facts to figures: what the formulas make of a year for each target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from uuid import UUID

from outreach.counting.facts import EntriesFact, Facts, PeopleFact, SessionsFact, VisitsFact
from outreach.counting.figures import (
    BurnUp,
    Cumulative,
    CumulativeForecast,
    MonthFigure,
    ProgrammeProgress,
    TargetProgress,
)
from outreach.programmes.domain.forecast import (
    KEPT,
    Forecast,
    KindFacts,
    carried_on,
    forecast_courses,
    forecast_sessions,
    forecast_visits,
    kept_chances,
)
from outreach.programmes.domain.pace import calendar_share, is_early, month_ends, pace_of
from outreach.programmes.domain.targets import Basis, Counting, Metric, least_value, percent, status_of
from outreach.programmes.queries import ProgrammeRow, TargetRow
from outreach.programmes.wording import target_name

__all__ = ["progress_of", "year_of_target"]


_MONTHS = range(1, 13)


_NOTHING = (0.0,) * 12


@dataclass(frozen=True, slots=True)
class _Measured:
    """A target's figures before the formulas: by month where the year's rhythm is known.

    ``plan_whole`` is 0 when the published plan is not yet large enough to keep the promise. ``ends`` are the forecasts
    for the ends of the months, empty where no session yields the figure; ``kept``: how likely a published session is
    held.
    """

    actual: float
    total: float | None = None
    planned: float = 0
    actual_by_month: Sequence[float] = _NOTHING
    planned_by_month: Sequence[float] = _NOTHING
    plan_due: float = 0
    plan_whole: float = 0
    plan_by_month: Sequence[float] = _NOTHING
    plan_in_units: bool = True
    ends: tuple[Forecast, ...] = ()
    kept: float = KEPT


def _by_month(pairs: Iterable[tuple[int, float]]) -> list[float]:
    months = [0.0] * 12
    for month, amount in pairs:
        months[month - 1] += amount
    return months


def _measure(target: TargetRow, facts: Facts, as_of: date) -> _Measured:
    match target.metric:
        case Metric.TALLY:
            return _measure_tallies(target, facts.tallies.get(target.id, []))
        case Metric.LECTURERS:
            return _Measured(facts.lecturers)
    kinds, seed = set(target.kinds), f"{target.key}/{as_of}"
    sessions = [row for row in facts.sessions if not kinds or row.kind in kinds]
    visits = [row for row in facts.visits if not kinds or row.kind in kinds]
    match target.metric:
        case Metric.PEOPLE:
            return _measure_people(facts.people.get(target.id, ()), sessions, seed)
        case Metric.SESSIONS:
            return _measure_sessions(sessions, seed)
        case Metric.VISITS:
            measured = _measure_visits(sessions, visits, target.basis, seed)
        case _:
            measured = _measure_courses(sessions, seed)
    return _with_rhythm(target, measured, sessions)


def _kinds(
    sessions: Sequence[SessionsFact], visits: Sequence[VisitsFact] = (), *, workers: bool = False
) -> list[KindFacts]:
    """What the forecast needs to know, by kind; planned are those of which nobody knows yet whether they were held."""
    return [
        KindFacts(
            held=sum(row.held for row in ours),
            lost=sum(row.lost for row in ours),
            planned=tuple(int(n) for n in _by_month((row.month, row.planned - row.later) for row in ours)),
            counted=sum(row.sessions for row in counted),
            visits=sum(row.workers if workers else row.total for row in counted),
            squares=sum(row.worker_squares if workers else row.squares for row in counted),
            seats=sum(row.seats for row in ours) / max(sum(row.planned - row.later for row in ours), 1),
        )
        for kind in sorted({row.kind for row in sessions})
        for ours in [[row for row in sessions if row.kind == kind]]
        for counted in [[row for row in visits if row.kind == kind]]
    ]


def _kept(kinds: Sequence[KindFacts]) -> float:
    """How likely a published session of these kinds takes place, on average over the planned ones."""
    planned = [sum(kind.planned) for kind in kinds]
    if not sum(planned):
        return KEPT
    return sum(n * chance for n, chance in zip(planned, kept_chances(kinds), strict=True)) / sum(planned)


def _measure_tallies(target: TargetRow, entries: Sequence[EntriesFact]) -> _Measured:
    if target.counting is Counting.FLOW:
        months = _by_month((entry.month, entry.added) for entry in entries if entry.month)
        return _Measured(sum(months), actual_by_month=months)
    # As a level the months carry the change since the one before, so that their sum is the latest.
    months, before = [0.0] * 12, 0.0
    for entry in entries:
        months[max(entry.month, 1) - 1] += entry.latest - before
        before = entry.latest
    return _Measured(before, actual_by_month=months)


def _measure_sessions(sessions: Sequence[SessionsFact], seed: str = "") -> _Measured:
    """``seed`` empty: nobody asks for the forecast."""
    actual, kinds = sum(row.held for row in sessions), _kinds(sessions)
    later = _by_month((row.month, row.later) for row in sessions)
    return _Measured(
        actual,
        ends=forecast_sessions(actual, kinds, sure=later) if seed else (),
        kept=_kept(kinds),
        planned=sum(row.planned for row in sessions),
        actual_by_month=_by_month((row.month, row.held) for row in sessions),
        planned_by_month=_by_month((row.month, row.planned) for row in sessions),
        plan_due=sum(row.plan_due for row in sessions),
        plan_whole=sum(row.plan_whole for row in sessions),
        plan_by_month=_by_month((row.month, row.plan_whole) for row in sessions),
    )


def _measure_visits(
    sessions: Sequence[SessionsFact], visits: Sequence[VisitsFact], basis: Basis, seed: str = ""
) -> _Measured:
    """A planned session is expected to bring what the counted ones brought on average; before any, its seats."""
    workers = basis is Basis.WORKERS
    done = [(row.month, row.workers if workers else row.total) for row in visits]
    later = [(row.month, row.later_workers if workers else row.later_total) for row in visits]
    counted = sum(row.sessions for row in visits)
    actual = sum(amount for _month, amount in done)
    open_by_month = [
        a - b
        for a, b in zip(
            _by_month((row.month, row.planned) for row in sessions),
            _by_month((row.month, row.later_sessions) for row in visits),
            strict=True,
        )
    ]
    expected = (
        [count * actual / counted for count in open_by_month]
        if counted
        else _by_month((row.month, row.seats) for row in sessions)
    )
    planned = [round(max(a, 0) + b) for a, b in zip(expected, _by_month(later), strict=True)]
    kinds = _kinds(sessions, visits, workers=workers)
    return _Measured(
        actual,
        ends=forecast_visits(actual, kinds, sure=_by_month(later), seed=seed) if seed else (),
        kept=_kept(kinds),
        total=sum(row.total for row in visits) if workers else None,
        planned=sum(planned),
        actual_by_month=_by_month(done),
        planned_by_month=planned,
    )


def _measure_people(people: Sequence[PeopleFact], sessions: Sequence[SessionsFact], seed: str) -> _Measured:
    """Each identity once, in the month of the first session.

    A session to come is taken to bring as many new people as one of the last three months with sessions did.
    """
    months = _by_month((row.month, row.people) for row in people)
    held = _by_month((row.month, row.held) for row in sessions)
    latest = [month for month in range(12) if held[month]][-3:]
    number, fresh = sum(held[month] for month in latest), sum(months[month] for month in latest)
    mean = fresh / number if number else 0.0
    spread = [_bringing(kind, int(number), mean) for kind in _kinds(sessions)]
    actual = sum(months)
    planned = _by_month((row.month, row.planned * mean) for row in sessions)
    return _Measured(
        actual,
        planned=round(sum(planned)),
        actual_by_month=months,
        planned_by_month=[round(amount) for amount in planned],
        ends=forecast_visits(actual, spread, seed=seed),
        kept=_kept(spread),
    )


def _bringing(kind: KindFacts, counted: int, mean: float) -> KindFacts:
    """The kind as if its sessions so far had brought ``mean`` each."""
    return replace(kind, counted=counted, visits=counted * mean, squares=counted * (mean * 1.2) ** 2, seats=0.0)


def _measure_courses(sessions: Sequence[SessionsFact], seed: str) -> _Measured:
    """A course counts once, in the first month in which one of its sessions was held, or is planned."""
    held = _first_months((row.event, row.month) for row in sessions if row.held)
    planned = _first_months((row.event, row.month) for row in sessions if row.planned and row.event not in held)
    kept = _kept(_kinds(sessions))
    to_come = [(month, sum(row.planned for row in sessions if row.event == event)) for event, month in planned.items()]
    return _Measured(
        len(held),
        planned=len(planned),
        actual_by_month=_by_month((month, 1) for month in held.values()),
        planned_by_month=_by_month((month, 1) for month in planned.values()),
        ends=forecast_courses(len(held), to_come, kept, seed=seed),
        kept=kept,
    )


def _first_months(pairs: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for event, month in pairs:
        found[event] = min(month, found.get(event, 12))
    return found


def _with_rhythm(target: TargetRow, measured: _Measured, sessions: Sequence[SessionsFact]) -> _Measured:
    """The rhythm of the published sessions for a figure in another unit, once what they should bring is enough."""
    least = least_value(target.bound, target.value, target.tolerance_percent)
    if measured.actual + measured.planned < least:
        return measured
    plan = _measure_sessions(sessions)
    return replace(
        measured,
        plan_due=plan.plan_due,
        plan_whole=plan.plan_whole,
        plan_by_month=plan.plan_by_month,
        plan_in_units=False,
    )


def _pace(target: TargetRow, measured: _Measured, share: float, due: float) -> float:
    return pace_of(
        target.value,
        target.bound,
        target.tolerance_percent,
        share=share,
        plan_due=due,
        plan_whole=measured.plan_whole,
        plan_in_units=measured.plan_in_units,
    )


def _target_progress(programme: ProgrammeRow, target: TargetRow, measured: _Measured, as_of: date) -> TargetProgress:
    share = calendar_share(programme.year, as_of, programme.quarter_shares)
    forecast = _forecast(target, measured, share)
    return TargetProgress(
        id=target.id,
        key=target.key,
        programme_id=programme.id,
        metric=target.metric,
        basis=target.basis,
        label=target_name(target.label, target.metric, target.basis, target.kinds or programme.kinds),
        wording=target.wording,
        unit=target.unit,
        bound=target.bound,
        counting=target.counting,
        value=target.value,
        tolerance_percent=target.tolerance_percent,
        kinds=target.kinds,
        ramp=target.ramp,
        actual=measured.actual,
        total=measured.total,
        planned=measured.planned,
        percent=percent(measured.actual, target.value),
        pace=_pace(target, measured, share, measured.plan_due),
        forecast=forecast.middle,
        forecast_low=forecast.low,
        forecast_high=forecast.high,
        too_early=_carries_on(target, measured) and is_early(programme.year, as_of),
        kept=measured.kept,
        status=status_of(
            target.bound,
            target.value,
            target.tolerance_percent,
            actual=measured.actual,
            forecast=forecast.middle,
            forecast_low=forecast.low,
        ),
    )


def _carries_on(target: TargetRow, measured: _Measured) -> bool:
    """Whether nothing but the rate so far tells where the year will end."""
    return not measured.ends and target.metric is not Metric.LECTURERS and target.counting is Counting.FLOW


def _forecast(target: TargetRow, measured: _Measured, share: float) -> Forecast:
    if measured.ends:
        return measured.ends[-1]
    if target.metric is Metric.LECTURERS:
        return Forecast(measured.actual, measured.actual, measured.actual)
    return carried_on(target.counting, actual=measured.actual, share=share, by_month=measured.actual_by_month)


def progress_of(programme: ProgrammeRow, targets: Sequence[TargetRow], facts: Facts, as_of: date) -> ProgrammeProgress:
    """The programme's targets in the order of the notice, and for one with sessions its months."""
    return ProgrammeProgress(
        programme=programme,
        year=programme.year,
        as_of=as_of,
        unrecorded=sum(row.unrecorded for row in facts.sessions),
        targets=tuple(_target_progress(programme, target, _measure(target, facts, as_of), as_of) for target in targets),
        months=tuple(_months(facts)) if programme.scheduled else (),
    )


def _months(facts: Facts) -> Iterable[MonthFigure]:
    """Sessions and everybody's visits, January to December."""
    for metric, measured in (
        (Metric.SESSIONS, _measure_sessions(facts.sessions)),
        (Metric.VISITS, _measure_visits(facts.sessions, facts.visits, Basis.ALL)),
    ):
        for month in _MONTHS:
            yield MonthFigure(month, metric, measured.actual_by_month[month - 1], measured.planned_by_month[month - 1])


def year_of_target(programme: ProgrammeRow, target: TargetRow, facts: Facts, as_of: date) -> BurnUp:
    """The cumulative curves of one target."""
    measured = _measure(target, facts, as_of)
    progress = _target_progress(programme, target, measured, as_of)
    ends = month_ends(programme.year)
    shares = [calendar_share(programme.year, end, programme.quarter_shares) for end in ends]
    due = list(accumulate(measured.plan_by_month))
    until = min(as_of, ends[-1])
    return BurnUp(
        programme=programme,
        target=progress,
        year=programme.year,
        as_of=as_of,
        actual=tuple(_actual_points(target, measured, until)) if as_of >= date(programme.year, 1, 1) else (),
        plan=tuple(
            Cumulative(end, _pace(target, measured, share, planned))
            for end, share, planned in zip(ends, shares, due, strict=True)
        ),
        forecast=tuple(_forecast_points(progress, measured, ends, as_of)),
    )


def _actual_points(target: TargetRow, measured: _Measured, until: date) -> Iterable[Cumulative]:
    if target.metric is not Metric.LECTURERS:
        for end, reached in zip(month_ends(until.year), accumulate(measured.actual_by_month), strict=True):
            if end < until:
                yield Cumulative(end, reached)
    yield Cumulative(until, measured.actual)


def _forecast_points(
    progress: TargetProgress, measured: _Measured, ends: Sequence[date], as_of: date
) -> Iterable[CumulativeForecast]:
    if as_of >= ends[-1]:
        return
    for end, forecast in zip(ends[:-1], measured.ends[:-1], strict=False):
        if end > as_of:
            yield CumulativeForecast(end, forecast.low, forecast.middle, forecast.high)
    yield CumulativeForecast(ends[-1], progress.forecast_low, progress.forecast, progress.forecast_high)
