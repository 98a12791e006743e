"""What people write into a report themselves. No logic here."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.shared.columns import MUST, refers_to
from outreach.shared.ids import new_id


class ReportText(Table, tablename="reports_text"):
    """五、问题与来年安排: the organiser's own words in the report of one organisation and year. One per both (raw SQL).

    Paragraphs are lines; empty where nothing was written.
    """

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    year = Integer(**MUST)
    problems = Varchar(length=4000, null=False, default="", help_text="存在问题")
    plans = Varchar(length=4000, null=False, default="", help_text="来年安排")
    changed_by = UUID(**MUST)
    changed_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)
