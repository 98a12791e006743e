"""One coverage goal per organisation and year."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T05:30:00:000007"
VERSION = "1.38.0"
DESCRIPTION = "One coverage goal per organisation and year."

STATEMENTS = (
    """CREATE UNIQUE INDEX programmes_coverage_goal_once ON programmes_coverage_goal (organisation, year)""",
    """CREATE INDEX programmes_outside_service_day ON programmes_outside_service ("on", organisation) WHERE removed_at IS NULL""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="programmes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
