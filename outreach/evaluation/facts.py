"""What the database says of a year's programmes for their scorecard; every question is one statement for all of them.

Cut by the day a thing took place, with what is known today: of sessions held or closed that started in the year and by
the day asked for. Visits come from the one rule of ``attendance.queries``, answers and costs from their own packages.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.attendance.costs.queries import spending_of_programmes
from outreach.attendance.opinions.queries import OpinionSummary, opinions_of_programmes
from outreach.attendance.queries import VISITS_BY_DAY
from outreach.evaluation.domain.scores import Counts, OwnerCounts
from outreach.shared import db
from outreach.shared.time import day_bounds, year_bounds

__all__ = ["counts_of", "owner_counts"]

#: Who never is a unit of its own: federations hand services on, a palace gives them; committees and guests count as
#: the union above them.
_NO_UNITS = "('federation', 'culture_palace', 'womens_committee', 'guest')"
_SHARING = "('womens_committee', 'guest')"

#: Sessions with ``programme``, and what they are cut by: arguments 1 programmes, 2 and 3 from and until.
_OURS = """ours AS (
    SELECT s.id, s.programme, s.capacity, s.multi_day, s.district
      FROM events_session s
     WHERE s.programme = ANY($1::uuid[]) AND s.state IN ('held', 'closed') AND s.starts_at >= $2 AND s.starts_at < $3
)"""


def _span(year: int, as_of: date) -> tuple[datetime, datetime]:
    first, last = year_bounds(year)
    return first, min(last, day_bounds(as_of, as_of)[1])


async def owner_counts(organisation_id: UUID, path: str, year: int) -> OwnerCounts:
    """Units below the owner, the districts of its tree, and whether it had sessions in the year before.

    Units and districts that were closed before the year are not there any more.
    """
    before = year_bounds(year - 1)
    row = await db.row(
        f"""SELECT count(*) FILTER (WHERE o.id <> $1 AND o.kind NOT IN {_NO_UNITS})::int AS units,
                   coalesce(array_agg(DISTINCT o.district) FILTER (WHERE o.district <> ''), '{{}}') AS districts,
                   EXISTS (SELECT 1 FROM events_session s JOIN programmes_programme p ON p.id = s.programme
                            WHERE p.organisation = $1 AND s.state IN ('held', 'closed')
                              AND s.starts_at >= $4 AND s.starts_at < $5) AS had_last_year
              FROM accounts_organisation o
             WHERE starts_with(o.path, $2) AND (o.closed_on IS NULL OR o.closed_on > $3)""",  # noqa: S608 - ours
        organisation_id,
        path,
        date(year, 1, 1),
        *before,
    )
    assert row is not None  # an aggregate always has one
    return OwnerCounts(row["units"], tuple(row["districts"]), row["had_last_year"])


async def counts_of(
    programme_ids: Sequence[UUID], owner: OwnerCounts, *, organisation_id: UUID, path: str, year: int, as_of: date
) -> tuple[dict[UUID, Counts], dict[UUID, OpinionSummary]]:
    """Counts of each programme, and what attendees said of it where anybody did. Seven statements.

    Args:
        organisation_id, path: of the owner, to whom all of them belong.
    """
    ids = list(programme_ids)
    since, until = _span(year, as_of)
    given: dict[UUID, dict[str, Any]] = {id_: {} for id_ in ids}
    for row in await _sessions(ids, since, until, as_of):
        facts = dict(row)
        facts["districts"] = len(set(facts["districts"]) & set(owner.districts))
        given[facts.pop("programme")].update(facts)
    for ask in (_people, _bookings, _reviews):
        for row in await ask(ids, since, until, as_of):
            facts = dict(row)
            given[facts.pop("programme")].update(facts)
    for row in await _units(ids, since, until, organisation_id, path, year):
        facts = dict(row)
        given[facts.pop("programme")].update(facts)
    said = await opinions_of_programmes(ids, year=year, as_of=as_of)
    spent = await spending_of_programmes(ids, year=year, as_of=as_of)
    counts = {}
    for id_ in ids:
        money, opinion = spent[id_], said.get(id_)
        counts[id_] = replace(
            Counts(**given[id_]),
            opinions=opinion.answers if opinion else 0,
            opinion_marks=(opinion.mean or 0) * opinion.answers if opinion else 0,
            spent_fen=money.total_fen,
            costed=money.sessions,
            costed_visits=money.visits,
        )
    return counts, said


async def _sessions(ids: list[UUID], since: datetime, until: datetime, as_of: date) -> list[Any]:
    """Sessions, visits and seats. An exhibition of many days has no seats to fill."""
    return await db.rows(
        f"""WITH {_OURS}, days AS ({VISITS_BY_DAY}), came AS (
                SELECT session, sum(total)::int AS visits, sum(workers)::int AS workers
                  FROM days WHERE "on" <= $4 GROUP BY session
            )
            SELECT o.programme, count(*)::int AS sessions, count(c.session)::int AS counted,
                   coalesce(sum(c.visits), 0)::int AS visits, sum(c.workers)::int AS workers,
                   coalesce(sum(o.capacity) FILTER (WHERE c.session IS NOT NULL AND NOT o.multi_day), 0)::int AS seats,
                   coalesce(sum(c.visits) FILTER (WHERE o.capacity IS NOT NULL AND NOT o.multi_day), 0)::int
                       AS seats_used,
                   coalesce(array_agg(DISTINCT o.district) FILTER (WHERE o.district <> ''), '{{}}') AS districts
              FROM ours o LEFT JOIN came c ON c.session = o.id GROUP BY o.programme""",  # noqa: S608 - ours
        ids,
        since,
        until,
        as_of,
    )


async def _people(ids: list[UUID], since: datetime, until: datetime, as_of: date) -> list[Any]:
    return await db.rows(
        f"""WITH {_OURS}
            SELECT o.programme, count(*)::int AS named, count(DISTINCT a.identity)::int AS people
              FROM ours o JOIN attendance_attendee a ON a.session = o.id AND a.present AND a."on" <= $4
             GROUP BY o.programme""",  # noqa: S608 - ours
        ids,
        since,
        until,
        as_of,
    )


async def _bookings(ids: list[UUID], since: datetime, until: datetime, _as_of: date) -> list[Any]:
    """At a session that is held and not yet closed, who is confirmed took part: no-shows are named when it is held."""
    return await db.rows(
        f"""WITH {_OURS}
            SELECT o.programme, count(*) FILTER (WHERE b.state <> 'no_show')::int AS came,
                   count(*) FILTER (WHERE b.state = 'no_show')::int AS no_shows
              FROM ours o JOIN bookings_booking b ON b.session = o.id
             WHERE b.state IN ('confirmed', 'attended', 'no_show') GROUP BY o.programme""",  # noqa: S608 - ours
        ids,
        since,
        until,
    )


async def _reviews(ids: list[UUID], since: datetime, until: datetime, _as_of: date) -> list[Any]:
    return await db.rows(
        f"""WITH {_OURS}
            SELECT o.programme, count(*)::int AS reviews, count(*) FILTER (WHERE r.again)::int AS again,
                   (sum(r.lecturer + r.content + r.organising) / 3.0)::float8 AS review_marks
              FROM ours o JOIN bookings_review r ON r.session = o.id GROUP BY o.programme""",  # noqa: S608 - ours
        ids,
        since,
        until,
    )


async def _units(
    ids: list[UUID], since: datetime, until: datetime, organisation_id: UUID, path: str, year: int
) -> list[Any]:
    """Units served: as host, by a booking, or in a joined order, as openings for units long unserved count them."""
    return await db.rows(
        f"""WITH sessions AS (
                SELECT s.id, s.programme, s.host, s.starts_at >= $2 AS ours
                  FROM events_session s JOIN programmes_programme p ON p.id = s.programme
                 WHERE p.organisation = $4 AND s.state IN ('held', 'closed')
                   AND (s.programme = ANY($1::uuid[]) AND s.starts_at >= $2 AND s.starts_at < $3
                        OR s.starts_at >= $6 AND s.starts_at < $2)
            ), came AS (
                SELECT programme, ours, host AS unit FROM sessions WHERE host IS NOT NULL
                UNION
                SELECT s.programme, s.ours, b.organisation FROM sessions s
                  JOIN bookings_booking b ON b.session = s.id AND b.state IN ('confirmed', 'attended')
                UNION
                SELECT s.programme, s.ours, u.organisation FROM sessions s
                  JOIN bookings_order q ON q.session = s.id JOIN bookings_order_unit u ON u.order_id = q.id
            ), units AS (
                SELECT DISTINCT c.programme, c.ours, coalesce(h.id, u.id) AS id, coalesce(h.kind, u.kind) AS kind,
                       coalesce(h.path, u.path) AS path, coalesce(h.ownership, u.ownership) AS ownership
                  FROM came c JOIN accounts_organisation u ON u.id = c.unit
                  LEFT JOIN accounts_organisation h ON h.id = u.parent AND u.kind IN {_SHARING}
            )
            SELECT n.programme, count(*)::int AS units,
                   count(*) FILTER (WHERE n.id <> $4 AND starts_with(n.path, $5) AND n.kind NOT IN {_NO_UNITS})::int
                       AS units_below,
                   count(*) FILTER (WHERE n.ownership <> '')::int AS ownership_known,
                   count(*) FILTER (WHERE n.ownership = 'non_public')::int AS non_public,
                   count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM units e WHERE NOT e.ours AND e.id = n.id))::int
                       AS new_units
              FROM units n WHERE n.ours GROUP BY n.programme""",  # noqa: S608 - ours
        ids,
        since,
        until,
        organisation_id,
        path,
        year_bounds(year - 1)[0],
    )
