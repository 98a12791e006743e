"""What becomes of reported figures when the head-count is written, corrected, or the session closed.

The session's row is locked by the caller.
"""

from datetime import date, datetime
from typing import Any

from outreach.accounts.journal import note_within
from outreach.attendance.queries import HeadcountRow
from outreach.attendance.reported.domain.reports import ReportState, Said, settled
from outreach.attendance.reported.queries import ReportRow, days_of_reports, reports_of
from outreach.events.queries import SessionRow
from outreach.notifications.outbox import enqueue_within
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local

__all__ = ["drop_reports_within", "figures_of", "report_facts", "settle_reports_within"]


async def settle_reports_within(actor: Actor | None, now: datetime, session: SessionRow, counted: HeadcountRow) -> None:
    """Hold what was reported of a day against its head-count: confirmed or replaced; the units are told.

    What was confirmed earlier and is corrected now is replaced, too. Both figures stand in the journal.
    """
    figures = Said(counted.total, counted.workers, counted.estimated, counted.breakdown)
    for day in days_of_reports(await reports_of(session.id, on=counted.on), session.host_id):
        to = settled(day.proposed, figures)
        for one in day.reports:
            if one.state != to:
                await _move_within(actor, now, session, one, to, figures)


async def drop_reports_within(actor: Actor, now: datetime, session: SessionRow) -> None:
    """The session is being closed: what still waits is not used; the units are told."""
    for one in await reports_of(session.id):
        if one.waits:
            await _move_within(actor, now, session, one, ReportState.REPLACED, None)


async def _move_within(
    actor: Actor | None, now: datetime, session: SessionRow, one: ReportRow, to: ReportState, counted: Said | None
) -> None:
    await db.execute(
        "UPDATE attendance_report SET state = $2, settled_at = $3, revision = revision + 1 WHERE id = $1",
        one.id,
        to.value,
        now,
    )
    confirmed = to is ReportState.CONFIRMED
    await note_within(
        actor,
        now,
        "headcount.report_confirmed" if confirmed else "headcount.report_replaced",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        facts={
            "organisation": one.organisation_name,
            "on": one.on.isoformat(),
            "reported": figures_of(one.said),
            "to": figures_of(counted) if counted else None,
        },
    )
    facts = report_facts(session, one.on)
    if confirmed:
        kind, facts = "headcount-confirmed", {**facts, "visits": one.total}
    elif counted is not None:
        kind, facts = "headcount-changed", {**facts, "visits": counted.total, "reported": one.total}
    else:
        kind, facts = "headcount-unused", {**facts, "reported": one.total}
    await enqueue_within(
        kind, now, object_kind="report", object_id=one.id, organisation_id=one.organisation_id, facts=facts
    )


def report_facts(session: SessionRow, on: date) -> dict[str, Any]:
    """What a message about reported figures says; for several days the day stands in ``on``."""
    return {
        "session_id": str(session.id),
        "title": session.title,
        "starts_at": local(session.starts_at).isoformat(),
        "ends_at": local(session.ends_at).isoformat(),
        "on": on.isoformat(),
    }


def figures_of(said: Said) -> dict[str, Any]:
    """Figures for the journal."""
    return {
        "total": said.total,
        "workers": said.workers,
        "estimated": said.estimated,
        "breakdown": dict(said.breakdown),
    }
