"""One answer per caller and key: Two requests with one key must meet at one row; Piccolo has no multi-column unique index by name."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-21T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "One answer per caller and key."

STATEMENTS = ("""CREATE UNIQUE INDEX web_idempotency_answer_once ON web_idempotency_answer (caller, key)""",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="web", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
