"""One row per shipped label and year."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T14:00:00:000011"
VERSION = "1.38.0"
DESCRIPTION = "One row per shipped label and year."

STATEMENTS = (
    """CREATE UNIQUE INDEX programmes_calendar_label_once ON programmes_calendar_label (code, year) WHERE code <> ''""",
    """CREATE INDEX programmes_calendar_label_year ON programmes_calendar_label (year)""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="programmes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
