"""What evaluators read of sessions: when, what, where in districts, and every figure; no person, no place, no file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.attendance.closing.queries import evidence_of
from outreach.attendance.costs.domain.money import mean_fen
from outreach.attendance.costs.queries import costs_of
from outreach.attendance.opinions.domain.opinions import LEAST_FOR_STAFF, OpinionSummary, shown_from, summary_of
from outreach.attendance.opinions.queries import opinions_of_sessions
from outreach.attendance.queries import VISITS_BY_DAY
from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import NotFoundError
from outreach.shared.time import day_bounds, year_bounds

__all__ = [
    "EvaluatedSession",
    "ReviewMarks",
    "evaluated_session",
    "evaluated_sessions",
    "guests_among",
    "number_of_sessions",
    "reviews_of_session",
    "session_ids_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedSession:
    """One session that counts.

    Attributes:
        unit: the host; empty for a guest (barracks, care home, school), for a confidential programme, and without one.
        district: empty for a confidential programme, too.
        visits, workers: ``None``: not recorded, nobody said.
        check_ins: by name, a day of a person being one.
        opinions: what attendees said; with fewer than ``LEAST_FOR_STAFF`` only how many.
        reviews, review_mark: how many units rated it, and the mean of all their marks.
        cost_fen: ``None``: nothing is written down.
        evidence: kind → files.
    """

    id: UUID
    starts_at: datetime
    ends_at: datetime
    state: str
    programme_id: UUID
    programme_name: str
    programme_short: str
    programme_mark: str
    confidential: bool
    organisation_path: str
    title: str
    kind: str
    district: str
    unit: str
    seats: int | None
    visits: int | None
    workers: int | None
    check_ins: int
    opinions: OpinionSummary
    reviews: int
    review_mark: float | None
    cost_fen: int | None
    cost_by_kind: dict[str, int]
    evidence: dict[str, int]

    @property
    def fen_per_visit(self) -> int | None:
        """``None``: the cost or the visits are not known."""
        return mean_fen(self.cost_fen, self.visits or 0) if self.cost_fen is not None else None


#: Filled with what chooses sessions (aliases s, p) and with the day that cuts them.
_SESSIONS = (
    """
WITH ours AS (
    SELECT s.id, s.starts_at FROM events_session s JOIN programmes_programme p ON p.id = s.programme
     WHERE s.state IN ('held', 'closed') AND {where}
), days AS ("""  # noqa: S608 - ours
    + VISITS_BY_DAY
    + """), came AS (
    SELECT session, sum(total)::int AS visits, sum(workers)::int AS workers FROM days
     WHERE "on" <= {day} GROUP BY session
), named AS (
    SELECT session, count(*)::int AS check_ins FROM attendance_attendee
     WHERE session IN (SELECT id FROM ours) AND present AND "on" <= {day} GROUP BY session
), rated AS (
    SELECT session, count(*)::int AS reviews, avg((lecturer + content + organising) / 3.0)::float8 AS mark
      FROM bookings_review WHERE session IN (SELECT id FROM ours) GROUP BY session
)
SELECT s.id, s.starts_at, s.ends_at, s.state, p.id AS programme_id, p.name AS programme_name,
       coalesce(nullif(p.short_name, ''), p.name) AS programme_short, p.mark AS programme_mark, p.confidential,
       o.path AS organisation_path, s.title, s.kind, CASE WHEN p.confidential THEN '' ELSE s.district END AS district,
       CASE WHEN p.confidential OR h.kind = 'guest' THEN '' ELSE coalesce(h.name, '') END AS unit,
       s.capacity AS seats, came.visits, came.workers, coalesce(named.check_ins, 0) AS check_ins,
       coalesce(rated.reviews, 0) AS reviews, rated.mark AS review_mark
  FROM ours JOIN events_session s ON s.id = ours.id
  JOIN programmes_programme p ON p.id = s.programme
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host
  LEFT JOIN came ON came.session = s.id LEFT JOIN named ON named.session = s.id LEFT JOIN rated ON rated.session = s.id
 ORDER BY s.starts_at, s.id
"""
)
_OF_OWNER = """p.organisation = $1 AND s.starts_at >= $2 AND s.starts_at < $3
       AND ($5::uuid IS NULL OR s.programme = $5)"""
_LIST = _SESSIONS.format(where=_OF_OWNER + " ORDER BY s.starts_at, s.id LIMIT $6 OFFSET $7", day="$4")
_ONE = _SESSIONS.format(where="s.id = $1", day="'infinity'::date")

#: As many as nobody has: no limit.
_ALL = 1_000_000


def _span(year: int, as_of: date) -> tuple[datetime, datetime]:
    first, last = year_bounds(year)
    return first, min(last, day_bounds(as_of, as_of)[1])


async def number_of_sessions(organisation_id: UUID, *, year: int, as_of: date, programme_id: UUID | None = None) -> int:
    """How many sessions count by the day, of the owner's programmes or of one of them."""
    return int(
        await db.value(
            """SELECT count(*) FROM events_session s JOIN programmes_programme p ON p.id = s.programme
                WHERE s.state IN ('held', 'closed') AND p.organisation = $1 AND s.starts_at >= $2 AND s.starts_at < $3
                  AND ($4::uuid IS NULL OR s.programme = $4)""",
            organisation_id,
            *_span(year, as_of),
            programme_id,
        )
    )


async def session_ids_of(programme_id: UUID, *, as_of: date) -> list[UUID]:
    """The sessions of a programme that count by the day."""
    found = await db.rows(
        """SELECT s.id FROM events_session s JOIN programmes_programme p ON p.id = s.programme
            WHERE p.id = $1 AND s.state IN ('held', 'closed') AND s.starts_at < $2
              AND extract(year FROM timezone('Asia/Shanghai', s.starts_at)) = p.year""",
        programme_id,
        day_bounds(as_of, as_of)[1],
    )
    return [one["id"] for one in found]


async def evaluated_sessions(
    organisation_id: UUID,
    *,
    year: int,
    as_of: date,
    programme_id: UUID | None = None,
    limit: int = _ALL,
    offset: int = 0,
) -> list[EvaluatedSession]:
    """Sessions that count by the day, by start; four statements, however many there are."""
    found = await db.rows(_LIST, organisation_id, *_span(year, as_of), as_of, programme_id, limit, offset)
    return await _with_the_rest(found)


async def evaluated_session(actor: Actor, session_id: UUID) -> EvaluatedSession:
    """One session that took place, whatever was recorded of it until now.

    Raises:
        NotFoundError: there is none, or the actor does not evaluate who runs it.
    """
    found = await _with_the_rest(await db.rows(_ONE, session_id))
    if not found or not actor.evaluates(found[0].organisation_path):
        raise NotFoundError
    return found[0]


async def _with_the_rest(found: Sequence[Any]) -> list[EvaluatedSession]:
    ids = [one["id"] for one in found]
    if not ids:
        return []
    said, costs, files = await opinions_of_sessions(ids), await costs_of(ids), await evidence_of(ids)
    made = []
    for one in found:
        lines = costs[one["id"]]
        by_kind: Counter[str] = Counter()
        for line in lines:
            by_kind[line.kind] += line.amount_fen
        opinions = said.get(one["id"]) or _nothing_said()
        made.append(
            EvaluatedSession(
                **one,
                opinions=shown_from(opinions, LEAST_FOR_STAFF),
                cost_fen=sum(by_kind.values()) if lines else None,
                cost_by_kind=dict(by_kind),
                evidence=dict(Counter(file.kind for file in files[one["id"]])),
            )
        )
    return made


def _nothing_said() -> OpinionSummary:
    nobody = (0, 0, 0, 0, 0)
    return summary_of({"useful": nobody, "delivery": nobody, "arrangement": nobody})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMarks:
    """The marks of one unit; ``unit`` is empty for a guest. What it wrote may name people and stays away."""

    unit: str
    lecturer: int
    content: int
    organising: int
    again: bool


async def reviews_of_session(session_id: UUID, *, confidential: bool) -> list[ReviewMarks]:
    """The units' marks, the oldest first."""
    found = await db.rows(
        """SELECT CASE WHEN $2 OR o.kind = 'guest' THEN '' ELSE o.name END AS unit, r.lecturer, r.content, r.organising,
                  r.again
             FROM bookings_review r JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.session = $1 ORDER BY r.created_at, r.id""",
        session_id,
        confidential,
    )
    return [ReviewMarks(**one) for one in found]


async def guests_among(organisation_ids: Sequence[UUID]) -> set[UUID]:
    """Those of them that never appear outside by name."""
    found = await db.rows(
        "SELECT id FROM accounts_organisation WHERE id = ANY($1::uuid[]) AND kind = 'guest'", list(organisation_ids)
    )
    return {one["id"] for one in found}
