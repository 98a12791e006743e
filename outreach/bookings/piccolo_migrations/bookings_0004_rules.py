"""One row per pair, one order per session, and the orders that the desk works on."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T01:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "One row per pair, one order per session."

STATEMENTS = (
    """CREATE UNIQUE INDEX bookings_order_window_once ON bookings_order_window (order_id, "on", part)""",
    """CREATE UNIQUE INDEX bookings_order_unit_once ON bookings_order_unit (order_id, organisation)""",
    """CREATE UNIQUE INDEX bookings_order_organiser_once ON bookings_order_organiser (order_id, organisation, part)""",
    """CREATE UNIQUE INDEX bookings_order_one_per_session ON bookings_order (session) WHERE session IS NOT NULL""",
    """CREATE UNIQUE INDEX bookings_review_once ON bookings_review (session, organisation)""",
    """CREATE INDEX bookings_order_open ON bookings_order (last_on, id) WHERE state IN ('submitted', 'endorsed', 'approved', 'assigned')""",
    """CREATE INDEX bookings_booking_queue ON bookings_booking (session, queue_number) WHERE state = 'waitlisted'""",
    """CREATE INDEX bookings_booking_offers ON bookings_booking (offer_expires_at) WHERE state = 'offered'""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="bookings", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
