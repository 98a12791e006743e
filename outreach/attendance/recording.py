"""Writing a head-count inside an open transaction: staff's own, or a host's that the organiser confirms."""

from datetime import datetime
from uuid import UUID

from outreach.attendance.domain.errors import NotStartedError
from outreach.attendance.domain.headcounts import day_problems, headcount_problems
from outreach.attendance.queries import HeadcountRow, year_is_closed
from outreach.attendance.records import Figures, headcount_within, held_within, note_figures_within, store_within
from outreach.attendance.reported.settling import settle_reports_within
from outreach.bookings.orders.records import lock_order_of_session_within
from outreach.events.commands import locked_within
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState
from outreach.events.queries import SessionRow
from outreach.programmes.domain.errors import ClosedYearError
from outreach.shared.actors import Actor
from outreach.shared.errors import InvalidError, StaleError
from outreach.shared.time import local, local_day

__all__ = ["open_session_within", "put_headcount_within"]


async def open_session_within(actor: Actor, now: datetime, session_id: UUID) -> SessionRow:
    """The session, locked, if attendance may be recorded of it now; before it its order, which it may fulfil.

    Raises:
        NotFoundError, ForbiddenError, SessionStateError, NotStartedError, ClosedYearError: see ``put_headcount``.
    """
    await lock_order_of_session_within(session_id)
    session = await locked_within(actor, session_id)
    if session.state not in (SessionState.PUBLISHED, SessionState.HELD):
        raise SessionStateError(state=session.state)
    if now < session.starts_at:
        raise NotStartedError(starts_at=local(session.starts_at).isoformat())
    if await year_is_closed(session):
        raise ClosedYearError(year=local_day(session.starts_at).year)
    return session


async def put_headcount_within(
    actor: Actor, now: datetime, session: SessionRow, figures: Figures, *, revision: int | None = None
) -> HeadcountRow:
    """Write the head-count of one day; what units reported of it is confirmed or replaced by it.

    Args:
        session: from ``open_session_within``.
        revision: of the head-count that the caller read; ``None``: whatever it is.

    Raises:
        StaleError, InvalidError: see ``put_headcount``.
    """
    problems = day_problems(figures.on, session.starts_at, session.ends_at, local_day(now))
    problems += headcount_problems(figures.total, figures.workers, figures.breakdown)
    if problems:
        raise InvalidError(problems)
    before = await headcount_within(session.id, figures.on)
    if revision is not None and revision != (before.revision if before else 0):
        raise StaleError(revision=before.revision if before else 0)
    after = await store_within(actor, now, session.id, figures)
    await note_figures_within(actor, now, session, "headcount.recorded", before, after)
    await settle_reports_within(actor, now, session, after)
    if session.state == SessionState.PUBLISHED:
        await held_within(actor, now, session)
    return after
