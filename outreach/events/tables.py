"""Menu, providers, venues, sessions, what each session occupies, and openings. No logic here."""

from piccolo.columns import UUID, Array, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation, Person
from outreach.programmes.tables import Programme
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Provider(Table, tablename="events_provider"):
    """A lecturer or a troupe (讲师 / 团队)."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    kind = Varchar(length=8, help_text="lecturer, troupe", **MUST)
    name = Varchar(length=60, **MUST)
    title = Varchar(length=100, help_text="profession, shown after the name", null=False, default="")
    topics = Array(base_column=Varchar(length=60), null=False, default=list)
    home_district = Varchar(length=40, null=False, default="")
    availability = Text(help_text="in words, e.g. 周一至周五下午", null=False, default="")
    max_per_day = Integer(**MAY)
    max_per_week = Integer(**MAY)
    max_per_month = Integer(**MAY)
    parallel_teams = Integer(help_text="sessions at once; a troupe that can split", null=False, default=1)
    person = refers_to(Person, null=True)
    phone = Varchar(length=20, null=False, default="")
    active = Boolean(null=False, default=True)
    revision = Integer(null=False, default=1)
    created_at = Timestamptz(**MUST)
    available_parts = Array(
        base_column=Varchar(length=12), help_text="weekday and part, e.g. 2-afternoon; empty: any time", default=list
    )

    events_provider_parallel_teams_range = Check("parallel_teams BETWEEN 1 AND 20")


class ProviderAbsence(Table, tablename="events_provider_absence"):
    """Days on which a provider is away (请假, 外出)."""

    id = UUID(primary_key=True, default=new_id)
    provider = refers_to(Provider)
    from_on = Date(**MUST)
    until_on = Date(help_text="exclusive", **MUST)
    reason = Varchar(length=100, null=False, default="")
    created_at = Timestamptz(**MUST)

    events_provider_absence_ends_after_start = Check("until_on > from_on")


class TravelTime(Table, tablename="events_travel_time"):
    """Minutes between two districts as staff know them; a pair without a row has the default by distance.

    The names stand in sorted order, one row per pair (raw SQL).
    """

    id = UUID(primary_key=True, default=new_id)
    district_a = Varchar(length=40, **MUST)
    district_b = Varchar(length=40, **MUST)
    minutes = Integer(**MUST)

    events_travel_time_minutes_range = Check("minutes BETWEEN 0 AND 600")
    events_travel_time_sorted = Check("district_a <= district_b")


class Venue(Table, tablename="events_venue"):
    """A place (场地) with parallel rooms."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    name = Varchar(length=200, **MUST)
    address = Varchar(length=200, null=False, default="")
    district = Varchar(length=40, null=False, default="")
    capacity = Integer(help_text="people; null: open air", **MAY)
    rooms = Integer(help_text="sessions at once", null=False, default=1)
    setup_minutes = Integer(null=False, default=0)
    takedown_minutes = Integer(null=False, default=0)
    directions = Varchar(length=200, help_text="lift, parking, gate", null=False, default="")
    active = Boolean(null=False, default=True)
    revision = Integer(null=False, default=1)
    created_at = Timestamptz(**MUST)

    events_venue_rooms_range = Check("rooms BETWEEN 1 AND 50")


class Event(Table, tablename="events_event"):
    """What can be booked or ordered (活动, 菜单项)."""

    id = UUID(primary_key=True, default=new_id)
    programme = refers_to(Programme)
    title = Varchar(length=200, **MUST)
    kind = Varchar(length=60, help_text="one of the programme's kinds, e.g. 讲座", **MUST)
    topic = Varchar(length=60, null=False, default="")
    summary = Text(null=False, default="")
    audience = Varchar(length=200, help_text="对象: for whom, in words", null=False, default="")
    duration_minutes = Integer(**MUST)
    site_needs = Text(null=False, default="")
    min_audience = Integer(help_text="people", **MAY)
    max_audience = Integer(help_text="people", **MAY)
    active = Boolean(null=False, default=True)
    revision = Integer(null=False, default=1)
    created_at = Timestamptz(**MUST)
    orderable = Boolean(help_text="units may order it to their own site (点单)", null=False, default=True)
    lead_days = Integer(help_text="days from the order to the first possible date", null=False, default=0)

    events_event_lead_days_range = Check("lead_days BETWEEN 0 AND 365")


class EventProvider(Table, tablename="events_event_provider"):
    """Who can give an event. One row per pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    event = refers_to(Event)
    provider = refers_to(Provider)


class Session(Table, tablename="events_session"):
    """One event at one time and place (场次): what is counted, booked, attended."""

    id = UUID(primary_key=True, default=new_id)
    event = refers_to(Event)
    programme = refers_to(Programme)
    organisation = refers_to(Organisation)  # owner: the programme's, or one below it
    title = Varchar(length=200, **MUST)
    kind = Varchar(length=60, **MUST)
    host = refers_to(Organisation, null=True)  # whose site it is at; set by a claim
    venue = refers_to(Venue, null=True)
    address = Varchar(length=200, null=False, default="")
    district = Varchar(length=40, help_text="of the place", null=False, default="")
    starts_at = Timestamptz(**MUST)
    ends_at = Timestamptz(help_text="exclusive", **MUST)
    multi_day = Boolean(help_text="exhibition: ties people at set-up and take-down only", null=False, default=False)
    setup_minutes = Integer(null=False, default=0)
    takedown_minutes = Integer(null=False, default=0)
    capacity = Integer(help_text="seats; null: 不限人数", **MAY)
    seats_taken = Integer(help_text="of pending, offered and confirmed bookings", null=False, default=0)
    claimable = Boolean(help_text="整场可领: an organisation may take the whole date", null=False, default=False)
    visibility = Varchar(length=8, help_text="Visibility", **MUST)
    state = Varchar(length=10, help_text="SessionState", **MUST)
    approval_needed = Boolean(null=False, default=False)
    booking_opens_at = Timestamptz(**MAY)
    booking_closes_at = Timestamptz(help_text="exclusive; null: until it starts", **MAY)
    max_seats_per_booking = Integer(**MAY)
    note = Text(help_text="shown to those who book", null=False, default="")
    revision = Integer(help_text="up on every change; iCalendar SEQUENCE is revision - 1", null=False, default=1)
    revised_at = Timestamptz(help_text="of that revision; iCalendar DTSTAMP", **MUST)
    moved_from = Timestamptz(help_text="start before the last move of a published session", **MAY)
    published_at = Timestamptz(**MAY)
    held_at = Timestamptz(**MAY)
    closed_at = Timestamptz(**MAY)
    cancelled_at = Timestamptz(**MAY)
    cancelled_by = Varchar(length=10, help_text="organiser, host, provider, weather", null=False, default="")
    cancel_reason = Varchar(length=400, null=False, default="")
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    assigned = Boolean(help_text="the draft of an order: it ties its providers already", null=False, default=False)
    override_reason = Varchar(length=400, help_text="why warnings were set aside", null=False, default="")
    rain_starts_at = Timestamptz(help_text="the rain date, tied as well until it is released", **MAY)
    rain_ends_at = Timestamptz(help_text="exclusive", **MAY)

    events_session_ends_after_start = Check("ends_at > starts_at")
    events_session_capacity_positive = Check("capacity >= 1")
    events_session_seats_within_capacity = Check("seats_taken >= 0 AND (capacity IS NULL OR seats_taken <= capacity)")
    events_session_state_known = Check("state IN ('draft', 'published', 'held', 'closed', 'cancelled')")
    events_session_visibility_known = Check("visibility IN ('public', 'members', 'host')")
    events_session_rain_date_whole = Check(
        "(rain_starts_at IS NULL) = (rain_ends_at IS NULL) AND (rain_ends_at IS NULL OR rain_ends_at > rain_starts_at)"
    )


class SessionProvider(Table, tablename="events_session_provider"):
    """Who gives a session. One row per pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    provider = refers_to(Provider)
    position = Integer(null=False, default=1)


class SessionOrganiser(Table, tablename="events_session_organiser"):
    """主办 / 承办 / 协办 organisations of a session; it counts once, for the programme's owner."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    organisation = refers_to(Organisation)
    part = Varchar(length=10, help_text="host 主办, organiser 承办, support 协办", **MUST)


class Occupation(Table, tablename="events_occupation"):
    """What a published session ties: one team of a provider or one room of a venue for a time.

    ``EXCLUDE USING gist (resource_id WITH =, slot WITH =, tstzrange(starts_at, ends_at) WITH &&)`` in the migration
    makes a double assignment impossible whatever path it comes by.
    """

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    resource_kind = Varchar(length=8, help_text="provider, venue", **MUST)
    resource_id = UUID(**MUST)
    slot = Integer(help_text="team or room, from 1", **MUST)
    starts_at = Timestamptz(**MUST)
    ends_at = Timestamptz(help_text="exclusive", **MUST)
    is_rain = Boolean(help_text="of the rain date", null=False, default=False)

    events_occupation_ends_after_start = Check("ends_at > starts_at")


class Opening(Table, tablename="events_opening"):
    """One wave of 开放预约: from when, for whom, how many. Several openings may cover the same sessions or items."""

    id = UUID(primary_key=True, default=new_id)
    programme = refers_to(Programme)
    name = Varchar(length=100, **MUST)
    opens_at = Timestamptz(**MUST)
    closes_at = Timestamptz(help_text="exclusive; null: as long as the sessions can be booked", **MAY)
    for_whom = Varchar(length=9, help_text="ForWhom", **MUST)
    districts = Array(base_column=Varchar(length=40), help_text="of for_whom = districts", default=list)
    unserved_years = Integer(help_text="of for_whom = unserved: no session in so many years", **MAY)
    max_per_organisation = Integer(help_text="bookings, claims and orders of one unit; null: no limit", **MAY)
    places = Integer(help_text="bookings, claims and orders in all; null: no limit", **MAY)
    revision = Integer(null=False, default=1)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)

    events_opening_for_whom_known = Check("for_whom IN ('all', 'districts', 'unserved')")
    events_opening_closes_after_opening = Check("closes_at > opens_at")
    events_opening_max_per_organisation_positive = Check("max_per_organisation >= 1")
    events_opening_places_positive = Check("places >= 1")


class OpeningQuota(Table, tablename="events_opening_quota"):
    """Places of an opening that are kept for a district; the rest is shared. One row per district (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    opening = refers_to(Opening)
    district = Varchar(length=40, **MUST)
    places = Integer(**MUST)

    events_opening_quota_places_positive = Check("places >= 1")


class OpeningSession(Table, tablename="events_opening_session"):
    """A session that can be booked or claimed through an opening only. One row per pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    opening = refers_to(Opening)
    session = refers_to(Session)


class OpeningEvent(Table, tablename="events_opening_event"):
    """An item of the menu that can be ordered through an opening only. One row per pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    opening = refers_to(Opening)
    event = refers_to(Event)
