"""The costs of one programme and year as its page and its workbook show them. One statement a question."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from outreach.attendance.costs.domain.money import mean_fen
from outreach.attendance.queries import VISITS_BY_DAY
from outreach.shared import db
from outreach.shared.paging import Page, moment_after, page_of
from outreach.shared.time import day_bounds, local, year_bounds

__all__ = [
    "BudgetView",
    "Costed",
    "LineOfYear",
    "ProviderSum",
    "SessionCost",
    "Shown",
    "budget_view",
    "costed_sessions",
    "lines_of_year",
    "provider_sums",
]

#: Which sessions of a programme: held ones, of them those without a line, cancelled ones with one, those to come.
Shown = Literal["held", "missing", "cancelled", "later"]

#: ``s.state`` and ``s.starts_at`` as what counts: $3 is the end of the day asked for.
_CLASS = """CASE WHEN s.state IN ('held', 'closed') AND s.starts_at < {end} THEN 'held'
                 WHEN s.state = 'cancelled' THEN 'cancelled' ELSE 'later' END"""


@dataclass(frozen=True, slots=True)
class Costed:
    """How many sessions of a class there are, how many have a line, and what they cost together."""

    sessions: int = 0
    with_lines: int = 0
    fen: int = 0

    @property
    def missing(self) -> int:
        """Sessions without any line."""
        return self.sessions - self.with_lines


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What counts and what does not: held sessions, cancelled ones that cost something, published ones to come."""

    held: Costed = Costed()
    cancelled: Costed = Costed()
    later: Costed = Costed()


async def budget_view(programme_id: UUID, *, year: int, as_of: date) -> BudgetView:
    """The sessions of the year by what becomes of their cost on that day."""
    first, last = year_bounds(year)
    rows = await db.rows(
        f"""SELECT what, count(*) AS sessions, count(fen) AS with_lines, coalesce(sum(fen), 0)::bigint AS fen
              FROM (SELECT {_CLASS.format(end="$4::timestamptz")} AS what,
                           (SELECT sum(c.amount_fen) FROM attendance_cost c
                             WHERE c.session = s.id AND c.removed_at IS NULL) AS fen
                      FROM events_session s
                     WHERE s.programme = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.state <> 'draft') AS each
             GROUP BY what""",  # noqa: S608 - our own text
        programme_id,
        first,
        last,
        day_bounds(as_of, as_of)[1],
    )
    return BudgetView(**{one["what"]: Costed(one["sessions"], one["with_lines"], one["fen"]) for one in rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSum:
    """Fees of one provider at sessions that count; ``provider_id`` None: fees that name nobody."""

    provider_id: UUID | None
    name: str
    fen: int
    sessions: int
    half_hours: int | None


async def provider_sums(programme_id: UUID, *, year: int, as_of: date, limit: int) -> tuple[list[ProviderSum], int]:
    """Fees by provider, the largest sum first, at most ``limit``, and how many there are in all."""
    first, last = year_bounds(year)
    rows = await db.rows(
        """SELECT r.id AS provider_id, coalesce(r.name, '') AS name, sum(c.amount_fen)::bigint AS fen,
                  count(DISTINCT s.id) AS sessions, sum(c.half_hours)::int AS half_hours, count(*) OVER () AS total
             FROM events_session s
             JOIN attendance_cost c ON c.session = s.id AND c.removed_at IS NULL AND c.kind = 'fee'
             LEFT JOIN events_provider r ON r.id = c.provider
            WHERE s.programme = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.state IN ('held', 'closed')
            GROUP BY r.id, r.name
            ORDER BY fen DESC, r.name, r.id LIMIT $4""",
        programme_id,
        first,
        min(last, day_bounds(as_of, as_of)[1]),
        limit,
    )
    made = [ProviderSum(**{name: one[name] for name in ProviderSum.__dataclass_fields__}) for one in rows]
    return made, rows[0]["total"] if rows else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCost:
    """One session with its cost; ``fen`` None: no line; ``visits`` by the day asked for, None: nobody counted."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    state: str
    host_name: str
    fen: int | None
    visits: int | None

    @property
    def fen_per_visit(self) -> int | None:
        return mean_fen(self.fen, self.visits or 0) if self.fen is not None else None


_WANTED: dict[Shown, str] = {
    "held": "{what} = 'held'",
    "missing": "{what} = 'held' AND c.fen IS NULL",
    "cancelled": "{what} = 'cancelled' AND c.fen IS NOT NULL",
    "later": "{what} = 'later' AND c.fen IS NOT NULL",
}


async def costed_sessions(
    programme_id: UUID, *, year: int, as_of: date, show: Shown, total: int, limit: int, after: str | None = None
) -> Page[SessionCost]:
    """Sessions of the year with what they cost, by time.

    Args:
        total: how many there are in all, as ``budget_view`` says.

    Raises:
        InvalidError: ``after`` is no cursor of this list.
    """
    first, last = year_bounds(year)
    moment, id_ = moment_after(after) if after else (None, None)
    rows = await db.rows(
        f"""
        WITH page AS (
            SELECT s.id, s.title, s.starts_at, s.ends_at, s.state, coalesce(h.name, '') AS host_name, c.fen
              FROM events_session s LEFT JOIN accounts_organisation h ON h.id = s.host
              LEFT JOIN LATERAL (SELECT sum(amount_fen)::bigint AS fen FROM attendance_cost
                                  WHERE session = s.id AND removed_at IS NULL) c ON true
             WHERE s.programme = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.state <> 'draft'
               AND {_WANTED[show].format(what=_CLASS.format(end="$4::timestamptz"))}
               AND ($6::timestamptz IS NULL OR (s.starts_at, s.id) > ($6, $7::uuid))
             ORDER BY s.starts_at, s.id LIMIT $8
        ), ours AS (SELECT id FROM page), days AS ({VISITS_BY_DAY})
        SELECT p.*, v.visits FROM page p
          LEFT JOIN (SELECT session, sum(total)::int AS visits FROM days WHERE "on" <= $5 GROUP BY session) v
                 ON v.session = p.id
         ORDER BY p.starts_at, p.id""",  # noqa: S608 - our own text
        programme_id,
        first,
        last,
        day_bounds(as_of, as_of)[1],
        as_of,
        moment,
        id_,
        limit + 1,
    )
    return page_of(
        [SessionCost(**one) for one in rows], limit, total, lambda row: (local(row.starts_at).isoformat(), str(row.id))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOfYear:
    """One line of cost with its session."""

    starts_at: datetime
    title: str
    host_name: str
    kind: str
    provider_name: str
    half_hours: int | None
    amount_fen: int
    source: str
    note: str


async def lines_of_year(programme_id: UUID, *, year: int, as_of: date, limit: int) -> list[LineOfYear]:
    """The single lines that count, by time of their session, at most ``limit``: what the workbook lists."""
    first, last = year_bounds(year)
    rows = await db.rows(
        """SELECT s.starts_at, s.title, coalesce(h.name, '') AS host_name, c.kind,
                  coalesce(r.name, '') AS provider_name, c.half_hours, c.amount_fen, c.source, c.note
             FROM events_session s JOIN attendance_cost c ON c.session = s.id AND c.removed_at IS NULL
             LEFT JOIN events_provider r ON r.id = c.provider LEFT JOIN accounts_organisation h ON h.id = s.host
            WHERE s.programme = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.state IN ('held', 'closed')
            ORDER BY s.starts_at, s.id, c.created_at, c.id LIMIT $4""",
        programme_id,
        first,
        min(last, day_bounds(as_of, as_of)[1]),
        limit,
    )
    return [LineOfYear(**one) for one in rows]
