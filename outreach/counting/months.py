"""Sessions and visits by month and district of the place, and what lies behind each figure.

The rules are those of ``facts``: a session counts in the month in which it starts, visits in the month of their day,
cut by the day a thing took place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from outreach.counting.counters import COUNTED_DAYS
from outreach.counting.facts import IN_PART
from outreach.counting.scope import Ours, Span
from outreach.shared import db
from outreach.shared.paging import Page

__all__ = ["Cell", "Counted", "HomeFigure", "MonthGrid", "SourceRow", "Sum", "counted_of", "month_grid", "sources_of"]

MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one programme did of one kind, in one month and district (of the place; empty: none was given).

    ``counted``: sessions of which the visits are known. ``plan``: sessions that were published for that month,
    cancelled ones included, whatever the day asked for.
    """

    programme_id: UUID
    kind: str
    district: str
    month: int
    sessions: int
    plan: int
    visits: int
    workers: int
    counted: int


@dataclass(frozen=True, slots=True)
class HomeFigure:
    """What is at home (by 归属) with one organisation: its host, without one who runs it."""

    home: UUID
    sessions: int
    visits: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A year, once by programme, kind, district and month, once by home; both add up to the same whole."""

    cells: Sequence[Cell] = ()
    homes: Sequence[HomeFigure] = ()


#: Arguments 1 programmes, 2 and 3 the year, 4 the end of the day asked for, 8 those that count in full, 9 the part of
#: the tree of the others.
_OURS = f"""ours AS (
    SELECT s.id, s.programme, s.kind, s.district, coalesce(s.host, s.organisation) AS home,
           extract(month FROM timezone('Asia/Shanghai', s.starts_at))::int AS month,
           s.state IN ('held', 'closed') AND s.starts_at < $4 AS counted
      FROM events_session s
     WHERE s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
       AND (s.state IN ('published', 'held', 'closed') OR s.state = 'cancelled' AND s.published_at IS NOT NULL)
       AND (s.programme = ANY($8::uuid[]) OR {IN_PART.format(path="$9")})
)"""  # noqa: S608 - ours
#: Arguments 5 and 6 the first and last day of the year, which hold what was counted outside it, 7 the day asked for.
_VISITS = f"""days AS ({COUNTED_DAYS}), came AS (
    SELECT d.session, extract(month FROM greatest(least(d."on", $6), $5))::int AS month, sum(d.total)::int AS visits,
           coalesce(sum(d.workers), 0)::int AS workers
      FROM days d WHERE d."on" <= $7 GROUP BY 1, 2
)"""  # noqa: S608 - ours


async def counted_of(ours: Ours, span: Span) -> Counted:
    """Everything that is counted of ours; one statement."""
    rows = await db.rows(
        f"""
        WITH {_OURS}, {_VISITS}, things AS (
            SELECT programme, kind, district, month, home, counted::int AS sessions, 1 AS plan, 0 AS visits,
                   0 AS workers, 0 AS known
              FROM ours
            UNION ALL
            SELECT o.programme, o.kind, o.district, c.month, o.home, 0, 0, c.visits, c.workers,
                   (row_number() OVER (PARTITION BY c.session ORDER BY c.month) = 1)::int
              FROM came c JOIN ours o ON o.id = c.session AND o.counted
        )
        SELECT grouping(programme) AS by_home, programme, kind, district, month, home, sum(sessions)::int AS sessions,
               sum(plan)::int AS plan, sum(visits)::int AS visits, sum(workers)::int AS workers,
               sum(known)::int AS counted
          FROM things GROUP BY GROUPING SETS ((programme, kind, district, month), (home))
        """,  # noqa: S608 - ours
        *_arguments(ours, span),
    )
    return Counted(
        cells=[
            Cell(
                programme_id=row["programme"],
                kind=row["kind"],
                district=row["district"],
                month=row["month"],
                sessions=row["sessions"],
                plan=row["plan"],
                visits=row["visits"],
                workers=row["workers"],
                counted=row["counted"],
            )
            for row in rows
            if not row["by_home"]
        ],
        homes=[HomeFigure(row["home"], row["sessions"], row["visits"]) for row in rows if row["by_home"]],
    )


def _arguments(ours: Ours, span: Span) -> tuple[object, ...]:
    return (
        ours.ids,
        span.since,
        span.last,
        span.tomorrow,
        date(span.year, 1, 1),
        date(span.year, 12, 31),
        span.as_of,
        ours.own_ids,
        ours.path,
    )


@dataclass(frozen=True, slots=True)
class Sum:
    """Sessions, visits, of which workers, and of how many sessions the visits are known."""

    sessions: int = 0
    visits: int = 0
    workers: int = 0
    counted: int = 0

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> "Sum":
        ours = list(cells)
        return cls(
            sum(one.sessions for one in ours),
            sum(one.visits for one in ours),
            sum(one.workers for one in ours),
            sum(one.counted for one in ours),
        )


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """Districts down, months across; ``rows`` map a district to its twelve months, the one without a name last."""

    rows: dict[str, tuple[Sum, ...]] = field(default_factory=dict)
    months: tuple[Sum, ...] = tuple(Sum() for _ in MONTHS)
    totals: dict[str, Sum] = field(default_factory=dict)
    whole: Sum = Sum()

    @property
    def most_sessions(self) -> int:
        """Of one cell."""
        return max((one.sessions for row in self.rows.values() for one in row), default=0)


def month_grid(cells: Sequence[Cell]) -> MonthGrid:
    """The cells of all programmes together; a district in which nothing was counted has no row."""
    found: dict[tuple[str, int], list[Cell]] = {}
    for one in cells:
        found.setdefault((one.district, one.month), []).append(one)
    totals = {name: Sum.of(one for one in cells if one.district == name) for name in {one.district for one in cells}}
    names = sorted((name for name, total in totals.items() if total != Sum()), key=lambda name: (not name, name))
    return MonthGrid(
        rows={name: tuple(Sum.of(found.get((name, month), ())) for month in MONTHS) for name in names},
        months=tuple(Sum.of(one for one in cells if one.month == month) for month in MONTHS),
        totals={name: totals[name] for name in names},
        whole=Sum.of(cells),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A session behind a figure: ``counts`` whether it is among the sessions, ``visits`` what it adds (``None``: nobody
    was counted). ``place`` and ``host`` are empty for a confidential programme; of a guest (barracks, care home,
    school) only the district of the place is there."""

    id: UUID
    starts_at: datetime
    programme_name: str
    programme_mark: str
    title: str
    kind: str
    place: str
    host: str
    counts: bool
    visits: int | None


async def sources_of(
    ours: Ours,
    span: Span,
    *,
    month: int | None = None,
    district: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Page[SourceRow], Sum]:
    """The sessions behind a cell (or a whole month, or a whole district) by start, and their sum. One statement.

    Args:
        district: empty: sessions whose place has none; ``None``: every one.
    """
    rows = await db.rows(
        f"""
        WITH {_OURS}, {_VISITS}, mine AS (
            SELECT c.session, sum(c.visits)::int AS visits FROM came c
             WHERE $10::int IS NULL OR c.month = $10 GROUP BY c.session
        )
        SELECT s.id, s.starts_at, p.name AS programme_name, p.mark AS programme_mark, s.title, s.kind,
               CASE WHEN p.confidential THEN ''
                    WHEN h.kind = 'guest' THEN s.district
                    ELSE trim(coalesce(v.name, '') || ' ' || s.address) END AS place,
               CASE WHEN p.confidential OR h.kind = 'guest' THEN '' ELSE coalesce(h.name, '') END AS host,
               ($10::int IS NULL OR o.month = $10) AS counts, m.visits, count(*) OVER ()::int AS total,
               (sum(($10::int IS NULL OR o.month = $10)::int) OVER ())::int AS all_sessions,
               (coalesce(sum(m.visits) OVER (), 0))::int AS all_visits
          FROM ours o JOIN events_session s ON s.id = o.id JOIN programmes_programme p ON p.id = s.programme
          LEFT JOIN mine m ON m.session = o.id
          LEFT JOIN accounts_organisation h ON h.id = s.host
          LEFT JOIN events_venue v ON v.id = s.venue
         WHERE o.counted AND ($11::text IS NULL OR o.district = $11)
           AND ($10::int IS NULL OR o.month = $10 OR m.visits IS NOT NULL)
         ORDER BY s.starts_at, s.id LIMIT $12 OFFSET $13
        """,  # noqa: S608 - ours
        *_arguments(ours, span),
        month,
        district,
        limit,
        offset,
    )
    names = SourceRow.__slots__
    items = [SourceRow(**{name: row[name] for name in names}) for row in rows]
    if not rows:
        return Page([], None, 0), Sum()
    return Page(items, None, rows[0]["total"]), Sum(rows[0]["all_sessions"], rows[0]["all_visits"])
