"""Facts and figures remembered by this process, for as long as nothing changed.

A second look costs one cheap statement: is there a mark (``counting.counters``) of a transaction that the remembered
facts did not see? The database's own rule of visibility answers, so that what is remembered is never stale, in no
process, and not for the one who changed it either; nobody has to listen, and no clock decides.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from outreach.counting.facts import Facts, facts_of
from outreach.programmes.domain.targets import Metric
from outreach.programmes.queries import TargetRow
from outreach.shared import db
from outreach.shared.time import day_bounds

__all__ = ["Kept", "forget", "kept_facts"]

Figure = TypeVar("Figure")

_MOST_FACTS, _MOST_FIGURES = 64, 500

#: ``seen``: which transactions the facts read next will have seen, at least. On a replica nobody can say which of those
#: that were open meanwhile, so that none of them is taken as seen.
_CHANGED = """
SELECT CASE WHEN pg_is_in_recovery() THEN pg_snapshot_xmin(now.seen)::text || ':' || pg_snapshot_xmin(now.seen) || ':'
            ELSE now.seen::text END AS seen,
       EXISTS (SELECT 1 FROM counting_mark WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot)
                                             AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot))
       OR EXISTS (SELECT 1 FROM counting_round WHERE NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)) AS changed
  FROM (SELECT pg_current_snapshot() AS seen) now
"""


@dataclass(slots=True)
class Kept:
    """Facts by programme, right for questions whose moment (the end of their day at most) lies in [since, until)."""

    facts: dict[UUID, Facts]
    since: datetime
    until: datetime | None
    seen: str = ""
    figures: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def figure(self, key: tuple[Any, ...], make: Callable[[], Figure]) -> Figure:
        """What ``make`` makes of these facts, remembered for the next time. ``key`` names all that it depends on."""
        if key not in self.figures:
            if len(self.figures) >= _MOST_FIGURES:
                self.figures.clear()
            self.figures[key] = make()
        made: Figure = self.figures[key]
        return made

    def holds_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


_kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()


async def kept_facts(
    targets: dict[UUID, list[TargetRow]], year: int, as_of: date, now: datetime, *, within: str | None = None
) -> Kept:
    """Facts of the programmes of ``targets``, see ``facts_of``. Inside a transaction nothing is remembered: it has a
    view of its own, and may be rolled back."""
    if db.in_transaction():
        return await _read(list(targets), year, as_of, now, within)
    people = tuple((one.id, one.kinds) for ours in targets.values() for one in ours if one.metric is Metric.PEOPLE)
    key = (tuple(targets), year, as_of, within, people)
    before = _kept.get(key)
    asked = await db.row(_CHANGED, before.seen if before else None)
    assert asked is not None  # one row, whatever there is
    if before is not None and not asked["changed"] and before.holds_at(_moment(as_of, now)):
        before.seen = asked["seen"]
        _kept.move_to_end(key)
        return before
    made = await _read(list(targets), year, as_of, now, within)
    made.seen = asked["seen"]
    _kept[key] = made
    _kept.move_to_end(key)
    while len(_kept) > _MOST_FACTS:
        _kept.popitem(last=False)
    return made


async def _read(ids: Sequence[UUID], year: int, as_of: date, now: datetime, within: str | None) -> Kept:
    facts = await facts_of(ids, year, as_of, now, within=within)
    ends = [one.next_end for one in facts.values() if one.next_end is not None]
    return Kept(facts, _moment(as_of, now), min(ends, default=None))


def _moment(as_of: date, now: datetime) -> datetime:
    return min(now, day_bounds(as_of, as_of)[1])


def forget() -> None:
    """Remember nothing any more."""
    _kept.clear()
