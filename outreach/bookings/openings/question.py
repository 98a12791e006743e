"""What has to be asked before a booking, claim or order is admitted, read in one statement.

The statement that looks at a session for other reasons may carry the columns along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.events.domain.openings import OpeningFacts, OpeningState, state_of
from outreach.shared.time import ZONE

__all__ = ["QUESTION_SQL", "AskedOpening", "Head", "Question", "Rules", "question_from", "question_of"]

#: What ``question_of`` reads, to stand beside columns of others: one row for each opening and unit (aliases p, u).
QUESTION_SQL = """
       p.id AS programme_id, p.organisation AS owner_id, p.max_per_organisation AS per_programme,
       y.max_per_organisation AS per_year, at.year AS limiting_year, u.id AS unit_id, u.name AS unit_name,
       coalesce(h.id, u.id) AS head_id, coalesce(h.district, u.district) AS head_district,
       w.id AS opening_id, w.name AS opening_name, w.opens_at, w.closes_at, w.for_whom, w.districts, w.unserved_years,
       w.max_per_organisation AS per_opening, w.places
"""


def question_from(*, at: str, session: str, event: str) -> str:
    """The joins of ``QUESTION_SQL``, given the SQL of the moment that decides the year and of what is asked for."""
    return f"""
 CROSS JOIN LATERAL (SELECT extract(year FROM {at} AT TIME ZONE '{ZONE.key}')::int AS year) at
  LEFT JOIN programmes_year y ON y.organisation = p.organisation AND y.year = at.year
  LEFT JOIN accounts_organisation h ON h.id = u.parent AND u.kind IN ('womens_committee', 'guest')
  LEFT JOIN LATERAL (SELECT l.opening FROM events_opening_session l WHERE l.session = {session}
                     UNION ALL
                     SELECT l.opening FROM events_opening_event l WHERE l.event = {event}) opened ON true
  LEFT JOIN events_opening w ON w.id = opened.opening
"""  # noqa: S608 - words of ours


@dataclass(frozen=True, slots=True)
class Rules:
    """What limits things of a programme in a year; ``None``: nothing does."""

    programme_id: UUID
    owner_id: UUID
    per_programme: int | None
    year: int
    per_year: int | None


@dataclass(frozen=True, slots=True)
class Head:
    """A union or sponsor whose group shares limits, and the unit that asks."""

    id: UUID
    district: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class AskedOpening:
    """An opening without its quotas: they count only under its lock."""

    id: UUID
    name: str
    facts: OpeningFacts

    def state(self, now: datetime) -> OpeningState:
        return state_of(self.facts, now)


@dataclass(frozen=True, slots=True)
class Question:
    """Which limits and openings concern a thing, and the heads of the units that want it; nothing is locked yet."""

    rules: Rules
    heads: Mapping[UUID, Head]
    openings: tuple[AskedOpening, ...]

    @property
    def is_limited(self) -> bool:
        """Whether anything has to be asked; the same as not ``UNLIMITED_SQL``."""
        limits = (self.rules.per_programme, self.rules.per_year)
        return bool(self.openings) or any(limit is not None for limit in limits)


def question_of(found: Sequence[Any]) -> Question:
    """Read from the rows of ``QUESTION_SQL``, at least one; the openings keep their order."""
    one = found[0]
    return Question(
        Rules(one["programme_id"], one["owner_id"], one["per_programme"], one["limiting_year"], one["per_year"]),
        {
            row["unit_id"]: Head(row["head_id"], row["head_district"], row["unit_name"])
            for row in found
            if row["unit_id"] is not None
        },
        tuple({row["opening_id"]: _opening(row) for row in found if row["opening_id"] is not None}.values()),
    )


def _opening(row: Any) -> AskedOpening:
    facts = OpeningFacts(
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
        for_whom=row["for_whom"],
        districts=tuple(row["districts"]),
        unserved_years=row["unserved_years"],
        max_per_organisation=row["per_opening"],
        places=row["places"],
    )
    return AskedOpening(row["opening_id"], row["opening_name"], facts)
