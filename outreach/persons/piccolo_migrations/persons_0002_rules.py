"""A person is merged into another once at a time."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T14:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "A person is merged into another once at a time."

STATEMENTS = ("""CREATE UNIQUE INDEX persons_merge_once ON persons_merge (dropped) WHERE undone_at IS NULL""",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="persons", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
