"""Forms, tables that organisations fill, and their values. No logic here."""

from typing import Any

from piccolo.columns import JSONB, UUID, Array, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class StatisticsForm(Table, tablename="statistics_form"):
    """One version of a form; it never changes. One row per owner, code and version (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation, null=True)  # who uploaded it; null: came with the program
    code = Varchar(length=40, **MUST)
    version = Integer(**MUST)
    title = Varchar(length=60, **MUST)
    content = Text(help_text="the file, TOML", **MUST)
    digest = Varchar(length=64, help_text="sha256 of the file", **MUST)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)


class StatisticsRound(Table, tablename="statistics_round"):
    """An organisation asks for a form of one year (布置). One row per organisation, form and year (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    form = refers_to(StatisticsForm)
    form_code = Varchar(length=40, **MUST)
    organisation = refers_to(Organisation)
    year = Integer(index=True, **MUST)
    from_on = Date(help_text="first day of the period", **MUST)
    until_on = Date(help_text="last day of the period", **MUST)
    cut_off_on = Date(help_text="last day that counts", **MUST)
    hand_in_on = Date(help_text="by when the whole is due", **MUST)
    opened_by = UUID(**MAY)
    opened_at = Timestamptz(**MUST)


class StatisticsTable(Table, tablename="statistics_table"):
    """The form as one organisation fills it. One row per round and organisation (raw SQL)."""

    id = UUID(primary_key=True, default=new_id)
    round = refers_to(StatisticsRound)
    organisation = refers_to(Organisation)
    upper: ForeignKey[Any] = ForeignKey(
        references="self", null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    due_on = Date(**MUST)
    state = Varchar(length=10, help_text="TableState", null=False, default="open")
    entries = JSONB(help_text="cell → value and note as typed; numbers are texts", null=False, default="{}")
    figures = JSONB(help_text="cell → own, rule, below, total when it was handed in, as corrected since", **MAY)
    included = Array(base_column=UUID(), help_text="tables below that are in these figures", default=list)
    submitted_at = Timestamptz(**MAY)
    submitted_by = UUID(**MAY)
    returned_note = Varchar(length=400, null=False, default="")
    locked_at = Timestamptz(**MAY)
    locked_by = UUID(**MAY)
    reminded_on = Date(help_text="the last day on which it was reminded", **MAY)
    changed_by = UUID(**MAY)
    changed_at = Timestamptz(**MUST)
    created_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)

    statistics_table_state_known = Check("state IN ('open', 'submitted', 'returned', 'locked')")
    statistics_table_handed_in_has_figures = Check("state NOT IN ('submitted', 'locked') OR figures IS NOT NULL")


class StatisticsCorrection(Table, tablename="statistics_correction"):
    """A cell changed after the table was locked, with both values and the reason."""

    id = UUID(primary_key=True, default=new_id)
    table = refers_to(StatisticsTable)
    cell = Varchar(length=20, **MUST)
    old_value = JSONB(help_text="a number as text, true, false; null: not reported", **MUST)
    new_value = JSONB(**MUST)
    reason = Varchar(length=400, **MUST)
    corrected_by = UUID(**MAY)
    corrected_at = Timestamptz(**MUST)
