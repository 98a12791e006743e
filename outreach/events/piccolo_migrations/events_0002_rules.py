"""No double assignment: Rule 2 is kept by the database itself: an exclusion constraint over resource, slot and time."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "No double assignment."

STATEMENTS = (
    """CREATE UNIQUE INDEX events_event_provider_once ON events_event_provider (event, provider)""",
    """CREATE UNIQUE INDEX events_session_provider_once ON events_session_provider (session, provider)""",
    """CREATE UNIQUE INDEX events_session_organiser_once ON events_session_organiser (session, organisation, part)""",
    """ALTER TABLE events_occupation ADD CONSTRAINT events_occupation_no_clash
    EXCLUDE USING gist (resource_id WITH =, slot WITH =, tstzrange(starts_at, ends_at) WITH &&)""",
    """CREATE INDEX events_session_starts_at ON events_session (starts_at, id)""",
    """CREATE INDEX events_session_programme_starts_at ON events_session (programme, starts_at)""",
    """CREATE INDEX events_session_unrecorded ON events_session (ends_at) WHERE state = 'published'""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="events", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
