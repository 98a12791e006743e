"""What was skipped of the first run. No logic here."""

from piccolo.columns import UUID, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from outreach.accounts.tables import Organisation
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class GuideStep(Table, tablename="guide_step"):
    """A step that a root organisation does without, or the whole guide put away; a row that is taken back goes."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    step = Varchar(length=20, help_text="Step; guide: the whole", **MUST)
    skipped_at = Timestamptz(**MUST)
    skipped_by = UUID(**MAY)

    guide_step_once = Unique(["organisation", "step"])
