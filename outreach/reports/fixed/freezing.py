"""What a snapshot keeps of a report's figures."""

from outreach.reports.data import ReportData
from outreach.reports.fixed.domain.figures import FixedFigures, FixedSession, FixedTarget
from outreach.shared.time import local_day

__all__ = ["figures_of", "sessions_of"]


def figures_of(data: ReportData) -> FixedFigures:
    """Every target as the report shows it, and its totals."""
    return FixedFigures(
        targets=tuple(
            FixedTarget(
                id=target.id,
                programme_id=one.programme.id,
                programme=one.programme.name,
                organisation=one.programme.organisation_name,
                key=target.key,
                label=target.label,
                wording=target.wording,
                unit=target.unit,
                bound=target.bound.value,
                tolerance_percent=target.tolerance_percent,
                value=target.value,
                actual=target.actual,
                added=data.added(target),
                total=target.total,
                planned=target.planned,
                pace=target.pace,
                percent=target.percent,
                forecast=target.forecast,
                forecast_low=target.forecast_low,
                forecast_high=target.forecast_high,
                status=target.status.value,
            )
            for one in data.programmes
            for target in one.targets
        ),
        programmes=len(data.programmes),
        sessions=len(data.sessions) - len(data.carried),
        visits=sum(one.visits or 0 for one in data.sessions),
        workers=sum(one.workers or 0 for one in data.sessions),
        unrecorded=data.progress.unrecorded,
    )


def sessions_of(data: ReportData) -> tuple[FixedSession, ...]:
    """Every session that was counted."""
    return tuple(
        FixedSession(
            id=one.id,
            programme_id=one.programme_id,
            on=local_day(one.starts_at),
            visits=one.visits,
            workers=one.workers,
        )
        for one in data.sessions
    )
