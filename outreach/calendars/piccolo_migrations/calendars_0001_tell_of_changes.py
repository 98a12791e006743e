"""Tell every process that feeds may have changed, at commit.

Only columns that a feed shows fire it: a booking writes ``seats_taken`` alone and must not pay for a notification,
whose queue is locked by one committing transaction at a time.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "Tell of changes."

STATEMENTS = (
    """CREATE FUNCTION calendars_tell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('calendars', '');
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER calendars_tell_of_session
    AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF event, programme, title, kind, host, venue, address, starts_at,
        ends_at, visibility, state, revision, revised_at, moved_from
    ON events_session FOR EACH STATEMENT EXECUTE FUNCTION calendars_tell()""",
    """CREATE TRIGGER calendars_tell_of_event AFTER UPDATE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_tell()""",
    """CREATE TRIGGER calendars_tell_of_venue AFTER UPDATE ON events_venue
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_tell()""",
    """CREATE TRIGGER calendars_tell_of_programme AFTER INSERT OR UPDATE ON programmes_programme
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_tell()""",
    """CREATE TRIGGER calendars_tell_of_organisation AFTER UPDATE OF kind, revision ON accounts_organisation
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_tell()""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="calendars", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
