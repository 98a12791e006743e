"""What is still to be delivered: The worker asks for exactly these rows all day."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "What is still to be delivered."

STATEMENTS = (
    """CREATE INDEX notifications_outbox_message_waiting ON notifications_outbox_message (created_at) WHERE delivered_at IS NULL""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
