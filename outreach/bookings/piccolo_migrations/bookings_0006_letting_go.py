"""Groups that wait and have let an offer go; one index for all that wait or hold an offer."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean
from piccolo.columns.indexes import IndexMethod

from outreach.shared import db

ID = "2026-11-22T02:00:00:000006"
VERSION = "1.38.0"
DESCRIPTION = "Groups that wait and have let an offer go."

# Every booking looks here whether somebody comes first: the index is empty for sessions without a queue.
STATEMENTS = (
    """DROP INDEX bookings_booking_queue""",
    """CREATE INDEX bookings_booking_queue ON bookings_booking (session) WHERE queue_number IS NOT NULL""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="bookings", description=DESCRIPTION)

    manager.add_column(
        table_class_name="Booking",
        tablename="bookings_booking",
        column_name="let_go",
        db_column_name="let_go",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
