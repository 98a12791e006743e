"""What is known of tours and their stops; one statement a question, two for a part of a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.shared import db
from outreach.shared.actors import Actor
from outreach.shared.errors import ForbiddenError, NotFoundError, invalid
from outreach.shared.paging import Page, decode_cursor, page_of
from outreach.tours.domain.drafts import StopDraft, TourDraft
from outreach.tours.domain.permissions import TourFacts, may_keep, may_read

__all__ = [
    "StopRow",
    "TourRow",
    "kept_tour",
    "known_hosts",
    "readable_tour",
    "stop_of",
    "stops_of",
    "tour_by_id",
    "tours_of_person",
    "tours_page",
    "usual_addresses",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TourRow:
    """A tour with the names that stand beside it."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    event_id: UUID
    event_title: str
    event_kind: str
    site_needs: str
    programme_name: str
    provider_id: UUID
    provider_name: str
    provider_phone: str
    provider_person_id: UUID | None
    name: str
    first_on: date
    last_on: date
    on_days_off: bool
    day_starts: int
    day_ends: int
    break_starts: int | None
    break_ends: int | None
    minutes: int
    most_per_day: int | None
    start_district: str
    note: str
    state: str
    revision: int
    made_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    stops: int
    placed: int

    @property
    def facts(self) -> TourFacts:
        """What the predicates ask."""
        return TourFacts(self.state, self.organisation_path, self.provider_person_id)

    @property
    def draft(self) -> TourDraft:
        """What staff decided about it."""
        return TourDraft(**{name: getattr(self, name) for name in TourDraft.__dataclass_fields__})


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """A stop; what its session says comes before what was planned."""

    id: UUID
    tour_id: UUID
    host_id: UUID
    host_name: str
    number: int
    address: str
    district: str
    needs: str
    only_on: date | None
    earliest: int | None
    latest: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    session_id: UUID | None
    session_state: str

    @property
    def is_off(self) -> bool:
        """Its session was cancelled: nobody goes there."""
        return self.session_state == "cancelled"

    @property
    def draft(self) -> StopDraft:
        """What staff decided about it."""
        return StopDraft(**{name: getattr(self, name) for name in StopDraft.__dataclass_fields__})


_FROM = """
  FROM tours_tour t
  JOIN accounts_organisation o ON o.id = t.organisation
  JOIN events_event e ON e.id = t.event
  JOIN programmes_programme p ON p.id = e.programme
  JOIN events_provider r ON r.id = t.provider
"""
_TOUR = f"""
SELECT t.id, t.organisation AS organisation_id, o.name AS organisation_name, o.path AS organisation_path,
       t.event AS event_id, e.title AS event_title, e.kind AS event_kind, e.site_needs,
       coalesce(nullif(p.short_name, ''), p.name) AS programme_name, t.provider AS provider_id,
       r.name AS provider_name, r.phone AS provider_phone, r.person AS provider_person_id, t.name, t.first_on,
       t.last_on, t.on_days_off, t.day_starts, t.day_ends, t.break_starts, t.break_ends, t.minutes, t.most_per_day,
       t.start_district, t.note, t.state, t.revision, t.made_at, t.cancelled_at, t.cancel_reason,
       (SELECT count(*) FROM tours_stop x WHERE x.tour = t.id)::int AS stops,
       (SELECT count(*) FROM tours_stop x WHERE x.tour = t.id AND x.starts_at IS NOT NULL)::int AS placed
{_FROM}
"""  # noqa: S608 - our own words
_KEPT = "EXISTS (SELECT 1 FROM unnest($1::text[]) mine WHERE starts_with(o.path, mine))"

_STOP = """
SELECT x.id, x.tour AS tour_id, x.host AS host_id, h.name AS host_name, x.number,
       coalesce(s.address, x.address) AS address, coalesce(s.district, x.district) AS district, x.needs, x.only_on,
       x.earliest, x.latest, coalesce(s.starts_at, x.starts_at) AS starts_at,
       coalesce(s.ends_at, x.starts_at + make_interval(mins => t.minutes)) AS ends_at, x.session AS session_id,
       coalesce(s.state, '') AS session_state
  FROM tours_stop x
  JOIN tours_tour t ON t.id = x.tour
  JOIN accounts_organisation h ON h.id = x.host
  LEFT JOIN events_session s ON s.id = x.session
"""


async def tour_by_id(tour_id: UUID) -> TourRow:
    """The tour, whoever asks.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_TOUR} WHERE t.id = $1", tour_id)
    if found is None:
        raise NotFoundError
    return TourRow(**dict(found))


async def readable_tour(actor: Actor, tour_id: UUID) -> TourRow:
    """The tour, for who keeps it and who travels.

    Raises:
        NotFoundError: there is none for this caller.
    """
    tour = await tour_by_id(tour_id)
    if not may_read(actor, tour.facts):
        raise NotFoundError
    return tour


async def kept_tour(actor: Actor, tour_id: UUID) -> TourRow:
    """The tour, for who keeps it.

    Raises:
        NotFoundError: there is none for this caller.
        ForbiddenError: the caller travels and does not keep it.
    """
    tour = await readable_tour(actor, tour_id)
    if not may_keep(actor, tour.facts):
        raise ForbiddenError
    return tour


async def tours_page(actor: Actor, *, limit: int, after: str | None = None) -> Page[TourRow]:
    """The tours that the caller keeps, the latest first."""
    args: list[Any] = [list(actor.organised_paths)]
    total = await db.value(f"SELECT count(*) {_FROM} WHERE {_KEPT}", *args)
    where = _KEPT
    if after:
        day, id_ = decode_cursor(after, 2)
        try:
            args += [date.fromisoformat(day), UUID(id_)]
        except ValueError:
            raise invalid("after", "bad-cursor") from None
        where += " AND (t.first_on, t.id) < ($2, $3)"
    found = await db.rows(
        f"{_TOUR} WHERE {where} ORDER BY t.first_on DESC, t.id DESC LIMIT ${len(args) + 1}", *args, limit + 1
    )
    rows = [TourRow(**dict(one)) for one in found]
    return page_of(rows, limit, total, lambda one: (one.first_on.isoformat(), str(one.id)))


async def tours_of_person(person_id: UUID, today: date) -> list[TourRow]:
    """Tours that are not over on which the person travels, the next first."""
    found = await db.rows(
        f"{_TOUR} WHERE r.person = $1 AND t.state = 'made' AND t.last_on >= $2 ORDER BY t.first_on, t.id LIMIT 50",
        person_id,
        today,
    )
    return [TourRow(**dict(one)) for one in found]


async def stops_of(tour_id: UUID) -> list[StopRow]:
    """The stops by time, those without one last, as they were put down."""
    found = await db.rows(f"{_STOP} WHERE x.tour = $1 ORDER BY 12 NULLS LAST, x.number, x.id", tour_id)
    return [StopRow(**dict(one)) for one in found]


async def stop_of(tour_id: UUID, stop_id: UUID) -> StopRow:
    """One stop of the tour.

    Raises:
        NotFoundError: there is none.
    """
    found = await db.row(f"{_STOP} WHERE x.tour = $1 AND x.id = $2", tour_id, stop_id)
    if found is None:
        raise NotFoundError
    return StopRow(**dict(found))


async def known_hosts(actor: Actor, names: list[str]) -> Mapping[str, list[tuple[UUID, str]]]:
    """Units of the caller by full name or code, as typed: (id, district); several where a name is not unique."""
    found = await db.rows(
        f"""SELECT w AS typed, o.id, o.district FROM unnest($2::text[]) w
              JOIN accounts_organisation o ON (o.name = w OR lower(o.code) = lower(w))
             WHERE o.closed_on IS NULL AND {_KEPT} ORDER BY o.path""",  # noqa: S608 - ours
        list(actor.organised_paths),
        names,
    )
    known: dict[str, list[tuple[UUID, str]]] = {}
    for one in found:
        known.setdefault(one["typed"], []).append((one["id"], one["district"]))
    return known


async def usual_addresses(host_ids: list[UUID], now: datetime) -> dict[UUID, tuple[str, str]]:
    """Where something took place or was ordered last at each unit: address and district; within three years."""
    found = await db.rows(
        """SELECT DISTINCT ON (unit) unit, address, district FROM (
               SELECT s.host AS unit, s.address, s.district, s.starts_at AS at FROM events_session s
                WHERE s.host = ANY($1::uuid[]) AND s.address <> '' AND s.state <> 'cancelled' AND s.starts_at > $2
               UNION ALL
               SELECT q.organisation, q.address, q.district, q.submitted_at FROM bookings_order q
                WHERE q.organisation = ANY($1::uuid[]) AND q.address <> '' AND q.submitted_at > $2) known
            ORDER BY unit, at DESC""",
        host_ids,
        now - timedelta(days=3 * 365),
    )
    return {one["unit"]: (one["address"], one["district"]) for one in found}
