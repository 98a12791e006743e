"""What people write into a report themselves, reports that are fixed, and long ones under way. No logic here."""

from piccolo.columns import JSONB, UUID, Date, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.shared.columns import MAY, MUST, refers_to
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


class ReportSnapshot(Table, tablename="reports_snapshot"):
    """定稿: a report whose figures never move again, numbered from 1 for each organisation and year (raw SQL).

    Nothing of it changes but that it may be withdrawn (a trigger).
    """

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    year = Integer(**MUST)
    number = Integer(help_text="第N号", **MUST)
    as_of = Date(**MUST)
    programme = Varchar(length=40, help_text="code; empty: all programmes", null=False, default="")
    period = Varchar(length=10, help_text="month or quarter; empty: the year", null=False, default="")
    title = Varchar(length=200, **MUST)
    note = Varchar(length=400, null=False, default="")
    figures = JSONB(help_text="what every target showed, and the totals", **MUST)
    sessions = JSONB(help_text="the sessions in these figures with their visits", **MUST)
    known_at = Timestamptz(help_text="when the figures were read", **MUST)
    fixed_by = UUID(**MUST)
    fixed_at = Timestamptz(**MUST)
    withdrawn_at = Timestamptz(**MAY)
    withdrawn_by = UUID(**MAY)
    withdrawn_reason = Varchar(length=400, null=False, default="")

    reports_snapshot_number_positive = Check("number >= 1")
    reports_snapshot_withdrawn_whole = Check(
        "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason = '')"
    )


class SnapshotFile(Table, tablename="reports_snapshot_file"):
    """One document of a snapshot; its bytes lie under ``OUTREACH_HOME/files``. One of each kind (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    snapshot = refers_to(ReportSnapshot)
    kind = Varchar(length=5, help_text="pdf, xlsx, csv, docx", **MUST)
    digest = Varchar(length=64, help_text="sha256 of the bytes", **MUST)
    size_bytes = Integer(**MUST)


class ReportJob(Table, tablename="reports_job"):
    """A long report under way, or made: what was asked for, how far it is, where its bytes lie. Goes after 30 days.

    The same is asked for once at a time (raw SQL).
    """

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    year = Integer(**MUST)
    as_of = Date(**MUST)
    kind = Varchar(length=5, help_text="pdf, xlsx, csv, docx; fix: a snapshot", **MUST)
    form = Varchar(length=4, help_text="full, page: of a pdf", null=False, default="full")
    programme = Varchar(length=40, help_text="code; empty: all programmes", null=False, default="")
    period = Varchar(length=10, help_text="month or quarter; empty: the year", null=False, default="")
    note = Varchar(length=400, help_text="of a snapshot", null=False, default="")
    state = Varchar(length=9, help_text="JobState", null=False, default="waiting")
    step = Varchar(length=9, help_text="JobStep", null=False, default="waiting")
    percent = Integer(null=False, default=0)
    tries = Integer(help_text="how often somebody began; tells a process that was given up", null=False, default=0)
    heartbeat_at = Timestamptz(help_text="by the database's clock, while somebody works on it", **MAY)
    failure = JSONB(help_text="code and facts of the refusal, null: none", **MAY)
    snapshot = refers_to(ReportSnapshot, null=True)
    digest = Varchar(length=64, help_text="sha256 of the bytes; empty: none", null=False, default="")
    size_bytes = Integer(null=False, default=0)
    title = Varchar(length=200, null=False, default="")
    asked_by = UUID(**MUST)
    asked_at = Timestamptz(**MUST)
    finished_at = Timestamptz(**MAY)

    reports_job_state_known = Check("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')")
    reports_job_percent_range = Check("percent BETWEEN 0 AND 100")
