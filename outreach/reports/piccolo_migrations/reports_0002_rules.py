"""One text per organisation and year."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T06:30:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "One text per organisation and year."

STATEMENTS = ("""CREATE UNIQUE INDEX reports_text_once ON reports_text (organisation, year)""",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="reports", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
