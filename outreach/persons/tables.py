"""Hand-overs and merges as they were done. No logic here."""

from piccolo.columns import JSONB, UUID, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.accounts.tables import Person
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Handover(Table, tablename="persons_handover"):
    """Work that one person handed over to another (交接), as its paper lists it."""

    id = UUID(primary_key=True, default=new_id)
    giver = refers_to(Person)
    taker = refers_to(Person)
    giver_name = Varchar(length=60, **MUST)
    taker_name = Varchar(length=60, **MUST)
    note = Varchar(length=400, null=False, default="")
    items = JSONB(help_text="what was handed over, see domain/work.py", **MUST)
    created_by = UUID(**MAY)
    created_by_name = Varchar(length=60, null=False, default="")
    created_at = Timestamptz(**MUST)

    persons_handover_to_another = Check("giver <> taker")


class Merge(Table, tablename="persons_merge"):
    """Two rows of one human being made one. Who was merged is shut out and keeps their history."""

    id = UUID(primary_key=True, default=new_id)
    kept = refers_to(Person)
    dropped = refers_to(Person)
    kept_name = Varchar(length=60, **MUST)
    dropped_name = Varchar(length=60, **MUST)
    reason = Varchar(length=400, null=False, default="")
    moved = JSONB(help_text="what has to be put back, see domain/merging.py", **MUST)
    created_by = UUID(**MAY)
    created_by_name = Varchar(length=60, null=False, default="")
    created_at = Timestamptz(**MUST)
    undone_at = Timestamptz(**MAY)
    undone_by = UUID(**MAY)

    persons_merge_of_two = Check("kept <> dropped")
