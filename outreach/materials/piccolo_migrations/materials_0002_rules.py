"""One application of a unit, one link and one standing scan of a kind; a form sent twice; movements stay."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T14:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "One application of a unit, one link and one standing scan of a kind; a form sent twice; movements stay."

STATEMENTS = (
    """CREATE UNIQUE INDEX materials_application_once ON materials_application (round, organisation)""",
    """CREATE UNIQUE INDEX materials_follow_up_once ON materials_follow_up (round, session)""",
    """CREATE UNIQUE INDEX materials_scan_once ON materials_scan (round, digest) WHERE removed_at IS NULL""",
    """CREATE UNIQUE INDEX materials_movement_form_once ON materials_movement (form_key, application)
           NULLS NOT DISTINCT WHERE form_key IS NOT NULL""",
    """CREATE FUNCTION materials_movement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'movements of a stock are corrected, not changed'; END $$""",
    """CREATE TRIGGER materials_movement_unchanged BEFORE UPDATE ON materials_movement
           FOR EACH ROW EXECUTE FUNCTION materials_movement_stays()""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="materials", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
