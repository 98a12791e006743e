"""The figures that leaders ask for, beside the targets: who was served, what it cost, how orders fared.

A unit is an enterprise, office or institution with a union of its own: grassroots unions, unions of bureaux and
companies, and units directly below. Women's committees count as their union, guests as their sponsor, as everywhere. A
unit was served when a session was held at its site, when it took part by a booking, or when it joined an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from uuid import UUID

from outreach.attendance.costs.queries import spending_of_programmes
from outreach.counting.demand import Demand
from outreach.counting.months import Cell, Sum
from outreach.counting.scope import Scope, Span
from outreach.events.domain.openings import unserved_since
from outreach.programmes.queries import ProgrammeRow
from outreach.shared import db
from outreach.shared.time import local_midnight

__all__ = ["Leaders", "UnitsServed", "Unserved", "UnservedUnit", "leaders_of", "units_of"]

_SHARING = "('womens_committee', 'guest')"
_UNITS = "('grassroots_union', 'company_union', 'direct_unit')"

#: Units with the times of their first and last session, of all years that are known, by heads of groups. Arguments:
#: 1 the path of the part of the tree, 2 until, 3 and 4 the year; programmes are those owned in the line of the part. A
#: session counts in the year of its programme, as in every figure.
_SERVED = f"""sessions AS (
    SELECT s.id, s.host, s.starts_at
      FROM events_session s JOIN programmes_programme p ON p.id = s.programme
      JOIN accounts_organisation w ON w.id = p.organisation
     WHERE (starts_with(w.path, $1) OR starts_with($1, w.path)) AND s.state IN ('held', 'closed') AND s.starts_at < $2
       AND s.starts_at >= make_timestamptz(p.year, 1, 1, 0, 0, 0, 'Asia/Shanghai')
       AND s.starts_at < make_timestamptz(p.year + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai')
), came AS (
    SELECT host AS unit, starts_at FROM sessions WHERE host IS NOT NULL
    UNION ALL
    SELECT b.organisation, s.starts_at FROM sessions s
      JOIN bookings_booking b ON b.session = s.id AND b.state IN ('confirmed', 'attended')
    UNION ALL
    SELECT u.organisation, s.starts_at FROM sessions s
      JOIN bookings_order q ON q.session = s.id JOIN bookings_order_unit u ON u.order_id = q.id
), each AS (
    SELECT unit, min(starts_at) AS first_at, max(starts_at) AS last_at,
           bool_or(starts_at >= $3 AND starts_at < $4) AS this_year
      FROM came GROUP BY unit
), served AS (
    SELECT coalesce(h.id, u.id) AS id, min(c.first_at) AS first_at, max(c.last_at) AS last_at,
           bool_or(c.this_year) AS this_year
      FROM each c JOIN accounts_organisation u ON u.id = c.unit
      LEFT JOIN accounts_organisation h ON h.id = u.parent AND u.kind IN {_SHARING}
     GROUP BY 1
)"""  # noqa: S608 - words of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsServed:
    """Units served in a year; ``first_time`` ``None``: this system knows no earlier year."""

    units: int
    first_time: int | None
    ownership_known: int
    non_public: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaders:
    """A year at a day, in the figures that leaders ask for.

    Attributes:
        units, units_first_time, ownership_known, non_public: see ``UnitsServed``.
        spent_fen: what sessions of own programmes cost, in 分; ``budgeted_fen``: of those with a budget, and
            only they make the share of ``budget_fen``.
        asked, withdrawn, served: orders; ``served`` are those whose session took place.
        delivery_days: from order to session, the median; ``None``: no order was served.
    """

    sums: Sum
    units: int
    units_first_time: int | None
    ownership_known: int
    non_public: int
    spent_fen: int
    budgeted_fen: int
    budget_fen: int
    asked: int
    withdrawn: int
    served: int
    delivery_days: float | None

    @property
    def visits_per_session(self) -> float | None:
        """Of sessions whose visits are known."""
        return self.sums.visits / self.sums.counted if self.sums.counted else None

    @property
    def non_public_percent(self) -> float | None:
        """Of units whose ownership is known."""
        return self.non_public * 100 / self.ownership_known if self.ownership_known else None

    @property
    def budget_percent(self) -> float | None:
        """May pass 100."""
        return self.budgeted_fen * 100 / self.budget_fen if self.budget_fen else None

    @property
    def fulfilled_percent(self) -> float | None:
        """Of orders that the units did not withdraw."""
        wanted = self.asked - self.withdrawn
        return self.served * 100 / wanted if wanted else None


@dataclass(frozen=True, slots=True)
class UnservedUnit:
    """A unit that had nothing for so long; ``last_on`` ``None``: never, as far as this system knows."""

    id: UUID
    name: str
    district: str
    members: int | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Unserved:
    """Units that had nothing in so many years, those with most members first; ``total`` counts them all,
    ``units`` how many units there are."""

    items: Sequence[UnservedUnit]
    total: int
    units: int


async def units_of(path: str, span: Span, *, years: int, limit: int) -> tuple[UnitsServed, Unserved]:
    """Units at or below ``path`` that were served in the year, and those below it without a session in the ``years``
    before the day asked for, as openings for units long unserved count them. One statement.

    Args:
        limit: units that are listed; all of them are counted.
    """
    rows = await db.rows(
        f"""WITH {_SERVED}, units AS (
                SELECT o.id, o.name, o.district, o.member_count AS members, o.ownership, n.first_at, n.last_at,
                       coalesce(n.this_year, false) AS this_year,
                       o.path <> $1 AND (o.closed_on IS NULL OR o.closed_on > $6) AS stands
                  FROM accounts_organisation o LEFT JOIN served n ON n.id = o.id
                 WHERE starts_with(o.path, $1) AND o.kind IN {_UNITS}
            ), missing AS (
                SELECT id, name, district, members, timezone('Asia/Shanghai', last_at)::date AS last_on
                  FROM units WHERE stands AND (last_at IS NULL OR last_at < $5)
            ), counts AS (
                SELECT count(*) FILTER (WHERE this_year)::int AS served,
                       count(*) FILTER (WHERE this_year AND first_at >= $3)::int AS first_time,
                       count(*) FILTER (WHERE this_year AND ownership <> '')::int AS ownership_known,
                       count(*) FILTER (WHERE this_year AND ownership = 'non_public')::int AS non_public,
                       count(*) FILTER (WHERE stands)::int AS units,
                       EXISTS (SELECT 1 FROM sessions WHERE starts_at < $3) AS known_before,
                       (SELECT count(*) FROM missing)::int AS total
                  FROM units
            )
            SELECT c.*, m.id, m.name, m.district, m.members, m.last_on
              FROM counts c
              LEFT JOIN (SELECT * FROM missing ORDER BY members DESC NULLS LAST, name, id LIMIT $7) m ON true
             ORDER BY m.members DESC NULLS LAST, m.name, m.id""",  # noqa: S608 - ours
        path,
        span.tomorrow,
        span.since,
        span.last,
        local_midnight(unserved_since(years, span.as_of)),
        span.as_of,
        limit,
    )
    counts = rows[0]  # there is one even where no unit is
    names = UnservedUnit.__slots__
    return (
        UnitsServed(
            units=counts["served"],
            first_time=counts["first_time"] if counts["known_before"] else None,
            ownership_known=counts["ownership_known"],
            non_public=counts["non_public"],
        ),
        Unserved(
            [UnservedUnit(**{name: row[name] for name in names}) for row in rows if row["id"] is not None],
            counts["total"],
            counts["units"],
        ),
    )


async def leaders_of(scope: Scope, cells: Sequence[Cell], demand: Demand, served: UnitsServed) -> Leaders:
    """The figures of ``scope``; the others are of the same one. One statement."""
    spending = await spending_of_programmes(scope.now.own_ids, year=scope.span.year, as_of=scope.span.as_of)
    spent = {programme_id: one.total_fen for programme_id, one in spending.items()}
    budgets: list[ProgrammeRow] = [one for one in scope.now.own if one.budget_yuan]
    return Leaders(
        sums=Sum.of(cells),
        units=served.units,
        units_first_time=served.first_time,
        ownership_known=served.ownership_known,
        non_public=served.non_public,
        spent_fen=sum(spent.values()),
        budgeted_fen=sum(spent[one.id] for one in budgets),
        budget_fen=sum((one.budget_yuan or 0) * 100 for one in budgets),
        asked=demand.whole.asked,
        withdrawn=demand.whole.withdrawn,
        served=demand.whole.served,
        delivery_days=median(demand.delivery_days) if demand.delivery_days else None,
    )
