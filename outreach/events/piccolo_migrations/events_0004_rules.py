"""One row per pair, for openings and travel times."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T01:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "One row per pair."

STATEMENTS = (
    """CREATE UNIQUE INDEX events_opening_quota_once ON events_opening_quota (opening, district)""",
    """CREATE UNIQUE INDEX events_opening_session_once ON events_opening_session (opening, session)""",
    """CREATE UNIQUE INDEX events_opening_event_once ON events_opening_event (opening, event)""",
    """CREATE UNIQUE INDEX events_travel_time_once ON events_travel_time (district_a, district_b)""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
