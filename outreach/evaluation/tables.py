"""What the organiser makes of a programme at the end of its year. No logic here."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.programmes.tables import Programme
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Verdict(Table, tablename="evaluation_verdict"):
    """项目取舍: keep, change or drop a programme next year. One per programme (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    programme = refers_to(Programme)
    decision = Varchar(length=6, help_text="keep, change, drop", **MUST)
    note = Varchar(length=400, null=False, default="")
    decided_by = UUID(**MAY)
    decided_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)

    evaluation_verdict_decision_known = Check("decision IN ('keep', 'change', 'drop')")
