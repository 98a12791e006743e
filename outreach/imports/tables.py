"""Previews of files that somebody sent. No logic here."""

from piccolo.columns import UUID, Bytea, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from outreach.shared.columns import MAY, MUST
from outreach.shared.ids import new_id


class Preview(Table, tablename="imports_preview"):
    """What a file would change, waiting to be confirmed by who sent it; gone after a day.

    Once stored, the rows are dropped and the refused ones stay for that day.
    """

    id = UUID(primary_key=True, default=new_id)
    kind = Varchar(length=20, **MUST)
    digest = Varchar(length=64, help_text="sha256 of the file", **MUST)
    name = Varchar(length=100, help_text="of the file", null=False, default="")
    created_by = UUID(**MUST)
    created_at = Timestamptz(index=True, **MUST)
    fingerprint = Varchar(length=64, help_text="of what would be written; compared under the locks", **MUST)
    made = Integer(help_text="rows that are new", null=False, default=0)
    changed = Integer(null=False, default=0)
    same = Integer(null=False, default=0)
    rejected = Integer(null=False, default=0)
    duplicates = Integer(null=False, default=0)
    noted = Integer(help_text="rows that are taken and of which something is to be known", null=False, default=0)
    rows = Bytea(help_text="as read, MessagePack", null=False, default=b"")
    shown = Bytea(help_text="the first of each sort, JSON", null=False, default=b"")
    stored_at = Timestamptz(**MAY)

    imports_preview_counts_not_negative = Check(
        "made >= 0 AND changed >= 0 AND same >= 0 AND rejected >= 0 AND duplicates >= 0 AND noted >= 0"
    )
