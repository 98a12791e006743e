"""One door per session, one row per person, session and day."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T02:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "One door per session, one row per person, session and day."

STATEMENTS = (
    """CREATE UNIQUE INDEX attendance_door_one ON attendance_door (session)""",
    """CREATE INDEX attendance_door_code ON attendance_door (code)""",
    """CREATE UNIQUE INDEX attendance_attendee_once ON attendance_attendee (session, "on", identity)""",
    """CREATE INDEX attendance_attendee_identity ON attendance_attendee (identity) WHERE present""",
    """CREATE INDEX attendance_roster_file ON attendance_roster (session, digest)""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="attendance", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
