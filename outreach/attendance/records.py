"""What commands do with attendance inside an open transaction. The session's row is locked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.attendance.queries import HeadcountRow, headcount_row
from outreach.bookings.orders.records import fulfil_order_within
from outreach.events.commands import release_rain_within
from outreach.events.domain.errors import SessionStateError
from outreach.events.domain.states import SessionState, move
from outreach.events.queries import SessionRow, session_by_id
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.ids import new_id

__all__ = ["Figures", "headcount_within", "held_within", "note_figures_within", "store_within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Visits of one day: ``workers`` None and a group that is missing in ``breakdown`` were not reported."""

    on: date
    total: int
    workers: int | None = None
    estimated: bool = False
    breakdown: Mapping[str, int] = field(default_factory=dict)


async def headcount_within(session_id: UUID, on: date) -> HeadcountRow | None:
    """The head-count of one day, if there is one."""
    found = await db.row('SELECT * FROM attendance_headcount WHERE session = $1 AND "on" = $2', session_id, on)
    return headcount_row(found) if found else None


async def store_within(actor: Actor, now: datetime, session_id: UUID, figures: Figures) -> HeadcountRow:
    """Write the head-count of one day, over one that is there."""
    stored = await db.row(
        """INSERT INTO attendance_headcount
                  (id, session, "on", total, workers, estimated, breakdown, recorded_by, recorded_at, revision)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)
           ON CONFLICT (session, "on") DO UPDATE
              SET total = $4, workers = $5, estimated = $6, breakdown = $7, recorded_by = $8, recorded_at = $9,
                  revision = attendance_headcount.revision + 1
           RETURNING *""",
        new_id(),
        session_id,
        figures.on,
        figures.total,
        figures.workers,
        figures.estimated,
        msgspec.json.encode(dict(figures.breakdown)).decode(),
        actor.person_id,
        now,
    )
    return headcount_row(stored)


async def note_figures_within(
    actor: Actor,
    now: datetime,
    session: SessionRow,
    action: str,
    before: HeadcountRow | Figures | None,
    after: HeadcountRow,
    reason: str = "",
) -> None:
    """The journal's line about figures: both of them; what people who were there by name came to is no head-count."""
    await note_within(
        actor,
        now,
        action,
        "session",
        session.id,
        organisation_id=session.organisation_id,
        reason=reason,
        facts={"on": after.on.isoformat(), "from": _figures_of(before), "to": _figures_of(after)},
    )


def _figures_of(row: HeadcountRow | Figures | None) -> dict[str, Any] | None:
    if row is None:
        return None
    said = {"total": row.total, "workers": row.workers, "estimated": row.estimated, "breakdown": dict(row.breakdown)}
    return {**said, "checked_in": True} if isinstance(row, Figures) else said


async def held_within(actor: Actor | None, now: datetime, session: SessionRow) -> None:
    """Published becomes held, its rain date free and its order fulfilled; the state is compared in the write."""
    move(SessionState(session.state), SessionState.HELD)
    done = await db.execute(
        """UPDATE events_session SET state = 'held', held_at = $3, revision = revision + 1, revised_at = $3
            WHERE id = $1 AND state = $2""",
        session.id,
        session.state,
        now,
    )
    if not done:
        raise SessionStateError(state=(await session_by_id(session.id)).state)
    await release_rain_within(session.id)
    await note_within(
        actor,
        now,
        "session.held",
        "session",
        session.id,
        organisation_id=session.organisation_id,
        from_state=session.state,
        to_state=SessionState.HELD.value,
    )
    await fulfil_order_within(actor, now, session.id)
