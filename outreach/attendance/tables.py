"""Head-counts and corrections, attendees and how they came in, rosters. No logic here."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Date, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.events.tables import Session
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Headcount(Table, tablename="attendance_headcount"):
    """Visits of one session on one day (人次), with 其中. One row per session and day (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    on = Date(**MUST)
    total = Integer(help_text="visits", **MUST)
    workers = Integer(help_text="of which workers 其中职工; null: not reported", **MAY)
    estimated = Boolean(null=False, default=False)
    breakdown = JSONB(help_text="group → visits; a missing group was not reported", null=False, default="{}")
    recorded_by = UUID(**MAY)
    recorded_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)

    attendance_headcount_total_range = Check("total BETWEEN 0 AND 1000000")
    attendance_headcount_workers_within_total = Check("workers BETWEEN 0 AND total")


class Correction(Table, tablename="attendance_correction"):
    """A change to a closed session, with both values and the reason."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    field = Varchar(length=40, **MUST)
    on = Date(**MAY)
    old_value = JSONB(**MUST)
    new_value = JSONB(**MUST)
    reason = Varchar(length=400, **MUST)
    corrected_by = UUID(**MAY)
    corrected_at = Timestamptz(**MUST)


class Door(Table, tablename="attendance_door"):
    """How people check in to a session: the secret of its poster, its code, and when. One row each (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    token = Varchar(length=32, help_text="in the address of the poster's QR code", unique=True, **MUST)
    code = Varchar(length=6, help_text="six digits for those who cannot scan", **MUST)
    walk_ins = Boolean(help_text="whoever is on no roster may check in", null=False, default=True)
    opens_minutes = Integer(help_text="before the start", null=False, default=60)
    closes_minutes = Integer(help_text="after the end", null=False, default=120)
    created_at = Timestamptz(**MUST)

    attendance_door_code_digits = Check("code ~ '^[0-9]{6}$'")
    attendance_door_minutes_range = Check("opens_minutes BETWEEN 0 AND 1440 AND closes_minutes BETWEEN 0 AND 10080")


class Roster(Table, tablename="attendance_roster"):
    """One file of names for one session, previewed and then stored; never a telephone number in full."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    digest = Varchar(length=64, help_text="sha256 of the file", **MUST)
    name = Varchar(length=100, help_text="of the file", null=False, default="")
    presence = Boolean(help_text="people who were there; false: people expected", **MUST)
    on = Date(**MUST)
    accepted = Integer(help_text="people", null=False, default=0)
    rejected = Integer(help_text="rows", null=False, default=0)
    duplicates = Integer(help_text="rows", null=False, default=0)
    rows = JSONB(
        help_text="of the preview: what would be stored, what not and why; goes 30 days after storing", default="[]"
    )
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    stored_at = Timestamptz(help_text="null: a preview", **MAY)


class Attendee(Table, tablename="attendance_attendee"):
    """A named person at a session on one day (参加人员): expected, present, or both. One row per identity (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    on = Date(**MUST)
    name = Varchar(length=60, help_text="emptied 12 months after the year is closed", null=False, default="")
    unit_name = Varchar(length=200, help_text="as typed", null=False, default="")
    organisation = refers_to(Organisation, null=True)
    identity = Varchar(length=64, help_text="keyed hash of phone or card number, else of name and unit", **MUST)
    by_number = Boolean(help_text="the identity comes from a phone or card number", null=False, default=False)
    tail = Varchar(length=4, help_text="last four of that number", null=False, default="")
    is_worker = Boolean(help_text="其中职工; null: not said", **MAY)
    groups = Array(base_column=Varchar(length=40), help_text="其中 that the person belongs to", default=list)
    expected = Boolean(null=False, default=False)
    present = Boolean(null=False, default=False)
    came_by = Varchar(length=6, help_text="qr, code, list, import, api; empty: not there", null=False, default="")
    checked_in_at = Timestamptz(help_text="the first time, by the server's clock", **MAY)
    device = Varchar(
        length=32, help_text="hash of the phone's own cookie, against slips of the finger", null=False, default=""
    )
    roster = refers_to(Roster, null=True)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    changed_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)

    attendance_attendee_came_by_known = Check("came_by IN ('', 'qr', 'code', 'list', 'import', 'api')")
    attendance_attendee_present_has_a_way = Check("NOT present OR (came_by <> '' AND checked_in_at IS NOT NULL)")


class Report(Table, tablename="attendance_report"):
    """What a unit says of one day of a session; it counts once confirmed. One per session, day and unit (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    on = Date(**MUST)
    organisation = refers_to(Organisation)
    total = Integer(help_text="visits", **MUST)
    workers = Integer(help_text="of which workers 其中职工; null: not said", **MAY)
    estimated = Boolean(null=False, default=False)
    breakdown = JSONB(help_text="group → visits; a missing group was not said", null=False, default="{}")
    remark = Varchar(length=400, null=False, default="")
    reported_by = UUID(**MAY)
    reported_at = Timestamptz(**MUST)
    state = Varchar(length=9, help_text="ReportState", null=False, default="reported")
    settled_at = Timestamptz(help_text="confirmed or replaced by the organiser's own figures", **MAY)
    revision = Integer(null=False, default=1)

    attendance_report_total_range = Check("total BETWEEN 0 AND 1000000")
    attendance_report_workers_within_total = Check("workers BETWEEN 0 AND total")
    attendance_report_state_known = Check("state IN ('reported', 'confirmed', 'replaced')")


class ReportRequest(Table, tablename="attendance_report_request"):
    """A unit was asked for the figures of a session, once. One row per pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    organisation = refers_to(Organisation)
    asked_at = Timestamptz(**MUST)
