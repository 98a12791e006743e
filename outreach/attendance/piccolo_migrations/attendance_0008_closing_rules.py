"""One tick per key, one record per session, one opinion per check-in, evidence once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T05:30:00:000008"
VERSION = "1.38.0"
DESCRIPTION = "One tick per key, one record per session, one opinion per check-in, evidence once."

STATEMENTS = (
    """CREATE UNIQUE INDEX attendance_tick_once ON attendance_tick (recorded_by, key)""",
    """CREATE UNIQUE INDEX attendance_record_once ON attendance_record (session)""",
    """CREATE UNIQUE INDEX attendance_evidence_once ON attendance_evidence (session, kind, digest) WHERE removed_at IS NULL""",
    """CREATE UNIQUE INDEX attendance_reminder_once ON attendance_reminder (organisation, kind, week_on)""",
    """CREATE UNIQUE INDEX attendance_opinion_once ON attendance_opinion (given_by)""",
    """CREATE INDEX attendance_cost_standing ON attendance_cost (session) WHERE removed_at IS NULL""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="attendance", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
