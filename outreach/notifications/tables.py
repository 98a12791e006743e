"""The outbox: a message is a row written in the transaction that caused it."""

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from outreach.shared.columns import MAY, MUST
from outreach.shared.ids import new_id


class OutboxMessage(Table, tablename="notifications_outbox_message"):
    """One message to one receiver. ``read_at`` is set when the receiver saw it on their page."""

    id = UUID(primary_key=True, default=new_id)
    kind = Varchar(length=40, help_text="booking-confirmed, session-moved, …", **MUST)
    organisation_id = UUID(index=True, help_text="receiver: the contacts of this organisation", **MAY)
    person_id = UUID(index=True, help_text="receiver: this person", **MAY)
    object_kind = Varchar(length=30, **MUST)
    object_id = UUID(**MUST)
    facts = JSONB(null=False, default="{}")
    created_at = Timestamptz(index=True, **MUST)
    delivered_at = Timestamptz(help_text="handed to every channel that the receiver has", **MAY)
    attempts = Integer(null=False, default=0)
    error = Text(null=False, default="")
    read_at = Timestamptz(**MAY)
