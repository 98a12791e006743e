"""Who can be sent to a wished time and place, and when somebody can come at all.

A few statements whatever the number of providers, sessions and events; what is decided is in ``domain/fitting.py``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.events.domain.fitting import (
    RECENT_DAYS,
    Busy,
    Candidate,
    Fit,
    FreeWindow,
    Reason,
    fit_of,
    free_windows,
    ranked,
)
from outreach.events.domain.occupation import Span
from outreach.events.domain.ratings import Rating
from outreach.events.domain.warnings import Stint, day_off
from outreach.events.queries.givers import GIVER_COLUMNS, giver_of, stints_of, travel_times
from outreach.events.warnings import load_bounds
from outreach.programmes.holidays import holidays_between
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.time import local_day

__all__ = ["Busy", "Fit", "FreeWindow", "Reason", "candidates_of", "fitting_providers", "next_windows"]

#: Active providers for events: those named for it, and those of the owner's tree with its topic.
_CANDIDATES = f"""
SELECT e.id AS event_id, {GIVER_COLUMNS}, r.kind, r.title, r.phone, r.home_district,
       ep.id IS NOT NULL AS listed
  FROM events_event e
  JOIN programmes_programme p ON p.id = e.programme
  JOIN accounts_organisation owner ON owner.id = p.organisation
  JOIN events_provider r ON r.active
  JOIN accounts_organisation o ON o.id = r.organisation
  LEFT JOIN events_event_provider ep ON ep.event = e.id AND ep.provider = r.id
 WHERE e.id = ANY($1::uuid[])
   AND (ep.id IS NOT NULL OR (e.topic <> '' AND e.topic = ANY(r.topics) AND starts_with(o.path, owner.path)))
 ORDER BY e.id, r.name, r.id
"""  # noqa: S608 - names of columns


async def candidates_of(event_ids: Sequence[UUID]) -> list[Any]:
    """Active providers by event: records with ``event_id`` and what ``giver_of`` reads."""
    return await db.rows(_CANDIDATES, list(event_ids))


async def _times_given(event_id: UUID, provider_ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """Held sessions under the event's title, this year's and earlier ones, by provider."""
    found = await db.rows(
        """SELECT sp.provider, count(*) AS number
             FROM events_session s JOIN events_session_provider sp ON sp.session = s.id
             JOIN events_event e ON e.id = s.event
             JOIN events_event wanted ON wanted.id = $1 AND (wanted.id = e.id OR wanted.title = e.title)
            WHERE sp.provider = ANY($2::uuid[]) AND s.state IN ('held', 'closed') AND s.starts_at < $3
            GROUP BY sp.provider""",
        event_id,
        list(provider_ids),
        now,
    )
    return {one["provider"]: one["number"] for one in found}


async def fitting_providers(
    event_id: UUID,
    *,
    starts_at: datetime,
    ends_at: datetime,
    district: str,
    but_session: UUID | None = None,
    now: datetime,
    ratings: Mapping[UUID, Rating] | None = None,
    usual_score: float | None = None,
    actor: Actor | None = None,
) -> list[Fit]:
    """Everybody who could give the event at that time and place, best first. Four statements.

    Args:
        district: of the place; empty: the way is left out.
        but_session: what this session ties counts as free (an order that is assigned anew).
        ratings: marks of 1 to 5 by provider, from the reviews.
        usual_score: what those without a review rank as.
        actor: who asks; of sessions that the person may not see only the times are told. ``None``: tells all.
    """
    records = await candidates_of([event_id])
    ids = [one["id"] for one in records]
    on = local_day(starts_at)
    first, last = load_bounds([on - timedelta(days=RECENT_DAYS), on])
    given = await _times_given(event_id, ids, now)
    stints = await stints_of(ids, first, last, but_session=but_session, seen_by=actor)
    times = await travel_times()
    wanted = Stint(but_session, Span(starts_at, ends_at), district)
    rated = ratings or {}
    people = [
        Candidate(
            giver_of(one),
            one["kind"],
            one["title"],
            one["phone"],
            one["home_district"],
            one["listed"],
            given.get(one["id"], 0),
            rated[one["id"]].mean if one["id"] in rated else None,
            tuple(stints[one["id"]]),
            rated[one["id"]].answers if one["id"] in rated else 0,
            rated[one["id"]].shrunk if one["id"] in rated else usual_score,
        )
        for one in records
    ]
    return ranked(fit_of(one, wanted, times) for one in people)


async def next_windows(
    event_ids: Sequence[UUID], now: datetime, *, weeks: int = 8, most: int = 6
) -> dict[UUID, list[FreeWindow]]:
    """For each event the next parts of days at which somebody could give it, at most ``most``. Four statements.

    Looks ``weeks`` weeks ahead, beginning ``lead_days`` of the event after today; the way is left out, since the place
    is not known.
    """
    events = await db.rows(
        "SELECT id, duration_minutes, lead_days FROM events_event WHERE id = ANY($1::uuid[])", list(event_ids)
    )
    today = local_day(now)
    last = today + timedelta(weeks=weeks)
    records = await candidates_of(event_ids)
    people = {one["id"]: giver_of(one) for one in records}
    stints = await stints_of(people, *load_bounds([today, last]))
    named = {on: (one.kind, one.name) for on, one in (await holidays_between(today, last)).items()}
    days_off = {on for on in _days(today, last) if day_off(on, named) is not None}
    windows: dict[UUID, list[FreeWindow]] = {id_: [] for id_ in event_ids}
    # A menu has many titles that the same people give: what is asked again is not worked out again.
    known: dict[tuple[frozenset[UUID], int, int], list[FreeWindow]] = {}
    for event in events:
        able = frozenset(one["id"] for one in records if one["event_id"] == event["id"])
        key = (able, event["duration_minutes"], event["lead_days"])
        if key not in known:
            known[key] = free_windows(
                [(people[id_], stints[id_]) for id_ in sorted(able)],
                after=now,
                first=today + timedelta(days=event["lead_days"]),
                last=last,
                minutes=event["duration_minutes"],
                days_off=days_off,
                most=most,
            )
        windows[event["id"]] = known[key]
    return windows


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
