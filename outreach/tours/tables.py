"""Tours and their stops. No logic here."""

from piccolo.columns import UUID, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.events.tables import Event, Provider, Session
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Tour(Table, tablename="tours_tour"):
    """One provider's days with one item of the menu (送春联一周). Minutes are those since midnight, local."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    event = refers_to(Event)
    provider = refers_to(Provider)
    name = Varchar(length=100, **MUST)
    first_on = Date(**MUST)
    last_on = Date(help_text="included", **MUST)
    on_days_off = Boolean(help_text="weekends and holidays too", null=False, default=False)
    day_starts = Integer(help_text="minutes; no stop begins earlier", null=False, default=540)
    day_ends = Integer(help_text="minutes; every stop is over by then", null=False, default=1020)
    break_starts = Integer(help_text="minutes; null: no break", **MAY)
    break_ends = Integer(help_text="minutes", **MAY)
    minutes = Integer(help_text="at a stop", **MUST)
    most_per_day = Integer(help_text="stops; null: as many as fit", **MAY)
    start_district = Varchar(length=40, help_text="where each day begins and ends", null=False, default="")
    note = Text(help_text="for those who travel", null=False, default="")
    state = Varchar(length=10, help_text="TourState", **MUST)
    revision = Integer(null=False, default=1)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    made_at = Timestamptz(help_text="when its sessions were made", **MAY)
    cancelled_at = Timestamptz(**MAY)
    cancel_reason = Varchar(length=400, null=False, default="")

    tours_tour_days_in_order = Check("last_on >= first_on AND last_on < first_on + 31")
    tours_tour_hours_in_order = Check("day_starts >= 0 AND day_ends > day_starts AND day_ends <= 1440")
    tours_tour_break_whole = Check(
        "(break_starts IS NULL) = (break_ends IS NULL) AND (break_ends IS NULL OR break_ends > break_starts)"
    )
    tours_tour_minutes_range = Check("minutes BETWEEN 5 AND 720")
    tours_tour_most_per_day_positive = Check("most_per_day >= 1")
    tours_tour_state_known = Check("state IN ('draft', 'made', 'cancelled')")


class Stop(Table, tablename="tours_stop"):
    """One unit on the way. Once the tour is made, time and place are those of ``session``."""

    id = UUID(primary_key=True, default=new_id)
    tour = refers_to(Tour)
    host = refers_to(Organisation)
    number = Integer(help_text="as it was put down; decides between equal ways", **MUST)
    address = Varchar(length=200, null=False, default="")
    district = Varchar(length=40, null=False, default="")
    needs = Varchar(length=400, help_text="of this stop, beside those of the event", null=False, default="")
    only_on = Date(help_text="the one day that suits the unit; null: any", **MAY)
    earliest = Integer(help_text="minutes since midnight", **MAY)
    latest = Integer(help_text="minutes since midnight; over by then", **MAY)
    starts_at = Timestamptz(help_text="null: not put in order yet", **MAY)
    session = refers_to(Session, null=True)

    tours_stop_earliest_range = Check("earliest BETWEEN 0 AND 1439")
    tours_stop_latest_range = Check("latest BETWEEN 1 AND 1440")
    tours_stop_window_not_empty = Check("latest > earliest")
