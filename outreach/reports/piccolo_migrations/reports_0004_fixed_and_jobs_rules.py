"""Numbers of snapshots once, nothing of them changes; one job at a time of each kind."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T07:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "Numbers of snapshots once, nothing of them changes; one job at a time of each kind."

STATEMENTS = (
    """CREATE UNIQUE INDEX reports_snapshot_number ON reports_snapshot (organisation, year, number)""",
    """CREATE UNIQUE INDEX reports_snapshot_file_kind ON reports_snapshot_file (snapshot, kind)""",
    """CREATE UNIQUE INDEX reports_job_once
           ON reports_job (asked_by, organisation, year, as_of, kind, form, programme, period)
        WHERE state IN ('waiting', 'running')""",
    """CREATE INDEX reports_job_open ON reports_job (asked_at) WHERE state IN ('waiting', 'running')""",
    """CREATE INDEX reports_job_finished ON reports_job (finished_at) WHERE finished_at IS NOT NULL""",
    """CREATE INDEX reports_job_digest ON reports_job (digest) WHERE digest <> ''""",
    """CREATE FUNCTION reports_snapshot_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'reports_snapshot' THEN
               IF OLD.withdrawn_at IS NULL
                  AND to_jsonb(NEW) - '{withdrawn_at,withdrawn_by,withdrawn_reason}'::text[]
                    = to_jsonb(OLD) - '{withdrawn_at,withdrawn_by,withdrawn_reason}'::text[]
               THEN RETURN NEW;
               END IF;
           END IF;
           RAISE EXCEPTION 'a report that is fixed never changes';
       END $$""",
    """CREATE TRIGGER reports_snapshot_fixed BEFORE UPDATE OR DELETE ON reports_snapshot
         FOR EACH ROW EXECUTE FUNCTION reports_snapshot_refuse()""",
    """CREATE TRIGGER reports_snapshot_file_fixed BEFORE UPDATE OR DELETE ON reports_snapshot_file
         FOR EACH ROW EXECUTE FUNCTION reports_snapshot_refuse()""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="reports", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
