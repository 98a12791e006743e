"""One version of a form, one round, one table of an organisation in it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from outreach.shared import db

ID = "2026-11-22T05:40:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "One version of a form, one round, one table of an organisation in it."

STATEMENTS = (
    """CREATE UNIQUE INDEX statistics_form_version ON statistics_form (organisation, code, version) NULLS NOT DISTINCT""",
    """CREATE UNIQUE INDEX statistics_form_content ON statistics_form (organisation, code, digest) NULLS NOT DISTINCT""",
    """CREATE UNIQUE INDEX statistics_round_once ON statistics_round (organisation, form_code, year)""",
    """CREATE UNIQUE INDEX statistics_table_once ON statistics_table (round, organisation)""",
    """ALTER TABLE statistics_table ADD CONSTRAINT statistics_table_not_above_itself CHECK (upper <> id)""",
    """CREATE INDEX statistics_table_waiting ON statistics_table (upper) WHERE state IN ('open', 'returned')""",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="statistics", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(run)
    return manager
