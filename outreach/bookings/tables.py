"""Bookings, orders and what hosts say afterwards. No logic here."""

from piccolo.columns import UUID, Boolean, Date, Integer, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.events.tables import Event, Opening, Provider, Session
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
    opening = refers_to(Opening, null=True)  # through which it was made: its limits and quotas count it
    queue_number = Integer(help_text="place in the waiting list, 1 first; null: not waiting", **MAY)
    seats_wanted = Integer(help_text="people; what a group waits for while a part is offered", **MAY)
    offer_expires_at = Timestamptz(help_text="exclusive", **MAY)
    times_skipped = Integer(help_text="freed places went to later groups that fitted", null=False, default=0)
    cancelled_by = Varchar(length=9, help_text="unit, organiser, session (as a whole)", null=False, default="")
    is_late = Boolean(help_text="the unit cancelled after the programme's deadline", null=False, default=False)
    let_go = Boolean(
        help_text="waits, and let an offer go: not asked again for the same seats", null=False, default=False
    )

    bookings_booking_seats_positive = Check("seats >= 1")
    bookings_booking_state_known = Check(
        "state IN ('pending', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show', 'declined', 'cancelled')"
    )
    bookings_booking_queue_while_waiting = Check("(state IN ('waitlisted', 'offered')) = (queue_number IS NOT NULL)")
    bookings_booking_expiry_while_offered = Check("(state = 'offered') = (offer_expires_at IS NOT NULL)")


class Order(Table, tablename="bookings_order"):
    """点单: an organisation's wish for an event at its own site. What it becomes when scheduled is ``session``."""

    id = UUID(primary_key=True, default=new_id)
    event = refers_to(Event)
    organisation = refers_to(Organisation)
    state = Varchar(length=10, help_text="OrderState", **MUST)
    audience = Integer(help_text="people, of all units together", **MUST)
    address = Varchar(length=200, **MUST)
    district = Varchar(length=40, help_text="of the site", null=False, default="")
    site_lacks = Varchar(length=400, help_text="needs of the event that the site cannot meet", null=False, default="")
    contact_name = Varchar(length=60, **MUST)
    contact_phone = Varchar(length=30, help_text="shown to those who must call, and to nobody else", **MUST)
    note = Varchar(length=400, null=False, default="")
    agrees_public = Boolean(help_text="the unit agrees that strangers see the session", null=False, default=False)
    opening = refers_to(Opening, null=True)
    session = refers_to(Session, null=True)  # the draft while assigned, then what is held
    assignment = Integer(help_text="up with each assignment; a provider's link names it", null=False, default=0)
    answer_by = Timestamptz(help_text="until when the providers are asked to answer", **MAY)
    reason = Varchar(length=400, help_text="of the last decline, withdrawal or return", null=False, default="")
    first_on = Date(help_text="of its windows; decides its year", **MUST)
    last_on = Date(help_text="of its windows; by then it must be scheduled", **MUST)
    submitted_at = Timestamptz(**MUST)
    endorsed_at = Timestamptz(**MAY)
    approved_at = Timestamptz(**MAY)
    assigned_at = Timestamptz(**MAY)
    scheduled_at = Timestamptz(**MAY)
    fulfilled_at = Timestamptz(**MAY)
    reviewed_at = Timestamptz(**MAY)
    ended_at = Timestamptz(help_text="declined or withdrawn", **MAY)
    changed_at = Timestamptz(**MUST)
    created_by = UUID(**MAY)
    form_key = UUID(help_text="of the form it was typed in: sent twice it is one order", unique=True, **MAY)
    revision = Integer(null=False, default=1)

    bookings_order_audience_positive = Check("audience >= 1")
    bookings_order_state_known = Check(
        "state IN ('submitted', 'endorsed', 'approved', 'assigned', 'scheduled', 'fulfilled', 'reviewed', 'declined',"
        " 'withdrawn')"
    )
    bookings_order_session_while_assigned = Check(
        "state NOT IN ('assigned', 'scheduled', 'fulfilled', 'reviewed') OR session IS NOT NULL"
    )
    bookings_order_days_in_order = Check("last_on >= first_on")


class OrderWindow(Table, tablename="bookings_order_window"):
    """A time that would suit: a day and a part of it, in the order of preference. One row per time (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    order_id = refers_to(Order)  # "order" is a word of SQL
    position = Integer(**MUST)
    on = Date(**MUST)
    part = Varchar(length=9, help_text="DayPart", **MUST)

    bookings_order_window_part_known = Check("part IN ('morning', 'noon', 'afternoon', 'evening')")
    bookings_order_window_position_range = Check("position BETWEEN 1 AND 5")


class OrderUnit(Table, tablename="bookings_order_unit"):
    """A small unit that joins an order (拼场). One row per pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    order_id = refers_to(Order)  # "order" is a word of SQL
    organisation = refers_to(Organisation)


class OrderOrganiser(Table, tablename="bookings_order_organiser"):
    """主办 / 承办 / 协办 that the order names; the session takes them over. One row per part and pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    order_id = refers_to(Order)  # "order" is a word of SQL
    organisation = refers_to(Organisation)
    part = Varchar(length=10, help_text="host 主办, organiser 承办, support 协办", **MUST)


class OrderScan(Table, tablename="bookings_order_scan"):
    """The scan of the stamped form (申请表); its bytes lie under ``OUTREACH_HOME/files`` by their digest."""

    id = UUID(primary_key=True, default=new_id)
    order_id = refers_to(Order)  # "order" is a word of SQL
    digest = Varchar(length=64, help_text="sha256 of the stored bytes", **MUST)
    media_type = Varchar(length=40, **MUST)
    size_bytes = Integer(**MUST)
    name = Varchar(length=100, help_text="as uploaded", null=False, default="")
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)


class Review(Table, tablename="bookings_review"):
    """What the host says after its session (评单). One per session and organisation (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    organisation = refers_to(Organisation)
    lecturer = Integer(help_text="1 to 5", **MUST)
    content = Integer(help_text="1 to 5", **MUST)
    organising = Integer(help_text="1 to 5", **MUST)
    again = Boolean(help_text="would order it again", **MUST)
    words = Varchar(length=400, help_text="what to change", null=False, default="")
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)

    bookings_review_scores_range = Check(
        "lecturer BETWEEN 1 AND 5 AND content BETWEEN 1 AND 5 AND organising BETWEEN 1 AND 5"
    )


class OrderAnswer(Table, tablename="bookings_order_answer"):
    """What a provider said to an assignment."""

    id = UUID(primary_key=True, default=new_id)
    order_id = refers_to(Order)  # "order" is a word of SQL
    assignment = Integer(**MUST)
    provider = refers_to(Provider)
    accepted = Boolean(**MUST)
    way = Varchar(length=5, help_text="login, link, phone", **MUST)
    answered_at = Timestamptz(**MUST)

    bookings_order_answer_once = Unique([order_id, assignment, provider])
    bookings_order_answer_way_known = Check("way IN ('login', 'link', 'phone')")
