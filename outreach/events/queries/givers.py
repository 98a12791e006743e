"""Providers as warnings and ranking ask of them: limits, absences, and what ties them already."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from outreach.events.domain.occupation import Span, people_spans
from outreach.events.domain.travel import TravelTimes, travel_times_of
from outreach.events.domain.warnings import Absence, Giver, Stint
from outreach.events.queries.conditions import visible_sql
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import day_bounds

__all__ = [
    "ABSENCES_SQL",
    "GIVER_COLUMNS",
    "absences_of",
    "giver_of",
    "givers",
    "known_districts",
    "stints_of",
    "travel_times",
]

#: Of alias r, as JSON.
ABSENCES_SQL = """(SELECT coalesce(json_agg(json_build_array(a.from_on, a.until_on, a.reason)
                              ORDER BY a.from_on, a.until_on), '[]')
                    FROM events_provider_absence a WHERE a.provider = r.id)"""

#: What ``giver_of`` reads, of alias r.
GIVER_COLUMNS = f"""r.id, r.name, r.parallel_teams, r.max_per_day, r.max_per_week, r.max_per_month, r.available_parts,
       {ABSENCES_SQL} AS absences"""


def absences_of(text: str) -> tuple[Absence, ...]:
    """What ``ABSENCES_SQL`` answers."""
    return tuple(Absence(*one) for one in msgspec.json.decode(text, type=list[tuple[date, date, str]]))


def giver_of(record: Any) -> Giver:
    """A record with ``GIVER_COLUMNS``."""
    return Giver(
        record["id"],
        record["name"],
        record["parallel_teams"],
        record["max_per_day"],
        record["max_per_week"],
        record["max_per_month"],
        tuple(record["available_parts"]),
        absences_of(record["absences"]),
    )


async def givers(provider_ids: Sequence[UUID]) -> list[Giver]:
    """The providers in the order of their names."""
    found = await db.rows(
        f"SELECT {GIVER_COLUMNS} FROM events_provider r WHERE r.id = ANY($1::uuid[]) ORDER BY r.name, r.id",  # noqa: S608
        list(provider_ids),
    )
    return [giver_of(one) for one in found]


async def travel_times() -> TravelTimes:
    """The table of staff over the defaults."""
    found = await db.rows("SELECT district_a, district_b, minutes FROM events_travel_time")
    return travel_times_of((one["district_a"], one["district_b"], one["minutes"]) for one in found)


async def known_districts() -> list[str]:
    """Names of districts that stand anywhere: of organisations, places, providers and in the table of travel times."""
    found = await db.rows(
        """SELECT district FROM accounts_organisation UNION SELECT district FROM events_venue
           UNION SELECT home_district FROM events_provider UNION SELECT district_a FROM events_travel_time
           UNION SELECT district_b FROM events_travel_time ORDER BY 1"""
    )
    return [one["district"] for one in found if one["district"]]


_STINTS = """
SELECT sp.provider, s.id, s.starts_at, s.ends_at, s.multi_day, s.setup_minutes, s.takedown_minutes, s.district,
       coalesce(s.venue::text, s.address) AS address, s.title, s.state, s.rain_starts_at, s.rain_ends_at,
       {seen} AS seen
  FROM events_session_provider sp
  JOIN events_session s ON s.id = sp.session
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host
 WHERE sp.provider = ANY($1::uuid[]) AND s.id IS DISTINCT FROM $4
   AND (s.state IN ('published', 'held', 'closed') OR (s.state = 'draft' AND s.assigned))
   AND ((s.starts_at < $3 AND s.ends_at > $2) OR (s.rain_starts_at < $3 AND s.rain_ends_at > $2))
 ORDER BY s.starts_at, s.id
"""


async def stints_of(
    provider_ids: Iterable[UUID],
    first: date,
    last: date,
    *,
    but_session: UUID | None = None,
    seen_by: Actor | None = None,
) -> dict[UUID, list[Stint]]:
    """What ties each provider on the days ``first`` to ``last``: drafts of orders, published, held and closed sessions.

    Args:
        seen_by: stints of sessions that this person may not see have no title and no place; ``None``: all have.
    """
    wanted = list(provider_ids)
    start, end = day_bounds(first, last)
    seen, values = ("true", []) if seen_by is None else visible_sql(seen_by, 5)
    found = await db.rows(_STINTS.format(seen=seen), wanted, start, end, but_session, *values)
    by_provider: dict[UUID, list[Stint]] = {id_: [] for id_ in wanted}
    for one in found:
        by_provider[one["provider"]] += stints_in(one)
    return by_provider


def stints_in(record: Any) -> list[Stint]:
    """The times at which one session ties those who give it, its rain date too while it may still be needed."""
    spans = [(record["starts_at"], record["ends_at"], True)]
    if record["rain_starts_at"] is not None and record["state"] in ("draft", "published"):
        spans.append((record["rain_starts_at"], record["rain_ends_at"], False))
    return [
        Stint(
            record["id"],
            span,
            record["district"] if record["seen"] else "",
            record["address"] if record["seen"] else "",
            0 if record["multi_day"] else record["setup_minutes"],
            0 if record["multi_day"] else record["takedown_minutes"],
            counts=counts and number == 0,
            title=record["title"] if record["seen"] else "",
        )
        for starts_at, ends_at, counts in spans
        for number, span in enumerate(_people(record, starts_at, ends_at))
    ]


def _people(record: Any, starts_at: datetime, ends_at: datetime) -> tuple[Span, ...]:
    return people_spans(
        starts_at,
        ends_at,
        multi_day=record["multi_day"],
        setup_minutes=record["setup_minutes"],
        takedown_minutes=record["takedown_minutes"],
    )
