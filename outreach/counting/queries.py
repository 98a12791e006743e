"""The figures of a year and of a programme at a day: one statement a question, formulas from ``programmes.domain``.

Cut by the day a thing took place, with what is known today. A session belongs to the year in which it starts locally;
it counts once, for the owner of its programme, whoever else hosts it. Visits are the head-counts by day; a session
without one adds none.
"""

from datetime import date, datetime
from uuid import UUID

from outreach.counting.counters import COUNTED_DAYS
from outreach.counting.figures import BurnUp, CountedSession, DistrictFigure, ProgrammeProgress, YearProgress
from outreach.counting.keeping import Kept, kept_facts
from outreach.counting.measuring import progress_of, year_of_target
from outreach.programmes.queries import (
    ProgrammeRow,
    TargetRow,
    programme_by_id,
    programmes_of_year,
    targets_of,
    year_of,
)
from outreach.shared import db
from outreach.shared.errors import NotFoundError
from outreach.shared.i18n import language
from outreach.shared.time import day_bounds, year_bounds

__all__ = [
    "burn_up",
    "counted_sessions",
    "district_table",
    "kept_year",
    "part_progress",
    "programme_progress",
    "progress_of_programmes",
    "year_progress",
]


async def year_progress(year: int, as_of: date, *, organisation_path: str, now: datetime) -> YearProgress:
    """Programmes of ``year`` owned at or below ``organisation_path``, higher organisations first, at ``as_of``.

    ``now`` decides which sessions of that day are past without a record.
    """
    return await progress_of_programmes(await programmes_of_year(year, organisation_path), year, as_of, now=now)


async def part_progress(year: int, as_of: date, *, organisation_path: str, now: datetime) -> YearProgress:
    """By 归属: the programmes owned at or below ``organisation_path`` in full, and of those owned above it the sessions
    that are at home in its part of the tree (``facts.IN_PART``), against the whole promise."""
    ours = [
        one
        for one in await programmes_of_year(year)
        if one.organisation_path.startswith(organisation_path) or organisation_path.startswith(one.organisation_path)
    ]
    return await progress_of_programmes(ours, year, as_of, now=now, within=organisation_path)


async def progress_of_programmes(
    programmes: list[ProgrammeRow], year: int, as_of: date, *, now: datetime, within: str | None = None
) -> YearProgress:
    """The programmes given, all of ``year``, at ``as_of``; title and document are those of the first one's owner.

    ``within``: of programmes owned outside this part of the tree only what is at home in it.
    """
    notice = await year_of(programmes[0].organisation_id, year) if programmes else None
    counted = await _progress(programmes, year, as_of, now, within)
    return YearProgress(
        year=year,
        as_of=as_of,
        title=notice.title if notice else "",
        document=notice.document if notice else "",
        programmes=tuple(counted),
        unrecorded=sum(one.unrecorded for one in counted),
    )


async def programme_progress(
    programme_id: UUID, as_of: date, *, now: datetime, within: str | None = None
) -> ProgrammeProgress:
    """One programme at ``as_of``; ``within`` as for ``progress_of_programmes``.

    Raises:
        NotFoundError: there is none with this id.
    """
    programme = await programme_by_id(programme_id)
    return (await _progress([programme], programme.year, as_of, now, within))[0]


async def _progress(
    programmes: list[ProgrammeRow], year: int, as_of: date, now: datetime, within: str | None = None
) -> list[ProgrammeProgress]:
    targets = await targets_of([programme.id for programme in programmes])
    found: dict[UUID, ProgrammeProgress] = {}
    for part in (None, within):
        ours = [one for one in programmes if one.id not in found and _part_of(one, within) == part]
        if not ours:
            continue
        kept = await kept_facts({one.id: targets[one.id] for one in ours}, year, as_of, now, within=part)
        for one in ours:
            promised = tuple(targets[one.id])
            found[one.id] = kept.figure(
                ("progress", language(), one, promised),
                lambda one=one, promised=promised, kept=kept: progress_of(one, promised, kept.facts[one.id], as_of),  # type: ignore[misc]
            )
    return [found[one.id] for one in programmes]


def _part_of(programme: ProgrammeRow, within: str | None) -> str | None:
    """Which part of the programme is asked for; ``None``: all of it."""
    return None if within is None or programme.organisation_path.startswith(within) else within


async def burn_up(
    programme_id: UUID, target_id: UUID, as_of: date, *, now: datetime, within: str | None = None
) -> BurnUp:
    """The year of one target, cumulative, by ends of months.

    ``actual`` ends at ``as_of`` (or with the year), ``plan`` covers the year, ``forecast`` what lies after ``as_of``.

    Raises:
        NotFoundError: no such programme, or the target is not one of its.
    """
    programme = await programme_by_id(programme_id)
    targets = await targets_of([programme_id])
    target = next((one for one in targets[programme_id] if one.id == target_id), None)
    if target is None:
        raise NotFoundError
    kept = await kept_facts(targets, programme.year, as_of, now, within=_part_of(programme, within))
    return kept_year(kept, programme, target, as_of)


def kept_year(kept: Kept, programme: ProgrammeRow, target: TargetRow, as_of: date) -> BurnUp:
    """The year of one target from the facts given, which are those of ``as_of``."""
    return kept.figure(
        ("year", language(), programme, target),
        lambda: year_of_target(programme, target, kept.facts[programme.id], as_of),
    )


async def district_table(year: int, as_of: date, organisation_path: str) -> list[DistrictFigure]:
    """Counted sessions and visits by 地点, the district of the place, and programme; without a place last."""
    first, last = year_bounds(year)
    rows = await db.rows(
        """
        WITH ours AS (
            SELECT s.id, s.programme, s.district
              FROM events_session s JOIN programmes_programme p ON p.id = s.programme
              JOIN accounts_organisation o ON o.id = p.organisation
             WHERE p.year = $1 AND starts_with(o.path, $2) AND s.state IN ('held', 'closed')
               AND s.starts_at >= $3 AND s.starts_at < $4
        ), days AS ("""  # noqa: S608 - ours
        + COUNTED_DAYS
        + """        ), visits AS (
            SELECT session, sum(total) AS visits, sum(workers) AS workers FROM days WHERE "on" <= $5 GROUP BY session
        )
        SELECT ours.district, p.id AS programme_id, p.name AS programme_name, count(*)::int AS sessions,
               coalesce(sum(visits.visits), 0)::int AS visits, coalesce(sum(visits.workers), 0)::int AS workers
          FROM ours JOIN programmes_programme p ON p.id = ours.programme LEFT JOIN visits ON visits.session = ours.id
         GROUP BY ours.district, p.id, p.name, p.position
         ORDER BY ours.district = '', ours.district, p.position, p.id
        """,
        year,
        organisation_path,
        first,
        min(last, day_bounds(as_of, as_of)[1]),
        as_of,
    )
    return [DistrictFigure(**row) for row in rows]


async def counted_sessions(year: int, as_of: date, organisation_path: str) -> list[CountedSession]:
    """Every session that is in the figures at ``as_of``, by start; what must not be named is left empty."""
    first, last = year_bounds(year)
    rows = await db.rows(
        """
        WITH ours AS (
            SELECT s.id, s.programme, s.title, s.kind, s.district, s.address, s.venue, s.host, s.starts_at,
                   s.ends_at, s.state
              FROM events_session s JOIN programmes_programme p ON p.id = s.programme
              JOIN accounts_organisation o ON o.id = p.organisation
             WHERE p.year = $1 AND starts_with(o.path, $2) AND s.state IN ('held', 'closed')
               AND s.starts_at >= $3 AND s.starts_at < $4
        ), days AS ("""  # noqa: S608 - ours
        + COUNTED_DAYS
        + """        ), visits AS (
            SELECT session, sum(total)::int AS visits, sum(workers)::int AS workers
              FROM days WHERE "on" <= $5 GROUP BY session
        )
        SELECT ours.id, ours.starts_at, ours.ends_at, p.id AS programme_id, p.name AS programme_name,
               p.mark AS programme_mark, ours.title, ours.kind, ours.state, visits.visits, visits.workers,
               CASE WHEN p.confidential THEN '' ELSE ours.district END AS district,
               CASE WHEN p.confidential THEN ''
                    WHEN h.kind = 'guest' THEN ours.district
                    ELSE trim(coalesce(v.name, '') || ' ' || ours.address) END AS place,
               CASE WHEN p.confidential OR h.kind = 'guest' THEN '' ELSE coalesce(h.name, '') END AS host
          FROM ours JOIN programmes_programme p ON p.id = ours.programme
          LEFT JOIN visits ON visits.session = ours.id
          LEFT JOIN accounts_organisation h ON h.id = ours.host
          LEFT JOIN events_venue v ON v.id = ours.venue
         ORDER BY ours.starts_at, ours.id
        """,
        year,
        organisation_path,
        first,
        min(last, day_bounds(as_of, as_of)[1]),
        as_of,
    )
    return [CountedSession(**row) for row in rows]
