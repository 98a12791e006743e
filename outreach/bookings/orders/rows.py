"""An order as it is stored, with the names that are shown beside it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outreach.bookings.orders.domain.drafts import OrderDraft, Window
from outreach.bookings.orders.domain.permissions import OrderFacts
from outreach.bookings.orders.domain.states import OPEN
from outreach.events.domain.parts import DayPart

__all__ = ["ORDER_FROM", "ORDER_SQL", "OrderRow", "draft_of", "order_row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order with everything that boards, pages and forms show of it.

    ``session_*`` and ``provider_*`` are those of the present assignment and empty without one; ``provider_phones`` is
    for staff only. ``accepted_ids`` are providers that accepted the present assignment. ``score`` is the mean of the
    three marks of its review, 1 to 5.
    """

    id: UUID
    state: str
    event_id: UUID
    event_title: str
    event_kind: str
    topic: str
    duration_minutes: int
    site_needs: str
    min_audience: int | None
    max_audience: int | None
    lead_days: int
    programme_id: UUID
    programme_mark: str
    programme_name: str
    programme_short: str
    two_step: bool
    answer_hours: int
    cancel_hours: int | None
    owner_id: UUID
    owner_name: str
    owner_path: str
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    organisation_kind: str
    endorser_name: str
    audience: int
    address: str
    district: str
    site_lacks: str
    contact_name: str
    contact_phone: str
    note: str
    agrees_public: bool
    opening_id: UUID | None
    session_id: UUID | None
    assignment: int
    answer_by: datetime | None
    reason: str
    first_on: date
    last_on: date
    submitted_at: datetime
    endorsed_at: datetime | None
    approved_at: datetime | None
    assigned_at: datetime | None
    scheduled_at: datetime | None
    fulfilled_at: datetime | None
    reviewed_at: datetime | None
    ended_at: datetime | None
    changed_at: datetime
    created_by: UUID | None
    form_key: UUID | None
    revision: int
    windows: tuple[Window, ...]
    joined_ids: tuple[UUID, ...]
    joined_names: tuple[str, ...]
    organisers: tuple[tuple[str, UUID], ...]
    organiser_names: tuple[str, ...]
    session_title: str | None
    session_state: str | None
    session_revision: int | None
    session_starts_at: datetime | None
    session_ends_at: datetime | None
    session_address: str
    rain_starts_at: datetime | None
    rain_ends_at: datetime | None
    override_reason: str
    provider_ids: tuple[UUID, ...]
    provider_names: tuple[str, ...]
    provider_phones: tuple[str, ...]
    person_ids: tuple[UUID | None, ...]
    accepted_ids: tuple[UUID, ...]
    scan_id: UUID | None
    scan_digest: str | None
    scan_media_type: str | None
    scan_name: str
    score: float | None

    @property
    def facts(self) -> OrderFacts:
        """What the predicates of permission ask."""
        return OrderFacts(
            self.state,
            self.organisation_id,
            self.organisation_path,
            self.owner_path,
            self.joined_ids,
            tuple(id_ for id_ in self.person_ids if id_ is not None),
            self.two_step,
        )

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something before it has a date."""
        return self.state in OPEN

    def has_begun(self, now: datetime) -> bool:
        """Whether the session of the present assignment has begun."""
        return self.session_starts_at is not None and self.session_starts_at <= now

    @property
    def unanswered_ids(self) -> tuple[UUID, ...]:
        """Providers of the present assignment that have not accepted."""
        return tuple(id_ for id_ in self.provider_ids if id_ not in self.accepted_ids)


#: Aliases: q order, e event, p programme, o its owner, u the unit that orders, s the session of the assignment.
ORDER_FROM = """
  FROM bookings_order q
  JOIN events_event e ON e.id = q.event
  JOIN programmes_programme p ON p.id = e.programme
  JOIN accounts_organisation o ON o.id = p.organisation
  JOIN accounts_organisation u ON u.id = q.organisation
  LEFT JOIN events_session s ON s.id = q.session
"""

_COLUMNS = """
SELECT q.id, q.state, q.event AS event_id, e.title AS event_title, e.kind AS event_kind, e.topic, e.duration_minutes,
       e.site_needs, e.min_audience, e.max_audience, e.lead_days, p.id AS programme_id, p.mark AS programme_mark,
       p.name AS programme_name, coalesce(nullif(p.short_name, ''), p.name) AS programme_short,
       p.two_step_orders AS two_step, p.answer_hours, p.cancel_hours, o.id AS owner_id, o.name AS owner_name,
       o.path AS owner_path, u.id AS organisation_id, u.name AS organisation_name, u.path AS organisation_path,
       u.kind AS organisation_kind, coalesce(above.name, u.name) AS endorser_name, q.audience, q.address, q.district,
       q.site_lacks, q.contact_name, q.contact_phone, q.note, q.agrees_public, q.opening AS opening_id,
       q.session AS session_id, q.assignment, q.answer_by, q.reason, q.first_on, q.last_on, q.submitted_at,
       q.endorsed_at, q.approved_at, q.assigned_at, q.scheduled_at, q.fulfilled_at, q.reviewed_at, q.ended_at,
       q.changed_at, q.created_by, q.form_key, q.revision, windows.days, windows.parts, joined.ids AS joined_ids,
       joined.names AS joined_names, named.parts AS organiser_parts, named.ids AS organiser_ids,
       named.names AS organiser_names, s.title AS session_title, s.state AS session_state,
       s.revision AS session_revision, s.starts_at AS session_starts_at, s.ends_at AS session_ends_at,
       coalesce(s.address, '') AS session_address, s.rain_starts_at, s.rain_ends_at,
       coalesce(s.override_reason, '') AS override_reason, givers.ids AS provider_ids, givers.names AS provider_names,
       givers.phones AS provider_phones, givers.people AS person_ids,
       ARRAY(SELECT a.provider FROM bookings_order_answer a
              WHERE a.order_id = q.id AND a.assignment = q.assignment AND a.accepted) AS accepted_ids,
       scan.id AS scan_id, scan.digest AS scan_digest, scan.media_type AS scan_media_type,
       coalesce(scan.name, '') AS scan_name,
       (SELECT (r.lecturer + r.content + r.organising) / 3.0::float8 FROM bookings_review r
         WHERE r.session = q.session AND r.organisation = q.organisation) AS score
"""

_BESIDE = """
  LEFT JOIN accounts_organisation above ON above.id = u.parent
  CROSS JOIN LATERAL (
      SELECT array_agg(w."on" ORDER BY w.position) AS days, array_agg(w.part ORDER BY w.position) AS parts
        FROM bookings_order_window w WHERE w.order_id = q.id
  ) windows
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(j.id ORDER BY x.id), '{}') AS ids,
             coalesce(array_agg(j.name ORDER BY x.id), '{}') AS names
        FROM bookings_order_unit x JOIN accounts_organisation j ON j.id = x.organisation WHERE x.order_id = q.id
  ) joined
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(x.part ORDER BY x.id), '{}') AS parts,
             coalesce(array_agg(g.id ORDER BY x.id), '{}') AS ids,
             coalesce(array_agg(g.name ORDER BY x.id), '{}') AS names
        FROM bookings_order_organiser x JOIN accounts_organisation g ON g.id = x.organisation WHERE x.order_id = q.id
  ) named
  CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(r.id ORDER BY sp.position), '{}') AS ids,
             coalesce(array_agg(r.name ORDER BY sp.position), '{}') AS names,
             coalesce(array_agg(r.phone ORDER BY sp.position), '{}') AS phones,
             coalesce(array_agg(r.person ORDER BY sp.position), '{}') AS people
        FROM events_session_provider sp JOIN events_provider r ON r.id = sp.provider WHERE sp.session = q.session
  ) givers
  LEFT JOIN LATERAL (
      SELECT c.id, c.digest, c.media_type, c.name FROM bookings_order_scan c
       WHERE c.order_id = q.id ORDER BY c.id DESC LIMIT 1
  ) scan ON true
"""

#: Everything of ``OrderRow``; append WHERE, ORDER BY, LIMIT.
ORDER_SQL = _COLUMNS + ORDER_FROM + _BESIDE

_TUPLES = (
    "joined_ids",
    "joined_names",
    "organiser_names",
    "provider_ids",
    "provider_names",
    "provider_phones",
    "person_ids",
    "accepted_ids",
)


def order_row(record: Any) -> OrderRow:
    """A record of ``ORDER_SQL`` as row."""
    values = dict(record)
    for name in _TUPLES:
        values[name] = tuple(values[name])
    days, parts = values.pop("days") or (), values.pop("parts") or ()
    values["windows"] = tuple(Window(on, DayPart(part)) for on, part in zip(days, parts, strict=True))
    values["organisers"] = tuple(zip(values.pop("organiser_parts"), values.pop("organiser_ids"), strict=True))
    return OrderRow(**values)


def draft_of(order: OrderRow) -> OrderDraft:
    """What the unit said of a stored order; change it with ``dataclasses.replace``."""
    return OrderDraft(
        event_id=order.event_id,
        organisation_id=order.organisation_id,
        joined_by=order.joined_ids,
        windows=order.windows,
        audience=order.audience,
        address=order.address,
        district=order.district,
        site_lacks=order.site_lacks,
        contact_name=order.contact_name,
        contact_phone=order.contact_phone,
        note=order.note,
        agrees_public=order.agrees_public,
        organisers=order.organisers,
    )
