"""One delivery by each way to each receiver, and what waits is found at once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T12:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "Rules of deliveries."

STATEMENTS = (
    """CREATE UNIQUE INDEX notifications_delivery_one ON notifications_delivery
    (message, channel, coalesce(person, '00000000-0000-0000-0000-000000000000'::uuid),
     coalesce(hook, '00000000-0000-0000-0000-000000000000'::uuid))""",
    """CREATE INDEX notifications_delivery_due ON notifications_delivery (next_at)
    WHERE state = 'waiting' AND channel <> 'list'""",
    """CREATE UNIQUE INDEX notifications_quiet_hours_one ON notifications_quiet_hours (person)""",
    """CREATE INDEX notifications_delivery_leased ON notifications_delivery (leased_until) WHERE state = 'sending'""",
    """CREATE INDEX notifications_delivery_open ON notifications_delivery (channel, state, created_at)
    WHERE state IN ('waiting', 'dead')""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
