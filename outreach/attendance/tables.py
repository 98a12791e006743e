"""Head-counts and corrections, attendees and how they came in, rosters, evidence, opinions, cost. No logic here."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.events.tables import Provider, Session
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
    """A unit was asked for the figures of a session. One row per pair (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    organisation = refers_to(Organisation)
    asked_at = Timestamptz(help_text="the first time", **MUST)
    times = Integer(help_text="asked so often", null=False, default=1)
    last_asked_at = Timestamptz(help_text="null: the first time was the last", **MAY)


class Tick(Table, tablename="attendance_tick"):
    """One tap on the list of a session, by the key that the phone gave it: sent again it has no second effect.

    One row per person and key (raw SQL); goes after 30 days.
    """

    id = UUID(primary_key=True, default=new_id)
    key = UUID(help_text="made on the phone", **MUST)
    session = refers_to(Session)
    recorded_by = UUID(**MUST)
    attendee = refers_to(Attendee, null=True)
    answer = JSONB(help_text="what the phone was told", null=False, default="{}")
    recorded_at = Timestamptz(help_text="by the server's clock", **MUST)


class SessionRecord(Table, tablename="attendance_record"):
    """What is said of a session when it is closed. One row each (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    remarks = Text(help_text="情况说明", null=False, default="")
    missing_reason = Varchar(
        length=400, help_text="why it was closed without what is asked for", null=False, default=""
    )
    changed_by = UUID(**MAY)
    changed_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)


class Evidence(Table, tablename="attendance_evidence"):
    """A photo, signed sheet or receipt of a session (佐证材料); its bytes lie under ``OUTREACH_HOME/files``.

    The same file stands once in each kind (raw SQL).
    """

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    kind = Varchar(length=7, help_text="photo, sheet, receipt, other", **MUST)
    digest = Varchar(length=64, help_text="sha256 of the stored bytes", **MUST)
    media_type = Varchar(length=40, **MUST)
    size_bytes = Integer(**MUST)
    name = Varchar(length=100, help_text="as uploaded", null=False, default="")
    note = Varchar(length=200, null=False, default="")
    organisation = refers_to(Organisation, null=True)  # the unit that handed it in; null: staff
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    removed_at = Timestamptz(**MAY)
    removed_by = UUID(**MAY)
    removed_reason = Varchar(length=400, null=False, default="")

    attendance_evidence_kind_known = Check("kind IN ('photo', 'sheet', 'receipt', 'other')")


class Reminder(Table, tablename="attendance_reminder"):
    """An organisation was reminded of what is overdue, once a week. One row per week and kind (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    kind = Varchar(length=10, help_text="closing", **MUST)
    week_on = Date(help_text="the Monday", **MUST)
    reminded_at = Timestamptz(**MUST)


class Opinion(Table, tablename="attendance_opinion"):
    """What somebody who checked in says of a session; nobody can tell who. One per check-in (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    given_by = Varchar(length=64, help_text="keyed hash of the check-in, so that it answers once", **MUST)
    useful = Integer(help_text="1 to 5: of use to me", **MUST)
    delivery = Integer(help_text="1 to 5: well told, well played", **MUST)
    arrangement = Integer(help_text="1 to 5: time and place suited", **MUST)
    change = Varchar(length=11, help_text="what to change first; empty: not said", null=False, default="")
    words = Varchar(length=300, null=False, default="")
    on = Date(help_text="of the answer; a time would tell who", **MUST)

    attendance_opinion_marks_range = Check(
        "useful BETWEEN 1 AND 5 AND delivery BETWEEN 1 AND 5 AND arrangement BETWEEN 1 AND 5"
    )
    attendance_opinion_change_known = Check(
        "change IN ('', 'content', 'depth', 'length', 'interaction', 'time', 'place', 'nothing')"
    )


class Cost(Table, tablename="attendance_cost"):
    """What a session cost, line by line. Never an identity card or bank account."""

    id = UUID(primary_key=True, default=new_id)
    session = refers_to(Session)
    kind = Varchar(length=9, help_text="fee 讲课费或演出费, travel, venue, materials, other", **MUST)
    provider = refers_to(Provider, null=True)  # of a fee
    amount_fen = BigInt(help_text="分, of a yuan", **MUST)
    half_hours = Integer(help_text="of a fee: hours times two; null: not by the hour", **MAY)
    source = Varchar(length=60, help_text="资金来源", null=False, default="")
    note = Varchar(length=200, null=False, default="")
    form_key = UUID(help_text="of the form it was typed in: sent twice it is one line", unique=True, **MAY)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    changed_at = Timestamptz(**MUST)
    removed_at = Timestamptz(**MAY)
    revision = Integer(null=False, default=1)

    attendance_cost_kind_known = Check("kind IN ('fee', 'travel', 'venue', 'materials', 'other')")
    attendance_cost_amount_range = Check("amount_fen BETWEEN 0 AND 100000000000")
    attendance_cost_half_hours_range = Check("half_hours BETWEEN 1 AND 400")
