"""Head-counts and corrections. No logic here."""

from piccolo.columns import JSONB, UUID, Boolean, Date, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

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
