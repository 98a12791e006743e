"""Scores of what a provider gave, and of the menu and the providers of those who run them; hosts' beside attendees'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.attendance.opinions.domain.opinions import LEAST_TO_SHOW, OpinionSummary, shown_from
from outreach.attendance.opinions.queries import opinions_of_events, opinions_of_providers, opinions_of_sessions
from outreach.bookings.orders.ratings import ratings_of
from outreach.events.domain.ratings import Rating
from outreach.events.queries import SESSION_SQL, SessionRow, session_row
from outreach.shared import db
from outreach.shared.actors import Actor

__all__ = ["GivenSession", "Score", "event_scores", "given_sessions", "own_score", "provider_scores"]


@dataclass(frozen=True, slots=True)
class Score:
    """An event or a provider: ``hosts`` and ``attendees`` are ``None`` without an answer, never mixed."""

    id: UUID
    name: str
    note: str
    hosts: Rating | None
    attendees: Rating | None


@dataclass(frozen=True, slots=True)
class GivenSession:
    """A session that the reader gave; ``summary`` as a provider may read it, ``None`` without an answer."""

    session: SessionRow
    summary: OpinionSummary | None

    @property
    def missing(self) -> int:
        """How many answers are wanting before marks are shown."""
        return max(LEAST_TO_SHOW - self.summary.answers, 0) if self.summary else LEAST_TO_SHOW


async def given_sessions(actor: Actor, now: datetime, *, limit: int = 50) -> list[GivenSession]:
    """What the actor gave as provider and has begun, the latest first; two statements."""
    found = [
        session_row(one)
        for one in await db.rows(
            SESSION_SQL + " WHERE s.state IN ('published', 'held', 'closed') AND s.starts_at <= $2"
            " AND $1::uuid = ANY(providers.people) ORDER BY s.starts_at DESC, s.id LIMIT $3",
            actor.person_id,
            now,
            limit,
        )
    ]
    said = await opinions_of_sessions([one.id for one in found])
    return [GivenSession(one, shown_from(said[one.id], LEAST_TO_SHOW) if one.id in said else None) for one in found]


async def own_score(actor: Actor) -> list[Score]:
    """The actor's own, as lecturer or leader of a troupe, with both scores once enough have answered."""
    found = await db.rows(
        "SELECT id, name, kind FROM events_provider WHERE person = $1 ORDER BY name, id", actor.person_id
    )
    ids = [one["id"] for one in found]
    return _scores([(one["id"], one["name"], "") for one in found], await _of_providers(ids))


async def event_scores(actor: Actor, year: int) -> list[Score]:
    """Of the menu of a year below the organisations that the actor runs; by programme and title; three statements."""
    found = await db.rows(
        """SELECT e.id, e.title, p.name FROM events_event e JOIN programmes_programme p ON p.id = e.programme
             JOIN accounts_organisation o ON o.id = p.organisation
            WHERE p.year = $2 AND EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
            ORDER BY p.position, p.code, e.title, e.id""",
        list(actor.organised_paths),
        year,
    )
    ids = [one["id"] for one in found]
    both = await ratings_of(event_ids=ids), await opinions_of_events(ids)
    return _scores([(one["id"], one["title"], one["name"]) for one in found], both)


async def provider_scores(actor: Actor) -> list[Score]:
    """Of the lecturers and troupes of the organisations that the actor runs, by name; three statements."""
    found = await db.rows(
        """SELECT r.id, r.name, r.home_district FROM events_provider r
             JOIN accounts_organisation o ON o.id = r.organisation
            WHERE r.active AND EXISTS (SELECT 1 FROM unnest($1::text[]) run WHERE starts_with(o.path, run))
            ORDER BY r.name, r.id""",
        list(actor.organised_paths),
    )
    ids = [one["id"] for one in found]
    return _scores([(one["id"], one["name"], one["home_district"]) for one in found], await _of_providers(ids))


async def _of_providers(ids: Sequence[UUID]) -> tuple[Mapping[UUID, Rating], Mapping[UUID, Rating]]:
    return await ratings_of(provider_ids=ids), await opinions_of_providers(ids)


def _scores(
    named: Sequence[tuple[UUID, str, str]], both: tuple[Mapping[UUID, Rating], Mapping[UUID, Rating]]
) -> list[Score]:
    hosts, attendees = both
    return [Score(id_, name, note, hosts.get(id_), attendees.get(id_)) for id_, name, note in named]
