"""A session as it is stored, with the names that are shown beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.events.domain.drafts import SessionDraft
from outreach.events.domain.visibility import SessionFacts, may_see


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with the names that pages, feeds and reports show beside it."""

    id: UUID
    event_id: UUID
    programme_id: UUID
    programme_code: str
    programme_name: str
    programme_short: str
    programme_mark: str
    programme_position: int
    programme_year: int
    confidential: bool
    organisation_id: UUID
    organisation_path: str
    title: str
    kind: str
    topic: str
    summary: str
    audience: str
    host_id: UUID | None
    host_name: str | None
    host_kind: str | None
    venue_id: UUID | None
    venue_name: str | None
    venue_directions: str | None
    address: str
    district: str
    starts_at: datetime
    ends_at: datetime
    multi_day: bool
    setup_minutes: int
    takedown_minutes: int
    capacity: int | None
    seats_taken: int
    claimable: bool
    visibility: str
    state: str
    approval_needed: bool
    booking_opens_at: datetime | None
    booking_closes_at: datetime | None
    max_seats_per_booking: int | None
    note: str
    revision: int
    revised_at: datetime
    moved_from: datetime | None
    published_at: datetime | None
    held_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str
    cancel_reason: str
    provider_ids: tuple[UUID, ...]
    provider_names: tuple[str, ...]
    provider_titles: tuple[str, ...]
    provider_person_ids: tuple[UUID, ...]
    organiser_parts: tuple[str, ...]
    organiser_ids: tuple[UUID, ...]
    organiser_names: tuple[str, ...]
    assigned: bool = False
    override_reason: str = ""
    rain_starts_at: datetime | None = None
    rain_ends_at: datetime | None = None

    @property
    def seats_left(self) -> int | None:
        """Free seats; ``None``: not limited."""
        return None if self.capacity is None else self.capacity - self.seats_taken

    @property
    def place(self) -> str:
        """Venue and address in one line; empty while a claimable session has no site yet."""
        parts = [self.venue_name or "", self.address]
        return " ".join(part for part in parts if part)

    @property
    def facts(self) -> SessionFacts:
        """What the predicates of visibility ask; a draft that was cancelled was never out and is a draft to them."""
        was_out = self.state != "cancelled" or self.published_at is not None
        return SessionFacts(
            self.state if was_out else "draft",
            self.visibility,
            self.organisation_path,
            self.host_id,
            self.host_kind,
            self.provider_person_ids,
            self.organiser_ids,
        )

    @property
    def is_public(self) -> bool:
        """Strangers may see it, and it may be passed on."""
        return may_see(None, self.facts) and not self.confidential

    def closes_at(self) -> datetime:
        """When booking ends: as set, else when it starts."""
        return self.booking_closes_at or self.starts_at

    def is_unrecorded(self, now: datetime) -> bool:
        """已过期未登记: published, past, no record."""
        return self.state == "published" and self.ends_at <= now

    def is_open(self, now: datetime) -> bool:
        """Whether seats can be booked or the whole date claimed now, leaving aside how many are free."""
        return (
            self.state == "published"
            and (self.booking_opens_at is None or self.booking_opens_at <= now)
            and now < self.closes_at()
            and now < self.starts_at
        )


#: Everything of ``SessionRow``; append WHERE, ORDER BY, LIMIT. Aliases: s session, e event, p programme, o owner,
#: h host, v venue.
SESSION_SQL = """
SELECT s.id, s.event AS event_id, s.programme AS programme_id, p.code AS programme_code, p.name AS programme_name,
       coalesce(nullif(p.short_name, ''), p.name) AS programme_short, p.mark AS programme_mark,
       p.position AS programme_position, p.year AS programme_year, p.confidential, s.organisation AS organisation_id,
       o.path AS organisation_path, s.title, s.kind, e.topic, e.summary, e.audience,
       s.host AS host_id, h.name AS host_name, h.kind AS host_kind, s.venue AS venue_id, v.name AS venue_name,
       v.directions AS venue_directions, s.address, s.district, s.starts_at, s.ends_at, s.multi_day, s.setup_minutes,
       s.takedown_minutes, s.capacity, s.seats_taken, s.claimable, s.visibility, s.state, s.approval_needed,
       s.booking_opens_at, s.booking_closes_at, s.max_seats_per_booking, s.note, s.revision, s.revised_at, s.moved_from,
       s.published_at, s.held_at, s.closed_at, s.cancelled_at, s.cancelled_by, s.cancel_reason,
       s.assigned, s.override_reason, s.rain_starts_at, s.rain_ends_at,
       providers.ids AS provider_ids, providers.names AS provider_names, providers.titles AS provider_titles,
       providers.people AS provider_person_ids, organisers.parts AS organiser_parts, organisers.ids AS organiser_ids,
       organisers.names AS organiser_names
  FROM events_session s
  JOIN events_event e ON e.id = s.event
  JOIN programmes_programme p ON p.id = s.programme
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host
  LEFT JOIN events_venue v ON v.id = s.venue
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(r.id ORDER BY sp.position), '{}') AS ids,
             coalesce(array_agg(r.name ORDER BY sp.position), '{}') AS names,
             coalesce(array_agg(r.title ORDER BY sp.position), '{}') AS titles,
             coalesce(array_agg(r.person) FILTER (WHERE r.person IS NOT NULL), '{}') AS people
        FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider
       WHERE sp.session = s.id
  ) providers
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(so.part ORDER BY so.part, so.id), '{}') AS parts,
             coalesce(array_agg(g.id ORDER BY so.part, so.id), '{}') AS ids,
             coalesce(array_agg(g.name ORDER BY so.part, so.id), '{}') AS names
        FROM events_session_organiser so JOIN accounts_organisation g ON g.id = so.organisation
       WHERE so.session = s.id
  ) organisers
"""


#: What counting needs of ``SESSION_SQL``: the same aliases, without providers.
SESSION_FROM = """
  FROM events_session s
  JOIN events_event e ON e.id = s.event
  JOIN programmes_programme p ON p.id = s.programme
  JOIN accounts_organisation o ON o.id = s.organisation
  LEFT JOIN accounts_organisation h ON h.id = s.host
  LEFT JOIN events_venue v ON v.id = s.venue
"""


_TUPLES = (
    "provider_ids",
    "provider_names",
    "provider_titles",
    "provider_person_ids",
    "organiser_parts",
    "organiser_ids",
    "organiser_names",
)


def session_row(record: Any) -> SessionRow:
    """A record of ``SESSION_SQL`` as row."""
    values = dict(record)
    for name in _TUPLES:
        values[name] = tuple(values[name])
    return SessionRow(**values)


def draft_of(session: SessionRow) -> SessionDraft:
    """What staff decided about a stored session; change it with ``dataclasses.replace``."""
    return SessionDraft(
        event_id=session.event_id,
        organisation_id=session.organisation_id,
        title=session.title,
        kind=session.kind,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        provider_ids=session.provider_ids,
        venue_id=session.venue_id,
        host_id=session.host_id,
        address=session.address,
        district=session.district,
        multi_day=session.multi_day,
        setup_minutes=session.setup_minutes,
        takedown_minutes=session.takedown_minutes,
        capacity=session.capacity,
        claimable=session.claimable,
        visibility=session.visibility,
        approval_needed=session.approval_needed,
        booking_opens_at=session.booking_opens_at,
        booking_closes_at=session.booking_closes_at,
        max_seats_per_booking=session.max_seats_per_booking,
        note=session.note,
        organisers=tuple(zip(session.organiser_parts, session.organiser_ids, strict=True)),
    )
