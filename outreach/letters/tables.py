"""Templates that organisers put in the place of the shipped ones. No logic here."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class Template(Table, tablename="letters_template"):
    """What an organisation's letters of a kind are made from; those below use it too until they have their own.

    The bytes lie under ``OUTREACH_HOME/files`` by their digest. No row: the shipped one.
    """

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    kind = Varchar(length=20, help_text="Kind", **MUST)
    digest = Varchar(length=64, help_text="sha256 of the stored bytes", **MUST)
    name = Varchar(length=100, help_text="of the file as it was sent; empty: typed", null=False, default="")
    size_bytes = Integer(**MUST)
    revision = Integer(null=False, default=1)
    changed_by = UUID(**MAY)
    changed_at = Timestamptz(**MUST)

    letters_template_one_of_a_kind = Unique([organisation, kind])
    letters_template_kind_known = Check(
        "kind IN ('menu', 'menu-text', 'opening', 'opening-text', 'confirmation', 'confirmation-text')"
    )
    letters_template_size_positive = Check("size_bytes >= 1")
