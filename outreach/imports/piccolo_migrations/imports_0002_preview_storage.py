"""Rows of a preview are packed for a day and read whole: compressing them would take longer than writing them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T14:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "Rows of a preview are stored as they are."

STATEMENTS = (
    """ALTER TABLE imports_preview ALTER COLUMN rows SET STORAGE EXTERNAL, ALTER COLUMN shown SET STORAGE EXTERNAL""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="imports", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
