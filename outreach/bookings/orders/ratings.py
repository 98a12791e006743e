"""What hosts said of events and of those who give them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.events.domain.ratings import Rating, shrunk_mean
from outreach.shared import db

__all__ = ["EventRatings", "Rating", "event_ratings", "ratings_of"]


#: Columns id, mean, answers, prior; ``events`` and ``providers`` are conditions on an id.
_RATINGS = """
WITH said AS (
    SELECT r.session, s.event, s.programme, (r.lecturer + r.content + r.organising) / 3.0 AS mark, r.lecturer
      FROM bookings_review r JOIN events_session s ON s.id = r.session
     WHERE s.programme IN (SELECT e.programme FROM events_event e WHERE e.id {events}
            UNION SELECT given.programme FROM events_session given
                    JOIN events_session_provider sp ON sp.session = given.id WHERE sp.provider {providers})
), usual AS (
    SELECT programme, avg(mark) AS mark, avg(lecturer) AS lecturer FROM said GROUP BY programme
)
SELECT said.event AS id, avg(said.mark)::float8 AS mean, count(*) AS answers, avg(usual.mark)::float8 AS prior
  FROM said JOIN usual USING (programme) WHERE said.event {events} GROUP BY said.event
UNION ALL
SELECT sp.provider, avg(said.lecturer)::float8, count(*), avg(usual.lecturer)::float8
  FROM said JOIN usual USING (programme) JOIN events_session_provider sp ON sp.session = said.session
 WHERE sp.provider {providers} GROUP BY sp.provider
"""
_OF_THESE = _RATINGS.format(events="= ANY($1::uuid[])", providers="= ANY($2::uuid[])")
#: Those who can give the event $1; a row without an id says what is usual in its programme.
_GIVERS = """IN (SELECT r.id FROM events_event e JOIN events_provider r ON r.active
    AND (e.topic <> '' AND e.topic = ANY(r.topics)
         OR EXISTS (SELECT 1 FROM events_event_provider ep WHERE ep.event = e.id AND ep.provider = r.id))
  WHERE e.id = $1)"""
_USUAL = """
SELECT NULL, NULL, 0, avg(r.lecturer)::float8 FROM bookings_review r JOIN events_session s ON s.id = r.session
 WHERE s.programme = (SELECT programme FROM events_event WHERE id = $1)
"""
_OF_GIVERS = _RATINGS.format(events="= ANY('{}'::uuid[])", providers=_GIVERS) + "UNION ALL" + _USUAL


def _rating(record: Any) -> Rating:
    mean, answers = record["mean"], record["answers"]
    return Rating(mean, answers, shrunk_mean(mean, answers, record["prior"]))


async def ratings_of(*, event_ids: Sequence[UUID] = (), provider_ids: Sequence[UUID] = ()) -> dict[UUID, Rating]:
    """Ratings by id; those without any are left out. One statement.

    An event's is the mean of all three marks, a provider's that of the mark for the lecturer. What few answers are
    drawn to is the mean of the programme; of a provider who came to several, theirs as often as they were rated there.
    """
    found = await db.rows(_OF_THESE, list(event_ids), list(provider_ids))
    return {one["id"]: _rating(one) for one in found}


@dataclass(frozen=True, slots=True)
class EventRatings:
    """Of those who can give an event, and what somebody without an answer is taken for: the mean of the programme.

    ``usual`` is ``None`` where nobody has answered in the programme.
    """

    by_provider: dict[UUID, Rating]
    usual: float | None


async def event_ratings(event_id: UUID) -> EventRatings:
    """What hosts said of those who can give the event, wherever they gave it. One statement."""
    found = await db.rows(_OF_GIVERS, event_id)
    return EventRatings(
        {one["id"]: _rating(one) for one in found if one["id"] is not None},
        next((one["prior"] for one in found if one["id"] is None), None),
    )
