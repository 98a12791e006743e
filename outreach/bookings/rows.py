"""A booking as it is stored, with the names that are shown beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.bookings.domain.permissions import BookingFacts
from outreach.bookings.domain.states import LIVE
from outreach.bookings.domain.waiting import cancel_deadline

__all__ = ["BOOKING_FROM", "BOOKING_SQL", "BookingRow", "booking_row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRow:
    """A booking with the names that pages show beside it; ``place_in_queue`` is 1 for the group that is next."""

    id: UUID
    session_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_path: str
    seats: int
    state: str
    is_host: bool
    contact_name: str
    contact_phone: str
    note: str
    reason: str
    created_at: datetime
    changed_at: datetime
    revision: int
    title: str
    starts_at: datetime
    ends_at: datetime
    session_state: str
    session_organisation_id: UUID
    session_organisation_name: str
    session_organisation_path: str
    programme_mark: str
    programme_name: str
    opening_id: UUID | None = None
    queue_number: int | None = None
    seats_wanted: int | None = None
    offer_expires_at: datetime | None = None
    times_skipped: int = 0
    cancelled_by: str = ""
    is_late: bool = False
    let_go: bool = False
    cancel_hours: int | None = None
    place_in_queue: int | None = None

    @property
    def deadline_at(self) -> datetime:
        """From when on the unit cancels late; the start, where the programme sets no deadline."""
        return cancel_deadline(self.starts_at, self.cancel_hours)

    @property
    def facts(self) -> BookingFacts:
        """What the predicates of permission ask."""
        return BookingFacts(self.organisation_id, self.organisation_path, self.session_organisation_path)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def offer_is_over(self, now: datetime) -> bool:
        """Whether the seats were kept until now or earlier, though nobody has taken them back yet."""
        return self.offer_expires_at is not None and self.offer_expires_at <= now


#: Everything of ``BookingRow``; append WHERE, ORDER BY, LIMIT. Aliases: b booking, s session, u the organisation that
#: booked, o the session's owner, p programme.
BOOKING_SQL = """
SELECT b.id, b.session AS session_id, b.organisation AS organisation_id, u.name AS organisation_name,
       u.path AS organisation_path, b.seats, b.state, b.is_host, b.contact_name, b.contact_phone, b.note, b.reason,
       b.created_at, b.changed_at, b.revision, s.title, s.starts_at, s.ends_at, s.state AS session_state,
       s.organisation AS session_organisation_id, o.name AS session_organisation_name,
       o.path AS session_organisation_path, p.mark AS programme_mark, p.name AS programme_name,
       b.opening AS opening_id, b.queue_number, b.seats_wanted, b.offer_expires_at, b.times_skipped, b.cancelled_by,
       b.is_late, b.let_go, p.cancel_hours,
       CASE WHEN b.state = 'waitlisted' THEN (
           SELECT count(*)::int FROM bookings_booking w
            WHERE w.session = b.session AND w.state = 'waitlisted' AND w.queue_number <= b.queue_number
       ) END AS place_in_queue
"""
#: What counting needs of ``BOOKING_SQL``: the same aliases.
BOOKING_FROM = """
  FROM bookings_booking b
  JOIN events_session s ON s.id = b.session
  JOIN accounts_organisation u ON u.id = b.organisation
  JOIN accounts_organisation o ON o.id = s.organisation
  JOIN programmes_programme p ON p.id = s.programme
"""
BOOKING_SQL += BOOKING_FROM


def booking_row(record: Any) -> BookingRow:
    """A record of ``BOOKING_SQL`` as row."""
    return BookingRow(**record)
