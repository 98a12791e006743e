"""Private feeds, and since when each feed is as it is. No logic here."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table

from outreach.accounts.tables import Person
from outreach.shared.columns import MAY, MUST, refers_to
from outreach.shared.ids import new_id


class PrivateFeed(Table, tablename="calendars_private_feed"):
    """A person's own calendar behind a secret address; one that is not revoked per person (raw SQL).

    The token is shown once and kept as a hash only.
    """

    id = UUID(primary_key=True, default=new_id)
    person = refers_to(Person)
    token_hash = Varchar(length=64, unique=True, **MUST)
    created_at = Timestamptz(**MUST)
    read_at = Timestamptz(help_text="the last time that somebody asked for it; written at most once a minute", **MAY)
    reads = Integer(help_text="how often that was written", null=False, default=0)
    revoked_at = Timestamptz(**MAY)


class Answer(Table, tablename="calendars_answer"):
    """Since when a feed has its present bytes: Last-Modified agrees between processes and goes on after a restart."""

    path = Varchar(length=500, primary_key=True, **MUST)
    etag = Varchar(length=40, **MUST)
    modified_at = Timestamptz(**MUST)
