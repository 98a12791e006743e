"""One head-count a day, 其中 within its total: Rule 6 is kept by a check over the JSON groups."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "One head-count a day, 其中 within its total."

STATEMENTS = (
    """CREATE UNIQUE INDEX attendance_headcount_once ON attendance_headcount (session, "on")""",
    """CREATE FUNCTION attendance_breakdown_fits(breakdown jsonb, total integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(breakdown) = 'object'
       AND NOT EXISTS (SELECT 1 FROM jsonb_each_text(breakdown) AS part WHERE part.value::integer NOT BETWEEN 0 AND total)
       AND coalesce((breakdown ->> 'new_generation_migrant')::integer <= (breakdown ->> 'migrant')::integer, true)
$$""",
    """ALTER TABLE attendance_headcount ADD CONSTRAINT attendance_headcount_breakdown_within CHECK (attendance_breakdown_fits(breakdown, total))""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="attendance", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
