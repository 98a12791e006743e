"""One verdict per programme."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T05:30:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "One verdict per programme."

STATEMENTS = ("""CREATE UNIQUE INDEX evaluation_verdict_once ON evaluation_verdict (programme)""",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="evaluation", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
