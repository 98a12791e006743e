"""What stands still of a closed year that no session tells: who its lecturers were.

Whether a lecturer is active is a fact of today; a closed year keeps those who were when it was closed.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T10:00:00:000003"
VERSION = "1.38.0"
DESCRIPTION = "Lecturers of closed years."

STATEMENTS = (
    """CREATE TABLE counting_closed_programme (
           programme uuid PRIMARY KEY REFERENCES programmes_programme (id) ON DELETE RESTRICT,
           lecturers uuid[] NOT NULL)""",
    """CREATE TRIGGER counting_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON counting_closed_programme
           FOR EACH STATEMENT EXECUTE FUNCTION counting_mark_change()""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="counting", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
