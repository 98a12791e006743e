"""Closing a year, and opening it again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.accounts.journal import note_within
from outreach.attendance.commands import close_session
from outreach.counting.closed_years import keep_lecturers_within, release_lecturers_within
from outreach.counting.figures import YearProgress
from outreach.counting.queries import counted_sessions, progress_of_programmes
from outreach.programmes.queries import programmes_of_year
from outreach.reports.years.domain.errors import YearStateError
from outreach.reports.years.queries import ClosedTarget, YearToClose, open_items, own_year
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.db import atomic
from outreach.shared.errors import ForbiddenError, NotFoundError, OutreachError, invalid
from outreach.shared.i18n import SOURCE_LOCALE, current_locale
from outreach.shared.text import clean_line
from outreach.shared.time import local_day, year_bounds

__all__ = ["AT_ONCE", "HeldClosed", "close_held", "close_year", "own_progress", "own_totals", "reopen_year"]

#: Sessions that one request closes, one after the other.
AT_ONCE = 200


async def own_progress(year: YearToClose, now: datetime) -> YearProgress:
    """The figures of exactly this organisation's programmes, at the end of the year or today."""
    as_of = min(local_day(now), date(year.year, 12, 31))
    found = await programmes_of_year(year.year, year.organisation_path)
    ours = [one for one in found if one.organisation_id == year.organisation_id]
    return await progress_of_programmes(ours, year.year, as_of, now=now)


async def own_totals(year: YearToClose, progress: YearProgress) -> tuple[int, int]:
    """Sessions and visits in these figures."""
    ours = {one.programme.id for one in progress.programmes}
    counted = await counted_sessions(year.year, progress.as_of, year.organisation_path)
    sessions = [one for one in counted if one.programme_id in ours]
    return len(sessions), sum(one.visits or 0 for one in sessions)


async def close_year(actor: Actor, now: datetime, *, organisation_id: UUID, year: int, reason: str = "") -> YearToClose:
    """Close a year: from now on its figures change by a correction with a reason only.

    What is written at the same moment is either in the figures or refused: who writes holds the year open until the
    commit, and closing waits for it.

    Args:
        reason: why, where something is open.

    Raises:
        NotFoundError: no such year, or the actor does not run the organisation.
        YearStateError: it is closed already.
        InvalidError: something is open and there is no ``reason``; the ``year`` has not begun.
    """
    why = clean_line(reason)
    async with atomic():
        before = await own_year(actor, organisation_id, year)
        # Alone: waits for all who write figures of it, and they wait for us.
        state = await db.value("SELECT state FROM programmes_year WHERE id = $1 FOR UPDATE", before.id)
        if state == "closed":
            raise YearStateError(year=year, state=state)
        if year > local_day(now).year:
            raise invalid("year", "year-to-come", year=year)
        items = await open_items(organisation_id, year, now)
        if items and not why:
            raise invalid("reason", "open-needs-reason")
        await keep_lecturers_within(organisation_id, year)
        facts = await _figures_within(before, now)
        facts["open"] = {one.kind.value: one.count for one in items}
        await db.execute("UPDATE programmes_year SET state = 'closed', closed_at = $2 WHERE id = $1", before.id, now)
        await note_within(
            actor,
            now,
            "year.closed",
            "year",
            before.id,
            organisation_id=organisation_id,
            from_state="year-open",
            to_state="year-closed",
            reason=why,
            facts=facts,
        )
        return await own_year(actor, organisation_id, year)


async def _figures_within(year: YearToClose, now: datetime) -> dict[str, Any]:
    locale = current_locale.set(SOURCE_LOCALE)  # the journal keeps the notice's own words
    try:
        progress = await own_progress(year, now)
    finally:
        current_locale.reset(locale)
    sessions, visits = await own_totals(year, progress)
    targets = [
        ClosedTarget(
            id=target.id,
            programme=one.programme.name,
            key=target.key,
            label=target.label,
            unit=target.unit,
            value=target.value,
            actual=target.actual,
            status=target.status.value,
        )
        for one in progress.programmes
        for target in one.targets
    ]
    return {
        "year": year.year,
        "as_of": progress.as_of.isoformat(),
        "sessions": sessions,
        "visits": visits,
        "targets": msgspec.to_builtins(targets),
    }


async def reopen_year(actor: Actor, now: datetime, *, organisation_id: UUID, year: int, reason: str) -> YearToClose:
    """Open a closed year again; how it was closed stays in the journal, and names are kept on from now.

    Raises:
        NotFoundError: no such year, or the actor does not run the organisation.
        ForbiddenError: the actor is no administrator.
        YearStateError: it is open.
        InvalidError: no reason.
    """
    why = clean_line(reason)
    async with atomic():
        before = await own_year(actor, organisation_id, year)
        if not actor.is_administrator:
            raise ForbiddenError
        if not why:
            raise invalid("reason", "required")
        done = await db.execute(
            "UPDATE programmes_year SET state = 'open', closed_at = NULL WHERE id = $1 AND state = 'closed'", before.id
        )
        if not done:
            raise YearStateError(year=year, state="open")
        await release_lecturers_within(organisation_id, year)
        await note_within(
            actor,
            now,
            "year.reopened",
            "year",
            before.id,
            organisation_id=organisation_id,
            from_state="year-closed",
            to_state="year-open",
            reason=why,
            facts={"year": year},
        )
        return await own_year(actor, organisation_id, year)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClosed:
    """What became of the held sessions: how many are closed, which were refused, how many are left."""

    closed: int
    refused: tuple[tuple[UUID, str, OutreachError], ...]
    left: int


async def close_held(actor: Actor, now: datetime, *, organisation_id: UUID, year: int, reason: str = "") -> HeldClosed:
    """Close the held sessions of a year, each by itself, at most ``AT_ONCE``, the oldest first.

    Args:
        reason: why, of those without figures, evidence or remarks.

    Raises:
        NotFoundError: no such year, or the actor does not run the organisation.
        YearStateError: it is closed.
    """
    row = await own_year(actor, organisation_id, year)
    if row.is_closed:
        raise YearStateError(year=year, state=row.state)
    first, end = year_bounds(year)
    held = await db.rows(
        """SELECT s.id, s.title FROM events_session s JOIN programmes_programme p ON p.id = s.programme
            WHERE p.organisation = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.state = 'held'
            ORDER BY s.starts_at, s.id""",
        organisation_id,
        first,
        end,
    )
    closed, refused = 0, []
    for one in held[:AT_ONCE]:
        try:
            await close_session(actor, now, session_id=one["id"], missing_reason=reason, insisting=True)
            closed += 1
        except NotFoundError:
            continue
        except OutreachError as error:
            refused.append((one["id"], one["title"], error))
    return HeldClosed(closed=closed, refused=tuple(refused), left=len(held) - closed)
