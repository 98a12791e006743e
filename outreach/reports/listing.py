"""The sessions behind a report's figures, each with what it added to the period."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from outreach.counting.figures import CountedSession
from outreach.counting.months import sources_of
from outreach.counting.queries import counted_sessions
from outreach.counting.scope import Ours, Span
from outreach.reports.domain.periods import Period

__all__ = ["sessions_of"]

#: More than any year has.
_ALL = 1_000_000


async def sessions_of(ours: Ours, period: Period, as_of: date) -> tuple[tuple[CountedSession, ...], frozenset[UUID]]:
    """Every session that adds to the figures of the period, by start, and which of them began before it.

    Visits are those of the period's days: an exhibition that runs on adds to both months what each of them brought.
    """
    found = await _counted(ours, period.year, as_of)
    if period.first_month == 1:
        return found, frozenset()
    earlier = {one.id: one for one in await _counted(ours, period.year, period.before_on)}
    added: list[CountedSession] = []
    for one in found:
        before = earlier.get(one.id)
        if before is None:
            added.append(one)
        elif (visits := _less(one.visits, before.visits)) or _less(one.workers, before.workers):
            added.append(replace(one, visits=visits, workers=_less(one.workers, before.workers)))
    return tuple(added), frozenset(one.id for one in added if one.id in earlier)


def _less(now: int | None, before: int | None) -> int | None:
    return None if now is None else now - (before or 0)


async def _counted(ours: Ours, year: int, day: date) -> tuple[CountedSession, ...]:
    ids = set(ours.ids)
    path = min((one.organisation_path for one in ours.above), key=len) if ours.above else ours.path
    found = [one for one in await counted_sessions(year, day, path) if one.programme_id in ids]
    if ours.above:
        rows, _sum = await sources_of(ours, Span(year, day), limit=_ALL)
        here = {one.id for one in rows.items}
        found = [one for one in found if one.id in here]
    return tuple(found)
