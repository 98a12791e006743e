"""Bookings. No logic here."""

from piccolo.columns import UUID, Boolean, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.events.tables import Session
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Booking(Table, tablename="bookings_booking"):
    """An organisation's claim on seats of a session (预约). One live one per organisation and session (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    organisation = refers_to(Organisation)
    seats = Integer(help_text="people", **MUST)
    state = Varchar(length=10, help_text="BookingState", **MUST)
    is_host = Boolean(help_text="the claim of a whole session", null=False, default=False)
    contact_name = Varchar(length=60, **MUST)
    contact_phone = Varchar(length=30, help_text="shown to staff who must call, and to nobody else", **MUST)
    note = Varchar(length=400, null=False, default="")
    reason = Varchar(length=400, help_text="of a decline or cancellation", null=False, default="")
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    changed_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)

    bookings_booking_seats_positive = Check("seats >= 1")
    bookings_booking_state_known = Check(
        "state IN ('pending', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show', 'declined', 'cancelled')"
    )
