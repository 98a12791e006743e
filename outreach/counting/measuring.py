"""From rows to figures: what the database says of a year, and what the formulas make of it for each target."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import accumulate
from uuid import UUID

from outreach.counting.figures import (
    BurnUp,
    Cumulative,
    CumulativeForecast,
    MonthFigure,
    ProgrammeProgress,
    TargetProgress,
)
from outreach.programmes.domain.forecast import KEPT, KEPT_AT_BEST, KEPT_AT_WORST, forecast_of
from outreach.programmes.domain.pace import calendar_share, month_ends, pace_of
from outreach.programmes.domain.targets import Basis, Counting, Metric, least_value, percent, status_of
from outreach.programmes.queries import ProgrammeRow, TargetRow
from outreach.programmes.wording import target_name
from outreach.shared import db
from outreach.shared.time import day_bounds, year_bounds

__all__ = ["Facts", "facts_of", "progress_of", "year_of_target"]

_MONTHS = range(1, 13)
_NOTHING = (0.0,) * 12


@dataclass(frozen=True, slots=True)
class _Sessions:
    """Sessions of one menu item and kind in one month."""

    kind: str
    event: UUID
    month: int
    held: int
    planned: int
    unrecorded: int
    plan_due: int
    plan_whole: int
    seats: int


@dataclass(frozen=True, slots=True)
class _Visits:
    """Head-counts of one kind in one month; ``later`` ones lie after the day asked for."""

    kind: str
    month: int
    total: int
    workers: int
    sessions: int
    later_total: int
    later_workers: int
    later_sessions: int


@dataclass(frozen=True, slots=True)
class _Entries:
    """Tallies of one target in one month; month 0 is before the year."""

    month: int
    added: float
    latest: float


@dataclass(slots=True)
class Facts:
    """What the database says of one programme."""

    sessions: list[_Sessions] = field(default_factory=list)
    visits: list[_Visits] = field(default_factory=list)
    tallies: dict[UUID, list[_Entries]] = field(default_factory=lambda: defaultdict(list))
    lecturers: int = 0


async def facts_of(programme_ids: Sequence[UUID], year: int, as_of: date, now: datetime) -> dict[UUID, Facts]:
    """Facts by programme: four statements, however many programmes and sessions there are."""
    ids = list(programme_ids)
    found = {programme_id: Facts() for programme_id in ids}
    await _read_sessions(found, ids, year, as_of, now)
    await _read_visits(found, ids, year, as_of)
    await _read_tallies(found, ids, year, as_of)
    for row in await db.rows(
        """SELECT e.programme, count(DISTINCT r.id)::int AS lecturers
             FROM events_event e JOIN events_event_provider ep ON ep.event = e.id
             JOIN events_provider r ON r.id = ep.provider AND r.kind = 'lecturer' AND r.active
            WHERE e.programme = ANY($1::uuid[]) GROUP BY e.programme""",
        ids,
    ):
        found[row["programme"]].lecturers = row["lecturers"]
    return found


async def _read_sessions(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date, now: datetime) -> None:
    first, last = year_bounds(year)
    tomorrow = day_bounds(as_of, as_of)[1]
    rows = await db.rows(
        """
        SELECT s.programme, s.kind, s.event, extract(month FROM timezone('Asia/Shanghai', s.starts_at))::int AS month,
               count(*) FILTER (WHERE s.state IN ('held', 'closed') AND s.starts_at < $4)::int AS held,
               count(*) FILTER (WHERE s.state IN ('published', 'held', 'closed') AND s.starts_at >= $4)::int AS planned,
               count(*) FILTER (WHERE s.state = 'published' AND s.ends_at <= $5)::int AS unrecorded,
               count(*) FILTER (WHERE s.starts_at < $4)::int AS plan_due,
               count(*)::int AS plan_whole,
               coalesce(sum(s.capacity) FILTER (WHERE s.state = 'published' AND s.starts_at >= $4), 0)::int AS seats
          FROM events_session s
         WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
           AND (s.state IN ('published', 'held', 'closed') OR s.state = 'cancelled' AND s.published_at IS NOT NULL)
         GROUP BY s.programme, s.kind, s.event, month
        """,
        ids,
        first,
        last,
        tomorrow,
        min(now, tomorrow),
    )
    for row in rows:
        found[row["programme"]].sessions.append(_Sessions(*list(row.values())[1:]))


async def _read_visits(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date) -> None:
    first, last = year_bounds(year)
    rows = await db.rows(
        """
        WITH ours AS (
            SELECT s.id, s.programme, s.kind, s.starts_at < $4 AS begun
              FROM events_session s
             WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
               AND s.state IN ('held', 'closed')
        ), visits AS (
            SELECT h.session, extract(month FROM greatest(least(h."on", $6), $5))::int AS month, h."on" <= $7 AS done,
                   sum(h.total) AS total, coalesce(sum(h.workers), 0) AS workers
              FROM attendance_headcount h WHERE h.session IN (SELECT id FROM ours)
             GROUP BY 1, 2, 3
        )
        SELECT o.programme, o.kind, v.month,
               coalesce(sum(v.total) FILTER (WHERE o.begun AND v.done), 0)::int AS total,
               coalesce(sum(v.workers) FILTER (WHERE o.begun AND v.done), 0)::int AS workers,
               count(DISTINCT v.session) FILTER (WHERE o.begun AND v.done)::int AS sessions,
               coalesce(sum(v.total) FILTER (WHERE NOT (o.begun AND v.done)), 0)::int AS later_total,
               coalesce(sum(v.workers) FILTER (WHERE NOT (o.begun AND v.done)), 0)::int AS later_workers,
               count(DISTINCT v.session) FILTER (WHERE NOT o.begun)::int AS later_sessions
          FROM visits v JOIN ours o ON o.id = v.session
         GROUP BY o.programme, o.kind, v.month
        """,
        ids,
        first,
        last,
        day_bounds(as_of, as_of)[1],
        date(year, 1, 1),
        date(year, 12, 31),
        as_of,
    )
    for row in rows:
        found[row["programme"]].visits.append(_Visits(*list(row.values())[1:]))


async def _read_tallies(found: dict[UUID, Facts], ids: list[UUID], year: int, as_of: date) -> None:
    rows = await db.rows(
        """
        SELECT t.programme, y.target, CASE WHEN y."on" < $2 THEN 0 ELSE extract(month FROM y."on")::int END AS month,
               sum(y.quantity) AS added,
               (array_agg(y.quantity ORDER BY y."on" DESC, y.created_at DESC, y.id DESC))[1] AS latest
          FROM programmes_tally y JOIN programmes_target t ON t.id = y.target
         WHERE t.programme = ANY($1::uuid[]) AND y."on" <= $3
         GROUP BY t.programme, y.target, 3
         ORDER BY 3
        """,
        ids,
        date(year, 1, 1),
        min(as_of, date(year, 12, 31)),
    )
    for row in rows:
        found[row["programme"]].tallies[row["target"]].append(_Entries(row["month"], row["added"], row["latest"]))


# --- one target ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Measured:
    """A target's figures before the formulas: by month where the year's rhythm is known.

    ``plan_whole`` is 0 when the published plan is not yet large enough to keep the promise.
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


def _by_month(pairs: Iterable[tuple[int, float]]) -> list[float]:
    months = [0.0] * 12
    for month, amount in pairs:
        months[month - 1] += amount
    return months


def _measure(target: TargetRow, facts: Facts) -> _Measured:
    match target.metric:
        case Metric.TALLY:
            return _measure_tallies(target, facts.tallies.get(target.id, []))
        case Metric.LECTURERS:
            return _Measured(facts.lecturers)
        case Metric.PEOPLE:
            # Identities come with named attendees; head-counts know none.
            return _Measured(0)
    kinds = set(target.kinds)
    sessions = [row for row in facts.sessions if not kinds or row.kind in kinds]
    if target.metric is Metric.SESSIONS:
        return _measure_sessions(sessions)
    measured = (
        _measure_visits(sessions, [row for row in facts.visits if not kinds or row.kind in kinds], target.basis)
        if target.metric is Metric.VISITS
        else _measure_courses(sessions)
    )
    return _with_rhythm(target, measured, sessions)


def _measure_tallies(target: TargetRow, entries: Sequence[_Entries]) -> _Measured:
    if target.counting is Counting.FLOW:
        months = _by_month((entry.month, entry.added) for entry in entries if entry.month)
        return _Measured(sum(months), actual_by_month=months)
    # As a level the months carry the change since the one before, so that their sum is the latest.
    months, before = [0.0] * 12, 0.0
    for entry in entries:
        months[max(entry.month, 1) - 1] += entry.latest - before
        before = entry.latest
    return _Measured(before, actual_by_month=months)


def _measure_sessions(sessions: Sequence[_Sessions]) -> _Measured:
    return _Measured(
        sum(row.held for row in sessions),
        planned=sum(row.planned for row in sessions),
        actual_by_month=_by_month((row.month, row.held) for row in sessions),
        planned_by_month=_by_month((row.month, row.planned) for row in sessions),
        plan_due=sum(row.plan_due for row in sessions),
        plan_whole=sum(row.plan_whole for row in sessions),
        plan_by_month=_by_month((row.month, row.plan_whole) for row in sessions),
    )


def _measure_visits(sessions: Sequence[_Sessions], visits: Sequence[_Visits], basis: Basis) -> _Measured:
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
    return _Measured(
        actual,
        total=sum(row.total for row in visits) if workers else None,
        planned=sum(planned),
        actual_by_month=_by_month(done),
        planned_by_month=planned,
    )


def _measure_courses(sessions: Sequence[_Sessions]) -> _Measured:
    """A course counts once, in the first month in which one of its sessions was held, or is planned."""
    held = _first_months((row.event, row.month) for row in sessions if row.held)
    planned = _first_months((row.event, row.month) for row in sessions if row.planned and row.event not in held)
    return _Measured(
        len(held),
        planned=len(planned),
        actual_by_month=_by_month((month, 1) for month in held.values()),
        planned_by_month=_by_month((month, 1) for month in planned.values()),
    )


def _first_months(pairs: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for event, month in pairs:
        found[event] = min(month, found.get(event, 12))
    return found


def _with_rhythm(target: TargetRow, measured: _Measured, sessions: Sequence[_Sessions]) -> _Measured:
    """The rhythm of the published sessions for a figure in another unit, once what they should bring is enough."""
    least = least_value(target.bound, target.value, target.tolerance_percent)
    if measured.actual + measured.planned < least:
        return measured
    plan = _measure_sessions(sessions)
    return _Measured(
        measured.actual,
        total=measured.total,
        planned=measured.planned,
        actual_by_month=measured.actual_by_month,
        planned_by_month=measured.planned_by_month,
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
    forecast = forecast_of(
        target.metric, target.counting, actual=measured.actual, planned=measured.planned, share=share
    )
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
        actual=measured.actual,
        total=measured.total,
        planned=measured.planned,
        percent=percent(measured.actual, target.value),
        pace=_pace(target, measured, share, measured.plan_due),
        forecast=forecast.middle,
        forecast_low=forecast.low,
        forecast_high=forecast.high,
        status=status_of(
            target.bound,
            target.value,
            target.tolerance_percent,
            actual=measured.actual,
            forecast=forecast.middle,
            forecast_low=forecast.low,
        ),
    )


# --- one programme ---------------------------------------------------------------------------------------------------


def progress_of(programme: ProgrammeRow, targets: Sequence[TargetRow], facts: Facts, as_of: date) -> ProgrammeProgress:
    """The programme's targets in the order of the notice, and for one with sessions its months."""
    return ProgrammeProgress(
        programme=programme,
        year=programme.year,
        as_of=as_of,
        unrecorded=sum(row.unrecorded for row in facts.sessions),
        targets=tuple(_target_progress(programme, target, _measure(target, facts), as_of) for target in targets),
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
    measured = _measure(target, facts)
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
    if progress.metric.comes_from_sessions:
        for end, planned in zip(ends[:-1], accumulate(measured.planned_by_month[:-1]), strict=True):
            if end > as_of:
                low, middle, high = (measured.actual + part * planned for part in (KEPT_AT_WORST, KEPT, KEPT_AT_BEST))
                yield CumulativeForecast(end, low, middle, high)
    yield CumulativeForecast(ends[-1], progress.forecast_low, progress.forecast, progress.forecast_high)
