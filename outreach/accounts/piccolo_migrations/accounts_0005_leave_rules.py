"""Leaves of one person do not overlap; one telephone number asks once at a time."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T14:00:00:000005"
VERSION = "1.38.0"
DESCRIPTION = "Leaves of one person do not overlap; one telephone number asks once at a time."

STATEMENTS = (
    """ALTER TABLE accounts_leave ADD CONSTRAINT accounts_leave_no_overlap
       EXCLUDE USING gist (person WITH =, daterange(from_on, until_on) WITH &&) WHERE (ended_at IS NULL)""",
    """CREATE UNIQUE INDEX accounts_contact_request_once ON accounts_contact_request (phone) WHERE state = 'waiting'""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="accounts", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
