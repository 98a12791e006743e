"""What stands behind one target's figure: sessions, courses, lecturers or entries, summing exactly to it.

The amounts follow ``facts`` and ``measuring``: a person counts at the session where he or she was first, a course at
its first session, an entry of a level with what it changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.counting.counters import COUNTED_DAYS
from outreach.counting.facts import IN_PART
from outreach.programmes.domain.targets import Basis, Counting, Metric
from outreach.programmes.queries import ProgrammeRow, TargetRow
from outreach.shared import db
from outreach.shared.errors import FieldProblem, InvalidError
from outreach.shared.paging import Page, moment_after, page_of
from outreach.shared.time import day_bounds, year_bounds

__all__ = ["Asked", "Source", "districts_behind", "sources_behind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which figure: of the whole year or of one ``month`` (1 to 12), of all places or of one ``district`` (empty: of
    none), of the whole programme or of what is at home ``within`` a part of the tree."""

    as_of: date
    month: int | None = None
    district: str | None = None
    within: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One line behind a figure; ``id`` is that of a session, course (menu item), lecturer or entry, as ``what`` says.

    Attributes:
        at: the start; of an entry the local midnight of its day, of a lecturer when the record was made.
        amount: what it adds, in the target's unit; of a level the change, which may be negative.
        total: visits of everybody beside those of workers, else ``None``.
        place, district, host: empty where nobody may read them here, and for a confidential programme; of a guest's
            session only the district is there.
        note: of an entry, who received it and what was noted.
    """

    what: str
    id: UUID
    at: datetime
    amount: float
    total: int | None
    title: str
    kind: str
    district: str
    place: str
    host: str
    note: str


async def sources_behind(
    programme: ProgrammeRow,
    target: TargetRow,
    asked: Asked,
    *,
    names: bool,
    limit: int,
    after: str | None = None,
    offset: int = 0,
) -> tuple[Page[Source], float]:
    """The lines behind a figure, the earliest first, and the figure. One statement, whatever the target counts.

    Args:
        names: whether places, hosts and receivers may be read.

    Raises:
        InvalidError: no such cursor; or the figure is known neither by month nor by district.
    """
    _refuse(programme, target, asked)
    begin = moment_after(after) if after else (None, None)
    first, last = year_bounds(programme.year)
    until = min(last, day_bounds(asked.as_of, asked.as_of)[1])
    sql, args = _STATEMENTS[target.metric](programme, target, asked, (first, until))
    n = len(args)
    rows = await db.rows(
        f"""
        WITH {sql}, shown AS (
            SELECT * FROM lines
             WHERE ${n + 1}::timestamptz IS NULL OR (at, id) > (${n + 1}::timestamptz, ${n + 2}::uuid)
             ORDER BY at, id LIMIT ${n + 3} OFFSET ${n + 4}
        )
        SELECT whole.n AS lines, whole.figure, shown.*
          FROM (SELECT count(*)::int AS n, coalesce(sum(amount), 0)::float8 AS figure FROM lines) whole
          LEFT JOIN shown ON true ORDER BY shown.at, shown.id
        """,  # noqa: S608 - our own text
        *args,
        *begin,
        limit + 1,
        offset,
    )
    items = [_source(row, programme, names=names) for row in rows if row["id"] is not None]
    found = page_of(items, limit, rows[0]["lines"], lambda one: (one.at.isoformat(), str(one.id)))
    return found, rows[0]["figure"]


def _refuse(programme: ProgrammeRow, target: TargetRow, asked: Asked) -> None:
    problems = []
    if asked.month is not None and target.metric is Metric.LECTURERS:
        problems.append(FieldProblem("month", "not-by-month"))
    if asked.district is not None and (programme.confidential or not target.metric.comes_from_sessions):
        problems.append(FieldProblem("district", "not-by-district"))
    if problems:
        raise InvalidError(problems)


def _source(row: Any, programme: ProgrammeRow, *, names: bool) -> Source:
    facts = {name: row[name] for name in Source.__slots__}
    if programme.confidential:
        facts |= {"district": "", "place": "", "host": "", "note": ""}
    elif not names:
        facts |= {"place": "", "host": "", "note": ""}
    return Source(**facts)


_Statement = tuple[str, Sequence[Any]]
_Span = tuple[datetime, datetime]

#: Counted sessions of the target: 1 the programme, 2 and 3 the span, 4 kinds (empty: all), 5 the district, 6 the part.
_OURS = f"""
        ours AS (
            SELECT s.* FROM events_session s
             WHERE s.programme = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.state IN ('held', 'closed')
               AND ($4::text[] = '{{}}' OR s.kind = ANY ($4::text[])) AND {IN_PART.format(path="$6")}
        )"""  # noqa: S608 - our own text, as below
_HERE = "($5::text IS NULL OR s.district = $5)"
_MONTH = "extract(month FROM greatest(least({day}, $9::date), $8::date))::int"
_START_MONTH = "extract(month FROM timezone('Asia/Shanghai', {at}))::int"
_PLACE = """
            SELECT 'session' AS what, s.id, s.starts_at AS at, {amount}::float8 AS amount, {total}::int AS total,
                   s.title, s.kind, s.district,
                   CASE WHEN h.kind = 'guest' THEN '' ELSE trim(coalesce(v.name, '') || ' ' || s.address) END AS place,
                   CASE WHEN h.kind = 'guest' THEN '' ELSE coalesce(h.name, '') END AS host, '' AS note
              FROM ours s {joins}
              LEFT JOIN accounts_organisation h ON h.id = s.host LEFT JOIN events_venue v ON v.id = s.venue"""


def _arguments(programme: ProgrammeRow, target: TargetRow, asked: Asked, span: _Span) -> list[Any]:
    return [programme.id, *span, list(target.kinds), asked.district, asked.within, asked.month]


def _sessions(programme: ProgrammeRow, target: TargetRow, asked: Asked, span: _Span) -> _Statement:
    return (
        f"""{_OURS}, lines AS ({_PLACE.format(amount="1", total="NULL", joins="")}
             WHERE {_HERE} AND ($7::int IS NULL OR {_START_MONTH.format(at="s.starts_at")} = $7))""",
        _arguments(programme, target, asked, span),
    )


def _visits(programme: ProgrammeRow, target: TargetRow, asked: Asked, span: _Span) -> _Statement:
    workers = target.basis is Basis.WORKERS
    return (
        f"""{_OURS}, days AS ({COUNTED_DAYS}
        ), came AS (
            SELECT session, sum(total) AS total, sum(workers) AS workers FROM days
             WHERE "on" <= $10 AND ($7::int IS NULL OR {_MONTH.format(day='"on"')} = $7) GROUP BY session
        ), lines AS ({
            _PLACE.format(
                amount="coalesce(came.workers, 0)" if workers else "came.total",
                total="came.total" if workers else "NULL",
                joins="JOIN came ON came.session = s.id",
            )
        } WHERE {_HERE})""",  # noqa: S608
        [*_arguments(programme, target, asked, span), *_days(programme, asked)],
    )


def _people(programme: ProgrammeRow, target: TargetRow, asked: Asked, span: _Span) -> _Statement:
    return (
        f"""{_OURS}, firsts AS (
            SELECT DISTINCT ON (a.identity) a.session,
                   greatest(a."on", timezone('Asia/Shanghai', s.starts_at)::date) AS first_on
              FROM ours s JOIN attendance_attendee a ON a.session = s.id
             WHERE a.present AND a."on" <= $10
             ORDER BY a.identity, first_on, s.starts_at, s.id
        ), came AS (
            SELECT session, count(*) AS people FROM firsts
             WHERE $7::int IS NULL OR {_MONTH.format(day="first_on")} = $7 GROUP BY session
        ), lines AS ({_PLACE.format(amount="came.people", total="NULL", joins="JOIN came ON came.session = s.id")}
             WHERE {_HERE})""",  # noqa: S608
        [*_arguments(programme, target, asked, span), *_days(programme, asked)],
    )


def _courses(programme: ProgrammeRow, target: TargetRow, asked: Asked, span: _Span) -> _Statement:
    return (
        f"""{_OURS}, firsts AS (SELECT DISTINCT ON (event) * FROM ours ORDER BY event, starts_at, id), lines AS (
            SELECT 'course' AS what, e.id, s.starts_at AS at, 1::float8 AS amount, NULL::int AS total, e.title, s.kind,
                   s.district, '' AS place, '' AS host, '' AS note
              FROM firsts s JOIN events_event e ON e.id = s.event
             WHERE {_HERE} AND ($7::int IS NULL OR {_START_MONTH.format(at="s.starts_at")} = $7))""",  # noqa: S608
        _arguments(programme, target, asked, span),
    )


def _lecturers(programme: ProgrammeRow, target: TargetRow, asked: Asked, span: _Span) -> _Statement:
    return (
        """lines AS (
            SELECT 'lecturer' AS what, r.id, r.created_at AS at, 1::float8 AS amount, NULL::int AS total,
                   r.name AS title, '' AS kind, '' AS district, '' AS place, '' AS host, '' AS note
              FROM events_provider r
             WHERE $2::text IS NULL
               AND CASE WHEN EXISTS (SELECT 1 FROM counting_closed_programme k WHERE k.programme = $1)
                   THEN r.id = ANY((SELECT k.lecturers FROM counting_closed_programme k WHERE k.programme = $1)::uuid[])
                   ELSE r.kind = 'lecturer' AND r.active
                        AND EXISTS (SELECT 1 FROM events_event e JOIN events_event_provider ep ON ep.event = e.id
                                     WHERE e.programme = $1 AND ep.provider = r.id) END)""",
        [programme.id, asked.within],
    )


def _tallies(programme: ProgrammeRow, target: TargetRow, asked: Asked, span: _Span) -> _Statement:
    first, end = date(programme.year, 1, 1), date(programme.year, 12, 31)
    level = target.counting is Counting.LEVEL
    return (
        """entries AS (
            SELECT y.*, extract(month FROM greatest(y."on", $3))::int AS month,
                   y.quantity - CASE WHEN $5::boolean
                                THEN coalesce(lag(y.quantity) OVER (ORDER BY y."on", y.created_at, y.id), 0)
                                ELSE 0 END AS change
              FROM programmes_tally y WHERE y.target = $1 AND y."on" <= $2 AND ($5 OR y."on" >= $3)
        ), lines AS (
            SELECT 'tally' AS what, y.id, timezone('Asia/Shanghai', y."on"::timestamp) AS at,
                   y.change::float8 AS amount, NULL::int AS total, '' AS title, '' AS kind, '' AS district,
                   '' AS place, '' AS host,
                   concat_ws(' ', nullif(y.receiver, ''), nullif(y.note, '')) AS note
              FROM entries y WHERE ($4::int IS NULL OR y.month = $4) AND $6::text IS NULL)""",
        [target.id, min(asked.as_of, end), first, asked.month, level, asked.within],
    )


def _days(programme: ProgrammeRow, asked: Asked) -> list[date]:
    return [date(programme.year, 1, 1), date(programme.year, 12, 31), asked.as_of]


_STATEMENTS = {
    Metric.SESSIONS: _sessions,
    Metric.VISITS: _visits,
    Metric.PEOPLE: _people,
    Metric.COURSES: _courses,
    Metric.LECTURERS: _lecturers,
    Metric.TALLY: _tallies,
}


async def districts_behind(programme: ProgrammeRow) -> list[str]:
    """Districts of the places of the programme's counted sessions; an empty one last: places without any."""
    rows = await db.rows(
        """SELECT DISTINCT district, district = '' AS none FROM events_session
            WHERE programme = $1 AND state IN ('held', 'closed') ORDER BY none, district""",
        programme.id,
    )
    return [row["district"] for row in rows]
