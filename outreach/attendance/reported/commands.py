"""Report figures as a unit; confirm them as the organiser."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.attendance.domain.errors import NotStartedError
from outreach.attendance.domain.headcounts import day_problems, headcount_problems
from outreach.attendance.queries import HeadcountRow, year_is_closed
from outreach.attendance.recording import open_session_within, put_headcount_within
from outreach.attendance.records import Figures
from outreach.attendance.reported.domain.errors import (
    CorrectInsteadError,
    NothingToConfirmError,
    ReportClosedError,
)
from outreach.attendance.reported.domain.reports import ReportState, Said
from outreach.attendance.reported.queries import DayOfReports, ReportRow, reports_of
from outreach.attendance.reported.settling import figures_of, report_facts
from outreach.bookings.domain.afterwards import TOOK_PART, chosen_unit, reporting_units
from outreach.bookings.queries import BookingRow, readable_session
from outreach.bookings.records import lock_session_within
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState
from outreach.events.queries import SessionRow
from outreach.notifications.outbox import enqueue_within
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import InvalidError, StaleError
from outreach.shared.ids import new_id
from outreach.shared.time import local, local_day

__all__ = ["confirm_reports", "report_headcount", "units_to_report"]


def units_to_report(actor: Actor, session: SessionRow, own: list[BookingRow]) -> list[UUID]:
    """The organisations for which the actor reports the session's figures; ``own``: the actor's bookings of it."""
    return reporting_units(actor, session.host_id, [one.organisation_id for one in own if one.state in TOOK_PART])


async def report_headcount(
    actor: Actor,
    now: datetime,
    *,
    session_id: UUID,
    figures: Figures,
    remark: str = "",
    organisation_id: UUID | None = None,
) -> ReportRow:
    """Say what came of one day: the host of all, a unit of a session without a host of its own people.

    It counts nothing until the organiser confirms it. Said again it takes the place of what was said before and waits
    again; the same figures again change nothing.

    Args:
        organisation_id: in whose name, where the actor speaks for several.

    Raises:
        NotFoundError, ForbiddenError: not the caller's.
        ReportClosedError: the session is closed.
        SessionStateError: it is neither published nor held.
        NotStartedError: it has not begun.
        ClosedYearError: its year is closed.
        InvalidError: names every bad field.
    """
    async with atomic():
        await lock_session_within(session_id)
        session, own = await readable_session(actor, session_id)
        unit = chosen_unit(units_to_report(actor, session, own), organisation_id)
        await _refuse_unless_open(session, now)
        problems = day_problems(figures.on, session.starts_at, session.ends_at, local_day(now))
        problems += headcount_problems(figures.total, figures.workers, figures.breakdown)
        if problems:
            raise InvalidError(problems)
        said = Said(figures.total, figures.workers, figures.estimated, dict(figures.breakdown))
        before = await _report_of(session_id, figures.on, unit)
        remark = remark.strip()
        if before is not None and before.said == said and before.remark == remark and before.state != "replaced":
            return before
        await _store_within(actor, now, session_id, figures.on, unit, said, remark)
        after = await _report_of(session_id, figures.on, unit)
        assert after is not None  # written just now
        await _tell_within(actor, now, session, before, after)
    return after


async def _refuse_unless_open(session: SessionRow, now: datetime) -> None:
    if session.state == SessionState.CLOSED:
        raise ReportClosedError
    if session.state not in (SessionState.PUBLISHED, SessionState.HELD):
        raise SessionStateError(state=session.state)
    if now < session.starts_at:
        raise NotStartedError(starts_at=local(session.starts_at).isoformat())
    if await year_is_closed(session):
        raise ClosedYearError(year=local_day(session.starts_at).year)


async def _report_of(session_id: UUID, on: date, organisation_id: UUID) -> ReportRow | None:
    reports = await reports_of(session_id, on=on)
    return next((one for one in reports if one.organisation_id == organisation_id), None)


async def _store_within(
    actor: Actor, now: datetime, session_id: UUID, on: date, organisation_id: UUID, said: Said, remark: str
) -> None:
    await db.execute(
        """INSERT INTO attendance_report
                  (id, session, "on", organisation, total, workers, estimated, breakdown, remark, reported_by,
                   reported_at, state, revision)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)
           ON CONFLICT (session, "on", organisation) DO UPDATE
              SET total = $5, workers = $6, estimated = $7, breakdown = $8, remark = $9, reported_by = $10,
                  reported_at = $11, state = $12, settled_at = NULL, revision = attendance_report.revision + 1""",
        new_id(),
        session_id,
        on,
        organisation_id,
        said.total,
        said.workers,
        said.estimated,
        msgspec.json.encode(dict(said.breakdown)).decode(),
        remark,
        actor.person_id,
        now,
        ReportState.REPORTED.value,
    )


async def _tell_within(
    actor: Actor, now: datetime, session: SessionRow, before: ReportRow | None, after: ReportRow
) -> None:
    await note_within(
        actor,
        now,
        "headcount.reported",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        facts={
            "organisation": after.organisation_name,
            "on": after.on.isoformat(),
            "from": figures_of(before.said) if before else None,
            "to": figures_of(after.said),
        },
    )
    await enqueue_within(
        "headcount-reported",
        now,
        object_kind="session",
        object_id=session.id,
        organisation_id=session.organisation_id,
        facts={**report_facts(session, after.on), "organisation": after.organisation_name, "visits": after.total},
    )


async def confirm_reports(
    actor: Actor, now: datetime, *, session_id: UUID, on: date, revision: int | None = None
) -> HeadcountRow:
    """Make what was reported of a day its head-count: the host's figures, without a host those of all units added up.

    Args:
        revision: ``DayOfReports.revision`` as the caller saw it; ``None``: whatever waits.

    Raises:
        NotFoundError, ForbiddenError: not the caller's session.
        CorrectInsteadError: it is closed.
        SessionStateError, NotStartedError, ClosedYearError: see ``put_headcount``.
        NothingToConfirmError: nothing of that day waits (any more).
        StaleError: a unit has said something else since.
        InvalidError: the figures do not fit.
    """
    async with atomic():
        try:
            session = await open_session_within(actor, now, session_id)
        except SessionStateError as error:
            if error.facts.get("state") == SessionState.CLOSED:
                raise CorrectInsteadError from None
            raise
        day = DayOfReports(on, tuple(await reports_of(session_id, on=on)), session.host_id)
        if not day.waits:
            raise NothingToConfirmError
        if revision is not None and revision != day.revision:
            raise StaleError(revision=day.revision)
        said = day.proposed
        figures = Figures(
            on=on, total=said.total, workers=said.workers, estimated=said.estimated, breakdown=said.breakdown
        )
        return await put_headcount_within(actor, now, session, figures)
