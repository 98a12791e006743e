"""Messages written before there were deliveries are settled: their receivers have them on their page."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T12:00:00:000006"
VERSION = "1.38.0"
DESCRIPTION = "What was written before deliveries is settled; what is due is found by channel."

STATEMENTS = (
    # A home with years of old messages must not mail them all on the day of its upgrade.
    """UPDATE notifications_outbox_message SET delivered_at = now() WHERE delivered_at IS NULL""",
    """DROP INDEX notifications_delivery_due""",
    """CREATE INDEX notifications_delivery_due ON notifications_delivery (channel, next_at)
    WHERE state = 'waiting' AND channel <> 'list'""",
    """CREATE INDEX notifications_delivery_sent ON notifications_delivery (sent_at) WHERE state = 'sent'""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
