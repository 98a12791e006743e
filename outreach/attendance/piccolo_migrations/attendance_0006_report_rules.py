"""One report per session, day and unit; each unit asked once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T03:00:00:000006"
VERSION = "1.38.0"
DESCRIPTION = "One report per session, day and unit; each unit asked once."

STATEMENTS = (
    """CREATE UNIQUE INDEX attendance_report_once ON attendance_report (session, "on", organisation)""",
    """CREATE INDEX attendance_report_waiting ON attendance_report (session, "on") WHERE state = 'reported'""",
    """ALTER TABLE attendance_report ADD CONSTRAINT attendance_report_breakdown_within CHECK (attendance_breakdown_fits(breakdown, total))""",
    """CREATE UNIQUE INDEX attendance_report_request_once ON attendance_report_request (session, organisation)""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="attendance", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
