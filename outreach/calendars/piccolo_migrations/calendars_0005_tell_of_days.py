"""Tell every process that holidays or labels changed, at commit: the feed of the office shows them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T18:00:00:000005"
VERSION = "1.38.0"
DESCRIPTION = "Tell of days."

STATEMENTS = (
    """CREATE TRIGGER calendars_tell_of_holiday AFTER INSERT OR UPDATE OR DELETE ON programmes_holiday
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_tell()""",
    """CREATE TRIGGER calendars_tell_of_label AFTER INSERT OR UPDATE OR DELETE ON programmes_calendar_label
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_tell()""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="calendars", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
