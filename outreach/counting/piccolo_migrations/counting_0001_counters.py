"""Counters of what was counted, and the marks of what changed since. See ``counting.counters`` and ADR 0015.

* ``counting_mark``: one row for each statement that changed something that figures are made of. ``session``: its
  visits are to be counted again, and with ``everybody`` all who were there; ``identity``: this person.
  Only appended to by those who write, only deleted from by the recount, so that nobody waits for anybody.
* ``counting_day``: visits by session and day, right for every session without a mark; ``alone``: its only day.
* ``counting_target``: people targets that are counted, with the kinds that they are counted by; ``counting_person``:
  on which day a person (a digest of the identity) was first there for a target; ``counting_people``: how many, by day.
* ``counting_round``: the last recount, a change like any other for those who remember figures.

No foreign keys: rows of what is gone are met by no join, and a check would lock rows that people write.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T10:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "Counters and marks."

STATEMENTS = (
    """CREATE TABLE counting_mark (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        session uuid,
        identity text,
        everybody boolean NOT NULL DEFAULT false
    )""",
    "CREATE INDEX counting_mark_xid ON counting_mark (xid)",
    """CREATE TABLE counting_day (
        session uuid NOT NULL, "on" date NOT NULL, total integer NOT NULL, workers integer,
        alone boolean NOT NULL, PRIMARY KEY (session, "on")
    )""",
    "CREATE TABLE counting_target (target uuid PRIMARY KEY, programme uuid NOT NULL, kinds text[] NOT NULL)",
    """CREATE TABLE counting_person (
        target uuid NOT NULL, person uuid NOT NULL, first_on date NOT NULL, PRIMARY KEY (target, person)
    )""",
    """CREATE TABLE counting_people (
        target uuid NOT NULL, "on" date NOT NULL, people integer NOT NULL, PRIMARY KEY (target, "on")
    )""",
    """CREATE TABLE counting_round (
        one boolean PRIMARY KEY DEFAULT true CHECK (one), xid xid8 NOT NULL DEFAULT pg_current_xact_id()
    )""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="counting", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
