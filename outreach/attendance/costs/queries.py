"""What sessions cost; one statement a question. Lines that were removed are not there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.attendance.costs.domain.money import mean_fen
from outreach.attendance.queries import VISITS_BY_DAY
from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.time import day_bounds, year_bounds

__all__ = ["CostRow", "Spending", "cost_by_id", "costs_of", "spending_of_programmes", "visits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """One line of what a session cost. ``half_hours``: of a fee by the hour; ``source`` empty: not said."""

    id: UUID
    session_id: UUID
    kind: str
    provider_id: UUID | None
    provider_name: str
    amount_fen: int
    half_hours: int | None
    source: str
    note: str
    created_at: datetime
    revision: int


_COST = """SELECT c.id, c.session AS session_id, c.kind, c.provider AS provider_id,
       coalesce(r.name, '') AS provider_name, c.amount_fen, c.half_hours, c.source, c.note, c.created_at, c.revision
  FROM attendance_cost c LEFT JOIN events_provider r ON r.id = c.provider
 WHERE c.removed_at IS NULL"""


async def costs_of(session_ids: Sequence[UUID]) -> dict[UUID, list[CostRow]]:
    """The standing lines by session, oldest first; every id asked for is a key."""
    found: dict[UUID, list[CostRow]] = {id_: [] for id_ in session_ids}
    for one in await db.rows(f"{_COST} AND c.session = ANY($1::uuid[]) ORDER BY c.created_at, c.id", list(found)):
        found[one["session_id"]].append(CostRow(**one))
    return found


async def cost_by_id(cost_id: UUID) -> CostRow:
    """The line.

    Raises:
        NotFoundError: there is none, or it was removed.
    """
    found = await db.row(f"{_COST} AND c.id = $1", cost_id)
    if found is None:
        raise NotFoundError
    return CostRow(**found)


async def visits_of(session_id: UUID) -> int:
    """Visits of one session: per day the head-count, else the check-ins."""
    return int(
        await db.value(
            f"WITH ours AS (SELECT $1::uuid AS id), days AS ({VISITS_BY_DAY}) SELECT coalesce(sum(total), 0) FROM days",  # noqa: S608 - ours
            session_id,
        )
    )


@dataclass(frozen=True, slots=True)
class Spending:
    """What the held and closed sessions of a programme cost; cancelled ones do not count.

    Attributes:
        by_source: 分 by 资金来源; the empty text: not said.
        by_kind: 分 by kind, only those that occur.
        sessions: those with a line; only they make a mean of the cost of a session.
        visits: of these sessions; only they make a cost per visit, since the others' cost is not known.
    """

    total_fen: int = 0
    by_source: dict[str, int] = field(default_factory=dict)
    by_kind: dict[str, int] = field(default_factory=dict)
    sessions: int = 0
    visits: int = 0

    @property
    def fen_per_session(self) -> int | None:
        """The mean cost of a session with a line, in 分; ``None``: there is none."""
        return mean_fen(self.total_fen, self.sessions)

    @property
    def fen_per_visit(self) -> int | None:
        """The mean cost of a visit of these sessions, in 分; ``None``: nobody was counted."""
        return mean_fen(self.total_fen, self.visits)


async def spending_of_programmes(ids: Sequence[UUID], *, year: int, as_of: date) -> dict[UUID, Spending]:
    """Spending by programme: lines of sessions held or closed that started in ``year`` and by ``as_of``.

    Every id asked for is a key. One statement.
    """
    first, last = year_bounds(year)
    rows = await db.rows(
        """
        WITH ours AS (
            SELECT s.id, s.programme FROM events_session s
             WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
               AND s.state IN ('held', 'closed')
               AND EXISTS (SELECT 1 FROM attendance_cost c WHERE c.session = s.id AND c.removed_at IS NULL)
        ), days AS ("""  # noqa: S608 - ours
        + VISITS_BY_DAY
        + """        )
        SELECT o.programme, 'fen' AS what, c.kind, c.source, sum(c.amount_fen)::bigint AS number
          FROM ours o JOIN attendance_cost c ON c.session = o.id AND c.removed_at IS NULL
         GROUP BY o.programme, c.kind, c.source
        UNION ALL
        SELECT programme, 'sessions', '', '', count(*) FROM ours GROUP BY programme
        UNION ALL
        SELECT o.programme, 'visits', '', '', sum(d.total)::bigint
          FROM days d JOIN ours o ON o.id = d.session WHERE d."on" <= $4 GROUP BY o.programme
        """,
        list(ids),
        first,
        min(last, day_bounds(as_of, as_of)[1]),
        as_of,
    )
    found: dict[UUID, list[Any]] = {id_: [] for id_ in ids}
    for one in rows:
        found[one["programme"]].append(one)
    return {id_: _spending(own) for id_, own in found.items()}


def _spending(rows: Sequence[Any]) -> Spending:
    by_source: dict[str, int] = {}
    by_kind: dict[str, int] = {}
    counts = {"sessions": 0, "visits": 0}
    for one in rows:
        if one["what"] != "fen":
            counts[one["what"]] = one["number"]
            continue
        by_source[one["source"]] = by_source.get(one["source"], 0) + one["number"]
        by_kind[one["kind"]] = by_kind.get(one["kind"], 0) + one["number"]
    return Spending(sum(by_kind.values()), _largest_first(by_source), _largest_first(by_kind), **counts)


def _largest_first(sums: dict[str, int]) -> dict[str, int]:
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))
