"""One live booking per organisation and session: Rule 3 is kept by a partial unique index."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "One live booking per organisation and session."

STATEMENTS = (
    """CREATE UNIQUE INDEX bookings_booking_one_live ON bookings_booking (session, organisation) WHERE state IN ('pending', 'offered', 'confirmed', 'waitlisted')""",
    """CREATE INDEX bookings_booking_pending ON bookings_booking (created_at) WHERE state = 'pending'""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="bookings", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
