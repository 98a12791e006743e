"""The outbox, what is delivered of it by which way, and what people and organisers chose. No logic here."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Integer, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from outreach.accounts.tables import Organisation, Person
from outreach.shared.columns import MAY, MUST, refers_to
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
    once = Varchar(length=160, help_text="what it is about if it must be said once", unique=True, **MAY)


class Hook(Table, tablename="notifications_hook"):
    """An address of another system or of a group robot that is told of what happens (webhook)."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    name = Varchar(length=60, **MUST)
    shape = Varchar(length=10, help_text="json, wecom, dingtalk, feishu", **MUST)
    url = Text(help_text="https; it holds the robot's key and is shown shortened", **MUST)
    secret = Varchar(length=100, help_text="signs what is sent; shown once", **MUST)
    kinds = Array(base_column=Varchar(length=40), help_text="kinds of messages; empty: all", default=list)
    created_by = UUID(**MAY)
    created_at = Timestamptz(**MUST)
    paused_at = Timestamptz(help_text="nothing is sent while it is set", **MAY)
    sent_at = Timestamptz(help_text="the last time that the other side took something", **MAY)
    error = Varchar(length=400, help_text="of the last try; empty: it went well", null=False, default="")
    revision = Integer(null=False, default=1)

    notifications_hook_shape_known = Check("shape IN ('json', 'wecom', 'dingtalk', 'feishu')")


class Delivery(Table, tablename="notifications_delivery"):
    """A message on its way to one address. The row is the job: whoever holds its lease sends it."""

    id = UUID(primary_key=True, default=new_id)
    message = refers_to(OutboxMessage)
    channel = Varchar(length=8, help_text="mail, sms, hook, list, console", **MUST)
    person = refers_to(Person, null=True)
    hook = refers_to(Hook, null=True)
    address = Varchar(length=254, help_text="as it was when routed; of mail and sms", null=False, default="")
    state = Varchar(length=10, help_text="waiting, sending, sent, dead, dropped", **MUST)
    attempts = Integer(null=False, default=0)
    next_at = Timestamptz(help_text="not before; quiet hours and back-off", **MUST)
    leased_until = Timestamptz(help_text="while sending: then another worker may ask what became of it", **MAY)
    began_data = Boolean(
        help_text="the mail's content went out and no answer came back yet: after a crash a person decides",
        null=False,
        default=False,
    )
    error = Varchar(length=400, null=False, default="")
    sent_at = Timestamptz(**MAY)
    told_by = UUID(help_text="of the list: who rang or wrote", **MAY)
    told_by_name = Varchar(length=60, null=False, default="")
    created_at = Timestamptz(**MUST)
    changed_at = Timestamptz(**MUST)
    owner_id = UUID(index=True, help_text="the organisation that runs what it is about: its staff see it", **MAY)
    ident = Varchar(length=200, help_text="Message-ID of the first try, kept at later ones", null=False, default="")

    notifications_delivery_channel_known = Check("channel IN ('mail', 'sms', 'hook', 'list', 'console')")
    notifications_delivery_state_known = Check("state IN ('waiting', 'sending', 'sent', 'dead', 'dropped')")
    notifications_delivery_leased_while_sending = Check("(state = 'sending') = (leased_until IS NOT NULL)")


class Wording(Table, tablename="notifications_wording"):
    """An organisation's own words for one kind of message in one language; the shipped ones apply without it."""

    id = UUID(primary_key=True, default=new_id)
    organisation = refers_to(Organisation)
    kind = Varchar(length=40, **MUST)
    language = Varchar(length=8, help_text="zh_CN or en", **MUST)
    subject = Varchar(length=120, **MUST)
    body = Varchar(length=2000, **MUST)
    changed_by = UUID(**MAY)
    changed_at = Timestamptz(**MUST)
    revision = Integer(null=False, default=1)

    notifications_wording_one = Unique(["organisation", "kind", "language"])


class Choice(Table, tablename="notifications_choice"):
    """What a person chose: by which way messages of a group reach them; the shipped choice applies without it."""

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    topic = Varchar(length=20, help_text="MessageTopic: bookings, orders, reminders, …", **MUST)
    channel = Varchar(length=8, help_text="mail or sms", **MUST)
    wanted = Boolean(null=False, default=True)
    changed_at = Timestamptz(**MUST)

    notifications_choice_one = Unique(["person", "topic", "channel"])


class QuietHours(Table, tablename="notifications_quiet_hours"):
    """When a person wants nothing that can wait: minutes after midnight in Asia/Shanghai, may span it.

    One row a person (raw SQL).
    """

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    from_minute = Integer(help_text="0–1439", **MUST)
    until_minute = Integer(help_text="0–1439, exclusive", **MUST)
    changed_at = Timestamptz(**MUST)

    notifications_quiet_hours_range = Check("from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 0 AND 1439")
